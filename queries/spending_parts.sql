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
--                                         know
--              unbudgeted, unreported     counts of rows of costs without a budget, without an actual
--              ledger_gbp, lines          pounds and lines of the ledger; null where it has none

with costs as (
    select
        service_id, coalesce(cost_type, '') as cost_type, budget_gbp, actual_gbp,
        case when budget_gbp is null and actual_gbp is not null then 1 else 0 end as unbudgeted,
        case when actual_gbp is null then 1 else 0 end as unreported,
        null as ledger_gbp, null as lines
    from costs
    where $supplier is null
        and month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or coalesce(cost_type, '') = $cost_type)
)
, ledger as (
    select service_id, cost_type, null, null, 0, 0, amount_gbp, lines
    from supplier_monthly
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($supplier is null or supplier = $supplier)
)
, figures as (
    select * from costs
    union all
    select * from ledger
)

select
    service_id,
    cost_type,
    sum(budget_gbp) as budget_gbp,
    sum(actual_gbp) as actual_gbp,
    sum(unbudgeted) as unbudgeted,
    sum(unreported) as unreported,
    sum(ledger_gbp) as ledger_gbp,
    sum(lines) as lines
from figures
group by grouping sets ((service_id), (cost_type), ())
order by service_id, cost_type
