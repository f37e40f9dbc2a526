-- Whose figures are overdue: reported by others, or expected by now, and not by them?
--
-- Grain:       one row per series (service_id, council_id, measure_id, period_kind)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the month that is newest
-- Columns:     period, month       what was reported last
--              newest_month        what anybody has reported of the measure
--              months_behind       count
-- A series that ended more than a year ago is not overdue but over; so is one whose council left, and
-- one that goes on by another kind of period (quarters for months).

with performance as (
    select * from performance
    where month between cast($to_month as date) - interval '14' month and $to_month
        and status <> 'missing'
        and ($service_id is null or service_id = $service_id)
)
, newest as (
    select measure_id, period_kind, max(month) as month
    from performance
    group by measure_id, period_kind
)
, latest as (
    select
        *,
        row_number() over (partition by service_id, council_id, measure_id, period_kind order by month desc) as nth
    from performance
)
, served as (select * from served)

select
    p.service_id,
    p.council_id,
    p.measure_id,
    p.period_kind,
    p.period,
    p.month,
    n.month as newest_month,
    (extract(year from n.month) - extract(year from p.month)) * 12
    + extract(month from n.month) - extract(month from p.month) as months_behind
from latest as p
inner join newest as n on n.measure_id = p.measure_id and n.period_kind = p.period_kind
where p.nth = 1
    and p.month < n.month
    and p.council_id in (select unnest($council_ids))
    and not exists (
        select 1 from performance as o
        where o.service_id = p.service_id and o.council_id = p.council_id
            and o.measure_id = p.measure_id and o.month >= n.month
    )
    and exists (
        select 1 from served as b
        where b.service_id = p.service_id and b.council_id = p.council_id
            and n.month between b.from_month and b.to_month
    )
order by p.service_id, p.council_id, p.measure_id, p.period_kind
