-- How far is each service over or under each of its budgets, so far in the financial year?
--
-- Grain:       one row per service and kind of budget (service_id, budget_block)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     budget_block        shared · non_shared, as exported; empty where the export has none
--              from_month, to_month   dates, from April, or the first month reported after it, to the
--                                  last month with costs
--              budget_gbp, actual_gbp   pounds; null where any part that was due is not there, or was
--                                  spent without a budget

with chosen as (
    select * from costs_whole
    where month > cast($to_month as date) - interval '12' month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, last_month as (
    select max(month) as month from chosen where actual_gbp is not null and month <= $to_month
)
, last_year as (
    select distinct c.financial_year, c.year_start, l.month as to_month
    from chosen as c
    inner join last_month as l on l.month = c.month
)
, so_far as (
    select
        c.service_id, c.budget_block, c.period_start, c.month, y.to_month, c.budget_gbp, c.actual_gbp,
        -- A quarter or a year that is not over by then is not known so far.
        case when c.is_lacking or c.is_unbudgeted or c.month > y.to_month then 1 else 0 end as unknown
    from chosen as c
    inner join last_year as y
        on (c.financial_year = y.financial_year and c.month <= y.to_month)
        or (c.period_start <= y.to_month and c.month > y.to_month and c.actual_gbp is not null)
)

select
    service_id,
    budget_block,
    min(case when actual_gbp is not null then period_start end) as from_month,
    max(to_month) as to_month,
    case when sum(unknown) = 0 then sum(budget_gbp) end as budget_gbp,
    case when sum(unknown) = 0 then sum(actual_gbp) end as actual_gbp
from so_far
group by service_id, budget_block
order by service_id, budget_block
