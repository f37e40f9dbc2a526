-- How satisfied are customers, survey by survey?
--
-- Grain:       one row per service, customer and wave; council_id null is all customers together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of customers
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month               date, the wave
--              period              text
--              respondents         count; null where hidden or not published
--              satisfied_share     share 0-1, a ratio of sums; null where hidden
--              share_year_before   share 0-1, the wave twelve months earlier
--              is_hidden           as in standing_satisfaction
--              is_illustrative     true where any part is
-- Totals over customers are of everybody asked, whoever is chosen (see standing_satisfaction).

with satisfaction as (
    select * from satisfaction where $service_id is null or service_id = $service_id
)
, sums as (
    select
        service_id,
        council_id,
        month,
        max(period) as period,
        sum(respondents) as respondents,
        case
            when sum(respondents) > 0 then sum(satisfied) * 1.0 / sum(respondents)
            when count(*) = 1 then max(satisfied_share)
        end as satisfied_share,
        case
            when count(*) = 1 then max(case when is_hidden then 1 else 0 end) = 1
            else coalesce(sum(respondents) < 10, false)
        end as is_hidden,
        max(case when is_illustrative then 1 else 0 end) = 1 as is_illustrative
    from satisfaction
    group by grouping sets ((service_id, council_id, month), (service_id, month), (council_id, month), (month))
)

select
    n.service_id,
    n.council_id,
    n.month,
    n.period,
    case when n.is_hidden then null else n.respondents end as respondents,
    case when n.is_hidden then null else n.satisfied_share end as satisfied_share,
    case when b.is_hidden then null else b.satisfied_share end as share_year_before,
    n.is_hidden,
    n.is_illustrative
from sums as n
left join sums as b
    on coalesce(b.service_id, '') = coalesce(n.service_id, '')
    and coalesce(b.council_id, '') = coalesce(n.council_id, '')
    and b.month = n.month - interval '12' month
where n.month between $from_month and $to_month
    and (n.council_id is null or n.council_id in (select unnest($council_ids)))
order by n.service_id, n.council_id, n.month
