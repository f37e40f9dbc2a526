-- Which services are there, and how many measures has each?
--
-- Grain:       one row per service (service_id)
-- Parameters:  none
-- Columns:     service_id, name, service_group   text
--              measures            count of measures that it reports, whosever they are, and of its own
--                                  that nobody reports

with services as (select * from services)
, reported as (select distinct measure_id, service_id from measure_series)
, measures as (
    select service_id, count(*) as n
    from (
        select measure_id, service_id from reported
        union
        select m.measure_id, m.service_id
        from measures as m
        where not exists (select 1 from reported as r where r.measure_id = m.measure_id)
    ) as told
    group by service_id
)

select s.service_id, s.name, s.service_group, coalesce(m.n, 0) as measures
from services as s
left join measures as m on m.service_id = s.service_id
order by s.position, s.name
