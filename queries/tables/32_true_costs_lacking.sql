-- Months in which the true cost of a service and council is not known. A cost that is missing is
-- missing from what its service shares out; and where overheads are borne, from what they go by.
--
-- Grain:   one row per service, council and month
-- Columns: is_open   the ledger has the month only in part: what is there is whole, and not the month's
create or replace table true_costs_lacking as
with lacking as (
    select distinct service_id, council_id, month
    from costs_whole
    where is_lacking and month <= (select max(month) from costs where actual_gbp is not null)
)
, with_overheads as (
    select distinct month from true_costs where overheads_gbp != 0
    union
    select l.month from lacking as l inner join staging.services as s using (service_id) where s.overhead
)
, every as (
    select service_id, council_id, month, is_open from cost_months
    union
    select service_id, council_id, month, false from costs_whole
)
select e.service_id, e.council_id, e.month, bool_and(e.is_open) as is_open
from every as e
where e.is_open
    or exists (from lacking as l where l.service_id = e.service_id and l.month = e.month)
    or (e.month in (select month from with_overheads) and e.month in (select month from lacking))
group by e.service_id, e.council_id, e.month;
