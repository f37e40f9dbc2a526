-- In which units does each service count its work?
--
-- Grain:       one row per service and unit (service_id, unit); a service that reports no volumes has
--              one row without a unit
-- Parameters:  none
-- Columns:     is_main             the unit by which the service's cost is told
--              kind                flow · level · headcount
--              is_overhead         the service serves the other services, which bear its cost

with volumes as (select service_id, unit, kind, is_main from volumes)
, services as (select service_id, is_overhead, position, name from services)

select
    s.service_id,
    v.unit,
    max(case when v.is_main then 1 else 0 end) = 1 as is_main,
    max(v.kind) as kind,
    max(case when s.is_overhead then 1 else 0 end) = 1 as is_overhead
from services as s
left join volumes as v on v.service_id = s.service_id
group by s.service_id, v.unit, s.position, s.name
order by s.position, s.name, is_main desc, v.unit
