-- How far had each council come in each month of each financial year, and what was its year-end target?
--
-- Grain:       one row per series and month with a figure or a suppressed one
--              (measure_id, service_id, council_id, period_kind, month)
-- Parameters:  $measure_id               one measure, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     year_start          date, the April that the financial year begins with
--              month               date, last month of the period
--              value               in the measure's unit, as reported; null where suppressed or missing
--              status              final · provisional · suppressed · missing
--              year_end_target     the target in force in that year's March; null where there is none
--              is_illustrative     boolean

with performance as (
    select * from performance
    where ($measure_id is null or measure_id = $measure_id)
        and council_id in (select unnest($council_ids))
        and month <= $to_month
)
, targets as (select * from targets)
, ranked as (
    -- A year that is named in two ways is one.
    select
        *,
        row_number() over (
            partition by measure_id, service_id, council_id, period_kind, month order by period
        ) as nth,
        extract(year from month) - case when extract(month from month) < 4 then 1 else 0 end as first_year
    from performance
)
, figures as (
    select
        *,
        cast(make_date(cast(first_year as integer), 4, 1) as date) as year_start,
        cast(make_date(cast(first_year as integer) + 1, 3, 1) as date) as year_end
    from ranked
    where nth = 1
)
, aims as (
    select
        f.measure_id,
        f.council_id,
        f.year_end,
        t.target,
        row_number() over (
            partition by f.measure_id, f.council_id, f.year_end
            order by case when t.council_id is null then 1 else 0 end, t.from_month desc
        ) as nth
    from (select distinct measure_id, council_id, year_end from figures) as f
    inner join targets as t
        on t.measure_id = f.measure_id
        and (t.council_id is null or t.council_id = f.council_id)
        and f.year_end between t.from_month and t.to_month
)

select
    f.measure_id,
    f.service_id,
    f.council_id,
    f.period_kind,
    f.year_start,
    f.month,
    f.value,
    f.status,
    f.is_doubtful,
    a.target as year_end_target,
    f.is_illustrative
from figures as f
left join aims as a
    on a.measure_id = f.measure_id
    and a.council_id = f.council_id
    and a.year_end = f.year_end
    and a.nth = 1
order by f.measure_id, f.service_id, f.council_id, f.period_kind, f.month
