-- Which figures miss their target, or get worse beyond usual variation, and since when?
--
-- Grain:       one row per series (service_id, council_id, measure_id, period_kind)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted; a series without a figure in the
--                                        two years to it, or whose council has left, is left out
-- Columns:     period, month, value, status   the newest figure
--              target, verdict     on target · close · off target; null without a target
--              previous_value, year_before_value, year_change   as in latest_figures
--              missed_since, missed_points   since when and how many figures in a row missed the
--                                  target; null where the newest met it
--              basis, point_type, special_cause, signal_since, signal_points, assurance, variation,
--              points, is_trial, centre, lower_limit, upper_limit   as in control_chart, of that
--                                  figure; null for what is not charted
--              can_be_judged       false where its limits coincide
--              lowest, highest     value of the whole series
--              is_doubtful         far outside its own history (tables/21_doubtful.sql)

with figures as (
    select * from performance
    where month between cast($to_month as date) - interval '23' month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and value is not null
)
, latest as (
    select
        *,
        row_number() over (
            partition by service_id, council_id, measure_id, period_kind order by month desc, period desc
        ) as nth
    from figures
)
, charts as (
    select * from control_charts
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
    n.target,
    n.verdict,
    n.previous_value,
    n.year_before_value,
    n.year_change,
    case when v.is_missed then v.spell_since end as missed_since,
    case when v.is_missed then v.spell_points end as missed_points,
    c.basis,
    c.point_type,
    c.special_cause,
    c.signal_since,
    c.signal_points,
    c.assurance,
    c.point_type as variation,
    c.points,
    c.is_trial,
    c.centre,
    c.lower_limit,
    c.upper_limit,
    c.can_be_judged,
    c.lowest,
    c.highest,
    n.is_doubtful
from latest as n
inner join served as m on m.service_id = n.service_id and m.council_id = n.council_id
left join charts as c
    on c.service_id = n.service_id and c.council_id = n.council_id
    and c.measure_id = n.measure_id and c.period_kind = n.period_kind
    and c.period = n.period and c.month = n.month
left join spells as v
    on v.service_id = n.service_id and v.council_id = n.council_id
    and v.measure_id = n.measure_id and v.period_kind = n.period_kind
    and v.period = n.period and v.month = n.month
where n.nth = 1
    and (n.verdict in ('close', 'off target') or (c.point_type = 'concern' and c.can_be_judged))
order by n.service_id, n.measure_id, n.council_id, n.period_kind
