-- Each figure of each series, with the target in force, the verdict, and what it is compared with.
--
-- Grain:   one row per service, council, measure and period
-- Columns: month             last month of the period, first of the month
--          value             in the measure's unit; null where suppressed or missing
--          status            final · provisional · suppressed · missing
--          target, tolerance, rule   as dated for that month; the council's own before the general
--          verdict           on target · close · off target; null without target or value
--          previous_value    the same series, one period before
--          year_before_value the same period a year before
--          year_change       1 better · -1 worse · 0 the same; null where it can't be said
--          movement_sds      size of the change on the year before, in standard deviations of such
--                            a change, from the average moving range so far (÷ 1.128, Wheeler)

create or replace table performance as
with figures as (
    select
        p.service_id,
        p.council_id,
        p.measure_id,
        p.period,
        p.period_kind,
        case
            when p.period_kind = 'year' and m.year_end_month is not null
                then make_date(year(p.period_end), m.year_end_month::integer, 1)
            else p.period_end
        end as month,
        p.is_suppressed or lower(p.status) = 'suppressed' as is_withheld,
        -- A publisher may give the parts and leave the division to others.
        case
            when not coalesce(is_withheld, false)
                then coalesce(p.value, case when p.denominator > 0 then m.multiplier * p.numerator / p.denominator end)
        end as value,
        case when not coalesce(is_withheld, false) then p.numerator end as numerator,
        case when not coalesce(is_withheld, false) then p.denominator end as denominator,
        case
            when is_withheld then 'suppressed'
            when coalesce(p.value, p.numerator / nullif(p.denominator, 0)) is null then 'missing'
            when lower(p.status) = 'provisional' then 'provisional'
            else 'final'
        end as status,
        p.source,
        p.is_illustrative and p.source is null as is_illustrative,
        p.file_id,
        p.line,
        m.good_direction,
        m.is_cumulative
    from staging.performance as p
    left join measures as m using (measure_id)
),
targeted as (
    select f.*, t.target, t.tolerance, t.rule
    from figures as f
    left join targets as t
        on t.measure_id = f.measure_id
        and (t.council_id is null or t.council_id = f.council_id)
        and f.month between t.from_month and t.to_month
    qualify row_number() over (
        partition by f.service_id, f.council_id, f.measure_id, f.period, f.month
        order by t.council_id nulls last, t.from_month desc
    ) = 1
),
judged as (
    select
        *,
        case
            when good_direction = 'higher' then target - value
            when good_direction = 'lower' then value - target
            when good_direction = 'range' then abs(value - target)
        end as shortfall,
        case rule
            when 'percent_of_target' then abs(target) * tolerance / 100
            when 'points' then tolerance
            when 'within_range' then tolerance
            else 0
        end as allowed
    from targeted
),
compared as (
    select
        now.*,
        -- Binary fractions must not turn a figure that equals its target red.
        case
            when now.rule = 'none' or now.shortfall is null then null
            when now.rule = 'within_range'
                then case when now.shortfall <= now.allowed + 1e-9 then 'on target' else 'off target' end
            when now.shortfall <= 1e-9 then 'on target'
            when now.shortfall <= now.allowed + 1e-9 then 'close'
            else 'off target'
        end as verdict,
        lag(now.value) over series as previous_value,
        before.value as year_before_value,
        before.shortfall as year_before_shortfall,
        abs(now.value - lag(now.value) over series) as moving_range
    from judged as now
    left join judged as before
        on before.service_id = now.service_id
        and before.council_id = now.council_id
        and before.measure_id = now.measure_id
        and before.period_kind = now.period_kind
        and before.month = now.month - interval 12 months
    window series as (
        partition by now.service_id, now.council_id, now.measure_id, now.period_kind order by now.month
    )
),
moved as (
    select
        *,
        case when is_cumulative then abs(value - year_before_value) else moving_range end as move
    from compared
)
select
    service_id,
    council_id,
    measure_id,
    period,
    period_kind,
    month,
    value,
    numerator,
    denominator,
    status,
    target,
    tolerance,
    rule,
    verdict,
    previous_value,
    year_before_value,
    case
        when value is null or year_before_value is null then null
        when value = year_before_value then 0
        when good_direction = 'higher' then sign(value - year_before_value)
        when good_direction = 'lower' then sign(year_before_value - value)
        when good_direction = 'range' and shortfall is not null and year_before_shortfall is not null
            then sign(year_before_shortfall - shortfall)
    end::integer as year_change,
    case
        when count(move) over earlier >= 6 and avg(move) over earlier > 0
            then abs(value - year_before_value) / (avg(move) over earlier / 1.128 * sqrt(2))
    end as movement_sds,
    source,
    is_illustrative,
    file_id,
    line
from moved
window earlier as (
    partition by service_id, council_id, measure_id, period_kind
    order by month rows between unbounded preceding and 1 preceding
);

-- The periods in which a measure is due: every month of a monthly measure between its first and its
-- last, so that a month nobody reported shows as a gap; else the periods that anybody reported.
create or replace table measure_periods as
with due as (
    select
        p.measure_id,
        case when m.frequency = 'monthly' then 'month' else p.period_kind end as period_kind,
        min(p.month) as first_month,
        max(p.month) as last_month,
        coalesce(m.frequency = 'monthly', false) as is_monthly
    from performance as p
    left join measures as m using (measure_id)
    group by all
)
select measure_id, strftime(g.month, '%Y-%m') as period, g.month::date as month
from due, generate_series(first_month::timestamp, last_month::timestamp, interval 1 month) as g(month)
where is_monthly
union
select p.measure_id, p.period, p.month
from performance as p
join due as d on d.measure_id = p.measure_id and d.period_kind = p.period_kind and not d.is_monthly;
