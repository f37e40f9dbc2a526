-- Which council was served by which service, from when to when?
--
-- Grain:   one row per service, council and spell
-- Columns: from_month, to_month   first and last month, inclusive
-- As the memberships say. A workspace that has none serves every council that a service reports on;
-- since when and until when nobody has said, so those spells have no end that matters.

create or replace table served as
select service_id, council_id, from_month, to_month from memberships
union all
select service_id, council_id, date '1900-01-01', date '9999-12-01'
from (select distinct service_id, council_id from performance)
where not exists (from memberships);
