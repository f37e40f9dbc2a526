-- What is a measure over the chosen councils together, where its parts are published?
--
-- Grain:       one row per measure, service, kind of period and period (measure_id, service_id,
--              period_kind, month, period)
-- Parameters:  $measure_ids              list of measures
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     numerator, denominator    sums over the councils that have both
--              value               the measure's multiplier × numerator ÷ denominator: a ratio of
--                                  sums, never an average of shares; null without a denominator
--              councils            count of councils in it

with performance as (
    select * from performance
    where measure_id in (select unnest($measure_ids))
        and council_id in (select unnest($council_ids))
        and month between $from_month and $to_month
        and numerator is not null
        and denominator is not null
)
, measures as (select measure_id, multiplier from measures)

select
    p.measure_id,
    p.service_id,
    p.period_kind,
    p.period,
    p.month,
    sum(p.numerator) as numerator,
    sum(p.denominator) as denominator,
    max(m.multiplier) * sum(p.numerator) / nullif(sum(p.denominator), 0) as value,
    count(*) as councils
from performance as p
inner join measures as m on m.measure_id = p.measure_id
group by p.measure_id, p.service_id, p.period_kind, p.period, p.month
order by p.measure_id, p.service_id, p.period_kind, p.month, p.period
