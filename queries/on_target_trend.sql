-- What share of the figures of twelve months was on target, month by month?
--
-- Grain:       one row per service and month with a judged figure (service_id, month); service_id
--              null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     judged              count of figures with a target, in the twelve months to this one
--              on_target           count
--              on_target_share     share 0-1
--              doubtful            count of the figures judged that lie far outside their own history
--                                  (tables/21_doubtful.sql)
-- Twelve months, because one month's few figures jump between none and all on target.

with performance as (
    select * from performance
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and verdict is not null
)
, months as (
    select
        service_id,
        month,
        count(*) as judged,
        count(case when verdict = 'on target' then 1 end) as on_target,
        count(case when is_doubtful then 1 end) as doubtful
    from performance
    group by grouping sets ((service_id, month), (month))
)
, years as (
    select
        n.service_id,
        n.month,
        sum(p.judged) as judged,
        sum(p.on_target) as on_target,
        sum(p.doubtful) as doubtful
    from months as n
    inner join months as p
        on coalesce(p.service_id, '') = coalesce(n.service_id, '')
        and p.month > n.month - interval '12' month
        and p.month <= n.month
    group by n.service_id, n.month
)

select
    service_id,
    month,
    judged,
    on_target,
    on_target * 1.0 / judged as on_target_share,
    doubtful
from years
where month between $from_month and $to_month
order by service_id, month
