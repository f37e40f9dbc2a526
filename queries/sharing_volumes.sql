-- How much work, and how many staff, does each council have by which costs could be shared?
--
-- Volume is that of the service's main unit. Headcount is that of the headcount unit reported most,
-- whichever service reports it. Both are means of the months reported in a financial year, so that
-- a council that is served for part of it has its usual weight in the months in which it is served.
--
-- Grain:       one row per basis, service, council and financial year (basis, service_id, council_id, year)
-- Parameters:  $from_month, $to_month    first and last month, inclusive; whole financial years are read
-- Columns:     basis               volume · headcount
--              service_id          null for a headcount
--              year                the financial year's first calendar year
--              unit                text
--              a_month             pieces of work in a month, or the level at which it stood

with volumes as (
    select
        *,
        extract(year from month) - case when extract(month from month) < 4 then 1 else 0 end as year,
        -- A flow of a longer period is spread over its months.
        case
            when kind <> 'flow' or period_kind = 'month' then 1
            when period_kind = 'quarter' then 3
            when period_kind = 'half' then 6
            else 12
        end as months
    from volumes
    where quantity is not null
)
, years as (
    select
        extract(year from $from_month) - case when extract(month from $from_month) < 4 then 1 else 0 end as first_year,
        extract(year from $to_month) - case when extract(month from $to_month) < 4 then 1 else 0 end as last_year
)
, headcounts as (
    select service_id, unit, row_number() over (order by count(*) desc, service_id, unit) as nth
    from volumes
    where kind = 'headcount'
    group by service_id, unit
)
, told as (
    select 'volume' as basis, service_id, council_id, year, unit, quantity / months as a_month
    from volumes
    where is_main
    union all
    select 'headcount', null, v.council_id, v.year, v.unit, v.quantity
    from volumes as v
    inner join headcounts as h on h.service_id = v.service_id and h.unit = v.unit and h.nth = 1
)

select
    t.basis,
    t.service_id,
    t.council_id,
    t.year,
    min(t.unit) as unit,
    avg(t.a_month) as a_month
from told as t
cross join years as y
where t.year between y.first_year and y.last_year
group by t.basis, t.service_id, t.council_id, t.year
order by t.basis, t.service_id, t.council_id, t.year
