-- Which services are there, and how many measures has each?
--
-- Grain:       one row per service (service_id)
-- Parameters:  none
-- Columns:     service_id, name, service_group   text
--              measures            count of measures with a definition in the workspace

with services as (select * from services)
, measures as (select service_id, count(*) as n from measures group by service_id)

select s.service_id, s.name, s.service_group, coalesce(m.n, 0) as measures
from services as s
left join measures as m on m.service_id = s.service_id
order by s.position, s.name
