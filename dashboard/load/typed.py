"""Rows of text into typed rows: what is right goes on, what is not is set aside with its reason.

SQL is made here from the contract alone, never from what a reader of the dashboard types; names
are quoted and values are literals made by `text_sql`.
"""

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import regex

from dashboard import settings
from dashboard.load import cases, causes, days, thousands, totals, wording
from dashboard.load.account import FileAccount
from dashboard.load.contract import PER_CENTS, Field, Resource
from dashboard.load.dates import AmbiguousDates, in_words, is_moment, read_dates, without_noughts
from dashboard.load.feeds import FREE_TEXT, OWNERS
from dashboard.load.labels import LABELS, as_label
from dashboard.load.numbers import bare_sql, exact_sql, plain_sql, sign_sql, typed_sql
from dashboard.load.periods import AmbiguousPeriods, Period, read_column
from dashboard.load.spelling import is_name
from dashboard.load.sql import list_sql, name_sql, text_sql
from dashboard.load.staging import MONEY, SQL_TYPES, add_problems, columns_of, insert, table_of
from dashboard.load.text import FileRefused, normalised

EXPECTED = {
    "integer": "a whole number",
    "number": "a number",
    "money": "pounds and pence",
    "share": "a share, from 0 to 1 or in per cent",
    "boolean": "true or false",
    "date": "a date",
    "month": "a month",
    "period": "a month, quarter or year",
}


def type_rows(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    accounts: dict[int, FileAccount],
    has: Callable[[str], bool],
    sources: dict[int, totals.Source],
) -> None:
    """Turn the view `rows` into typed rows of the resource's feed, noting each problem.

    Raises FileRefused where a column can be read two ways and nothing settles which.
    """
    thousands.check(con, resource, sources)
    make(con, resource, has)
    keep(con, resource, accounts, sources, {})


def make(con: duckdb.DuckDBPyConnection, resource: Resource, has: Callable[[str], bool]) -> None:
    """The table `typed` of the view `rows`. Raises FileRefused as `type_rows` does."""
    con.execute("create or replace temp table typed as " + typed_rows_sql(con, resource, has))


def odd_rows(resource: Resource) -> str:
    """SQL that is true for a row of the table `typed` that may be wrong or no data."""
    bad = " or ".join(f"bad_{i}" for i in range(len(resource.fields)))
    return f"(is_candidate or {bad})"


def keep(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    accounts: dict[int, FileAccount],
    sources: dict[int, totals.Source],
    carried: totals.Carried,
) -> None:
    """Put the rows of the table `typed` into their feed, but for totals, notes and problems.

    `carried` is what a file's rows that were kept before come to: how many, and which sums.
    """
    feed = resource.feed
    _note_moments(con, resource, accounts)
    _skip_open_cases(con, resource, accounts)
    skipped, stated, doubtful = totals.judge(con, resource, accounts, sources, carried)
    add_problems(con, feed, "value", doubtful)
    for file_id, source in sources.items():
        for name, said in source.stated.items():
            stated.setdefault((file_id, name), said)
    if skipped:
        insert(con, "staging.skipped", [(feed, *one) for one in skipped])
        con.execute("create or replace temp table no_data (file_id integer, line integer)")
        insert(con, "no_data", [(file_id, line) for file_id, line, _, _ in skipped])
        con.execute("delete from typed where (file_id, line) in (from no_data)")
    _note_problems(con, resource)
    read_as_totals = {(file_id, line) for file_id, line, *_ in doubtful}
    _sum_up(con, resource, accounts, stated, carried, read_as_totals)
    _keep(con, resource)


def typed_rows_sql(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    has: Callable[[str], bool],
    labels: bool = True,
    spaces: bool = True,
) -> str:
    """The table `typed` from the view `rows`, step by step.

    `cleaned` takes away what stands for nothing (s0, s1, … beside the texts c0, c1, …), `bare`,
    `plain` and `exact` undress numbers, `valued` gives each field its typed value, and the last
    step flags texts that have none (bad_0, bad_1, …) and rows that may be no data: those that lack
    something, or are labelled as a total (`labels` False leaves the labels out, and `spaces` False
    the spaces in names as they are).
    """
    cleaned, bare, plain, exact, valued, flags, joins = [], [], [], [], [], [], []
    lacking, figures, bad = [], [], []
    named: list[tuple[str, Field]] = []
    optional: list[tuple[str, Field]] = []
    for i, f in enumerate(resource.fields):
        value = name_sql(f.name)
        if f.days:
            _judge_cases(con, f, i)
            joins.append(f"left join case{i} as k{i} on k{i}.said = r.c{i}")
            valued += [f"k{i}.counted as {value}", f"k{i}.wrong as wrong_{i}"]
            flags += [f"wrong_{i}", f"wrong_{i} is not null as bad_{i}"]
            flags.append(f"{value} is null and wrong_{i} is null as open_{i}")
            continue
        if f.count:
            valued.append(f"{_counted_sql(f, i)} as {value}")
            flags.append(f"false as bad_{i}")
            continue
        missing = list_sql(resource.missing_of(f))
        text = f"one_space(c{i})" if spaces and is_name(f.name, f.kind) else f"c{i}"
        clean = f"case when {text} in ({missing}) then null else {text} end"
        if f.values:
            cases = " ".join(f"when {text_sql(k)} then {text_sql(v)}" for k, v in f.values)
            # One reader gives a blank cell as an empty text, another as null.
            said = f"coalesce({text}, '')" if "" in dict(f.values) else text
            clean = f"case {said} {cases} else {clean} end"
        if f.suppressed:
            marks = list_sql(f.suppressed)
            clean = f"case when c{i} in ({marks}) then null else {clean} end"
            if f.name == "value" and resource.feed == "performance":
                valued.append(f"coalesce(c{i} in ({marks}), false) as is_suppressed")
        cleaned.append(f"{clean} as s{i}")
        if f.is_number:
            bare.append(f"{bare_sql(f, f's{i}')} as b{i}")
            plain.append(f"{plain_sql(f, f'b{i}')} as n{i}")
            exact.append(f"{exact_sql(f, f's{i}', f'n{i}')} as e{i}")
        typed, joined = _field_sql(con, resource.feed, f, i, f"r.s{i}", has)
        joins += joined
        valued += [f"{e} as {name_sql(n)}" for n, e in typed]
        if f.name in PER_CENTS:
            valued.append(f"{sign_sql(f, f'r.s{i}')} as {name_sql(f.name + '_sign')}")
        can_be_bad = f.kind != "text" or f.lookup
        is_bad = f"(s{i} is not null and {value} is null)" if can_be_bad else "false"
        flags.append(f"{is_bad} as bad_{i}")
        if not f.is_in_file or f.across is not None:
            continue
        if f.required:
            lacking.append(f"s{i} is null")
        if f.is_number:
            figures.append(f"s{i} is null")
            continue
        if f.kind != "text":
            bad.append(is_bad)
        # In free text the word is a total's only if the row lacks something, or its figures agree:
        # a supplier can be called Total.
        (optional if f.name in FREE_TEXT else named).append((f"c{i}", f))
    lacks = " or ".join(lacking) or "false"
    label = (
        f"case when {_says_total(named, resource)} then true "
        f"when {_says_total(optional, resource, resource.totals)} then true "
        f"when {lacks} then {_says_total(optional, resource)} else false end"
        if labels
        else "false"
    )
    may_be = (
        " or ".join(c.like_sql(f"c{c.at}") for c in wording.columns(resource)) if labels else ""
    )
    blank = " and ".join(figures) or "false"
    wordy = f"(({blank}) and ({' or '.join(bad) or 'false'}))"
    flags += [
        f"coalesce({lacks}, false) as is_lacking",
        f"({label}) as is_labelled",
        f"(is_lacking or is_labelled or odd is not null or {wordy} or "
        f"coalesce({may_be or 'false'}, false)) as is_candidate",
    ]
    given = _given_columns(resource)
    return (
        f"with cleaned as (select *{''.join(', ' + c for c in cleaned)} from rows), "
        f"bare as (select *{''.join(', ' + b for b in bare)} from cleaned), "
        f"plain as (select *{''.join(', ' + n for n in plain)} from bare), "
        f"exact as (select *{''.join(', ' + e for e in exact)} from plain), "
        f"valued as (select r.*{''.join(', ' + v for v in valued)} from exact as r "
        f"{' '.join(joins)}) "
        f"select file_id, line, part, odd, {', '.join(name_sql(n) for n in given)}, "
        f"{', '.join(flags)} from valued"
    )


def _says_total(
    columns: list[tuple[str, Field]], resource: Resource, words: Collection[str] | None = None
) -> str:
    """SQL that is true where one of the columns says nothing but "total", in one of its forms.

    `words` are the forms; all that are known, unless they are given. A form that the contract says
    stands for a value of the column is none of them.
    """
    if words is None:
        words = (*LABELS, *resource.totals)
    alike: dict[tuple[str, ...], list[str]] = {}
    for column, f in columns:
        left = sorted(set(words) - {as_label(w) for w, _ in f.values})
        if left:
            alike.setdefault(tuple(left), []).append(column)
    found = []
    for left, mine in alike.items():
        pattern = r"(^|\x1f)\s*(" + "|".join(map(re.escape, left)) + r")[ :.]*(\x1f|$)"
        text = f"lower(concat_ws(chr(31), {', '.join(mine)}))"
        # Most rows are spared the closer look.
        looks = [f"contains({c}, {text_sql(p)})" for c in mine for p in ("otal", "OTAL")]
        others = [w for w in left if "otal" not in w]
        looks += [f"contains(lower({c}), {text_sql(w)})" for c in mine for w in others]
        found.append(
            f"case when {' or '.join(looks)} then regexp_matches({text}, {text_sql(pattern)}) "
            "else false end"
        )
    return " or ".join(found) or "false"


def _given_columns(resource: Resource) -> list[str]:
    """The columns of the feed's table that the resource's fields fill."""
    names: list[str] = []
    for f in resource.fields:
        names.append(f.name)
        if f.kind == "period" and not f.count:
            names += [f"{f.name}_kind", f"{f.name}_start", f"{f.name}_end"]
            names.append(days.column_of(f.name))
        if f.name in PER_CENTS and not f.count:
            names.append(f"{f.name}_sign")
        if f.period.notes and f.kind == "period":
            names.append("status")
        if f.name == "value" and f.suppressed and resource.feed == "performance":
            names.append("is_suppressed")
    return list(dict.fromkeys(names))


def _counted_sql(f: Field, i: int) -> str:
    assert f.count
    if f.count == ("", ()):
        return "1"
    return f"case when r.c{i} in ({list_sql(f.count[1])}) then 1 else 0 end"


def _field_sql(
    con: duckdb.DuckDBPyConnection,
    feed: str,
    f: Field,
    i: int,
    said: str,
    has: Callable[[str], bool],
) -> tuple[list[tuple[str, str]], list[str]]:
    """The typed columns of a field, and the joins they need."""
    if f.lookup:
        owner, match, take = f.lookup
        join = (
            f"left join (select distinct {name_sql(match)} as key, {name_sql(take)} as found "
            f"from staging.{owner}) as l{i} on l{i}.key = {said}"
        )
        return [(f.name, f"l{i}.found")], [join]
    owner = OWNERS.get(f.name)
    if f.kind == "text":
        if owner is None or owner == feed or not has(owner):
            return [(f.name, said)], []
        if not _resolve_ids(con, f, i, owner):
            return [(f.name, said)], []
        return [(f.name, f"coalesce(i{i}.id, {said})")], [
            f"left join ids{i} as i{i} on i{i}.said = {said}"
        ]
    if f.is_number:
        return [(f.name, typed_sql(f, said, f"r.n{i}", f"r.e{i}"))], []
    if f.kind == "boolean":
        return [
            (
                f.name,
                f"case when lower({said}) in ({list_sql(v.lower() for v in f.true_values)}) "
                f"then true when lower({said}) in "
                f"({list_sql(v.lower() for v in f.false_values)}) then false end",
            )
        ], []
    _meanings(con, f, i)
    join = f"left join meaning{i} as m{i} on m{i}.said = {said}"
    if f.kind == "date":
        return [(f.name, f"m{i}.start_at")], [join]
    if f.kind == "month":
        return [(f.name, f"m{i}.{'end_at' if f.name == 'to' else 'start_at'}")], [join]
    return [
        (f.name, f"m{i}.label"),
        (f"{f.name}_kind", f"m{i}.kind"),
        (f"{f.name}_start", f"m{i}.start_at"),
        (f"{f.name}_end", f"m{i}.end_at"),
        (days.column_of(f.name), f"m{i}.day"),
        *([("status", f"m{i}.status")] if f.period.notes else []),
    ], [join]


def _judge_cases(con: duckdb.DuckDBPyConnection, f: Field, i: int) -> None:
    """A table of what each distinct pair of dates counts for, or what is wrong with it."""
    texts = [t for (t,) in con.execute(f"select distinct c{i} from rows").fetchall()]
    con.execute(
        f"create or replace temp table case{i} (said varchar, counted integer, wrong varchar)"
    )
    assert f.days
    try:
        found = cases.judge(texts, f.days)
    except AmbiguousDates as error:
        raise FileRefused(f"columns '{f.days.start}' and '{f.days.end}': {error}") from error
    if found:
        said, counted, wrong = zip(*found, strict=True)
        arrays = [pa.array(said), pa.array(counted, pa.int32()), pa.array(wrong, pa.string())]
        con.register("cases_judged", pa.table(arrays, names=["said", "counted", "wrong"]))
        con.execute(f"insert into case{i} select * from cases_judged")
        con.unregister("cases_judged")


def _skip_open_cases(
    con: duckdb.DuckDBPyConnection, resource: Resource, accounts: dict[int, FileAccount]
) -> None:
    """Leave out cases that are open and not known to be overdue: neither in time nor missed."""
    opened = " or ".join(f"open_{i}" for i, f in enumerate(resource.fields) if f.days)
    if not opened:
        return
    found = con.execute(
        f"select t.file_id, t.line, r.row_text from typed as t join rows as r "
        f"using (file_id, line, part) where ({opened}) and not t.is_labelled"
    ).fetchall()
    for file_id, _, _ in found:
        account = accounts[file_id]
        account.skipped[cases.OPEN] = account.skipped.get(cases.OPEN, 0) + 1
        account.skipped_lines += 1
    rows = [(resource.feed, file_id, line, cases.OPEN, text or "") for file_id, line, text in found]
    insert(con, "staging.skipped", rows)
    con.execute(f"delete from typed where ({opened}) and not is_labelled")


def _resolve_ids(con: duckdb.DuckDBPyConnection, f: Field, i: int, owner: str) -> bool:
    """A table of the ids that texts stand for, where a file gives names for ids.

    An id or a name is known whatever its case and punctuation, as long as it is one only.
    """
    texts = [
        t
        for (t,) in con.execute(
            f"select distinct one_space(c{i}) from rows where one_space(c{i}) not in "
            f"(select {name_sql(f.name)} from staging.{owner})"
        ).fetchall()
    ]
    texts = [dict(f.values).get(t, t) for t in texts]
    if not texts:
        return False
    known: dict[str, set[str]] = {}
    for one, name in con.execute(
        f"select {name_sql(f.name)}, name from staging.{owner}"
    ).fetchall():
        for text in (one, name):
            if text:
                known.setdefault(normalised(text), set()).add(one)
    found = [
        (t, next(iter(known[normalised(t)])))
        for t in dict.fromkeys(texts)
        if len(known.get(normalised(t), ())) == 1
    ]
    con.execute(f"create or replace temp table ids{i} (said varchar, id varchar)")
    insert(con, f"ids{i}", found)
    return bool(found)


def _meanings(con: duckdb.DuckDBPyConnection, f: Field, i: int) -> None:
    """A table of what each distinct text of a date or period column means.

    A column holds few distinct texts however long the file is, so Python reads each once.
    """
    values = dict(f.values)
    texts = {
        values.get(t, t) for (t,) in con.execute(f"select distinct c{i} from rows").fetchall() if t
    }
    if "" in values:
        texts.add(values[""])
    con.execute(
        f"create or replace temp table meaning{i} (said varchar, label varchar, kind varchar, "
        "start_at date, end_at date, status varchar, is_moment boolean, day varchar)"
    )
    try:
        if f.kind == "date":
            # What was taken from a file's name or title is an ISO date by now.
            found = read_dates(texts, f.format if f.where is None else "default")
            if f.name == "date":
                found = without_noughts(found)
            rows = [(t, None, None, d, d, None, is_moment(t), None) for t, d in found.items() if d]
        else:
            periods: dict[str, Period | None] = read_column(texts, f.period)
            at = days.read_days(texts, f)
            rows = [
                (t, p.label, p.kind, p.start, p.end, p.status, is_moment(t), at[t])
                for t, p in periods.items()
                if p
            ]
    except (AmbiguousPeriods, AmbiguousDates) as error:
        raise FileRefused(f"column '{' or '.join(f.join or f.names)}': {error}") from error
    insert(con, f"meaning{i}", rows)


def _note_moments(
    con: duckdb.DuckDBPyConnection, resource: Resource, accounts: dict[int, FileAccount]
) -> None:
    """Say of each file how many of its times named their zone, and how one of them was read."""
    for i, f in enumerate(resource.fields):
        if f.kind not in ("date", "month", "period") or f.lookup or f.count:
            continue
        if not con.execute(f"select count(*) from meaning{i} where is_moment").fetchall()[0][0]:
            continue
        # One that falls on another day than it is written with shows best what was done.
        best = "order by m.moved desc, r.line, r.part"
        for file_id, count, said, day, period in con.execute(
            f"select r.file_id, count(*), first(m.said {best}), first(m.start_at {best}), "
            f"first(m.label {best}) from (select *, (strpos(said, start_at::varchar) = 0)::int "
            f"as moved from meaning{i} where is_moment) as m join rows as r on r.c{i} = m.said "
            "group by r.file_id"
        ).fetchall():
            times = "1 time with a zone was" if count == 1 else f"{count:,} times with a zone were"
            accounts[file_id].notes.append(
                f"{f.name}: {times} read by the clocks of the United Kingdom: '{said}' is "
                f"{period or in_words(day)}"
            )


@dataclass(frozen=True)
class _Rule:
    """What breaks a row: a condition (SQL on `t`), what was expected, and why it is wrong."""

    field: str
    place: int
    where: str
    expected: str
    reason: str


def _note_problems(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    for i, f in enumerate(resource.fields):
        if f.pattern:
            _misfits(con, f, i)
    rules = [rule for i, f in enumerate(resource.fields) for rule in _rules(f, i, resource)]
    counts = con.execute(
        "select count(*) filter (odd is not null)"
        + "".join(f", count(*) filter ({r.where})" for r in rules)
        + " from typed as t"
    ).fetchall()[0]
    found: list[tuple] = []
    if counts[0]:
        found += [
            (*row, None, None, "one cell for each column", odd)
            for *row, odd in con.execute(
                "select t.file_id, t.line, t.part, r.row_text, t.odd from typed as t "
                "join rows as r using (file_id, line, part) where t.odd is not null"
            ).fetchall()
        ]
    for rule, count in zip(rules, counts[1:], strict=True):
        if count:
            f = resource.fields[rule.place]
            for file_id, line, part, text, value in con.execute(
                "select t.file_id, t.line, t.part, r.row_text, "
                f"replace(r.c{rule.place}, chr(31), ' to ') from typed as t "
                f"join rows as r using (file_id, line, part) where ({rule.where}) "
                "and t.odd is null"
            ).fetchall():
                # A value that was read and is not allowed has no cause in how it was written.
                unread = rule.where == f"t.bad_{rule.place}"
                cause = causes.likely(f, value) if unread else None
                reason = f"{rule.reason}; {cause}" if cause else rule.reason
                found.append((file_id, line, part, text, rule.field, value, rule.expected, reason))
    add_problems(con, resource.feed, "value", found)


def _rules(f: Field, i: int, resource: Resource) -> list[_Rule]:
    """What each row has to satisfy: the condition that breaks it, what was expected, and why."""
    value = f"t.{name_sql(f.name)}"
    rules: list[tuple[str, str, str]] = []
    if f.days:
        rules += [(f"t.wrong_{i} = '{word}'", *said) for word, said in cases.WRONG.items()]
    elif f.lookup:
        feed, match, _ = f.lookup
        rules.append(
            (
                f"t.bad_{i}",
                f"a {match} of the {feed}",
                f"unknown: no row of {feed} has this {match}",
            )
        )
    elif f.kind != "text":
        rules.append((f"t.bad_{i}", EXPECTED[f.kind], f"not {EXPECTED[f.kind]}"))
    if f.required:
        rules.append((f"{value} is null and not t.bad_{i}", "a value", "missing"))
    if f.is_whole:
        rules.append((f"{value} != floor({value})", "a whole number", "not a whole number"))
    first, last = (
        (f"t.{name_sql(f.name + end)}" for end in ("_start", "_end"))
        if f.kind == "period"
        else (value, value)
    )
    if f.minimum is not None:
        rules.append((f"{first} < {_limit(f.minimum)}", f"at least {f.minimum}", "too small"))
    if f.maximum is not None:
        rules.append((f"{last} > {_limit(f.maximum)}", f"at most {f.maximum}", "too large"))
    if f.min_length is not None:
        rules.append(
            (
                f"length({value}) < {int(f.min_length)}",
                f"{f.min_length} characters or more",
                "too short",
            )
        )
    if f.max_length is not None:
        rules.append(
            (
                f"length({value}) > {int(f.max_length)}",
                f"{f.max_length} characters or fewer",
                "too long",
            )
        )
    if f.pattern:
        rules.append(
            (
                f"{value} in (select said from misfit{i})",
                f"text of the form {f.pattern}",
                "not of this form",
            )
        )
    if f.enum:
        allowed = ", ".join(f"try_cast({text_sql(e)} as {SQL_TYPES[f.kind]})" for e in f.enum)
        rules.append(
            (
                f"{value} is not null and ({value} in ({allowed})) is not true",
                f"one of {', '.join(f.enum)}",
                "not allowed",
            )
        )
    elif resource.feed == "measures" and f.name == "good_direction":
        rules.append(
            (
                f"{value} not in ('higher', 'lower', 'range', 'neither')",
                "higher, lower, range or neither",
                "not allowed",
            )
        )
    if f.unique:
        rules.append(
            (
                f"(t.file_id, t.line) in (select (u.file_id, u.line) from (select file_id, line, "
                f"row_number() over (partition by {name_sql(f.name)} order by file_id, line) nth "
                f"from typed where {name_sql(f.name)} is not null) as u where u.nth > 1)",
                "a value that no other row has",
                "not unique",
            )
        )
    return [_Rule(f.name, i, where, expected, reason) for where, expected, reason in rules]


def _limit(given: float | date) -> str:
    return f"date '{given.isoformat()}'" if isinstance(given, date) else repr(float(given))


def _misfits(con: duckdb.DuckDBPyConnection, f: Field, i: int) -> None:
    """A table of the distinct texts that are not of the field's pattern.

    Python's regular expressions are those of the standard; DuckDB's know less, and no letters
    beyond ASCII. A column that has a pattern has few distinct texts. Raises FileRefused where they
    take too long: a pattern with repeats within repeats would on some texts go on for years.
    """
    form = regex.compile(f.pattern or "")
    texts = con.execute(
        f"select distinct {name_sql(f.name)} from typed where {name_sql(f.name)} is not null"
    ).fetchall()
    con.execute(f"create or replace temp table misfit{i} (said varchar)")
    misfits, until = [], time.monotonic() + settings.PATTERN_SECONDS
    for (text,) in texts:
        try:
            if not form.fullmatch(text, timeout=max(until - time.monotonic(), 0.001)):
                misfits.append((text,))
        except TimeoutError as error:
            raise FileRefused(
                f"the contract's pattern '{f.pattern}' of {f.name} takes more than "
                f"{settings.PATTERN_SECONDS} seconds on '{text[:40]}': it needs one that does not "
                "repeat what repeats already"
            ) from error
    insert(con, f"misfit{i}", misfits)


def _sum_up(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    accounts: dict[int, FileAccount],
    stated: totals.Stated,
    carried: totals.Carried,
    doubtful: Collection[tuple[int, int]],
) -> None:
    """What each file's rows of data come to, column by column, beside what it states.

    `doubtful` are rows, by file and line, that read as totals: they count neither way. A line that
    cannot be split with certainty has no amount: what stands in its place may be another column's.
    """
    rows = []
    left_out = ", ".join(f"({file_id}, {line})" for file_id, line in doubtful)
    where = f"where (file_id, line) not in (values {left_out}) " if doubtful else ""
    for i, f in enumerate(resource.fields):
        if f.constant is not None or f.where is not None or f.count:
            continue
        if f.kind != "money" and not any(name == f.name for _, name in stated):
            continue
        found = {
            file_id: (counted, unreadable)
            for file_id, counted, unreadable in con.execute(
                f"select file_id, coalesce(sum({name_sql(f.name)}) filter (odd is null), 0)::"
                f"{MONEY}, count(*) filter (bad_{i} or odd is not null) from typed "
                f"{where}group by file_id"
            ).fetchall()
        }
        for file_id in accounts:
            counted, unreadable = found.get(file_id, (Decimal(0), 0))
            counted += carried.get(file_id, (0, {}))[1].get(f.name, 0)
            total, line = stated.get((file_id, f.name), (None, None))
            said = None if total is None else f"{total:f}"
            rows.append((resource.feed, file_id, f.name, f"{counted:f}", unreadable, said, line))
    insert(con, "staging.sums", rows)


def _keep(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    """Put the rows without a problem into their feed's table, added up where the contract says."""
    feed = resource.feed
    columns = list(columns_of(feed))
    given = {c[0] for c in con.execute("select * from typed limit 0").description}
    right = (
        f"from typed as t where not exists (from staging.problems as p where p.feed = "
        f"{text_sql(feed)} and p.file_id = t.file_id and p.line = t.line and p.part = t.part)"
    )
    if not resource.gather:
        picked = ", ".join(name_sql(c) if c in given else f"null as {name_sql(c)}" for c in columns)
        if feed == "ledger":
            con.execute(
                f"insert into main.ledger select file_id, line, {picked}, "
                f"{resource.illustrative} {right}"
            )
        else:
            con.execute(
                f"insert into {table_of(feed)} select file_id, line, part, 1, {picked}, "
                f"{resource.illustrative}, null {right}"
            )
        return
    summed = {f.name for f in resource.fields if f.is_number}
    # Rows of many days are one of the month.
    given -= {days.column_of(f.name) for f in resource.fields}
    signs = {c for c in columns if c.endswith("_sign")}
    picked = ", ".join(
        f"null as {name_sql(c)}"
        if c not in given
        else f"max({name_sql(c)})"
        if c in signs
        else f"bool_or({name_sql(c)})"
        if c == "is_suppressed"
        else f"sum({name_sql(c)})"
        if c in summed
        else name_sql(c)
        for c in columns
    )
    summed |= signs | {"is_suppressed"}
    keys = [name_sql(c) for c in columns if c in given and c not in summed]
    head = "file_id, min(line)" if feed == "ledger" else "file_id, min(line), 0, count(*)"
    tail = "" if feed == "ledger" else ", null"
    con.execute(
        f"insert into {table_of(feed)} select {head}, {picked}, {resource.illustrative}{tail} "
        f"{right} group by {', '.join(['file_id', *keys])}"
    )
