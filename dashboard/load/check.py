"""Rows of text into typed rows: what is right goes on, what is not is set aside with its reason.

Works in a DuckDB connection whose main database is the snapshot being built and which has an
in-memory database attached as `staging`. SQL is made here from the contract alone, never from
what a reader of the dashboard types; names are quoted and values are literals made by `_text`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb
import pandas as pd

from dashboard.load.contract import Field, Resource
from dashboard.load.feeds import FEEDS, OWNERS
from dashboard.load.periods import AmbiguousPeriods, Period, read_column
from dashboard.load.read import Export, FileRefused

SQL_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "money": "decimal(18,2)",
    "share": "double",
    "boolean": "boolean",
    "date": "date",
    "month": "date",
    "period": "varchar",
}

_EXPECTED = {
    "integer": "a whole number",
    "number": "a number",
    "money": "pounds and pence",
    "share": "a share, from 0 to 1 or in per cent",
    "boolean": "true or false",
    "date": "a date",
    "month": "a month",
    "period": "a month, quarter or year",
}

# Rows put into DuckDB at once: enough to make each insert worth its cost, small in memory.
_CHUNK = 50_000

# What a number looks like once the pound sign and spaces are gone: commas only between thousands.
_NUMBER = r"[-+]?\(?[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?(?:[eE][-+]?\d+)?\)?-?%?"

MACROS = f"""
create or replace macro staging.digits(t) as
    case
        when not regexp_full_match(replace(replace(t, '£', ''), ' ', ''), '{_NUMBER}') then null
        when t like '%(%' and t not like '%)%' then null
        else regexp_replace(t, '[£ ,()%+]', '', 'g')
    end;
create or replace macro staging.plain_number(t) as
    case
        when t like '%(%' then '-' || ltrim(staging.digits(t), '-')
        when staging.digits(t) like '%-' then '-' || rtrim(staging.digits(t), '-')
        else staging.digits(t)
    end;
"""


@dataclass
class FileAccount:
    """What became of one file, line by line: read = loaded + set aside + skipped."""

    feed: str
    file: str
    read: int = 0
    loaded: int = 0
    set_aside: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    header_lines: int = 0
    refused: str | None = None
    hash: str = ""
    illustrative: bool = False
    source: str | None = None

    def adds_up(self) -> bool:
        return self.read == self.loaded + self.set_aside + sum(self.skipped.values())


def name_sql(identifier: str) -> str:
    """A name as SQL: quoted, so that it can be nothing else."""
    return '"' + identifier.replace('"', '""') + '"'


def text_sql(value: str) -> str:
    """A text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def columns_of(feed: str) -> dict[str, str]:
    """The columns that a feed's typed table has, with their SQL types."""
    columns: dict[str, str] = {}
    for name, kind in FEEDS[feed].fields.items():
        columns[name] = SQL_TYPES[kind]
        if kind == "period":
            columns |= {f"{name}_kind": "varchar", f"{name}_start": "date", f"{name}_end": "date"}
    if feed == "performance":
        columns["is_suppressed"] = "boolean"
    return columns


def table_of(feed: str) -> str:
    """Where a feed's rows are gathered. The ledger goes straight into the snapshot: it is large."""
    return "main.ledger" if feed == "ledger" else f"staging.{feed}"


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Every feed's empty table, so that a feed that a workspace lacks is empty and not absent."""
    con.execute("attach ':memory:' as staging")
    con.execute(MACROS)
    con.execute(
        "create table staging.problems (feed varchar, file_id integer, line integer, "
        "field varchar, value varchar, expected varchar, reason varchar, row_text varchar)"
    )
    con.execute("create table staging.repeats (feed varchar, file_id integer, rows integer)")
    for feed in FEEDS:
        columns = ", ".join(f"{name_sql(n)} {t}" for n, t in columns_of(feed).items())
        con.execute(
            f"create table {table_of(feed)} (file_id integer, line integer, "
            f"{'' if feed == 'ledger' else 'row_text varchar, '}{columns}, is_illustrative boolean)"
        )


def stage(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    exports: list[tuple[int, FileAccount, Export]],
) -> None:
    """Read the exports of one resource as text into `staging.rows`, counting what is skipped."""
    cells = ", ".join(f"c{i} varchar" for i in range(len(resource.fields)))
    con.execute(
        f"create or replace table staging.rows (file_id integer, line integer, "
        f"row_text varchar, {cells})"
    )
    held: list[tuple] = []

    def put() -> None:
        if held:
            frame = pd.DataFrame(held, dtype=object)
            con.register("held_rows", frame)
            con.execute("insert into staging.rows select * from held_rows")
            con.unregister("held_rows")
            held.clear()

    for file_id, account, export in exports:
        account.header_lines = export.header_lines
        try:
            for row in export.rows:
                account.read += 1
                if row.skipped:
                    account.skipped[row.skipped] = account.skipped.get(row.skipped, 0) + 1
                    continue
                held.append((file_id, row.line, row.text, *row.cells))
                if len(held) >= _CHUNK:
                    put()
        except FileRefused as error:
            account.refused = str(error)
    put()


def type_rows(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    """Turn `staging.rows` into typed rows of the resource's feed, noting each problem."""
    con.execute("create or replace table staging.typed as " + _typed_sql(con, resource))
    for f in resource.fields:
        for condition, expected, reason in _rules(f):
            con.execute(
                f"insert into staging.problems select {text_sql(resource.feed)}, file_id, line, "
                f"{text_sql(f.name)}, {name_sql('text of ' + f.name)}, {text_sql(expected)}, "
                f"{text_sql(reason)}, row_text from staging.typed where {condition}"
            )
    columns = list(columns_of(resource.feed))
    given = {c[0] for c in con.execute("select * from staging.typed limit 0").description}
    picked = ", ".join(name_sql(c) if c in given else f"null as {name_sql(c)}" for c in columns)
    keep = "" if resource.feed == "ledger" else "row_text, "
    con.execute(
        f"insert into {table_of(resource.feed)} select file_id, line, {keep}{picked}, "
        f"{resource.illustrative} from staging.typed as t where not exists (from "
        f"staging.problems as p where p.feed = {text_sql(resource.feed)} "
        "and p.file_id = t.file_id and p.line = t.line)"
    )


def _typed_sql(con: duckdb.DuckDBPyConnection, resource: Resource) -> str:
    missing = ", ".join(text_sql(m) for m in {*resource.missing, ""})
    chosen, joins = ["r.file_id", "r.line", "r.row_text"], []
    for i, f in enumerate(resource.fields):
        said = f"case when trim(r.c{i}) in ({missing}) then null else trim(r.c{i}) end"
        if f.values:
            cases = " ".join(f"when {text_sql(k)} then {text_sql(v)}" for k, v in f.values)
            said = f"case trim(r.c{i}) {cases} else {said} end"
        if f.suppressed:
            marks = ", ".join(text_sql(m) for m in f.suppressed)
            said = f"case when trim(r.c{i}) in ({marks}) then null else {said} end"
            if f.name == "value":
                chosen.append(f"coalesce(trim(r.c{i}) in ({marks}), false) as is_suppressed")
        chosen.append(f"{said} as {name_sql('text of ' + f.name)}")
        if f.lookup:
            feed, match, take = f.lookup
            joins.append(
                f"left join (select distinct {name_sql(match)} as key, {name_sql(take)} as found "
                f"from {table_of(feed)}) as l{i} on l{i}.key = {said}"
            )
            chosen.append(f"l{i}.found as {name_sql(f.name)}")
            continue
        if f.kind in ("date", "month", "period"):
            _meanings(con, f, i)
            joins.append(f"left join staging.meaning{i} as m{i} on m{i}.said = {said}")
        chosen += [f"{e} as {name_sql(n)}" for n, e in _typed(f, i, said)]
    return (
        f"select {', '.join(chosen)} from staging.rows as r {' '.join(joins)} "
        "order by r.file_id, r.line"
    )


def _typed(f: Field, i: int, said: str) -> list[tuple[str, str]]:
    number = f"staging.plain_number({said})"
    times = f" * {f.scale}" if f.scale else ""
    match f.kind:
        case "text":
            return [(f.name, said)]
        case "integer":
            whole = f"try_cast({number} as double)"
            return [
                (f.name, f"case when {whole} = floor({whole}) then {whole}::bigint end"),
            ]
        case "number":
            return [(f.name, f"try_cast({number} as double){times}")]
        case "money":
            exact = f"try_cast({number} as decimal(28,10)){times}"
            # A hundredth of a penny is the residue of a spreadsheet's binary fractions, no amount.
            near = "" if f.scale else f"case when abs({exact} - round({exact}, 2)) < 0.0001 then "
            return [(f.name, f"{near}round({exact}, 2)::decimal(18,2){' end' if near else ''}")]
        case "share":
            whole = f"try_cast({number} as double)"
            return [
                (
                    f.name,
                    f"case when {said} like '%\\%' escape '\\' then {whole} / 100 "
                    f"else {whole}{times} end",
                )
            ]
        case "boolean":
            return [
                (
                    f.name,
                    f"case when lower({said}) in ('true', 'yes', 'y', '1') then true "
                    f"when lower({said}) in ('false', 'no', 'n', '0') then false end",
                )
            ]
        case "date":
            return [(f.name, f"m{i}.start_at")]
        case "month":
            return [(f.name, f"m{i}.{'end_at' if f.name == 'to' else 'start_at'}")]
    return [
        (f.name, f"m{i}.label"),
        (f"{f.name}_kind", f"m{i}.kind"),
        (f"{f.name}_start", f"m{i}.start_at"),
        (f"{f.name}_end", f"m{i}.end_at"),
        *([("status", f"m{i}.status")] if f.period.notes else []),
    ]


def _rules(f: Field) -> list[tuple[str, str, str]]:
    """What each row has to satisfy: the condition that breaks it, what was expected, and why."""
    said, value = name_sql("text of " + f.name), name_sql(f.name)
    rules = []
    if f.lookup:
        feed, match, _ = f.lookup
        rules.append(
            (
                f"{said} is not null and {value} is null",
                f"a {match} of the {feed}",
                f"unknown: no row of {feed} has this {match}",
            )
        )
    elif f.kind != "text":
        expected = _EXPECTED[f.kind]
        rules.append((f"{said} is not null and {value} is null", expected, f"not {expected}"))
    if f.required:
        rules.append((f"{said} is null", "a value", "missing"))
    if f.minimum is not None:
        rules.append((f"{value} < {float(f.minimum)}", f"at least {f.minimum}", "too small"))
    if f.maximum is not None:
        rules.append((f"{value} > {float(f.maximum)}", f"at most {f.maximum}", "too large"))
    if f.enum:
        allowed = ", ".join(text_sql(e) for e in f.enum)
        rules.append((f"{value} not in ({allowed})", f"one of {', '.join(f.enum)}", "not allowed"))
    return rules


def _meanings(con: duckdb.DuckDBPyConnection, f: Field, i: int) -> None:
    """A table of what each distinct text of a date or period column means.

    A column holds few distinct texts however long the file is, so Python reads each once.
    """
    texts = [
        t
        for (t,) in con.execute(
            f"select distinct trim(c{i}) from staging.rows where trim(c{i}) != ''"
        ).fetchall()
    ]
    texts += [v for _, v in f.values]
    con.execute(
        f"create or replace table staging.meaning{i} (said varchar, label varchar, kind varchar, "
        "start_at date, end_at date, status varchar)"
    )
    if f.kind == "date":
        found = {t: _date(t, f.format) for t in texts}
        rows = [(t, None, None, d, d, None) for t, d in found.items() if d]
    else:
        try:
            periods: dict[str, Period | None] = read_column(texts, f.period)
        except AmbiguousPeriods as error:
            raise FileRefused(f"column '{f.name}': {error}") from error
        rows = [(t, p.label, p.kind, p.start, p.end, p.status) for t, p in periods.items() if p]
    if rows:
        con.executemany(f"insert into staging.meaning{i} values (?, ?, ?, ?, ?, ?)", rows)


# UK order throughout: 04/05/2017 is 4 May.
_ANY_DATE = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%y")


def _date(text: str, form: str) -> date | None:
    forms = {"default": ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"), "any": _ANY_DATE}
    for one in forms.get(form, (form,)):
        try:
            return datetime.strptime(text, one).date()
        except ValueError:
            continue
    return None


def check_feed(con: duckdb.DuckDBPyConnection, feed: str, has: Callable[[str], bool]) -> None:
    """Check a feed's gathered rows against the other feeds and against each other.

    References to the feeds that the workspace has, membership dates, and keys: identical rows
    are kept once, conflicting ones are all set aside.
    """
    table = table_of(feed)
    row_text = "null" if feed == "ledger" else "t.row_text"
    checked = table
    if feed == "ledger":
        # Millions of lines have few combinations of what is checked: look at those first.
        checked = "staging.combinations"
        con.execute(
            f"create or replace table {checked} as select distinct service_id, council_id, "
            f"date_trunc('month', date)::date as date from {table}"
        )
    for check in _checks(feed, has):
        bad = con.execute(f"select count(*) from {checked} as t where {check.where}").fetchall()
        if bad[0][0]:
            con.execute(
                f"insert into staging.problems select {text_sql(feed)}, t.file_id, t.line, "
                f"{text_sql(check.field)}, t.{name_sql(check.field)}, {text_sql(check.expected)}, "
                f"{check.reason}, {row_text} from {table} as t where {check.where}"
            )
    if con.execute("select count(*) from staging.problems where feed = ?", [feed]).fetchall()[0][0]:
        con.execute(
            f"delete from {table} as t where exists (from staging.problems as p where "
            f"p.feed = {text_sql(feed)} and p.file_id = t.file_id and p.line = t.line)"
        )
    if key := FEEDS[feed].key:
        _check_key(con, feed, key)


@dataclass(frozen=True)
class _Check:
    """A condition (SQL, on `t`) that makes a row wrong, with what was expected and why (SQL)."""

    field: str
    expected: str
    reason: str
    where: str


# The column that says in which month a row's council has to be served.
_SERVED_IN = {
    "performance": "period_end",
    "costs": "period_end",
    "volumes": "period_end",
    "satisfaction": "period_end",
    "ledger": "date",
}


def _checks(feed: str, has: Callable[[str], bool]) -> list[_Check]:
    checks = [
        _Check(
            field=name,
            expected=f"one of the {owner}",
            reason=f"'unknown: no row of {owner} has this {name}'",
            where=f"t.{name_sql(name)} is not null and t.{name_sql(name)} not in "
            f"(select {name_sql(name)} from staging.{owner})",
        )
        for name, owner in OWNERS.items()
        if name in FEEDS[feed].fields and owner != feed and has(owner)
    ]
    if feed in _SERVED_IN and has("memberships"):
        month = _SERVED_IN[feed]
        checks.append(
            _Check(
                field="council_id",
                expected="a council that the service serves in that month",
                reason="t.council_id || ' was not served by ' || t.service_id || ' in ' "
                f"|| strftime(t.{month}, '%B %Y')",
                where="t.council_id is not null and not exists (from staging.memberships as s "
                "where s.service_id = t.service_id and s.council_id = t.council_id "
                f"and date_trunc('month', t.{month}) between s.\"from\" "
                "and coalesce(s.\"to\", date '9999-12-01'))",
            )
        )
    return checks


def _check_key(con: duckdb.DuckDBPyConnection, feed: str, key: tuple[str, ...]) -> None:
    table, columns = table_of(feed), columns_of(feed)
    given = [c for c in columns if c.removesuffix("_end").removesuffix("_start") not in key]
    by = ", ".join(
        name_sql(k)
        for part in key
        for k in ((part, f"{part}_end") if f"{part}_end" in columns else (part,))
    )
    said = "row(" + ", ".join(name_sql(c) for c in given) + ")" if given else "true"
    con.execute(
        f"create or replace table staging.twins as select file_id, line, row_number() over "
        f"(partition by {by} order by file_id, line) as nth, count(*) over (partition by {by}) "
        f"as copies, min(hash({said})) over (partition by {by}) = max(hash({said})) over "
        f"(partition by {by}) as same from {table} qualify copies > 1"
    )
    con.execute(
        f"insert into staging.problems select {text_sql(feed)}, t.file_id, t.line, "
        f"{text_sql(', '.join(key))}, concat_ws(' · ', {by}), 'one row for each key', "
        "'another row has the same key and says something else', t.row_text "
        f"from {table} as t join staging.twins as w using (file_id, line) where not w.same"
    )
    con.execute(
        f"insert into staging.repeats select {text_sql(feed)}, file_id, count(*) "
        "from staging.twins where same and nth > 1 group by file_id"
    )
    con.execute(
        f"delete from {table} as t using staging.twins as w where t.file_id = w.file_id "
        "and t.line = w.line and (not w.same or w.nth > 1)"
    )
