-- Which services serve which councils, and since when?
--
-- Grain:       one row per service, council and spell (service_id, council_id, from_month)
-- Parameters:  none
-- Columns:     from_month, to_month   date; to_month is null while it lasts

select
    service_id,
    council_id,
    from_month,
    case when to_month < date '9999-01-01' then to_month end as to_month
from memberships
order by service_id, council_id, from_month
