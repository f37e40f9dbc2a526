-- Where does each series stand at the end of some months, and which signals began or ended in them?
--
-- Grain:       one row per series (service_id, council_id, measure_id, period_kind) with a figure in
--              the two years to $to_month, and a council that has not left
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    the stretch that is looked at for change, inclusive
-- Columns:     period, month, value, status   of the newest point
--              basis               figure · increment, as in control_chart
--              figure, verdict, target   what was reported for it, and its judgement
--              centre, lower_limit, upper_limit, is_trial, special_cause, point_type, assurance,
--              signal_since, signal_points   as in control_chart, of the newest point
--              point               its place in its stretch, from 1
--              distance_sds        its distance from the centre in standard deviations
--              can_be_judged       false where its limits coincide
--              lowest, highest     value of the whole series
--              record              highest · lowest of more than 24 points; null
--              missed_since, missed_points   since when and how many figures in a row missed the
--                                  target; null where the newest met it
--              began_period, began_month, began_value, began_type, began_cause, began_sds,
--              began_since, began_points
--                                  the newest special cause that began within the stretch
--              is_doubtful, began_is_doubtful   the newest point's figure, and that of what began,
--                                  lie far outside their own history (tables/21_doubtful.sql)
--              ended_month, ended_type, ended_points   the newest unbroken row of signals that ended
--                                  within the stretch, which points had varied as usual since
-- Only months near the stretch are read, so that years of history cost nothing.

with points as (
    select * from control_charts
    where month between cast($to_month as date) - interval '23' month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, newest as (
    select *, row_number() over (partition by service_id, council_id, measure_id, period_kind order by month desc) as nth
    from points
)
, began as (
    select *, row_number() over (partition by service_id, council_id, measure_id, period_kind order by month desc) as nth
    from points
    where special_cause is not null and signal_since >= $from_month and month >= $from_month
)
, ended as (
    select *, row_number() over (partition by service_id, council_id, measure_id, period_kind order by month desc) as nth
    from points
    where month >= $from_month and signal_points = 1 and special_cause is null and before_type <> 'common cause'
)
, performance as (
    select * from performance
    where month between cast($to_month as date) - interval '23' month and $to_month
)
, spells as (
    select * from verdict_spells
    where month between cast($to_month as date) - interval '23' month and $to_month
)
-- A council that has left has no figure now.
, served as (
    select distinct service_id, council_id from served
    where $to_month between from_month and to_month
)

select
    n.service_id,
    n.council_id,
    n.measure_id,
    n.period_kind,
    n.period,
    n.month,
    n.value,
    n.status,
    n.basis,
    p.value as figure,
    p.verdict,
    p.target,
    n.centre,
    n.lower_limit,
    n.upper_limit,
    n.is_trial,
    n.special_cause,
    n.point_type,
    n.assurance,
    n.signal_since,
    n.signal_points,
    n.point,
    n.distance_sds,
    n.can_be_judged,
    n.lowest,
    n.highest,
    n.record,
    case when v.is_missed then v.spell_since end as missed_since,
    case when v.is_missed then v.spell_points end as missed_points,
    b.period as began_period,
    b.month as began_month,
    b.value as began_value,
    b.point_type as began_type,
    b.special_cause as began_cause,
    b.distance_sds as began_sds,
    b.signal_since as began_since,
    b.signal_points as began_points,
    e.month as ended_month,
    e.before_type as ended_type,
    e.before_points as ended_points,
    n.is_doubtful,
    b.is_doubtful as began_is_doubtful
from newest as n
inner join served as m on m.service_id = n.service_id and m.council_id = n.council_id
left join began as b
    on b.nth = 1 and b.service_id = n.service_id and b.council_id = n.council_id
    and b.measure_id = n.measure_id and b.period_kind = n.period_kind
left join ended as e
    on e.nth = 1 and e.service_id = n.service_id and e.council_id = n.council_id
    and e.measure_id = n.measure_id and e.period_kind = n.period_kind
left join performance as p
    on p.service_id = n.service_id and p.council_id = n.council_id
    and p.measure_id = n.measure_id and p.period_kind = n.period_kind
    and p.period = n.period and p.month = n.month
left join spells as v
    on v.service_id = n.service_id and v.council_id = n.council_id
    and v.measure_id = n.measure_id and v.period_kind = n.period_kind
    and v.period = n.period and v.month = n.month
where n.nth = 1
order by n.service_id, n.council_id, n.measure_id, n.period_kind
