-- Which parts, of how many cases, is each council's newest share made of?
--
-- Grain:       one row per series (measure_id, service_id, council_id, period_kind), every council of
--              a measure, service and kind of period for one and the same period: the newest in which
--              any council's parts are known
-- Parameters:  $measure_ids              list of measures
--              $to_month                 no period after this month
-- Columns:     period              text, as reported
--              month               date, last month of the period
--              numerator           what counts, as exported
--              denominator         out of how many; above 0
--              value               in the measure's unit
--              status              final · provisional
--              multiplier          numerator ÷ denominator × multiplier is the value
--              is_part_of_whole    true where no numerator the measure ever had was below 0 or above
--                                  its denominator
--              has_whole_numbers   true where all parts that the measure ever had are whole numbers,
--                                  as counts of cases are

with councils as (select council_id, position from councils where kind = 'council')
, measures as (select measure_id, multiplier from measures)
, performance as (
    select * from performance
    where measure_id in (select unnest($measure_ids)) and numerator is not null and denominator > 0
)
, parts as (
    select
        p.measure_id,
        p.service_id,
        p.council_id,
        p.period_kind,
        p.period,
        p.month,
        p.numerator,
        p.denominator,
        p.value,
        p.status,
        m.multiplier,
        c.position,
        min(case when p.numerator between 0 and p.denominator then 1 else 0 end)
            over (partition by p.measure_id) = 1 as is_part_of_whole,
        min(case when p.numerator = floor(p.numerator) and p.denominator = floor(p.denominator) then 1 else 0 end)
            over (partition by p.measure_id) = 1 as has_whole_numbers
    from performance as p
    inner join measures as m on m.measure_id = p.measure_id
    inner join councils as c on c.council_id = p.council_id
)
, ranked as (
    select
        *,
        dense_rank() over (
            partition by measure_id, service_id, period_kind order by month desc, period desc
        ) as nth
    from parts
    where month <= $to_month
)

select
    measure_id,
    service_id,
    council_id,
    period_kind,
    period,
    month,
    numerator,
    denominator,
    value,
    status,
    multiplier,
    is_part_of_whole,
    has_whole_numbers
from ranked
where nth = 1
order by measure_id, service_id, period_kind, position, council_id
