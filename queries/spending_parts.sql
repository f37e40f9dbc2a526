-- What was spent, by service and by cost type, against its budget and as the ledger has it?
--
-- Grain:       one row per service and one per cost type (service_id, cost_type); what is null is all
--              of it together, and both null all there is
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type                 one cost type, '' for what names none, or null for all
--              $supplier                  one supplier, '' for lines that name none, or null for all
--              $from_month, $to_month     first and last month, inclusive
-- Columns:     budget_gbp, actual_gbp     pounds, of the costs; null of one supplier, whom costs do not
--                                         know, and where any part that was due is not there
--              reported_gbp               pounds, of what was reported, whole or not
--              unbudgeted, unreported     counts of parts and months of costs without a budget, and of
--                                         those that lack an actual that was due
--              ledger_gbp, lines          pounds and lines of the ledger; null where it has none

with parts as (
    select
        service_id, cost_type, budget_gbp, actual_gbp,
        case when is_unbudgeted then 1 else 0 end as unbudgeted,
        case when is_lacking then 1 else 0 end as unreported,
        case when is_absent then 1 else 0 end as absent,
        null as ledger_gbp, null as lines
    from costs_whole
    -- Budgets of months to come are not yet to be spent.
    where month <= (select max(month) from costs_whole where actual_gbp is not null)
        and $supplier is null
        and month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
)
, ledger as (
    select service_id, cost_type, null, null, 0, 0, 0, amount_gbp, lines
    from supplier_monthly
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($supplier is null or supplier = $supplier)
)
, figures as (
    select * from parts
    union all
    select * from ledger
)

select
    service_id,
    cost_type,
    case when sum(absent) = 0 then sum(budget_gbp) end as budget_gbp,
    case when sum(unreported) = 0 then sum(actual_gbp) end as actual_gbp,
    sum(actual_gbp) as reported_gbp,
    sum(unbudgeted) as unbudgeted,
    sum(unreported) as unreported,
    sum(ledger_gbp) as ledger_gbp,
    sum(lines) as lines
from figures
group by grouping sets ((service_id), (cost_type), ())
order by service_id, cost_type
