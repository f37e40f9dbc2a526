"""Typed rows against the other feeds and against each other: ids, membership, ratios, keys.

SQL is made here from the feeds' own fields; nothing in it comes from a reader of the dashboard.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from dashboard.load import coarser, days, over_time, wholes
from dashboard.load.feeds import FEEDS, OWNERS
from dashboard.load.sql import name_sql, text_sql
from dashboard.load.staging import add_problems, columns_of, table_of


def check_feed(
    con: duckdb.DuckDBPyConnection,
    feed: str,
    has: Callable[[str], bool],
    waived: Sequence[str],
    new: list[int],
) -> None:
    """Check a feed's gathered rows against the other feeds and against each other.

    References to the feeds that the workspace has, membership dates, ratios, passports of
    measures, for the files that are new; and keys, over all: identical rows are kept once,
    conflicting ones are all set aside.
    """
    table = table_of(feed)
    ours = f"t.file_id in ({', '.join(map(str, new)) or 'null'})"
    part = "null::integer" if feed == "ledger" else "t.part"
    checked = table
    if feed == "ledger":
        # Millions of lines have few combinations of what is checked: look at those first.
        checked = "temp.combinations"
        con.execute(
            f"create or replace temp table combinations as select distinct file_id, service_id, "
            f"council_id, date_trunc('month', date)::date as date from {table} as t where {ours}"
        )
    any_found = False
    for check in _checks(feed, has, waived):
        where = f"{ours} and ({check.where})"
        if not con.execute(f"select count(*) from {checked} as t where {where}").fetchall()[0][0]:
            continue
        any_found = True
        rows = con.execute(
            f"select t.file_id, t.line, {part}, t.{name_sql(check.field)}::varchar, {check.reason} "
            f"from {table} as t where {where}"
        ).fetchall()
        known = _known(con, check.owner) if check.owner else [(w, w) for w in check.words]
        add_problems(
            con,
            feed,
            "row",
            [
                (
                    file_id,
                    line,
                    p,
                    None,
                    check.field,
                    value,
                    check.expected,
                    reason + _offer(value, known),
                )
                for file_id, line, p, value, reason in rows
            ],
        )
    if any_found:
        con.execute(
            f"delete from {table} as t where {ours} and exists (from staging.problems as p where "
            f"p.feed = {text_sql(feed)} and p.file_id = t.file_id and p.line is not distinct "
            f"from t.line and p.part is not distinct from {part})"
        )
    if key := FEEDS[feed].key:
        _check_key(con, feed, key)
        over_time.judge(con, feed)
        wholes.judge(con, feed)
        coarser.judge(con, feed)


def _known(con: duckdb.DuckDBPyConnection, owner: str) -> list[tuple[str, str]]:
    key = FEEDS[owner].key[0]
    return con.execute(f"select {name_sql(key)}, name from staging.{owner}").fetchall()


def _offer(value: str | None, known: list[tuple[str, str]]) -> str:
    """The nearest known ids, by id or by name."""
    by_text = {text.lower(): one for one, name in known for text in (name, one) if text}
    near = difflib.get_close_matches((value or "").lower(), by_text, n=3, cutoff=0.6)
    ids = list(dict.fromkeys(by_text[text] for text in near))
    return f"; did you mean {' or '.join(repr(i) for i in ids)}?" if ids else ""


@dataclass(frozen=True)
class _Check:
    """A condition (SQL, on `t`) that makes a row wrong, with what was expected and why (SQL)."""

    field: str
    expected: str
    reason: str
    where: str
    owner: str | None = None
    # The words that are known, where the field takes only those.
    words: tuple[str, ...] = ()


# The column that says in which month a row's council has to be served.
_SERVED_IN = {
    "performance": "period_end",
    "costs": "period_end",
    "volumes": "period_end",
    "satisfaction": "period_end",
    "ledger": "date",
}

# What a measure says of itself before it is shown, unless the contract waives it.
_PASSPORT = {"definition": "definition", "owner_role": "owner", "good_direction": "good direction"}


def _checks(feed: str, has: Callable[[str], bool], waived: Sequence[str]) -> list[_Check]:
    checks = [
        _Check(
            field=name,
            expected=f"one of the {owner}",
            reason=f"'unknown: no row of {owner} has this {name}'",
            where=f"t.{name_sql(name)} is not null and t.{name_sql(name)} not in "
            f"(select {name_sql(name)} from staging.{owner})",
            owner=owner,
        )
        for name, owner in OWNERS.items()
        if name in FEEDS[feed].fields and owner != feed and has(owner)
    ]
    if feed == "measures":
        checks += [
            _Check(
                field=name,
                expected=f"a{'n' if word[0] in 'aeiou' else ''} {word}",
                reason=f"'a measure without {word} is not shown (the contract can waive {name})'",
                where=f"t.{name_sql(name)} is null",
            )
            for name, word in _PASSPORT.items()
            if name not in waived
        ]
    if feed in _SERVED_IN and has("memberships"):
        month = _SERVED_IN[feed]
        checks.append(
            _Check(
                field="council_id",
                expected="a council that the service serves in that month",
                reason="t.council_id || ' was not served by ' || t.service_id || ' in ' "
                f"|| strftime(t.{month}, '%B %Y')",
                # An id that is not known at all has been told already.
                where="t.council_id in (select council_id from staging.councils union all "
                "select council_id from staging.memberships) "
                "and not exists (from staging.memberships as s "
                "where s.service_id = t.service_id and s.council_id = t.council_id "
                f"and date_trunc('month', t.{month}) between s.\"from\" "
                "and coalesce(s.\"to\", date '9999-12-01'))",
            )
        )
    if feed == "volumes":
        checks.append(
            _Check(
                field="kind",
                expected=f"one of {', '.join(VOLUME_KINDS)}",
                reason="'unknown: a quantity is a flow, a level or a headcount'",
                where=f"t.kind not in ({', '.join(map(text_sql, VOLUME_KINDS))})",
                words=VOLUME_KINDS,
            )
        )
    if feed == "targets":
        checks += _rule_checks()
    if feed == "performance":
        checks += _ratio_checks(has, waived)
    if feed == "satisfaction":
        checks += _ANSWERS
    return checks


# What a volume is: work done in the period, to be added up; or a level at its end, to be averaged,
# of which a headcount is the level of a council's staff.
VOLUME_KINDS = ("flow", "level", "headcount")

# Every rule of targets, and whether it needs a tolerance. queries/tables/20_performance.sql judges
# by them.
RULES = {
    "percent_of_target": True,
    "points": True,
    "no_tolerance": False,
    "within_range": True,
    "worse_than_last_year": True,
    "none": False,
}


def _rule_checks() -> list[_Check]:
    """A rule that is not known, or lacks what it judges by, would judge by something else."""
    tolerant = ", ".join(text_sql(rule) for rule, needs in RULES.items() if needs)
    return [
        _Check(
            field="rule",
            expected=f"one of {', '.join(RULES)}",
            reason="'unknown: there is no such rule'",
            where=f"t.rule not in ({', '.join(map(text_sql, RULES))})",
            words=tuple(RULES),
        ),
        _Check(
            field="target",
            expected="a target, or the rule none",
            reason="'missing: ' || coalesce('the rule ' || t.rule, 'a row without a rule') || "
            "' needs a target'",
            where="t.target is null and "
            f"coalesce(t.rule, 'no_tolerance') in ({tolerant}, 'no_tolerance')",
        ),
        _Check(
            field="tolerance",
            expected="a tolerance, 0 or more",
            reason="case when t.tolerance is null then 'missing: the rule ' || t.rule || "
            "' needs a tolerance' else 'a tolerance cannot be below zero' end",
            where=f"t.rule in ({tolerant}) and coalesce(t.tolerance, -1) < 0",
        ),
        _Check(
            field="rule",
            expected=f"one of {tolerant.replace(chr(39), '')}",
            reason="'missing: a tolerance means nothing without the rule that uses it'",
            where="t.rule is null and t.tolerance != 0",
        ),
    ]


def _ratio_checks(has: Callable[[str], bool], waived: Sequence[str]) -> list[_Check]:
    figures = (
        "t.numerator is not null and t.denominator is not null "
        "and not coalesce(t.is_suppressed, false)"
    )
    checks = [
        _Check(
            field="denominator",
            expected="more than nothing to divide by",
            reason="'a value cannot come of dividing by nothing'",
            where=f"{figures} and t.value is not null and t.denominator = 0 and t.numerator != 0",
        )
    ]
    if not has("measures"):
        return checks
    checks.append(
        _Check(
            field="value",
            expected="numerator and denominator, which can be added up",
            reason="'per cents of ' || t.entries || ' rows were gathered; they cannot be added up'",
            where="t.entries > 1 and t.value is not null and t.numerator is null and exists (from "
            "staging.measures as m where m.measure_id = t.measure_id and m.unit in ('%', 'share'))",
        )
    )
    if "part_of_whole" not in waived:
        checks.append(
            _Check(
                field="numerator",
                expected="a numerator no larger than its denominator",
                reason="'the part (' || t.numerator::decimal(38,2) || ') is larger than the whole "
                "(' || t.denominator::decimal(38,2) || '); if the measure can pass 100%, its "
                "part_of_whole is false'",
                where=f"{figures} and t.numerator > t.denominator and exists (from "
                "staging.measures as m where m.measure_id = t.measure_id and "
                "coalesce(m.part_of_whole, m.unit in ('%', 'share')))",
            )
        )
    if "ratio" not in waived:
        checks.append(
            _Check(
                field="value",
                expected="numerator ÷ denominator, as far as they are rounded",
                reason="'the value is ' || t.value || ', but numerator ÷ denominator is ' || "
                "round((select any_value(t.numerator / t.denominator * multiplier_of(m.unit, "
                "m.numerator_multiplier, m.denominator_multiplier)) from staging.measures as m "
                "where m.measure_id = t.measure_id), 4)",
                where=f"{figures} and t.denominator > 0 and t.value is not null and exists (from "
                "staging.measures as m where m.measure_id = t.measure_id and not agrees("
                "t.value, t.numerator, t.denominator, multiplier_of(m.unit, "
                "m.numerator_multiplier, m.denominator_multiplier)))",
            )
        )
    return checks


_ANSWERS = [
    _Check(
        field="respondents",
        expected="no more respondents than were invited",
        reason="'more people answered than were invited'",
        where="t.respondents > t.invited",
    ),
    _Check(
        field="satisfied",
        expected="no more satisfied than answered",
        reason="'more people are satisfied than answered'",
        where="t.satisfied > t.respondents",
    ),
    _Check(
        field="respondents",
        expected="the five answers together",
        reason="'the five answers come to ' || (t.very_satisfied + t.fairly_satisfied + t.neither "
        "+ t.fairly_dissatisfied + t.very_dissatisfied) || ', not to the respondents'",
        where="t.very_satisfied + t.fairly_satisfied + t.neither + t.fairly_dissatisfied "
        "+ t.very_dissatisfied != t.respondents",
    ),
]


def _check_key(con: duckdb.DuckDBPyConnection, feed: str, key: tuple[str, ...]) -> None:
    """Rows of the same key, over every file: alike, and one is kept; or not, and none is."""
    table, columns = table_of(feed), columns_of(feed)
    period = next((part for part in key if days.column_of(part) in columns), None)
    at = days.column_of(period) if period else None
    given = [
        c
        for c in columns
        if c.removesuffix("_end").removesuffix("_start") not in key
        and c != at
        and not c.endswith("_sign")
    ]
    by = ", ".join(
        name_sql(k)
        for part in key
        for k in ((part, f"{part}_end") if f"{part}_end" in columns else (part,))
    )
    said = "row(" + ", ".join(name_sql(c) for c in given) + ")" if given else "true"
    con.execute("delete from staging.problems where feed = ? and kind like 'key%'", [feed])
    con.execute(f"update {table} set standing = null where standing is not null")
    # Looking for rows of one key takes a tenth of what telling them apart does; few feeds have any.
    if not con.execute(
        f"select 1 from {table} group by {by} having count(*) > 1 limit 1"
    ).fetchall():
        return
    con.execute(
        # Of rows that are alike the first by name stays, whichever file was loaded first.
        f"create or replace temp table twins as select file_id, line, part, row_number() over "
        f"(partition by {by} order by n.file, line, part) as nth, count(*) over "
        f"(partition by {by}) as copies, "
        f"min(file_id) over (partition by {by}) != max(file_id) over (partition by {by}) as apart, "
        f"{days.differ_sql(period, by) if period else 'false'} as on_days, "
        f"{days.one_day_sql(period, by) if period else 'false'} as is_one_day, "
        f"not on_days and min(hash({said})) over (partition by {by}) = max(hash({said})) over "
        f"(partition by {by}) as same from {table} join file_names as n using (file_id) "
        "qualify copies > 1"
    )
    con.execute(
        f"insert into staging.problems select {text_sql(feed)}, "
        f"case when w.apart then 'key between files' else 'key' end, t.file_id, t.line, t.part, "
        f"{text_sql(', '.join(key))}, concat_ws(' · ', {by}), "
        "case when w.on_days then 'one row for each month' else 'one row for each key' end, "
        f"case when w.on_days then {days.reason_sql(feed, period) if period else 'null'} "
        "else 'another row has the same key and says something else' end, null "
        f"from {table} as t join twins as w using (file_id, line, part) where not w.same"
    )
    con.execute(
        f"update {table} as t set standing = case when w.same then 'repeat' else 'conflict' end "
        "from twins as w where t.file_id = w.file_id and t.line = w.line and t.part = w.part "
        "and (not w.same or w.nth > 1)"
    )
