-- From when to when was each service's cost of each council due?
--
-- Grain:       one row per service and council (service_id, council_id)
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $from_month, $to_month     first and last month of a stretch, inclusive
-- Columns:     first_month, last_month    dates, whenever they lie
--              months, before_months      counts of months due in the stretch, and in the same stretch
--                                         of the year before
--              is_like                    whether they are the same months

with due as (
    select
        service_id,
        council_id,
        month,
        case when month between $from_month and $to_month then 1 else 0 end as is_now,
        case
            when month between cast($from_month as date) - interval '12' month
                and cast($to_month as date) - interval '12' month
            then 1 else 0
        end as is_before
    from cost_months
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, unlike as (
    select service_id, council_id, count(*) as months
    from unlike_months
    where kind = 'costs' and month between $from_month and $to_month
    group by service_id, council_id
)

select
    d.service_id,
    d.council_id,
    min(d.month) as first_month,
    max(d.month) as last_month,
    sum(d.is_now) as months,
    sum(d.is_before) as before_months,
    max(u.months) is null as is_like
from due as d
left join unlike as u on u.service_id = d.service_id and u.council_id = d.council_id
group by d.service_id, d.council_id
order by d.service_id, d.council_id
