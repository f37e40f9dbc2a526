-- Where does each service stand with each council: how many of its measures signal a change, and how
-- many can or cannot be relied on to meet their target?
--
-- Grain:       one row per service and council; council_id null is all chosen councils together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted; a series without a figure in the
--                                        two years to it, or whose council has left, is left out
-- Columns:     charted             count of series with three figures or more since they were last
--                                  rebased: fewer show no usual variation
--              concerns, improvements   counts whose newest point is of that type; not where the
--                                  limits coincide, as one leap among equal figures leaves them;
--                                  and no improvement by a doubtful figure (tables/21_doubtful.sql)
--              fails, passes       counts that consistently fail, or pass, their target; not where
--                                  the newest point shows that this is changing, nor by trial
--                                  limits, which move with every figure

with points as (
    select * from control_charts
    where month between cast($to_month as date) - interval '23' month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, latest as (
    select *, row_number() over (partition by service_id, council_id, measure_id, period_kind order by month desc) as nth
    from points
)
-- A council that has left has no figure now.
, served as (
    select distinct service_id, council_id from served
    where $to_month between from_month and to_month
)
, newest as (
    select l.*
    from latest as l
    inner join served as m on m.service_id = l.service_id and m.council_id = l.council_id
    where l.nth = 1
)

select
    service_id,
    council_id,
    count(case when points >= 3 then 1 end) as charted,
    count(case when point_type = 'concern' and can_be_judged then 1 end) as concerns,
    count(case when point_type = 'improvement' and can_be_judged and not is_doubtful then 1 end) as improvements,
    count(case when assurance = 'consistently fails' and point_type <> 'improvement' and can_be_judged and not is_trial then 1 end) as fails,
    count(case when assurance = 'consistently passes' and point_type <> 'concern' and can_be_judged and not is_trial then 1 end) as passes
from newest
group by grouping sets ((service_id, council_id), (service_id), (council_id), ())
order by service_id, council_id
