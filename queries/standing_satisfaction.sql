-- How satisfied is each customer with each service in the latest survey, and in the one before?
--
-- Grain:       one row per service and customer; council_id null is all customers together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all and each
--              $council_ids              list of customers
--              $to_month                 the last month counted
-- Columns:     month               date, the wave
--              respondents         count; null where hidden or not published
--              satisfied_share     share 0-1; null where hidden
--              share_low, share_high   Wilson's 95% interval of it; null without respondents
--              share_before        share 0-1 in the wave before
--              is_real_change, is_hidden   as in satisfaction_trend
-- Totals are of everybody asked, whoever is chosen (see satisfaction_trend).

with surveys as (
    select * from surveys
    where month <= $to_month and ($service_id is null or service_id = $service_id)
)
, latest as (select max(month) as month from surveys)

select
    s.service_id,
    s.council_id,
    s.month,
    s.respondents,
    s.satisfied_share,
    s.share_low,
    s.share_high,
    s.share_before,
    s.is_real_change,
    s.is_hidden
from surveys as s
inner join latest as l on l.month = s.month
where s.council_id is null or s.council_id in (select unnest($council_ids))
order by s.service_id, s.council_id
