-- Which councils moved against the whole, so that the whole's figure hides them?
--
-- Grain:       one row per series (service_id, measure_id, council_id, period_kind)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils that may be told of
--              $to_month                 the last month looked at
-- Columns:     service_id
--              period, month       the newest period, not older than three months
--              value, value_before         the council's figure then and a year before
--              whole, whole_before         all councils together: sums of numerators over sums of
--                                  denominators, of the councils that have both for both periods
--              whole_target        the one target in force for all of these councils; else null
--              good_direction
--              people              the council's denominator: cases, invoices, people
--              z                   the council's change over its standard error, as of two
--                                  independent proportions
--              movement_sds        the change in standard deviations of the council's own changes,
--                                  from its average moving range: pounds and minutes are counted by
--                                  the million and do not vary each by itself, so z alone finds too
--                                  much
-- Only shares of a whole, whose parts are reported. The whole is of all councils, whoever is chosen.

with performance as (
    select * from performance
    where month between cast($to_month as date) - interval '14' month and $to_month
        and numerator is not null
        and denominator > 0
        and numerator <= denominator
        and numerator >= 0
        and ($service_id is null or service_id = $service_id)
)
, measures as (
    select measure_id, multiplier, good_direction from measures
    where good_direction in ('higher', 'lower') and not is_cumulative and rolling_months <= 1
)
, councils as (select council_id from councils where kind = 'council')
, newest as (
    select p.measure_id, p.service_id, p.period_kind, max(p.month) as month
    from performance as p
    where p.month > cast($to_month as date) - interval '3' month
    group by p.measure_id, p.service_id, p.period_kind
)
, pairs as (
    select
        p.service_id,
        p.measure_id,
        p.council_id,
        p.period_kind,
        p.period,
        p.month,
        p.value,
        b.value as value_before,
        p.numerator,
        p.denominator,
        b.numerator as numerator_before,
        b.denominator as denominator_before,
        p.target,
        p.movement_sds,
        m.multiplier,
        m.good_direction
    from newest as n
    inner join performance as p
        on p.measure_id = n.measure_id and p.service_id = n.service_id
        and p.period_kind = n.period_kind and p.month = n.month
    inner join performance as b
        on b.measure_id = p.measure_id and b.service_id = p.service_id and b.council_id = p.council_id
        and b.period_kind = p.period_kind and b.month = p.month - interval '12' month
    inner join councils as c on c.council_id = p.council_id
    inner join measures as m on m.measure_id = p.measure_id
)
, whole as (
    select
        measure_id,
        service_id,
        period_kind,
        count(*) as parts,
        max(multiplier) * sum(numerator) / sum(denominator) as whole,
        max(multiplier) * sum(numerator_before) / sum(denominator_before) as whole_before,
        case when count(distinct target) = 1 and count(target) = count(*) then max(target) end as whole_target
    from pairs
    group by measure_id, service_id, period_kind
)

select
    p.service_id,
    p.measure_id,
    p.council_id,
    p.period_kind,
    p.period,
    p.month,
    p.value,
    p.value_before,
    w.whole,
    w.whole_before,
    w.whole_target,
    p.good_direction,
    p.denominator as people,
    p.movement_sds,
    (p.numerator / p.denominator - p.numerator_before / p.denominator_before)
    / nullif(sqrt(
        (p.numerator + p.numerator_before) / (p.denominator + p.denominator_before)
        * (1 - (p.numerator + p.numerator_before) / (p.denominator + p.denominator_before))
        * (1 / p.denominator + 1 / p.denominator_before)
    ), 0) as z
from pairs as p
inner join whole as w
    on w.measure_id = p.measure_id and w.service_id = p.service_id
    and w.period_kind = p.period_kind and w.parts > 1
where p.council_id in (select unnest($council_ids))
order by p.measure_id, p.service_id, p.council_id, p.period_kind
