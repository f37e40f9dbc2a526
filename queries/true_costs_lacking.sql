-- In which months is the true cost of a service not known?
--
-- Grain:       one row per service, council and month (service_id, council_id, month)
-- Parameters:  $service_id               one service, or null for all
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month       date, first of the month

select service_id, council_id, month
from true_costs_lacking
where not is_open
    and month between $from_month and $to_month
    and ($service_id is null or service_id = $service_id)
order by month, service_id, council_id
