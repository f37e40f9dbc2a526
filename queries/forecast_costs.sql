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
-- An actual is missing where a service that costs a council anything, from then on and for as long
-- as it serves it, has none in a month. Without memberships a service serves for as long as it reports.

with costs_monthly as (
    select
        *,
        -- April is 1 and March 12.
        mod(extract(month from month) + 8, 12) + 1 as place
    from costs_monthly
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, memberships as (select * from memberships)
, has_memberships as (select count(*) > 0 as has_any from memberships)
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
, pairs as (
    select service_id, council_id, min(month) as first_month, max(month) as last_month
    from costs_monthly
    where actual_gbp is not null
    group by service_id, council_id
)
, months as (
    select distinct year_start, month, place
    from costs_monthly
    where month <= $to_month
)
, due as (
    select m.year_start, m.month, m.place, p.service_id, p.council_id
    from months as m
    cross join has_memberships as h
    inner join pairs as p on p.first_month <= m.month
    where (not h.has_any and m.month <= p.last_month)
        or (h.has_any and exists (
            select 1 from memberships as b
            where b.service_id = p.service_id and b.council_id = p.council_id
                and m.month between b.from_month and b.to_month
        ))
)
, by_month as (
    select
        d.year_start,
        d.month,
        d.place,
        case when count(*) = count(c.actual_gbp) then sum(c.actual_gbp) end as actual_gbp
    from due as d
    left join costs_monthly as c
        on c.service_id = d.service_id and c.council_id = d.council_id and c.month = d.month
    group by d.year_start, d.month, d.place
)
, to_date as (
    select
        *,
        sum(actual_gbp) over (partition by year_start order by month) as actual_to_date_gbp,
        count(actual_gbp) over (partition by year_start order by month) as figures_to_date
    from by_month
)
, budgets as (
    select year_start, sum(budget_gbp) as budget_gbp, count(distinct month) as budgeted
    from costs_monthly
    where budget_gbp is not null
    group by year_start
)

select
    t.year_start,
    t.month,
    case when t.figures_to_date * r.step = t.place then t.actual_to_date_gbp end as actual_to_date_gbp,
    case when b.budgeted * r.step = 12 then b.budget_gbp end as budget_gbp
from to_date as t
cross join rhythm as r
left join budgets as b on b.year_start = t.year_start
order by t.month
