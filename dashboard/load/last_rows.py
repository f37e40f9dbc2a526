"""A total that no word of the contract's columns gives away: the last row of a file.

Such a row is the sum of all others, and either lacks a text that every other row has, or says that
it is a total in a column that fills no field. Where it says neither, but what may mean all rows
("All suppliers", "Balance"), it is set aside: a total, and data, for all that can be told. With a
name that no other row bears it is data, and a note says what it comes to. One that lacks a text and
is nearly that sum is set aside: a total of which something was lost or changed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import duckdb

from dashboard.load import beside
from dashboard.load.contract import Resource
from dashboard.load.labels import LABELS, as_label
from dashboard.load.layout import Layout
from dashboard.load.read import plain_amount
from dashboard.load.sql import name_sql
from dashboard.load.text import Record, records

# One row is no sum of others.
_ROWS_AT_LEAST = 2

# A sum of so many figures, all of one sign and to the penny, is hardly chance.
_FIGURES_AT_LEAST = 3

# A last row without a name that differs from the sum by less than this part of it is hardly data.
_NEAR = Decimal("0.05")

# The feeds whose rows add up to no row of their own. A figure for all councils together stands
# among those of each in others, under an id of the contract's.
_ADD_UP = ("ledger", "costs", "volumes")

# What may mean all rows without the word: nobody else is called so by more than chance.
_ALL_ROWS = re.compile(
    r"(?:all|both|whole|sum|overall|aggregate|combined|balance|net|gross)(?:[^a-z0-9].*)?|"
    r".*[^a-z0-9](?:sum|combined|overall|together)|t[ .]o[ .]t[ .]a[ .]l[ .]?s?",
    re.IGNORECASE,
)

# Notes may stand beneath a total.
_LINES_AT_THE_END = 20


class Source(Protocol):
    """A file whose records can be had by the lines that they begin on."""

    layout: Layout

    def records_at(self, lines: list[int]) -> dict[int, Record]: ...


@dataclass(frozen=True)
class Summed:
    """The last row of a file, which is the sum of all others and names what no other row does.

    `problems` to set it aside with, a row for each part, where that may mean all; else a `note`.
    """

    file_id: int
    problems: tuple[tuple[int, int, int, str, str, str, str, str], ...] = ()
    note: str | None = None


def flag(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    sources: Mapping[int, Source],
) -> list[Summed]:
    """Make the last row of each file in the table `typed` a candidate for a total, where it is one
    by its figures (`fields`) and by what it lacks or says.

    Answers those rows that are one by their figures, and by a name that no other row bears.
    """
    texts = [f.name for f in resource.fields if f.kind == "text" and f.is_in_file]
    texts = [t for t in texts if t != (resource.across.name if resource.across else None)]
    summed: list[Summed] = []
    if not fields:
        return summed
    exact = _sums_at_the_end(con, fields, texts)
    if resource.feed in _ADD_UP:
        known = {file_id for file_id, *_ in exact}
        for file_id, line, lacks, is_alike in _sums_at_the_end(con, fields, texts, _NEAR):
            if file_id not in known and lacks and is_alike:
                record = sources[file_id].records_at([line]).get(line)
                text = record.text if record else ""
                summed.append(_near(con, fields, texts, file_id, line, text))
    for file_id, line, lacks, is_alike in exact:
        record = sources[file_id].records_at([line]).get(line)
        says = record is not None and any(as_label(cell) in LABELS for cell in record.cells)
        if lacks or says:
            con.execute(
                "update typed set is_candidate = true, is_lacking = true "
                "where file_id = ? and line = ?",
                [file_id, line],
            )
        elif is_alike and resource.feed in _ADD_UP:
            text = record.text if record else ""
            summed += _summed(con, resource, fields, texts, file_id, line, text)
    return summed


def _summed(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    texts: list[str],
    file_id: int,
    line: int,
    row_text: str,
) -> list[Summed]:
    """The row, where a text of it stands in no other row of its file and the contract's `values` do
    not say that it is a name."""
    settled = {said for f in resource.fields for _, said in f.values}
    own = []
    for name in texts:
        found = con.execute(
            f"select any_value({name_sql(name)}) filter (line = ?), count(*) filter (line != ?) "
            f"from typed where file_id = ? and {name_sql(name)} = (select any_value("
            f"{name_sql(name)}) from typed where file_id = ? and line = ?)",
            [line, line, file_id, file_id, line],
        ).fetchall()
        said, others = found[0]
        if said in settled:
            return []
        if said is not None and not others:
            own.append((name, said))
    if not own:
        return []
    name, said = own[0]
    figure = next(
        f
        for f in fields
        if con.execute(
            f"select sum({name_sql(f)}) from typed where file_id = ? and line = ?", [file_id, line]
        ).fetchall()[0][0]
    )
    rows, stated = con.execute(
        f"select count(distinct line) - 1, sum({name_sql(figure)}) filter (line = ?) "
        "from typed where file_id = ?",
        [line, file_id],
    ).fetchall()[0]
    comes_to = f"states {stated:,.2f}, which is what the {rows:,} rows above it come to"
    if not _ALL_ROWS.fullmatch(as_label(said)):
        note = (
            f"line {line} ('{said}') {comes_to}: loaded as data (if it is a total, the contract's "
            f'totals say so: ["{said}"])'
        )
        return [Summed(file_id, note=note)]
    why = (
        f"{comes_to}, as a total does; if it is one, the contract's totals say so "
        f'(["{said}"]), and if it is data, its values do ({{"{said}": "{said}"}})'
    )
    expected = "a row of data, or a total that says so"
    return [_set_aside(con, file_id, line, row_text, name, said, expected, why)]


def _near(
    con: duckdb.DuckDBPyConnection,
    fields: list[str],
    texts: list[str],
    file_id: int,
    line: int,
    row_text: str,
) -> Summed:
    """The row, which lacks a text that all others have and differs a little from their sum."""
    figure, stated, rows, come_to = next(
        (f, *found)
        for f in fields
        if (
            found := con.execute(
                f"select sum({name_sql(f)}) filter (line = ?), "
                "count(distinct line) filter (line != ? and not is_candidate), "
                f"sum({name_sql(f)}) filter (line != ? and not is_candidate) "
                "from typed where file_id = ?",
                [line, line, line, file_id],
            ).fetchall()[0]
        )[0]
    )
    lacks = next(
        t
        for t in texts
        if con.execute(
            f"select bool_and({name_sql(t)} is null) filter (line = ?) and "
            f"not bool_or({name_sql(t)} is null) filter (line != ? and not is_candidate) "
            "from typed where file_id = ?",
            [line, line, file_id],
        ).fetchall()[0][0]
    )
    why = (
        f"the last row states {stated:,.2f} in {figure}, the {rows:,} rows above it come to "
        f"{come_to:,.2f}, and it alone has no {lacks}: it reads as their total, and differs; if it "
        f'is data, the contract\'s values give it a name ({{"": "…"}})'
    )
    expected = "a row of data, or the sum of rows"
    return _set_aside(con, file_id, line, row_text, lacks, "", expected, why)


def _set_aside(
    con: duckdb.DuckDBPyConnection, file_id: int, line: int, row_text: str, *said: str
) -> Summed:
    """The row with its problem (`said`: the field, its value, what was expected, why) in each part
    of it."""
    parts = con.execute(
        "select part from typed where file_id = ? and line = ?", [file_id, line]
    ).fetchall()
    return Summed(file_id, tuple((file_id, line, part, row_text, *said) for (part,) in parts))


def _sums_at_the_end(
    con: duckdb.DuckDBPyConnection,
    fields: list[str],
    texts: list[str],
    within: Decimal = Decimal(0),
) -> list[tuple[int, int, bool, bool]]:
    """Files whose last row of data states what all others come to, in every figure: the file, the
    line, whether it lacks a text that all others have, and whether all figures are of one sign and
    more than a few. It may differ by a part of the sum (`within`)."""
    agrees = " and ".join(
        f"(sum({name_sql(f)}) filter (is_last) is null and "
        f"coalesce(sum({name_sql(f)}) filter (not is_last), 0) = 0 or "
        f"abs(sum({name_sql(f)}) filter (is_last) - "
        f"coalesce(sum({name_sql(f)}) filter (not is_last), 0)) <= greatest(0.01, {within} * "
        f"abs(coalesce(sum({name_sql(f)}) filter (not is_last), 0))))"
        for f in fields
    )
    says_something = " or ".join(f"sum({name_sql(f)}) filter (is_last) <> 0" for f in fields)
    lacks = " or ".join(
        f"(bool_and({name_sql(t)} is null) filter (is_last) and "
        f"not bool_or({name_sql(t)} is null) filter (not is_last))"
        for t in texts
    )
    alike = " and ".join(
        f"(sum({name_sql(f)}) filter (not is_last) is null or (abs(sum(sign({name_sql(f)})) filter "
        f"(not is_last)) = count(*) filter (not is_last and {name_sql(f)} <> 0)))"
        for f in fields
    )
    many = " or ".join(
        f"count(*) filter (not is_last and {name_sql(f)} <> 0) >= {_FIGURES_AT_LEAST}"
        for f in fields
    )
    return con.execute(
        "with last as (select file_id, max(line) as line from typed where not is_candidate "
        "group by file_id), "
        "marked as (select t.*, t.line = last.line as is_last, last.line as last_line "
        "from typed as t join last using (file_id) where not is_candidate), "
        f"parts as (select file_id, part, any_value(last_line) as line, "
        "count(*) filter (not is_last) as others, bool_or(is_last) as is_there, "
        f"({agrees}) as agrees, ({says_something}) as says_something, "
        f"coalesce({lacks or 'false'}, false) as lacks, ({alike}) and ({many}) as is_alike "
        "from marked group by file_id, part) select file_id, any_value(line), bool_and(lacks), "
        "bool_and(is_alike) from parts where is_there "
        f"group by file_id having bool_and(agrees and others >= {_ROWS_AT_LEAST}) "
        "and bool_or(says_something)"
    ).fetchall()


def may_be_total(lines: list[str], layout: Layout, resource: Resource, amount: Decimal) -> bool:
    """True where one of a file's last lines states about half of all that the file's rows come to,
    which is what a total among them does, or says in a column of no field that it is one. For
    readers that keep no rows in order."""
    if beside.labelled_lines(lines, layout, resource):
        return True
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
        if stated is not None and _is_half(Decimal(repr(stated)), amount):
            return True
    return False


def _is_half(stated: Decimal, amount: Decimal) -> bool:
    others = amount - stated
    return abs(stated - others) <= max(Decimal("0.01"), _NEAR * abs(others))
