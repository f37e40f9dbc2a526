"""A total that no word of the contract's columns gives away: the last row of a file.

Such a row is the sum of all others, and either lacks a text that every other row has, or says that
it is a total in a column that fills no field. Its figures alone could be chance; with that, not.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

import duckdb

from dashboard.load.contract import Resource
from dashboard.load.labels import LABELS, as_label
from dashboard.load.layout import Layout
from dashboard.load.read import plain_amount
from dashboard.load.sql import name_sql
from dashboard.load.text import Record, records

# One row is no sum of others.
_ROWS_AT_LEAST = 2

# Notes may stand beneath a total.
_LINES_AT_THE_END = 20


class Source(Protocol):
    """A file whose records can be had by the lines that they begin on."""

    layout: Layout

    def records_at(self, lines: list[int]) -> dict[int, Record]: ...


def flag(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    sources: Mapping[int, Source],
) -> None:
    """Make the last row of each file in the table `typed` a candidate for a total, where it is one
    by its figures (`fields`) and by what it lacks or says."""
    texts = [f.name for f in resource.fields if f.kind == "text" and f.is_in_file]
    texts = [t for t in texts if t != (resource.across.name if resource.across else None)]
    if not fields:
        return
    for file_id, line, lacks in _sums_at_the_end(con, fields, texts):
        record = sources[file_id].records_at([line]).get(line)
        says = record is not None and any(as_label(cell) in LABELS for cell in record.cells)
        if lacks or says:
            con.execute(
                "update typed set is_candidate = true, is_lacking = true "
                "where file_id = ? and line = ?",
                [file_id, line],
            )


def _sums_at_the_end(
    con: duckdb.DuckDBPyConnection, fields: list[str], texts: list[str]
) -> list[tuple[int, int, bool]]:
    """Files whose last row of data states what all others come to, in every figure: the file, the
    line, and whether it lacks a text that all others have."""
    agrees = " and ".join(
        f"(sum({name_sql(f)}) filter (is_last) is null and "
        f"coalesce(sum({name_sql(f)}) filter (not is_last), 0) = 0 or "
        f"abs(sum({name_sql(f)}) filter (is_last) - "
        f"coalesce(sum({name_sql(f)}) filter (not is_last), 0)) <= 0.01)"
        for f in fields
    )
    says_something = " or ".join(f"sum({name_sql(f)}) filter (is_last) <> 0" for f in fields)
    lacks = " or ".join(
        f"(bool_and({name_sql(t)} is null) filter (is_last) and "
        f"not bool_or({name_sql(t)} is null) filter (not is_last))"
        for t in texts
    )
    return con.execute(
        "with last as (select file_id, max(line) as line from typed where not is_candidate "
        "group by file_id), "
        "marked as (select t.*, t.line = last.line as is_last, last.line as last_line "
        "from typed as t join last using (file_id) where not is_candidate), "
        f"parts as (select file_id, part, any_value(last_line) as line, "
        "count(*) filter (not is_last) as others, bool_or(is_last) as is_there, "
        f"({agrees}) as agrees, ({says_something}) as says_something, "
        f"coalesce({lacks or 'false'}, false) as lacks from marked group by file_id, part) "
        "select file_id, any_value(line), bool_and(lacks) from parts where is_there "
        f"group by file_id having bool_and(agrees and others >= {_ROWS_AT_LEAST}) "
        "and bool_or(says_something)"
    ).fetchall()


def may_be_total(lines: list[str], layout: Layout, resource: Resource, amount: Decimal) -> bool:
    """True where one of a file's last lines states half of all that the file's rows come to, which
    is what a total among them does. For readers that keep no rows in order."""
    at = next(
        place
        for f, place in zip(resource.fields, layout.parts[0].places, strict=True)
        if f.kind == "money"
    )
    if not isinstance(at, int) or not amount:
        return False
    for line in [line for line in lines if line.strip()][-_LINES_AT_THE_END:]:
        cells = next(records([line], layout.delimiter)).cells
        stated = plain_amount(cells[at]) if at < len(cells) else None
        if stated is not None and abs(Decimal(repr(stated)) * 2 - amount) <= Decimal("0.02"):
            return True
    return False
