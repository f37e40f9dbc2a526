-- How satisfied is each customer with each service in the latest survey, and in the one before?
--
-- Grain:       one row per service and customer; council_id null is all customers together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of customers
--              $to_month                 the last month counted
-- Columns:     month               date, the wave
--              respondents         count; null where hidden or not published
--              satisfied_share     share 0-1; null where hidden
--              share_before        share 0-1 in the wave before
--              is_hidden           true where fewer than ten answered, or where showing the figure
--                                  would let such a figure be worked out
-- Totals over customers are of everybody asked, whoever is chosen: differences between totals of
-- chosen customers would give away what is hidden.

with satisfaction as (
    select * from satisfaction
    where month <= $to_month and ($service_id is null or service_id = $service_id)
)
, waves as (
    select month, row_number() over (order by month desc) as nth
    from (select distinct month from satisfaction) as w
)
, cells as (
    select
        s.service_id,
        s.council_id,
        w.nth,
        w.month,
        s.respondents,
        s.satisfied,
        s.satisfied_share,
        case when s.is_hidden then 1 else 0 end as hidden
    from satisfaction as s
    inner join waves as w on w.month = s.month and w.nth <= 2
)
, sums as (
    select
        service_id,
        council_id,
        nth,
        max(month) as month,
        sum(respondents) as respondents,
        -- With counts: a ratio of sums. Without: the share of the one cell, and no total at all.
        case
            when sum(respondents) > 0 then sum(satisfied) * 1.0 / sum(respondents)
            when count(*) = 1 then max(satisfied_share)
        end as satisfied_share,
        case when count(*) = 1 then max(hidden) = 1 else coalesce(sum(respondents) < 10, false) end as is_hidden
    from cells
    group by grouping sets ((service_id, council_id, nth), (service_id, nth), (council_id, nth), (nth))
)
, latest as (select * from sums where nth = 1)
, previous as (select * from sums where nth = 2)

select
    n.service_id,
    n.council_id,
    n.month,
    case when n.is_hidden then null else n.respondents end as respondents,
    case when n.is_hidden then null else n.satisfied_share end as satisfied_share,
    case when b.is_hidden then null else b.satisfied_share end as share_before,
    n.is_hidden
from latest as n
left join previous as b
    on coalesce(b.service_id, '') = coalesce(n.service_id, '')
    and coalesce(b.council_id, '') = coalesce(n.council_id, '')
where n.council_id is null or n.council_id in (select unnest($council_ids))
order by n.service_id, n.council_id
