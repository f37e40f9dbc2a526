-- By which kinds of period does each council report a measure to each service?
--
-- Grain:       one row per series (measure_id, service_id, council_id, period_kind)
-- Parameters:  $measure_id         one measure, or null for all
-- Columns:     period_kind         month · quarter · half · financial year · …
--              figures             count of periods with a figure, or a suppressed one
--              first_month, last_month   date, of those

select measure_id, service_id, council_id, period_kind, figures, first_month, last_month
from measure_series
where $measure_id is null or measure_id = $measure_id
order by measure_id, service_id, council_id, period_kind
