-- Who reports each measure, and by which kind of period?
--
-- Grain:       one row per series (measure_id, service_id, council_id, period_kind)
-- Parameters:  none
-- Columns:     period_kind         month · quarter · half · financial year · …
--              figures             count of periods with a figure, or a suppressed one
--              first_month, last_month      date, of those
--              newest_period, newest_file   text; the newest of them and the export it stands in

with measure_series as (select * from measure_series)
, files as (select file_id, file from files)

select
    s.measure_id,
    s.service_id,
    s.council_id,
    s.period_kind,
    s.figures,
    s.first_month,
    s.last_month,
    s.newest_period,
    e.file as newest_file
from measure_series as s
left join files as e on e.file_id = s.newest_file_id
order by s.measure_id, s.service_id, s.council_id, s.period_kind
