-- What does each service cost, month by month and so far in the year, against its budget?
--
-- Grain:       one row per service, council and month; council_id null is all chosen councils
--              together, service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $cost_type, $budget_block one of each, '' for what names none, or null for all
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month, period, financial_year
--              budget_gbp, actual_gbp    pounds in the month (or the year, where that is the period)
--              budget_to_date_gbp, actual_to_date_gbp   pounds since April
--              actual_year_before_gbp, actual_to_date_year_before_gbp   the same, a year before, of
--                                        whatever was served then

with costs as (
    select * from costs
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or coalesce(cost_type, '') = $cost_type)
        and ($budget_block is null or coalesce(budget_block, '') = $budget_block)
)
, sums as (
    select
        service_id,
        council_id,
        month,
        max(period) as period,
        max(financial_year) as financial_year,
        sum(budget_gbp) as budget_gbp,
        sum(actual_gbp) as actual_gbp
    from costs
    group by grouping sets ((service_id, council_id, month), (service_id, month), (council_id, month), (month))
)
, to_date as (
    select
        *,
        sum(budget_gbp) over (partition by service_id, council_id, financial_year order by month) as budget_to_date_gbp,
        sum(actual_gbp) over (partition by service_id, council_id, financial_year order by month) as actual_to_date_gbp
    from sums
)

select
    n.service_id,
    n.council_id,
    n.month,
    n.period,
    n.financial_year,
    n.budget_gbp,
    n.actual_gbp,
    n.budget_to_date_gbp,
    n.actual_to_date_gbp,
    b.actual_gbp as actual_year_before_gbp,
    b.actual_to_date_gbp as actual_to_date_year_before_gbp
from to_date as n
left join to_date as b
    on coalesce(b.service_id, '') = coalesce(n.service_id, '')
    and coalesce(b.council_id, '') = coalesce(n.council_id, '')
    and b.month = n.month - interval '12' month
where n.month between $from_month and $to_month
order by n.service_id, n.council_id, n.month
