-- How many of the figures of twelve months met their target, and of the twelve months before?
--
-- Grain:       one row per service and council; council_id null is all chosen councils together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     judged, on_target   count of figures with a target in the twelve months, and of those
--                                  that met it
--              doubtful            count of the figures judged in the twelve months that lie far
--                                  outside their own history (tables/21_doubtful.sql)
--              judged_before, on_target_before   the same of the twelve months before
-- Figures of cost and of volume are left out: what a service costs is told apart from how good it is.

with performance as (
    select * from performance
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and month > cast($to_month as date) - interval '24' month
        and month <= $to_month
        and verdict is not null
)
, measures as (select measure_id from measures where coalesce(kind, '') not in ('financial', 'volume'))
, figures as (
    select
        p.service_id,
        p.council_id,
        case when p.month > cast($to_month as date) - interval '12' month then 1 else 0 end as is_now,
        case when p.verdict = 'on target' then 1 else 0 end as is_met,
        case when p.is_doubtful then 1 else 0 end as is_doubtful
    from performance as p
    inner join measures as m on m.measure_id = p.measure_id
)

select
    service_id,
    council_id,
    sum(is_now) as judged,
    sum(is_now * is_met) as on_target,
    sum(is_now * is_doubtful) as doubtful,
    sum(1 - is_now) as judged_before,
    sum((1 - is_now) * is_met) as on_target_before
from figures
group by grouping sets ((service_id, council_id), (service_id))
order by service_id, council_id
