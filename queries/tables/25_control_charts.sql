-- Control charts: which points of a series are signal, and which only noise?
--
-- XmR charts as NHS England's "Making Data Count" draws them and the R package NHSRplotthedots 0.2.2
-- computes them; 2.66 and 3.267 are Wheeler's constants for moving ranges of two. What is done where
-- its answer would help nobody is said at the column.
--
-- Grain:   one row per point: service, council, measure, kind of period, month
-- Columns: value           what is charted, see `basis`
--          basis           figure · increment: of a cumulative measure, what its period added, less
--                          what the same period of the year before added
--          stretch         counts from 0; a rebase begins the next
--          point, points   its place in the stretch, from 1, and how many the stretch has
--          centre, lower_limit, upper_limit   mean, and mean -+ 2.66 mean moving ranges; the limits
--                          are null where the points do not vary once outliers are screened
--          special_cause   null, or the first that holds: above limits · below limits ·
--                          trend up · trend down · two of three high · two of three low ·
--                          run above · run below
--          point_type      improvement · concern · neutral high · neutral low · common cause
--          variation       point_type of the series' newest point
--          assurance       consistently passes · consistently fails · hit and miss, from the newest
--                          limits and target; a series that does not vary is judged by its centre;
--                          null without a target, and where the newest stretch has one point alone:
--                          it has no moving range, and one figure tells of no other
--          is_trial        the stretch has fewer than 12 points, so its limits are trial limits
--          signal_since, signal_points   first month and count of the unbroken row of points of the
--                          same type that this one ends
--          before_type, before_points   of the unbroken row of points before this one's own
--          record          highest · lowest of more than 24 points of the stretch so far
--          lowest, highest  value of the series
--          can_be_judged   false where the limits coincide, as one leap among equal figures leaves
--                          them: every point that differs would lie outside
--          distance_sds    distance from the centre in standard deviations (mean moving range
--                          ÷ 1.128); null where the points do not vary
--
-- Left out: figures over rolling months (neighbours share most of their months, so that any chart
-- shows signals everywhere) and increments without a year before.

create or replace table control_charts as
with figures as (
    select
        p.service_id,
        p.council_id,
        p.measure_id,
        p.period_kind,
        p.period,
        p.month,
        p.value,
        p.target,
        p.tolerance,
        p.rule,
        p.status,
        m.good_direction,
        m.is_cumulative,
        m.screens_outliers,
        coalesce(m.fix_limits_after, 2147483647) as fix_limits_after,
        year(p.month) - (month(p.month) < 4)::integer as financial_year
    from performance as p
    join measures as m using (measure_id)
    where p.value is not null and m.rolling_months <= 1
),
added as (
    select
        *,
        case
            when lag(financial_year) over series = financial_year
                then value - lag(value) over series
            -- What a year's first report holds was all added in it, if it is the first period's.
            when month(month) = case period_kind when 'month' then 4 when 'quarter' then 6 when 'half' then 9 when 'year' then 3 end
                then value
        end as increment,
        -- The month it is added to; none for the first of a year.
        case when lag(financial_year) over series = financial_year then lag(month) over series end
            as added_to
    from figures
    where is_cumulative
    window series as (partition by service_id, council_id, measure_id, period_kind order by month)
),
increments as (
    select
        now.* exclude (increment, added_to, value),
        now.increment - before.increment as value
    from added as now
    join added as before
        on before.service_id = now.service_id
        and before.council_id = now.council_id
        and before.measure_id = now.measure_id
        and before.period_kind = now.period_kind
        and before.month = now.month - interval 12 months
    where now.increment is not null and before.increment is not null
        -- An increment over a month that nobody reported is two months' worth.
        and month(now.added_to) is not distinct from month(before.added_to)
),
charted as (
    select service_id, council_id, measure_id, period_kind, period, month, value, 'figure' as basis,
        target, tolerance, rule, status, good_direction, screens_outliers, fix_limits_after
    from figures
    where not is_cumulative
    union all
    select service_id, council_id, measure_id, period_kind, period, month, value, 'increment',
        null, null, null, status, good_direction, screens_outliers, fix_limits_after
    from increments
),
-- One number for each series and one for each point: windows over texts take twice as long.
keys as (
    select *, row_number() over () as series
    from (select distinct service_id, council_id, measure_id, period_kind from charted)
),
points as (
    select c.*, k.series, row_number() over () as id
    from charted as c
    join keys as k using (service_id, council_id, measure_id, period_kind)
),
rebases as (
    -- Two events may fall between the same two points.
    select distinct c.series, min(c.month) as month
    from points as c
    join events as e
        on e.is_rebase
        and (e.measure_id is null or e.measure_id = c.measure_id)
        and (e.service_id is null or e.service_id = c.service_id)
        and (e.council_id is null or e.council_id = c.council_id)
        and c.month >= e.month
    group by c.series, e.event_date, e.title
),
stretches as (
    select
        c.id,
        c.series,
        c.month,
        c.value,
        c.target,
        c.tolerance,
        c.rule,
        c.good_direction,
        c.screens_outliers,
        c.fix_limits_after,
        sum((r.month is not null)::integer) over (partition by c.series order by c.month)::integer as stretch
    from points as c
    left join rebases as r on r.series = c.series and r.month = c.month
),
numbered as (
    select
        *,
        row_number() over stretch_so_far as point,
        count(*) over whole_stretch as points,
        lag(value) over stretch_so_far as previous,
        lead(1) over whole is null as is_newest
    from stretches
    window
        whole_stretch as (partition by series, stretch),
        stretch_so_far as (partition by series, stretch order by month),
        whole as (partition by series order by month)
),
-- Where limits are fixed after so many points, the later ones do not move them.
centred as (
    select
        *,
        avg(case when point <= fix_limits_after then value end) over whole_stretch as centre,
        case when point <= fix_limits_after then abs(value - previous) end as moving_range,
        avg(case when point <= fix_limits_after then abs(value - previous) end) over whole_stretch as mean_range
    from numbered
    window whole_stretch as (partition by series, stretch)
),
limited as (
    select
        *,
        avg(case when not screens_outliers or moving_range < 3.267 * mean_range then moving_range end)
            over whole_stretch as usual_range,
        -- Sums of binary fractions must not put a point beside a mean or a limit that it equals.
        1e-11 * greatest(abs(centre), abs(value)) as hair
    from centred
    window whole_stretch as (partition by series, stretch)
),
placed as (
    select
        *,
        case when value > centre + hair then 1 when value < centre - hair then -1 else 0 end as side,
        coalesce(abs(value - centre) > 2.66 * usual_range + hair, false) as is_outside,
        coalesce(abs(value - centre) > 2.66 * usual_range * 2 / 3 + hair, false) and not is_outside as is_near,
        coalesce(sign(value - previous), 0) as step
    from limited
),
-- Each rule first where its seventh, or third, point stands …
ended as (
    select
        *,
        case
            when sum(step) over six = 6 then 1
            when sum(step) over six = -6 then -1
            else 0
        end as trend_end,
        case
            when sum(side) over seven = 7 then 1
            when sum(side) over seven = -7 then -1
            else 0
        end as run_end,
        (sum(is_near::integer) over three >= 2 and abs(sum(side) over three) = 3)::integer as two_of_three_end
    from placed
    window
        three as (partition by series, stretch
            order by month rows between 2 preceding and current row),
        six as (partition by series, stretch
            order by month rows between 5 preceding and current row),
        seven as (partition by series, stretch
            order by month rows between 6 preceding and current row)
),
-- … and then on all of its points.
flagged as (
    select
        *,
        case
            when is_outside then case when side > 0 then 'above limits' else 'below limits' end
            when max(trend_end) over seven_on = 1 then 'trend up'
            when min(trend_end) over seven_on = -1 then 'trend down'
            when is_near and max(two_of_three_end) over three_on = 1
                then case when side > 0 then 'two of three high' else 'two of three low' end
            when max(run_end) over seven_on = 1 then 'run above'
            when min(run_end) over seven_on = -1 then 'run below'
        end as special_cause
    from ended
    window
        three_on as (partition by series, stretch
            order by month rows between current row and 2 following),
        seven_on as (partition by series, stretch
            order by month rows between current row and 6 following)
),
typed as (
    select
        *,
        case
            when special_cause is null then 'common cause'
            when good_direction not in ('higher', 'lower')
                then case
                    when special_cause in ('above limits', 'trend up', 'two of three high', 'run above') then 'neutral high'
                    else 'neutral low'
                end
            when (special_cause in ('above limits', 'trend up', 'two of three high', 'run above')) = (good_direction = 'higher')
                then 'improvement'
            else 'concern'
        end as point_type,
        centre - 2.66 * usual_range as lower_limit,
        centre + 2.66 * usual_range as upper_limit
    from flagged
),
judged as (
    select
        *,
        case
            when not is_newest or target is null or rule = 'none' or points = 1 then null
            when good_direction = 'range' then case
                when coalesce(lower_limit, centre) >= target - tolerance and coalesce(upper_limit, centre) <= target + tolerance
                    then 'consistently passes'
                when coalesce(lower_limit, centre) > target + tolerance or coalesce(upper_limit, centre) < target - tolerance
                    then 'consistently fails'
                else 'hit and miss'
            end
            when good_direction not in ('higher', 'lower') then null
            when lower_limit is null and abs(target - centre) <= hair then 'consistently passes'
            when target > coalesce(upper_limit, centre)
                then case good_direction when 'higher' then 'consistently fails' else 'consistently passes' end
            when target < coalesce(lower_limit, centre)
                then case good_direction when 'higher' then 'consistently passes' else 'consistently fails' end
            else 'hit and miss'
        end as newest_assurance
    from typed
),
told as (
    select
        *,
        last_value(point_type) over whole_series as variation,
        max(newest_assurance) over whole_series as assurance,
        min(value) over whole_series as lowest,
        max(value) over whole_series as highest,
        coalesce(lag(point_type) over series_so_far != point_type, true)::integer as is_turn
    from judged
    window
        whole_series as (partition by series order by month
            rows between unbounded preceding and unbounded following),
        series_so_far as (partition by series order by month)
),
turns as (
    select *, sum(is_turn) over (partition by series order by month) as turn from told
),
spells as (
    select
        *,
        min(month) over spell as signal_since,
        row_number() over spell as signal_points,
        case
            when point > 24 and value > max(value) over earlier then 'highest'
            when point > 24 and value < min(value) over earlier then 'lowest'
        end as record
    from turns
    window
        spell as (partition by series, turn order by month),
        earlier as (partition by series, stretch order by month rows between unbounded preceding and 1 preceding)
),
followed as (
    select
        *,
        lag(point_type) over whole as before_type,
        lag(signal_points) over whole as before_points
    from spells
    window whole as (partition by series order by month)
)
select
    p.service_id,
    p.council_id,
    p.measure_id,
    p.period_kind,
    p.period,
    p.month,
    p.value,
    p.basis,
    f.stretch,
    f.point,
    f.points,
    f.centre,
    f.lower_limit,
    f.upper_limit,
    f.special_cause,
    f.point_type,
    f.variation,
    f.assurance,
    p.target,
    f.points < 12 as is_trial,
    p.status,
    f.signal_since,
    f.signal_points,
    f.before_type,
    f.before_points,
    f.record,
    f.lowest,
    f.highest,
    (f.value - f.centre) / nullif(f.usual_range / 1.128, 0) as distance_sds,
    coalesce(f.usual_range > 0, true) as can_be_judged
from followed as f
join points as p on p.id = f.id
-- By month, so that a page that looks at the newest does not read the older ones.
order by p.month, p.measure_id, p.council_id, p.service_id;

-- How long a series has been on its target, or has missed it.
--
-- Grain:   one row per figure that has a verdict
-- Columns: is_missed       the verdict is close or off target
--          spell_since     first month of the unbroken row of figures that missed it, or met it
--          spell_points    their count up to this figure
create or replace table verdict_spells as
with judged as (
    select service_id, council_id, measure_id, period_kind, period, month, verdict != 'on target' as is_missed
    from performance
    where verdict is not null
),
turned as (
    select
        *,
        coalesce(lag(is_missed) over series != is_missed, true)::integer as is_turn
    from judged
    window series as (partition by service_id, council_id, measure_id, period_kind order by month)
),
counted as (
    select
        *,
        sum(is_turn) over (
            partition by service_id, council_id, measure_id, period_kind order by month
        ) as turn
    from turned
)
select
    service_id,
    council_id,
    measure_id,
    period_kind,
    period,
    month,
    is_missed,
    min(month) over spell as spell_since,
    row_number() over spell as spell_points
from counted
window spell as (partition by service_id, council_id, measure_id, period_kind, turn order by month)
order by month;
