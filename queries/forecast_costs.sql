-- How much had been spent by each month of each financial year, and what was the year's budget?
--
-- Grain:       one row per month (month), over the chosen services and councils
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     year_start          date, the April that the financial year begins with
--              month               date, last month of the period
--              actual_to_date_gbp  pounds since April; null from the first month of a year in which
--                                  an actual is missing, since missing is not zero
--              budget_gbp          pounds, the budget of the whole year, months after $to_month
--                                  included; null where a month of the year has none
--
-- An actual is missing where one was due (see the table cost_months), or is there only in part: no
-- actual beside a budget, or a month that is not over.

with costs_monthly as (
    select
        *,
        -- April is 1 and March 12.
        mod(extract(month from month) + 8, 12) + 1 as place
    from costs_monthly
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, cost_months as (
    select service_id, council_id, month, is_open from cost_months
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
-- Months from one figure to the next: 1, 3 where costs come by the quarter, 12 where by the year.
, rhythm as (
    select
        case
            when max(mod(place, 12)) = 0 then 12
            when max(mod(place, 3)) = 0 then 3
            else 1
        end as step
    from costs_monthly
)
, months as (
    select distinct year_start, month, place
    from costs_monthly
    where month <= $to_month
)
, by_month as (
    select
        m.year_start,
        m.month,
        m.place,
        case
            when count(*) = count(c.actual_gbp) and sum(c.unreported) = 0
                and sum(case when d.is_open then 1 else 0 end) = 0
            then sum(c.actual_gbp)
        end as actual_gbp
    from months as m
    inner join cost_months as d on d.month = m.month
    left join costs_monthly as c
        on c.service_id = d.service_id and c.council_id = d.council_id and c.month = d.month
    group by m.year_start, m.month, m.place
)
, to_date as (
    select
        *,
        sum(actual_gbp) over (partition by year_start order by month) as actual_to_date_gbp,
        count(actual_gbp) over (partition by year_start order by month) as figures_to_date
    from by_month
)
, budgets as (
    select
        year_start,
        sum(budget_gbp) as budget_gbp,
        count(distinct case when budget_gbp is not null then month end) as budgeted,
        sum(absent) as absent
    from costs_monthly
    group by year_start
)

select
    t.year_start,
    t.month,
    case when t.figures_to_date * r.step = t.place then t.actual_to_date_gbp end as actual_to_date_gbp,
    case when b.budgeted * r.step = 12 and b.absent = 0 then b.budget_gbp end as budget_gbp
from to_date as t
cross join rhythm as r
left join budgets as b on b.year_start = t.year_start
order by t.month
