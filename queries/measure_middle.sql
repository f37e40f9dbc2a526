-- Between what values do the councils lie, of all that report a measure?
--
-- Grain:       one row per measure, service, kind of period and period (measure_id, service_id,
--              period_kind, month, period)
-- Parameters:  $measure_ids              list of measures
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     councils            count of councils with a figure
--              lower_quartile, median, upper_quartile   in the measure's unit

with performance as (
    select p.*
    from performance as p
    inner join councils as c on c.council_id = p.council_id and c.kind = 'council'
    where p.measure_id in (select unnest($measure_ids))
        and p.month between $from_month and $to_month
        and p.value is not null
)

select
    measure_id,
    service_id,
    period_kind,
    period,
    month,
    count(*) as councils,
    percentile_cont(0.25) within group (order by value) as lower_quartile,
    percentile_cont(0.5) within group (order by value) as median,
    percentile_cont(0.75) within group (order by value) as upper_quartile
from performance
group by measure_id, service_id, period_kind, period, month
order by measure_id, service_id, period_kind, month, period
