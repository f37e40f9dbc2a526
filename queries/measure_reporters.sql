-- Which services report each measure, and by which kinds of period?
--
-- Grain:       one row per measure, service and kind of period (measure_id, service_id, period_kind)
-- Parameters:  none
-- Columns:     period_kind         month · quarter · half · financial year · …
--              figures             count of figures, or suppressed ones, of all councils
--              last_month          date, of the newest of them
--              newest_period, newest_file   text; its period and the export it stands in (where
--                                  several do, the first by name)

with measure_series as (select * from measure_series)
, files as (select file_id, file from files)
, counted as (
    select measure_id, service_id, period_kind, sum(figures) as figures
    from measure_series
    group by measure_id, service_id, period_kind
)
, newest as (
    select
        s.measure_id,
        s.service_id,
        s.period_kind,
        s.last_month,
        s.newest_period,
        e.file,
        row_number() over (
            partition by s.measure_id, s.service_id, s.period_kind
            order by s.last_month desc, s.newest_period desc, e.file
        ) as nth
    from measure_series as s
    left join files as e on e.file_id = s.file_id
)

select
    c.measure_id,
    c.service_id,
    c.period_kind,
    c.figures,
    n.last_month,
    n.newest_period,
    n.file as newest_file
from counted as c
inner join newest as n
    on n.measure_id = c.measure_id and n.service_id = c.service_id
    and n.period_kind = c.period_kind and n.nth = 1
order by c.measure_id, c.service_id, c.period_kind
