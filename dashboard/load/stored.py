"""What the texts of rows that were read in bulk show, found without going through the rows.

DuckDB stores a column's texts once each for a block of rows, and asks a plain function of such a
column (`contains`, `trim`, `lower`) once for each of them, but a `case` or a regular expression
once for every row. So that a column is passed over in a hundredth of the time, it is asked first
for signs that plain functions see, and only rows that show one are looked at closely.
"""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from dashboard.load import wording
from dashboard.load.contract import Field, Resource
from dashboard.load.spelling import is_name
from dashboard.load.sql import name_sql

# The ledger is summed up by these, so that gathering their texts asks for no more memory than that.
_SUMMED_BY = {"service_id", "council_id", "cost_type", "supplier"}


@dataclass(frozen=True)
class Seen:
    """What some stored row shows: spaces that say nothing, a quotation mark, and, by field, a text
    that may label a total."""

    is_spaced: bool
    is_marked: bool
    labelled: frozenset[str]


def look(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    where: str,
    plain: Callable[[Field], str],
) -> Seen:
    """What stored rows show (`where`: "from … where …"); `plain` gives the SQL of a field's text
    without the spaces that say nothing."""
    columns = {column.field: column for column in wording.columns(resource)}
    is_spaced = is_marked = False
    labelled = set()
    for f in resource.fields:
        if f.kind != "text":
            continue
        text, column = name_sql(f.name), columns.get(f.name)
        signs = [_may_be_spaced(f, text, plain(f)), f"contains({text}, '\"')"]
        if column:
            signs.append(column.sign_sql(text))
        rows = f"{where} and"
        if f.name in _SUMMED_BY:
            # A table, as within one statement the signs would be looked for in every row first.
            con.execute(f"create or replace temp table texts as select distinct {text} {where}")
            rows = "from texts where"
        shows = f"{rows} ({' or '.join(signs)})"
        if not con.execute(f"select 1 {shows} limit 1").fetchall():
            continue
        spaced, marked, label = con.execute(
            f"select coalesce(bool_or({text} != {plain(f)}), false), "
            f"coalesce(bool_or(contains({text}, '\"')), false), "
            f"coalesce(bool_or({column.like_sql(text) if column else 'false'}), false) {shows}"
        ).fetchall()[0]
        is_spaced |= spaced
        is_marked |= marked
        if label:
            labelled.add(f.name)
    return Seen(is_spaced, is_marked, frozenset(labelled))


def _may_be_spaced(f: Field, text: str, plain: str) -> str:
    """SQL of plain functions, true of every text that differs from what `plain` makes of it."""
    if not is_name(f.name, f.kind):
        return f"{text} != {plain}"
    # What `one_space` takes away within a text.
    within = f"contains({text}, '  ') or contains({text}, chr(9))"
    return f"strlen({text}) != length({text}) or {within} or {text} != trim({text})"
