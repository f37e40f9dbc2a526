-- What has each service cost each council so far in the financial year, against budget and against
-- the same stretch of the year before?
--
-- Grain:       one row per service and council; council_id null is all chosen councils together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     financial_year      text, of the last month with costs up to $to_month
--              to_month            date, that month
--              budget_gbp, actual_gbp, year_before_gbp   pounds, April to that month

with costs_monthly as (
    select * from costs_monthly
    where month <= $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, last_month as (select max(month) as month from costs_monthly where actual_gbp is not null)
, last_year as (
    select distinct c.financial_year, c.year_start, l.month as to_month
    from costs_monthly as c
    inner join last_month as l on l.month = c.month
)
, now as (
    select c.service_id, c.council_id, c.budget_gbp, c.actual_gbp, null as year_before_gbp
    from costs_monthly as c
    inner join last_year as y on c.month between y.year_start and y.to_month
)
, before as (
    select c.service_id, c.council_id, null as budget_gbp, null as actual_gbp, c.actual_gbp as year_before_gbp
    from costs_monthly as c
    inner join last_year as y
        on c.month between y.year_start - interval '12' month and y.to_month - interval '12' month
)
, both_years as (
    select * from now
    union all
    select * from before
)

select
    c.service_id,
    c.council_id,
    max(y.financial_year) as financial_year,
    max(y.to_month) as to_month,
    sum(c.budget_gbp) as budget_gbp,
    sum(c.actual_gbp) as actual_gbp,
    sum(c.year_before_gbp) as year_before_gbp
from both_years as c
cross join last_year as y
group by grouping sets ((c.service_id, c.council_id), (c.service_id), (c.council_id), ())
order by c.service_id, c.council_id
