-- Services and councils. A workspace that names none (the payments of one council, say) has those that
-- its rows are of, under their ids.
--
-- Apart from the other reference tables: these are made anew whenever any feed changes, and nothing
-- else is made of them.

create or replace table services as
with rows as (
    select service_id from staging.ledger_sums
    union
    select service_id from staging.costs
    union
    select service_id from staging.performance
    union
    select service_id from staging.satisfaction
    union
    select service_id from staging.volumes
)
select service_id, name, "group" as service_group, coalesce(position, 1000) as position,
    coalesce(overhead, false) as is_overhead, main_unit
from staging.services
union all
select service_id, service_id, null, 1000, false, null
from rows
where service_id is not null and not exists (from staging.services);

create or replace table councils as
with rows as (
    select council_id from staging.ledger_sums
    union
    select council_id from staging.costs
    union
    select council_id from staging.performance
    union
    select council_id from staging.satisfaction
    union
    select council_id from staging.volumes
)
select council_id, name, coalesce(kind, 'council') as kind, coalesce(position, 1000) as position
from staging.councils
union all
select council_id, council_id, 'council', 1000
from rows
where council_id is not null and not exists (from staging.councils);
