-- What do councils elsewhere reach on a measure?
--
-- Grain:       one row per measure, council group and period (measure_id, council_group, month, period)
-- Parameters:  $measure_id               one measure, or null for all
--              $from_month, $to_month    first and last month, inclusive; a period that reaches into
--                                        them counts
-- Columns:     period_kind         month · quarter · half · financial year · …
--              from_month, month   date, first and last month of the period
--              value               the group's mean or its own figure, in the measure's unit; or null
--              lower_quartile, median, upper_quartile   of the group, in the measure's unit; or null
--              source              text; who published it
--              is_illustrative     boolean

select
    measure_id,
    council_group,
    period,
    period_kind,
    from_month,
    month,
    value,
    lower_quartile,
    median,
    upper_quartile,
    source,
    is_illustrative
from benchmarks
where ($measure_id is null or measure_id = $measure_id)
    and from_month <= $to_month
    and month >= $from_month
order by measure_id, council_group, month, period
