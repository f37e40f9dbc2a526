-- Each figure of each series, with the target in force, the verdict, and what it is compared with.
--
-- Grain:   one row per service, council, measure and period
-- Columns: month             last month of the period, first of the month
--          value             in the measure's unit; null where suppressed or missing
--          status            final · provisional · suppressed · missing
--          target, tolerance, rule   as dated for that month; the council's own before the general.
--                            What is larger in a longer period (no ratio) has it for periods as
--                            long as the measure's frequency says alone, where it is reported by
--                            several kinds: a month's target is not a quarter's
--          verdict           on target · close · off target; null without target, value or a good
--                            direction. docs/methods.md defines every rule
--          previous_period, previous_month, previous_value   of the same series and kind of period,
--                            the last before this one that has a value
--          year_before_value the same period a year before
--          previous_change, year_change   1 better · -1 worse · 0 the same; null where it can't be
--                            said. A cumulative measure has no previous_change: within a year it
--                            only rises
--          year_to_date      from April to this month, of months and quarters: multiplier × sum of
--                            numerators ÷ sum of denominators, null unless every period due so far
--                            has both; of a cumulative measure the value itself; null where
--                            figures overlap (rolling_months)
--          year_to_date_verdict   the year to date by the rule and target of this period
--          next_month        of the next figure of the same series and kind of period that has a
--                            value; null for the newest: what is newest at any month is found
--                            without looking through the years
--          movement_sds      size of the change on the year before, in standard deviations of such
--                            a change, from the average moving range so far (÷ 1.128, Wheeler)

-- Binary fractions must not turn a figure that equals its target red: how far two figures may lie
-- apart and still be the same. A billion pounds is known to a thousandth, a share to a billionth.
create or replace temp macro rounding(one, other) as
    greatest(1e-9, 1e-12 * abs(one), 1e-12 * abs(other));

-- Whether a figure is better (1), worse (-1) or the same (0) as another. Within a range the nearer
-- to today's target is better: both are measured by one ruler.
create or replace temp macro direction_of_travel(now, earlier, target, good_direction) as
    case
        when now is null or earlier is null then null
        when abs(now - earlier) <= rounding(now, earlier) then 0
        when good_direction = 'higher' then sign(now - earlier)
        when good_direction = 'lower' then sign(earlier - now)
        when good_direction = 'range' and abs(abs(earlier - target) - abs(now - target)) <= rounding(now, earlier)
            then 0
        when good_direction = 'range' then sign(abs(earlier - target) - abs(now - target))
    end::integer;

-- How far a figure lies on the wrong side of its target.
create or replace temp macro shortfall_of(value, target, rule, good_direction) as
    case
        when rule = 'within_range' or good_direction = 'range' then abs(value - target)
        when good_direction = 'higher' then target - value
        when good_direction = 'lower' then value - target
    end;

create or replace temp macro verdict_of(value, target, tolerance, rule, good_direction, on_year_before) as
    case
        when rule = 'none' or shortfall_of(value, target, rule, good_direction) is null then null
        when shortfall_of(value, target, rule, good_direction) <= rounding(value, target) + case rule
            when 'within_range' then tolerance
            when 'worse_than_last_year' then abs(target) * tolerance / 100
            else 0
        end then 'on target'
        when case rule
            when 'percent_of_target'
                then shortfall_of(value, target, rule, good_direction) <= abs(target) * tolerance / 100 + rounding(value, target)
            when 'points'
                then shortfall_of(value, target, rule, good_direction) <= tolerance + rounding(value, target)
            when 'worse_than_last_year' then on_year_before >= 0
        end then 'close'
        else 'off target'
    end;

-- How many months a kind of period is long.
create or replace temp macro months_of(period_kind) as
    case period_kind when 'month' then 1 when 'quarter' then 3 when 'half' then 6 when 'financial year' then 12 when 'year' then 12 end;

-- The financial year that a month lies in, by its April.
create or replace temp macro april_of(month) as make_date(year(month - interval 3 months), 4, 1);

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
        m.is_cumulative,
        coalesce(m.rolling_months, 0) as rolling_months,
        m.multiplier,
        m.unit,
        m.months_due_every
    from staging.performance as p
    left join measures as m using (measure_id)
),
-- Measures that are as large in a month as in a year, and those that come by one kind of period.
lengths as (
    select
        measure_id,
        count(distinct months_of(period_kind)) < 2
            or any_value(
                is_cumulative
                or rolling_months > 0
                or coalesce(unit = 'share' or starts_with(unit, '%'), false)
            )
            or bool_and(value is null or coalesce(denominator > 0, false)) as is_one_target
    from figures
    group by measure_id
),
series_years as (
    select distinct
        service_id,
        council_id,
        measure_id,
        period_kind,
        april_of(month) as april,
        case period_kind when 'month' then 1 else 3 end as months
    from figures
    where period_kind in ('month', 'quarter')
),
-- A period is due where the council was served throughout it; without memberships always.
due as (
    select s.service_id, s.council_id, s.measure_id, s.period_kind, ends.month::date as month
    from series_years as s,
        generate_series(
            s.april + to_months(s.months - 1), s.april + interval 11 months, to_months(s.months)
        ) as ends(month)
    where not exists (from memberships)
        or s.months = (
            select count(distinct each.month)
            from generate_series(ends.month - to_months(s.months - 1), ends.month, interval 1 month)
                as each(month)
            join memberships as b
                on b.service_id = s.service_id
                and b.council_id = s.council_id
                and each.month between b.from_month and b.to_month
        )
),
so_far as (
    select
        service_id,
        council_id,
        measure_id,
        period_kind,
        month,
        count(*) over year_so_far = count(numerator + denominator) over year_so_far as is_whole,
        sum(numerator) over year_so_far as numerator,
        sum(denominator) over year_so_far as denominator
    from due
    full join (from figures where period_kind in ('month', 'quarter'))
        using (service_id, council_id, measure_id, period_kind, month)
    window year_so_far as (
        partition by service_id, council_id, measure_id, period_kind, april_of(month) order by month
    )
),
targeted as (
    select
        f.*,
        case
            when f.period_kind not in ('month', 'quarter') or f.rolling_months > 0 then null
            when f.is_cumulative then f.value
            when s.is_whole and s.denominator > 0 then f.multiplier * s.numerator / s.denominator
        end as year_to_date,
        t.target,
        t.tolerance,
        t.rule
    from figures as f
    left join so_far as s
        on s.service_id = f.service_id
        and s.council_id = f.council_id
        and s.measure_id = f.measure_id
        and s.period_kind = f.period_kind
        and s.month = f.month
    left join lengths as l on l.measure_id = f.measure_id
    left join targets as t
        on t.measure_id = f.measure_id
        and (coalesce(l.is_one_target, true) or months_of(f.period_kind) = f.months_due_every)
        and (t.council_id is null or t.council_id = f.council_id)
        and f.month between t.from_month and t.to_month
    qualify row_number() over (
        partition by f.service_id, f.council_id, f.measure_id, f.period, f.month
        order by t.council_id nulls last, t.from_month desc
    ) = 1
),
compared as (
    select
        now.*,
        lag(case when now.value is not null then now.period end ignore nulls) over series
            as previous_period,
        lag(case when now.value is not null then now.month end ignore nulls) over series
            as previous_month,
        lag(now.value ignore nulls) over series as previous_value,
        before.value as year_before_value,
        direction_of_travel(now.value, before.value, now.target, now.good_direction) as year_change,
        direction_of_travel(now.year_to_date, before.year_to_date, now.target, now.good_direction)
            as year_to_date_change,
        -- A moving range is between neighbours: none across a gap.
        abs(now.value - lag(now.value) over series) as moving_range
    from targeted as now
    left join targeted as before
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
    verdict_of(value, target, tolerance, rule, good_direction, year_change) as verdict,
    previous_period,
    previous_month,
    previous_value,
    year_before_value,
    case
        when not is_cumulative
            then direction_of_travel(value, previous_value, target, good_direction)
    end as previous_change,
    year_change,
    year_to_date,
    verdict_of(year_to_date, target, tolerance, rule, good_direction, year_to_date_change)
        as year_to_date_verdict,
    case
        when count(move) over earlier >= 6 and avg(move) over earlier > 0
            then abs(value - year_before_value) / (avg(move) over earlier / 1.128 * sqrt(2))
    end as movement_sds,
    lead(case when value is not null then month end ignore nulls) over whole_series as next_month,
    source,
    is_illustrative,
    file_id,
    line
from moved
window
    earlier as (
        partition by service_id, council_id, measure_id, period_kind
        order by month rows between unbounded preceding and 1 preceding
    ),
    whole_series as (
        partition by service_id, council_id, measure_id, period_kind order by month, period
    )
-- By month, so that a page that looks at the newest does not read the older ones.
order by month, measure_id;

-- The periods in which a measure is due of a service, for each kind of period by which it reports:
-- every month of a monthly measure, so that a month nobody reported shows as a gap; else the periods
-- that anybody reported. From the service's own first figure to the last that anybody has: what a
-- service did not report before it began is not missing.
--
-- Grain:   one row per measure, service, kind of period and period
create or replace table measure_periods as
with due as (
    select
        p.measure_id,
        p.service_id,
        p.period_kind,
        min(p.month) as first_month,
        max(max(p.month)) over (partition by p.measure_id, p.period_kind) as last_month,
        p.period_kind = 'month' and coalesce(any_value(m.months_due_every) = 1, false) as is_monthly
    from performance as p
    left join measures as m using (measure_id)
    group by p.measure_id, p.service_id, p.period_kind
)
select measure_id, service_id, period_kind, strftime(g.month, '%Y-%m') as period, g.month::date as month
from due, generate_series(first_month::timestamp, last_month::timestamp, interval 1 month) as g(month)
where is_monthly
union all
select d.measure_id, d.service_id, d.period_kind, p.period, p.month
from (select distinct measure_id, period_kind, period, month from performance) as p
join due as d on d.measure_id = p.measure_id and d.period_kind = p.period_kind and p.month >= d.first_month
where not d.is_monthly;

-- Who reports a measure, and by which kinds of period?
--
-- Grain:   one row per series: measure, service, council and kind of period
-- Columns: figures                  count of periods that are not missing
--          first_month, last_month  of those
--          newest_period, file_id   of the newest of them
create or replace table measure_series as
select
    measure_id,
    service_id,
    council_id,
    period_kind,
    count(*) as figures,
    min(month) as first_month,
    max(month) as last_month,
    max_by(period, month) as newest_period,
    max_by(file_id, month) as file_id
from performance
where status <> 'missing'
group by all;
