"""Where rows are gathered while a snapshot is built: the workings, one table a feed.

They are a file of their own, attached as `staging`, which the loader alone opens.

`staging.performance_rows` holds what was read, and the view `staging.performance` those of its
rows that count. Rows of text come in through the temporary view `rows`: file_id,
line, part, row_text, odd (why the line cannot be split), and a text for each field (c0, c1, …).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import duckdb
import pyarrow as pa
from pyarrow.lib import StringBuilder

from dashboard import settings
from dashboard.load import beside, days, frequency, methods, spelling
from dashboard.load.account import FileAccount
from dashboard.load.contract import PER_CENTS, Resource
from dashboard.load.feeds import FEEDS
from dashboard.load.numbers import MACROS, RATIO_MACROS
from dashboard.load.read import Export, Skipped, read_rows
from dashboard.load.sql import name_sql, text_sql

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

# Rows put into DuckDB at once: enough to make each insert worth its cost, small in memory.
_CHUNK = 20_000

# Skipped rows that are not kept one by one: they are the contract's choice, and can be millions.
_COUNTED_ONLY = {"belongs to another feed", "no figure"}

MONEY = "decimal(38,2)"


def columns_of(feed: str) -> dict[str, str]:
    """The typed columns of a feed: a period has, beside its label, a kind, two months, and the day
    and time as which it was written, if it was; a figure that may be a per cent how it says so
    (`numbers.sign_sql`)."""
    columns = {}
    for name, kind in FEEDS[feed].fields.items():
        columns[name] = SQL_TYPES[kind]
        if kind == "period":
            columns |= {f"{name}_kind": "varchar", f"{name}_start": "date", f"{name}_end": "date"}
            columns[days.column_of(name)] = "varchar"
        if name in PER_CENTS:
            columns[f"{name}_sign"] = "varchar"
    if feed == "performance":
        columns["is_suppressed"] = "boolean"
    return columns


def table_of(feed: str) -> str:
    """Where a feed's rows are gathered. The ledger goes straight into what is shown: it is large,
    and so do its sums by supplier."""
    return "main.ledger" if feed == "ledger" else f"staging.{feed}_rows"


def attach(con: duckdb.DuckDBPyConnection, workings: str, read_only: bool = False) -> None:
    """Make a file of workings answer as `staging`."""
    con.execute(f"attach {text_sql(workings)} as staging{' (read_only)' * read_only}")


def open_staging(con: duckdb.DuckDBPyConnection) -> None:
    """What a connection needs before it can read exports; lasts as long as the connection."""
    for statement in filter(str.strip, (MACROS + RATIO_MACROS).split(";\n")):
        con.execute(statement)
    con.execute(spelling.MACRO)
    con.execute(frequency.MACRO)
    methods.offer(con)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Every feed's empty table, so that a feed that a workspace lacks is empty and not absent."""
    con.execute(
        "create table staging.problems (feed varchar, kind varchar, file_id integer, line integer, "
        "part integer, field varchar, value varchar, expected varchar, reason varchar, "
        "row_text varchar)"
    )
    con.execute(
        "create table staging.skipped (feed varchar, file_id integer, line integer, "
        "reason varchar, row_text varchar)"
    )
    con.execute(
        "create table staging.sums (feed varchar, file_id integer, field varchar, "
        f"counted {MONEY}, unreadable bigint, stated {MONEY}, stated_line integer)"
    )
    con.execute(
        "create table main.supplier_sums (file_id integer, month date, service_id varchar, "
        "council_id varchar, cost_type varchar, supplier varchar, lines bigint, "
        f"amount_gbp {MONEY}, is_illustrative boolean, last_date date)"
    )
    con.execute(
        "create table staging.ledger_sums (file_id integer, month date, service_id varchar, "
        f"council_id varchar, cost_type varchar, lines bigint, amount_gbp {MONEY}, "
        "is_illustrative boolean, last_date date)"
    )
    for feed in FEEDS:
        columns = ", ".join(f"{name_sql(n)} {t}" for n, t in columns_of(feed).items())
        if feed == "ledger":
            con.execute(
                f"create table main.ledger (file_id integer, line integer, {columns}, "
                "is_illustrative boolean)"
            )
            continue
        con.execute(
            f"create table staging.{feed}_rows (file_id integer, line integer, part integer, "
            f"entries integer, {columns}, is_illustrative boolean, standing varchar)"
        )
        con.execute(
            f"create view staging.{feed} as select * exclude (part, entries, standing) "
            f"from staging.{feed}_rows where standing is null"
        )


# A file to be read carefully: its number, its account, and what was opened.
Opened = tuple[int, FileAccount, Export]

# Bytes of files whose lines are held, so that those asked for again need not be read again.
_HELD_BYTES = 16_000_000


@contextmanager
def little_memory(con: duckdb.DuckDBPyConnection, wanted: bool) -> Iterator[None]:
    """Rows of text take little memory within this, if it is wanted: what does not fit waits on the
    disk."""
    try:
        if wanted:
            # What others hold already may be more than that: then it stays as it was.
            with suppress(duckdb.OutOfMemoryException):
                con.execute(f"set memory_limit = '{settings.MEMORY_LIMIT_OF_TEXT}'")
        yield
    finally:
        if wanted:
            con.execute(f"set memory_limit = '{settings.MEMORY_LIMIT}'")


def stage(con: duckdb.DuckDBPyConnection, resource: Resource, opened: Iterable[Opened]) -> None:
    """Read the exports of one resource as text into the view `rows`, noting what is skipped.

    They are taken one by one, and beyond some their lines are let go once they were read. The text
    of a line is kept with it only where it could not be split; else it is asked for where wanted.
    """
    cells = [f"c{i}" for i in range(len(resource.fields))]
    con.execute(
        "create or replace temp table staged (file_id integer, line integer, part integer, "
        "row_text varchar, odd varchar" + "".join(f", {c} varchar" for c in cells) + ")"
    )
    con.execute("create or replace temp view rows as select * from staged")
    names = ["file_id", "line", "part", "row_text", "odd", *cells]
    held: list[tuple] = []
    skipped: list[tuple] = []

    def put() -> None:
        if held:
            arrays = [_texts(column) for column in zip(*held, strict=True)]
            con.register("held_rows", pa.table(arrays, names=names))
            con.execute("insert into staged select * from held_rows")
            con.unregister("held_rows")
            held.clear()

    held_bytes = 0
    # Cases that are open are skipped by what they say, once their days are known.
    keeps_text = any(f.days for f in resource.fields)
    for file_id, account, export in opened:
        account.header_lines = export.layout.header_lines
        account.parts = len(export.layout.parts)
        account.lines = export.line_count
        account.encoding = export.encoding
        for row in read_rows(export, resource):
            account.read += 1
            if isinstance(row, Skipped):
                account.skipped[row.reason] = account.skipped.get(row.reason, 0) + 1
                account.skipped_lines += row.reason != "no figure"
                if row.reason not in _COUNTED_ONLY:
                    skipped.append((resource.feed, file_id, row.line, row.reason, row.text))
                continue
            line, part, text, odd, values = row
            held.append((file_id, line, part, text if odd or keeps_text else None, odd, *values))
            if len(held) >= _CHUNK:
                put()
        account.continued = export.continued
        account.notes = export.notes
        export.labelled = beside.labelled_lines(
            export.lines, export.layout, resource, export.offset
        )
        held_bytes += sum(map(len, export.lines))
        if held_bytes > _HELD_BYTES:
            export.let_go()
    put()
    insert(con, "staging.skipped", skipped)


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple]) -> None:
    """Put rows into a table in one go, as texts that are cast to what the table's columns are."""
    if not rows:
        return
    arrays = [_texts(column) for column in zip(*rows, strict=True)]
    con.register("rows_to_insert", pa.table(arrays, names=[f"a{n}" for n in range(len(arrays))]))
    con.execute(f"insert into {table} select * from rows_to_insert")
    con.unregister("rows_to_insert")


def _texts(column: Iterable[object]) -> pa.Array:
    """A column as texts. `pa.array` would import pandas, which takes as long as reading all the
    small files of a workspace."""
    texts = StringBuilder()
    texts.append_values(v if v is None or isinstance(v, str) else str(v) for v in column)
    return texts.finish()


def add_problems(
    con: duckdb.DuckDBPyConnection, feed: str, kind: str, found: Iterable[tuple]
) -> None:
    """Keep problems: (file_id, line, part, row_text, field, value, expected, reason)."""
    rows = [
        (feed, kind, file_id, line, part, field, value, expected, reason, text)
        for file_id, line, part, text, field, value, expected, reason in found
    ]
    insert(con, "staging.problems", rows)


def sum_ledger(con: duckdb.DuckDBPyConnection, new: list[int]) -> None:
    """Sum up the ledger lines of new files by month, so that old ones need not be read again.

    By supplier first and from those sums without: the lines themselves are read through once.
    """
    these = f"where file_id in ({', '.join(map(str, new))}) group by all"
    con.execute(
        "insert into main.supplier_sums select file_id, date_trunc('month', date)::date, "
        "service_id, council_id, cost_type, supplier, count(*), sum(amount_gbp), "
        f"bool_or(is_illustrative), max(date) from main.ledger {these}"
    )
    con.execute(
        "insert into staging.ledger_sums select file_id, month, service_id, council_id, "
        "cost_type, sum(lines), sum(amount_gbp), bool_or(is_illustrative), max(last_date) "
        f"from main.supplier_sums {these}"
    )
