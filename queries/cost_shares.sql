-- Which share of each service's shared cost does each council pay?
--
-- Grain:       one row per service, council and year (service_id, council_id, financial_year)
-- Parameters:  $service_id               one service, or null for all
--              $from_month, $to_month    years with any of these months
-- Columns:     share               0-1, as agreed
--              source              text; null where the row names none
--              is_illustrative     true where it is made up

select service_id, council_id, financial_year, from_month, to_month, share, source, is_illustrative
from cost_shares
where ($service_id is null or service_id = $service_id)
    and from_month <= $to_month
    and to_month >= $from_month
order by from_month desc, service_id, council_id
