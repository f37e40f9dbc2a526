-- What does each council bear of each service's shared cost, month by month?
--
-- Shared cost is what was booked of the shared budget, by cost shares, with the service's part of
-- the overheads. The rest of the true cost is the council's own.
--
-- Grain:       one row per service, council and month
-- Parameters:  $from_month, $to_month    first and last month, inclusive
-- Columns:     shared_gbp          pounds of shared cost that the council bears
--              own_gbp             pounds that are its alone; both make the true cost
--              year                the financial year's first calendar year

select
    service_id,
    council_id,
    month,
    shared_gbp + correction_gbp + overheads_gbp as shared_gbp,
    booked_gbp - shared_gbp as own_gbp,
    extract(year from month) - case when extract(month from month) < 4 then 1 else 0 end as year
from true_costs
where month between $from_month and $to_month
order by service_id, month, council_id
