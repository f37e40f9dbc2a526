-- Which points of the control charts are doubtful figures (21_doubtful.sql)?
--
-- A column `is_doubtful` of control_charts: what a doubtful figure signals is told with that word.

alter table control_charts add column if not exists is_doubtful boolean default false;
update control_charts as c
set is_doubtful = true
from (
    select d.*
    from doubtful as d
    semi join control_charts as p
        on p.service_id = d.service_id and p.council_id = d.council_id and p.measure_id = d.measure_id
        and p.period_kind = d.period_kind and p.month = d.month
) as d
where
    d.service_id = c.service_id
    and d.council_id = c.council_id
    and d.measure_id = c.measure_id
    and d.period_kind = c.period_kind
    and d.month = c.month;
