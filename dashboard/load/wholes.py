"""Rows for all councils, services or kinds of cost together that stand beside those of each.

A table of costs often has a row "All councils" or "Both" in every month. No word settles that it is
a total, for a service may be called All Saints; but where what is called so states what the others
of the same month, service and kind come to, both in one sum would count everything twice. Such rows
are set aside, those that differ from the others among them with both figures.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from dashboard.load.feeds import FEEDS
from dashboard.load.over_time import FIGURES, KIND, NOT_ADDED, as_figure, stand, tolerance
from dashboard.load.sql import name_sql, text_sql
from dashboard.load.staging import add_problems, table_of

# What names a whole, before what it is a whole of or by itself; or behind it.
WHOLE = (
    r"(?:all|both|whole|total|totals|combined|overall|aggregate|joint|net|gross|onesource)"
    r"(?:[^a-z0-9].*)?|.*[^a-z0-9](?:total|totals|combined|overall|together)"
)

# One other row is no sum: where one council alone was served, all together have its figures.
_OTHERS_AT_LEAST = 2

# Columns of which a value can be a whole of the others.
_SIDES = ("council_id", "service_id", "cost_type")


@dataclass(frozen=True)
class _Beside:
    """A row that is called a whole, and what the others beside it come to."""

    place: tuple[int, int, int]
    period: str
    others: int
    stated: dict[str, Decimal]
    come_to: dict[str, Decimal]

    @property
    def differs(self) -> str | None:
        """The first figure that is not what the others come to."""
        return next((f for f in self.stated if not self._agrees(f)), None)

    def _agrees(self, name: str) -> bool:
        stated, come_to = self.stated[name], self.come_to.get(name)
        if come_to is None:
            return False
        return abs(stated - come_to) <= tolerance(name, [stated, *[come_to] * self.others])

    @property
    def is_sum(self) -> bool:
        return (
            self.others >= _OTHERS_AT_LEAST and any(self.stated.values()) and self.differs is None
        )


def judge(con: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Set aside what repeats others of a feed as their whole. To be called after totals over time
    were told."""
    if feed not in FIGURES:
        return
    for side in _SIDES:
        if side not in FEEDS[feed].key:
            continue
        wrong = []
        for whole, rows in _called_so(con, feed, side).items():
            of_several = [r for r in rows if r.others >= _OTHERS_AT_LEAST]
            sums = sum(r.is_sum for r in of_several)
            # Half of them are no chance: the others were revised, or a row of theirs is lost.
            if sums and 2 * sums >= len(of_several):
                wrong += [_problem(row, side, whole) for row in rows if row.stated]
        add_problems(con, feed, KIND, wrong)
        stand(con, feed, [(file_id, line, part) for file_id, line, part, *_ in wrong], "conflict")


def _called_so(con: duckdb.DuckDBPyConnection, feed: str, side: str) -> dict[str, list[_Beside]]:
    """By what is called a whole: its rows that stand beside others."""
    table, fields = table_of(feed), [f for f in FIGURES[feed] if f not in NOT_ADDED]
    is_whole = f"regexp_full_match(lower(trim({side})), {text_sql(WHOLE)})"
    named = con.execute(
        f"select distinct {side} from {table} where standing is null and {is_whole}"
    ).fetchall()
    found: dict[str, list[_Beside]] = defaultdict(list)
    if not named:
        return found
    same = " and ".join(
        f"w.{name_sql(k)} is not distinct from o.{name_sql(k)}"
        for k in FEEDS[feed].key
        if k != side
    )
    stated = "".join(f", any_value(w.{name_sql(f)})" for f in fields)
    come_to = "".join(f", sum(o.{name_sql(f)})" for f in fields)
    for file_id, line, part, period, whole, others, *amounts in con.execute(
        f"with standing as (from {table} where standing is null) "
        f"select w.file_id, w.line, w.part, any_value(w.period), any_value(w.{side}), count(*)"
        f"{stated}{come_to} from standing as w join standing as o on {same} "
        f"where {is_whole.replace(side, f'w.{side}')} "
        f"and not coalesce({is_whole.replace(side, f'o.{side}')}, false) "
        "group by w.file_id, w.line, w.part order by all"
    ).fetchall():
        figures = [
            None if a is None else a if isinstance(a, Decimal) else Decimal(repr(a))
            for a in amounts
        ]
        states, sums = (
            {f: a for f, a in zip(fields, some, strict=True) if a is not None}
            for some in (figures[: len(fields)], figures[len(fields) :])
        )
        found[whole].append(_Beside((file_id, line, part), period, others, states, sums))
    return found


def _problem(row: _Beside, side: str, whole: str) -> tuple:
    which = (
        f"the other row of {row.period} comes"
        if row.others == 1
        else f"the {row.others:,} other rows of {row.period} come"
    )
    name = row.differs or next((f for f, a in row.stated.items() if a), next(iter(row.stated)))
    stated = as_figure(name, row.stated[name])
    if row.differs:
        amount = row.come_to.get(name)
        come_to = "nothing" if amount is None else as_figure(name, amount)
        is_so = f"states {stated}, and {which} to {come_to}"
    else:
        is_so = f"states {stated}, which is what {which} to"
    why = (
        f"'{whole}' {is_so}: it would be counted twice; if it is their total, the contract's "
        f'totals say so (["{whole}"]), and if it is a name of its own, its values do '
        f'({{"{whole}": "…"}})'
    )
    return (*row.place, None, side, whole, "one of the parts, or their total by name", why)
