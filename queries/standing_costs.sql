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
--              budget_gbp, actual_gbp, year_before_gbp   pounds, April to that month; the year
--                                  before up to the same day where it is open; null where any
--                                  part that was due is not there
--              reported_gbp        pounds, of what was reported, whole or not
--              matched_budget_gbp, matched_actual_gbp    pounds, of what has a budget and an actual
--              unbudgeted, unreported, before_unreported   counts of parts and months that have an
--                                  actual and no budget, lack an actual, and lacked one a year before
--              is_like             whether the same services and councils were due in the same months
--                                  of both years

with costs_monthly as (
    select * from costs_monthly
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, last_month as (
    select max(month) as month from costs_monthly where actual_gbp is not null and month <= $to_month
)
, last_year as (
    select distinct c.financial_year, c.year_start, l.month as to_month
    from costs_monthly as c
    inner join last_month as l on l.month = c.month
)
, unlike as (
    select distinct u.service_id, u.council_id
    from unlike_months as u
    inner join last_year as y on u.kind = 'costs' and u.month between y.year_start and y.to_month
)
, now as (
    select
        c.service_id, c.council_id, c.budget_gbp, c.actual_gbp as reported_gbp, null as year_before_gbp,
        c.matched_budget_gbp, c.matched_actual_gbp,
        c.unbudgeted, c.unreported, c.absent, 0 as before_unreported
    from costs_monthly as c
    inner join last_year as y on c.month between y.year_start and y.to_month
)
-- A quarter or a year that is not over by then: what was spent in it so far is not known.
, not_over as (
    select c.service_id, c.council_id, null, null, null, null, null, 0, 1, 1, 0
    from costs_monthly as c
    inner join last_year as y on c.period_start <= y.to_month and c.month > y.to_month
    where c.actual_gbp is not null
)
, before as (
    select
        c.service_id, c.council_id, null, null, c.comparable_gbp, null, null, 0, 0, 0, c.unreported
    from costs_monthly as c
    inner join last_year as y
        on c.month between y.year_start - interval '12' month and y.to_month - interval '12' month
)
-- The year before came by longer periods: what was spent up to the same month is not known.
, before_not_over as (
    select c.service_id, c.council_id, null, null, null, null, null, 0, 0, 0, 1
    from costs_monthly as c
    inner join last_year as y
        on c.period_start <= y.to_month - interval '12' month and c.month > y.to_month - interval '12' month
    where c.actual_gbp is not null
)
, both_years as (
    select * from now
    union all
    select * from not_over
    union all
    select * from before
    union all
    select * from before_not_over
)

select
    c.service_id,
    c.council_id,
    max(y.financial_year) as financial_year,
    max(y.to_month) as to_month,
    case when sum(c.absent) = 0 then sum(c.budget_gbp) end as budget_gbp,
    case when sum(c.unreported) = 0 then sum(c.reported_gbp) end as actual_gbp,
    case when sum(c.before_unreported) = 0 then sum(c.year_before_gbp) end as year_before_gbp,
    sum(c.reported_gbp) as reported_gbp,
    sum(c.matched_budget_gbp) as matched_budget_gbp,
    sum(c.matched_actual_gbp) as matched_actual_gbp,
    sum(c.unbudgeted) as unbudgeted,
    sum(c.unreported) as unreported,
    sum(c.before_unreported) as before_unreported,
    count(u.service_id) = 0 as is_like
from both_years as c
cross join last_year as y
left join unlike as u on u.service_id = c.service_id and u.council_id = c.council_id
group by grouping sets ((c.service_id, c.council_id), (c.service_id), (c.council_id), ())
order by c.service_id, c.council_id
