"""Longer periods that state, for all kinds of cost, councils or services together, what shorter
ones give for each.

A quarter's row has no type of cost, or is called "All", where its months have a row for each type.
The series are not the same, so that no total over time is told among them (`over_time`), and both
in one sum would count everything twice. A row that is the sum of them is skipped, and its file
reconciled by it; one that differs is set aside with both figures. One that has a name of its own,
such as a redundancy paid by the quarter, is data.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import duckdb

from dashboard.load.feeds import FEEDS
from dashboard.load.over_time import (
    FIGURES,
    KIND,
    TOTAL,
    Row,
    Wrong,
    disagreement,
    given,
    share_a_figure,
    stand,
)
from dashboard.load.sql import name_sql, text_sql
from dashboard.load.staging import add_problems, table_of
from dashboard.load.wholes import WHOLE

# Columns of which a blank or a word can mean all of the others, and what they are called.
_SIDES = {
    "council_id": "council",
    "service_id": "service",
    "cost_type": "cost type",
    "budget_block": "budget block",
}

# What means all without a doubt; of other words (All Saints) the figures have to agree.
_MEANS_ALL = re.compile(
    r"(?:grand )?(?:all|both|total|totals|combined|overall|together)(?: (?:all|the|of|cost|costs|"
    r"types?|cost types?|councils|services|departments|boroughs|expenditure|spend|spending))*"
)

# Where a row stands in its file and in time.
_PLACE = ("file_id", "line", "part", "period", "period_start", "period_end")

_EXPECTED = "what its months come to"

# One row is no sum of others, where only its figures tell.
_PARTS_AT_LEAST = 2


@dataclass
class _Whole:
    """A row that says all, or nothing, in some columns (`sides`: what it says), and the rows of
    shorter periods within it that agree with it in all others."""

    row: Row
    sides: dict[str, str | None]
    parts: list[Row] = field(default_factory=list)

    @property
    def is_sure(self) -> bool:
        return all(
            said is None or _MEANS_ALL.fullmatch(said.strip().lower())
            for said in self.sides.values()
        )


def judge(con: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Tell what repeats the rows of shorter periods at another grain. To be called after totals
    over time, and wholes beside their parts, were told."""
    if feed not in FIGURES:
        return
    gone: set[tuple[int, int, int]] = set()
    totals: list[tuple[int, int, int]] = []
    wrong: list[tuple[_Whole, Wrong]] = []
    for one in sorted(_found(con, feed), key=lambda w: (len(w.row.months), w.row.place)):
        parts = [p for p in one.parts if p.place not in gone and share_a_figure(one.row, p)]
        if not parts:
            continue
        is_level = one.row.kind in ("level", "headcount")
        said = disagreement(one.row, _by_period(parts) if is_level else parts, is_level)
        if said is None and (one.is_sure or len(parts) >= _PARTS_AT_LEAST):
            if not any(one.row.figures.values()) and not one.is_sure:
                continue
            totals.append(one.row.place)
        elif said and one.is_sure:
            wrong.append((one, said))
        else:
            continue
        gone.add(one.row.place)
    add_problems(
        con,
        feed,
        KIND,
        [
            (
                *one.row.place,
                None,
                said.field,
                said.value,
                _EXPECTED,
                _why(one, said),
            )
            for one, said in wrong
        ],
    )
    stand(con, feed, totals, TOTAL)
    stand(con, feed, [one.row.place for one, _ in wrong], "conflict")


def _why(one: _Whole, said: Wrong) -> str:
    side, word = next(iter(one.sides.items()))
    called = _SIDES[side]
    if word is None:
        means = f"without a {called} it reads as all of them together"
        return f"{said.reason}; {means}: if it is one of its own, its {called} has to say which"
    means = f"'{word}' reads as every {called} together"
    return (
        f"{said.reason}; {means}: if it is a name of its own, the contract's values say so "
        f'({{"{word}": "…"}})'
    )


def _by_period(parts: list[Row]) -> list[Row]:
    """Levels of several councils add up within a month, and not over time."""
    found: dict[tuple, Row] = {}
    for part in parts:
        at = (part.start, part.end)
        one = found.setdefault(at, Row(part.place, part.label, part.start, part.end, {}, part.kind))
        for name, amount in part.figures.items():
            one.figures[name] = one.figures.get(name, 0 * amount) + amount
    return list(found.values())


def _found(con: duckdb.DuckDBPyConnection, feed: str) -> list[_Whole]:
    table, fields = table_of(feed), FIGURES[feed]
    key = [k for k in FEEDS[feed].key if k != "period"]
    sides = [k for k in key if k in _SIDES]
    is_whole = {
        s: f"(w.{s} is null or regexp_full_match(lower(trim(w.{s})), {text_sql(WHOLE)}))"
        for s in sides
    }
    agree = " and ".join(
        f"({f'{is_whole[k]} or ' if k in sides else ''}"
        f"w.{name_sql(k)} is not distinct from p.{name_sql(k)})"
        for k in key
    )
    differ = " or ".join(f"w.{s} is distinct from p.{s}" for s in sides)
    kind = ("w.kind", "p.kind") if feed == "volumes" else ("null", "null")
    columns = [
        ", ".join(f"{of}.{name_sql(c)}" for c in _PLACE)
        + f", {k}, "
        + ", ".join(f"{of}.{name_sql(f)}" for f in fields)
        for of, k in zip("wp", kind, strict=True)
    ]
    said = "".join(f", w.{s}, {is_whole[s]} and w.{s} is distinct from p.{s}" for s in sides)
    wholes: dict[tuple, _Whole] = {}
    parts: dict[tuple, list[Row]] = defaultdict(list)
    width = len(_PLACE) + 1 + len(fields)
    for row in con.execute(
        f"with standing as (from {table} where standing is null), "
        f"w as (from standing as w where period_start < period_end "
        f"and ({' or '.join(is_whole.values())})) "
        f"select {', '.join(columns)}{said} from w join standing as p on {agree} and ({differ}) "
        "and w.period_start <= p.period_start and p.period_end <= w.period_end "
        "and (w.period_start < p.period_start or p.period_end < w.period_end) order by all"
    ).fetchall():
        whole, part = (_row(row[at : at + width], fields) for at in (0, width))
        says = row[2 * width :]
        one = wholes.setdefault(whole.place, _Whole(whole, {}))
        one.sides |= {
            s: word for s, word, means in zip(sides, says[::2], says[1::2], strict=True) if means
        }
        parts[whole.place].append(part)
    for place, one in wholes.items():
        one.parts = parts[place]
    return list(wholes.values())


def _row(cells: tuple, fields: tuple[str, ...]) -> Row:
    file_id, line, part, label, start, end, kind, *figures = cells
    return Row((file_id, line, part), label, start, end, given(fields, figures), kind)
