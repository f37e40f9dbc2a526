-- How far is each service over or under each of its budgets, so far in the financial year?
--
-- Grain:       one row per service and kind of budget (service_id, budget_block)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     budget_block        shared · non_shared, as exported; empty where the export has none
--              from_month, to_month   dates, April to the last month with costs
--              budget_gbp, actual_gbp   pounds

with costs as (
    select * from costs
    where month between cast($to_month as date) - interval '11' month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, last_month as (select max(month) as month from costs where actual_gbp is not null)
, last_year as (
    select distinct c.financial_year, l.month as to_month
    from costs as c
    inner join last_month as l on l.month = c.month
)

select
    c.service_id,
    coalesce(c.budget_block, '') as budget_block,
    min(c.month) as from_month,
    max(y.to_month) as to_month,
    sum(c.budget_gbp) as budget_gbp,
    sum(c.actual_gbp) as actual_gbp
from costs as c
inner join last_year as y on y.financial_year = c.financial_year and c.month <= y.to_month
group by c.service_id, coalesce(c.budget_block, '')
order by c.service_id, budget_block
