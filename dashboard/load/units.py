"""The unit of a figure applied to its value: per cents, shares of one, and what can be either.

Spreadsheets write a cell as it is formatted that month: `95.4%`, `0.954` and `95.4` for the same
share. `convert` gives a figure with a sign its measure's unit. `judge` looks at the others beside
their series, over every file, and sets aside what can be read two ways and what no part of a whole
can be. What is only small or large stays: a measure of 0.4% is honest, and nothing beside it says
otherwise.
"""

import duckdb

from dashboard.load.sql import text_sql

# The feeds with figures that may be per cents, and their fields.
FIELDS = {
    "performance": ("value",),
    "targets": ("target",),
    "benchmarks": ("value", "lower_quartile", "median", "upper_quartile"),
    "published": ("figure",),
    "satisfaction": ("satisfied_share",),
    "cost_shares": ("share",),
}

# Each of these is judged by the others as well.
OF_MEASURES = {"performance", "targets", "benchmarks"}

# A unit in words: `%` with its sign or spelt out; `share`; `other` for what no per cent can be.
_SCALE = (
    "case when regexp_matches(lower(trim({unit})), '^(%|per ?cent|pct)') then '%' "
    "when lower(trim({unit})) = 'share' then 'share' "
    "when lower(trim({unit})) in ('£', '£m', 'days', 'weeks', 'hours', 'number') "
    "then 'other' end"
)


def convert(con: duckdb.DuckDBPyConnection, feed: str, new: list[int]) -> None:
    """Turn figures of new files that say they are per cents, or shares, into their unit."""
    if feed not in FIELDS or feed in ("satisfaction", "cost_shares") or not new:
        return
    these = f"t.file_id in ({', '.join(map(str, new))})"
    for field in (*FIELDS[feed], *(("tolerance",) if feed == "targets" else ())):
        sign, unit = f"t.{field}_sign", "t.unit" if feed == "published" else "m.unit"
        scale, plain = _SCALE.format(unit=unit), f"t.{field}::varchar"
        # Moved in digits: 58.4e-2 is the very number 0.584, and 58.4 / 100 need not be.
        less = f"coalesce(try_cast({plain} || 'e-2' as double), t.{field} / 100)"
        more = f"coalesce(try_cast({plain} || 'e2' as double), t.{field} * 100)"
        # A tolerance is in the measure's unit where the rule says so, and else a per cent.
        in_unit = " and t.rule in ('points', 'within_range')" if field == "tolerance" else ""
        source = "" if feed == "published" else "from staging.measures as m "
        joined = "" if feed == "published" else "m.measure_id = t.measure_id and "
        con.execute(
            f"update staging.{feed}_rows as t set {field} = case "
            f"when ({scale}) = 'share' and ({sign} = '%' or abs(t.{field}) > 1) then {less} "
            f"when ({scale}) = '%' and {sign} = '?' and abs(t.{field}) <= 1 then {more} "
            f"else t.{field} end {source}where {joined}{these} and {sign} in ('%', '?'){in_unit}"
        )


def judge(con: duckdb.DuckDBPyConnection, feeds: set[str], waived: tuple[str, ...]) -> None:
    """Set aside, of all files, the figures of these feeds whose unit is wrong or can't be told.

    Feeds of measures have to be judged together. What an earlier load set aside is judged anew,
    because a figure's neighbours may have come or gone.
    """
    if not feeds:
        return
    listed = ", ".join(map(text_sql, sorted(feeds)))
    con.execute(f"delete from staging.problems where kind = 'unit' and feed in ({listed})")
    for feed in sorted(feeds):
        con.execute(f"update staging.{feed}_rows set standing = null where standing = 'unit'")
    con.execute("create or replace temp table unit_figures as " + _figures_sql(feeds, waived))
    if not con.execute("select count(*) from unit_figures").fetchall()[0][0]:
        return
    for statement in filter(str.strip, (_MACROS + _BESIDE + _FOUND).split(";\n")):
        con.execute(statement)
    for feed in sorted(feeds):
        con.execute(
            f"update staging.{feed}_rows as t set standing = 'unit' from staging.problems as p "
            f"where p.kind = 'unit' and p.feed = {text_sql(feed)} and p.file_id = t.file_id "
            "and p.line = t.line and p.part = t.part and t.standing is null"
        )


def _figures_sql(feeds: set[str], waived: tuple[str, ...]) -> str:
    """Every figure with its unit, of the measures where any could be wrong; others cost no time.

    Columns: series and measure (what it is judged beside), scale, is_part (of a whole),
    is_cumulative, v, sign, is_sure (its unit is beyond doubt), is_bare (it could be the other).
    """
    part = (
        "false"
        if "part_of_whole" in waived
        else "coalesce(m.part_of_whole, m.unit in ('%', 'share'))"
    )
    of_unit = f"{_SCALE.format(unit='m.unit')} as scale, coalesce({part}, false) as is_part"
    parts = "false" if "ratio" in waived else "coalesce(t.numerator + t.denominator, 0) > 0"
    found = []
    if feeds & OF_MEASURES:
        found.append(
            "select 'performance' as feed, t.file_id, t.line, t.part, 'value' as field, "
            "concat_ws(chr(31), t.measure_id, t.service_id, t.council_id, t.period_kind) "
            f"as series, t.measure_id as measure, t.period_end as month, t.value as v, "
            f"t.value_sign as sign, {parts} as has_parts, {of_unit}, "
            "coalesce(m.cumulative, false) as is_cumulative, null::varchar as text "
            "from staging.performance_rows as t join staging.measures as m using (measure_id) "
            "where t.standing is null and not coalesce(t.is_suppressed, false)"
        )
        found += [
            f"select '{feed}', t.file_id, t.line, t.part, '{field}', t.measure_id, t.measure_id, "
            f"t.{month}, t.{field}, t.{field}_sign, false, {of_unit}, "
            f"coalesce(m.cumulative, false), null from staging.{feed}_rows as t "
            "join staging.measures as m using (measure_id) where t.standing is null"
            for feed, month in (("targets", '"from"'), ("benchmarks", "period_end"))
            for field in FIELDS[feed]
        ]
    if "published" in feeds:
        found.append(
            "select 'published' as feed, t.file_id, t.line, t.part, 'figure' as field, t.topic "
            "as series, 'published' as measure, t.period_end as month, t.figure as v, "
            f"t.figure_sign as sign, false as has_parts, {_SCALE.format(unit='t.unit')} as scale, "
            "scale = 'share' as is_part, false as is_cumulative, t.text as text "
            "from staging.published_rows as t where t.standing is null"
        )
    found += [
        f"select '{feed}' as feed, t.file_id, t.line, t.part, '{field}' as field, "
        f"concat_ws(chr(31), t.service_id, t.council_id) as series, '{feed}' as measure, "
        f"t.{month} as month, t.{field} as v, t.{field}_sign as sign, false as has_parts, "
        "'share' as scale, true as is_part, false as is_cumulative, null::varchar as text "
        f"from staging.{feed}_rows as t where t.standing is null"
        for feed, field, month in (
            ("satisfaction", "satisfied_share", "period_end"),
            ("cost_shares", "share", "year_end"),
        )
        if feed in feeds
    ]
    return (
        f"with figures as ({' union all '.join(found)}), "
        "told as (select *, case scale when '%' then 100 else 1 end as whole, "
        "not has_parts and (v > whole * (1 + 1e-9) or v < 0) as is_outside, "
        # A number without its sign, and without parts to settle it.
        "sign is null and not has_parts and v != 0 as is_bare, "
        "scale = '%' and is_bare and abs(v) <= 1 as is_small, "
        "not is_small and v is not null as is_sure from figures where v is not null) "
        "select * from told where measure in (select measure from told where scale is not null "
        "group by measure having bool_or(is_small) or bool_or(is_part and is_outside) "
        "or bool_or(scale = 'other' and sign = '%') "
        "or bool_or(is_bare and not is_cumulative and scale != 'other') and max(abs(v)) > "
        "30 * min(abs(v)) filter (is_bare))"
    )


_MACROS = """
create or replace temp macro in_figures(v) as regexp_replace(round(v, 6)::varchar, '\\.0$', '');
create or replace temp macro from_to(low, high) as
    in_figures(low) || case when high > low then ' to ' || in_figures(high) else '' end;
create or replace temp macro april_year(month) as (year(month) * 12 + month(month) - 4) // 12;
-- A figure lies with those from low to high, which are alike themselves: figures from near nought
-- to all would have room for anything.
create or replace temp macro lies_with(v, n, low, high) as
    (high <= low * 4 and v between low * 0.75 and high * 1.33)
    or (n >= 3 and high <= low * 2 and v between low / 2 and high * 2);
-- A neighbour in time as large as the figure would be as a share. Below 20 chance is as likely.
create or replace temp macro is_near(v, neighbour) as
    coalesce((neighbour >= 20 and abs(v - neighbour) <= neighbour / 4)::integer, 0);
create or replace temp macro two_ways(v, what, low, high) as
    'can be read two ways: ' || in_figures(v) || '%, or as a share ' || in_figures(v * 100) || '%; '
    || what || ' has ' || from_to(low, high) || '; the field''s percent says which, as_is or mixed '
    || '(up to 1 a share), or its scale is 100 where all are shares';
create or replace temp macro is_of_year(v, neighbour) as
    coalesce(v < neighbour / 10 and v * 100 between neighbour / 2 and neighbour * 1.5, false);
"""

# What a figure stands beside: of its series and of its measure the figures that are sure (how
# many, how many with a sign, their range); those nearest in time; those of its series in other
# files; those of its own file.
_BESIDE = """
create or replace temp table unit_series as
select
    series,
    count(*) filter (is_sure and v != 0) as n,
    count(*) filter (is_sure and v != 0 and sign = '%') as signed,
    min(abs(v)) filter (is_sure and v != 0) as low,
    max(abs(v)) filter (is_sure) as high,
    bool_or(v = 0) as has_zero,
    max(abs(v)) filter (is_small) as small_high,
    median(abs(v)) filter (v != 0) as middle
from unit_figures
where feed = 'performance'
group by series;
create or replace temp table unit_measures as
select
    measure,
    count(*) filter (is_sure and v != 0) as n,
    count(*) filter (is_sure and v != 0 and sign = '%') as signed,
    min(abs(v)) filter (is_sure and v != 0) as low,
    max(abs(v)) filter (is_sure) as high,
    bool_or(v = 0) as has_zero,
    max(abs(v)) filter (is_small) as small_high,
    median(abs(v)) filter (is_small) as small_middle
from unit_figures
where feed = 'performance'
group by measure;
create or replace temp table unit_targets as
select
    measure,
    median(abs(v)) filter (is_sure and v != 0) as middle,
    min(abs(v)) filter (is_sure and v != 0) as low,
    max(abs(v)) filter (is_sure) as high
from unit_figures
where feed in ('targets', 'benchmarks')
group by measure;
create or replace temp table unit_beside as
select
    p.*,
    s.n as series_n,
    -- Of a series without a figure that is sure, its measure's stand for it.
    case when s.n > 0 then s.n else w.n end as n,
    case when s.n > 0 then s.signed else w.signed end as signed,
    case when s.n > 0 then s.low else w.low end as low,
    case when s.n > 0 then s.high else w.high end as high,
    case when s.n > 0 then s.has_zero else w.has_zero end as has_zero,
    case when s.n > 0 then s.small_high else w.small_high end as small_high,
    y.v as year_before,
    z.v as year_after
from (
    select
        *,
        last_value(case when is_sure then v end ignore nulls) over before as before,
        last_value(case when is_sure then month end ignore nulls) over before as month_before,
        first_value(case when is_sure then v end ignore nulls) over after as after,
        first_value(case when is_sure then month end ignore nulls) over after as month_after
    from unit_figures
    where feed = 'performance'
    window
        before as (
            partition by series order by month rows between unbounded preceding and 1 preceding
        ),
        after as (
            partition by series order by month rows between 1 following and unbounded following
        )
) as p
join unit_series as s using (series)
join unit_measures as w using (measure)
-- Years before and after that are not the nearest anyway.
left join unit_figures as y
    on y.feed = 'performance' and y.is_sure and y.series = p.series
    and y.month = p.month - interval 12 months and y.month < p.month_before
left join unit_figures as z
    on z.feed = 'performance' and z.is_sure and z.series = p.series
    and z.month = p.month + interval 12 months and z.month > p.month_after;
create or replace temp table unit_files as
with medians as (
    select measure, series, file_id, median(abs(v)) as middle
    from unit_figures
    where feed = 'performance' and is_bare and not is_cumulative and scale in ('%', 'share')
    group by all
),
others as (
    select m.measure, m.series, m.file_id, m.middle, median(abs(f.v)) as elsewhere
    from medians as m
    join unit_figures as f
        on f.feed = 'performance' and f.series = m.series and f.file_id != m.file_id and f.v != 0
    group by all
)
select measure, file_id, min(elsewhere) as low, max(elsewhere) as high
from others
group by measure, file_id
having count(*) >= 3
    and count(*) filter (middle * 100 between elsewhere / 2 and elsewhere * 2) >= 0.8 * count(*);
create or replace temp table unit_columns as
select
    feed, field, measure, file_id,
    count(*) filter (abs(v) > 1) as per_cents,
    count(*) filter (abs(v) <= 1) as shares,
    min(abs(v)) filter (abs(v) > 1) as low,
    max(abs(v)) filter (abs(v) > 1) as high
from unit_figures
where scale = 'share' and is_bare
group by all;
"""

# Each rule finds figures that cannot stand; a figure is told of by the first that finds it.
_FOUND = """
create or replace temp table unit_found as
-- Per cents of days or pounds.
select 1 as nth, *, 'a figure in its own unit' as expected,
    'a per cent, and its unit is none' as reason
from unit_figures
where scale = 'other' and sign = '%'
union all
-- No part of a whole.
select 2, f.*,
    case when scale = '%' then 'from 0% to 100%' else 'a share from 0 to 1, or 0% to 100%' end,
    case
        when scale = 'share' and is_bare and v between 1 and 100 then
            in_figures(v) || ' is no share of one; if it is ' || in_figures(v) || '%, it lacks its '
            || 'sign: the field''s scale 0.01 says so of every number, its percent mixed of '
            || 'those above 1'
        when feed in ('performance', 'targets', 'benchmarks') then
            'no part of a whole; if the measure can be below 0% or pass 100%, its part_of_whole is '
            || 'false'
        else 'no part of a whole'
    end
from unit_figures as f
where is_part and is_outside and scale in ('%', 'share')
union all
-- Small beside its series, and in line with it as a share.
select 3, f.* , 'a per cent, told by its sign or by the contract',
    two_ways(f.v, case when b.series_n > 0 then 'its series' else 'its measure' end, b.low, b.high)
from unit_beside as b
join unit_figures as f using (feed, file_id, line, part, field)
where b.is_small and (
    -- All others have signs.
    (b.signed = b.n and abs(b.v) * 100 <= b.high * 2)
    -- A gap between what is small and the rest, which only the other reading closes.
    or (not b.is_cumulative and not b.has_zero and b.small_high < b.low / 10
        and lies_with(abs(b.v) * 100, b.n, b.low, b.high))
    or (not b.is_cumulative and not b.has_zero
        and is_near(abs(b.v) * 100, b.before) + is_near(abs(b.v) * 100, b.after)
        + is_near(abs(b.v) * 100, b.year_before) + is_near(abs(b.v) * 100, b.year_after) >= 2)
    -- What is cumulative does not fall within its year, and has its own level at each month.
    or (b.is_cumulative and april_year(b.month) = april_year(b.month_before)
        and abs(b.v) < b.before / 2 and abs(b.v) * 100 >= b.before * 0.9)
    or (b.is_cumulative
        and (is_of_year(abs(b.v), b.year_before) or is_of_year(abs(b.v), b.year_after)))
)
union all
-- A file of which every series is a hundredth of what other files have.
select 4, f.*, 'figures of the size that other files have',
    case when f.scale = '%' then two_ways(f.v, 'other files', e.low, e.high)
        else 'a hundredth of its series, as in all of this file: other files have figures from '
            || from_to(e.low, e.high) || '; if it is right, the field''s percent as_is says so'
    end
from unit_figures as f
join unit_files as e using (measure, file_id)
where f.feed = 'performance' and f.is_bare
union all
-- Nothing but small figures, and a target or benchmark of a hundred times as much.
select 5, f.*, 'a per cent, told by its sign or by the contract',
    two_ways(f.v, 'its target or benchmark', t.low, t.high)
from unit_figures as f
join unit_measures as e using (measure)
join unit_targets as t using (measure)
where f.feed = 'performance' and f.is_small and e.n = 0
    and e.small_middle < t.middle / 10
    and e.small_middle * 100 between t.middle / 2 and t.middle * 1.5
union all
-- A target or benchmark a hundredth of its measure.
select 6, f.*, 'a per cent, told by its sign or by the contract',
    two_ways(f.v, 'its measure', e.low, e.high)
from unit_figures as f
join unit_measures as e using (measure)
where f.feed in ('targets', 'benchmarks') and f.is_small and not f.is_cumulative
    and abs(f.v) < e.low / 10 and lies_with(abs(f.v) * 100, e.n, e.low, e.high)
union all
select 6, f.*, 'a per cent, told by its sign or by the contract',
    two_ways(f.v, 'its measure at that time of the year', e.low, e.high)
from unit_figures as f
join (
    select
        measure,
        month(month) as month_of_year,
        min(v) as low,
        max(v) as high,
        median(v) as middle
    from unit_figures
    where feed = 'performance' and is_sure
    group by all
) as e on e.measure = f.measure and e.month_of_year = month(f.month)
where f.feed in ('targets', 'benchmarks') and f.is_small and f.is_cumulative
    and is_of_year(abs(f.v), e.middle)
union all
-- A column of per cents without signs, in which what is small could be either.
select 7, f.*, 'a share from 0 to 1, or in per cent with its sign',
    'can be read two ways: a share of one, or ' || in_figures(f.v)
    || '%; most figures of this column are per cents without their sign; the field''s scale 0.01 '
    || 'says so of every number, its percent mixed of those above 1'
from unit_figures as f
join unit_columns as e using (feed, field, measure, file_id)
where f.scale = 'share' and f.is_bare and abs(f.v) <= 1
    and e.per_cents > e.shares and abs(f.v) * 100 not between e.low * 0.75 and e.high * 1.33
union all
-- A hundredth or hundredfold of the series, where most are alike.
select 8, f.*, 'a figure of the size of its series',
    case when abs(f.v) < e.middle then 'a hundredth' else 'a hundred times that' end
    || ' of its series, which has figures from ' || from_to(e.low, e.high)
    || '; if it is right, the field''s percent as_is says so'
from unit_figures as f
join (
    select s.series, s.middle, count(*) as n, min(abs(o.v)) as low, max(abs(o.v)) as high,
        any_value(s.has_zero) as has_zero
    from unit_series as s
    join unit_figures as o
        on o.series = s.series and o.feed = 'performance'
        and abs(o.v) between s.middle / 10 and s.middle * 10
    group by all
) as e using (series)
join (select series, count(*) filter (v != 0) as n from unit_figures group by series) as c
    using (series)
where f.feed = 'performance' and f.is_bare and not f.is_cumulative and not e.has_zero
    and f.scale in ('%', 'share') and e.n >= 3 and e.n >= 2 * (c.n - e.n)
    and (
        (abs(f.v) < e.middle / 10 and lies_with(abs(f.v) * 100, 1, e.low, e.high)
            and (not f.is_part or abs(f.v) * 100 <= f.whole))
        or (abs(f.v) > e.middle * 10 and lies_with(abs(f.v) / 100, 1, e.low, e.high))
    )
union all
-- A published figure that its own words contradict.
select 9, f.*, 'the figure as the text has it',
    in_figures(f.v) || '%, where the text says ' || in_figures(f.v * 100) || '%'
from unit_figures as f
where f.feed = 'published' and f.is_small
    and list_contains(
        regexp_extract_all(f.text, '(\\d+(?:\\.\\d+)?) ?(?:%|per ?cent)', 1)::double[],
        round(abs(f.v) * 100, 6)
    );
insert into staging.problems
select
    feed, 'unit', file_id, line, part, field,
    case
        when sign = '%' and scale = 'share' then in_figures(v * 100) || '%'
        when sign = '%' then in_figures(v) || '%'
        else in_figures(v)
    end,
    expected, reason, null
from unit_found
qualify row_number() over (partition by feed, file_id, line, part, field order by nth) = 1;
"""
