"""Periods that hold other periods of the same series: quarters, halves and years beside months.

Where figures add up over time, a quarter beside its months is their total, and both in one sum
would count everything twice. So of every stretch of months the shortest periods stand. A longer
one that states what they come to is a total over time: it is skipped, and its file reconciled by
it. One that states something else is set aside with both figures. One that stands alone is data.

Money is judged by what was budgeted and spent (a forecast is of the whole year in every month);
volumes by their kind: a flow adds up, a level or headcount is that of the last month or the mean.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from dashboard.load.feeds import FEEDS
from dashboard.load.periods import Period, in_months
from dashboard.load.sql import name_sql, text_sql
from dashboard.load.staging import add_problems, insert, table_of

# What a row is that repeats the sum of others: how it stands in its feed, and why it is skipped.
TOTAL = "total over time"

# How problems found here are kept: they depend on other files, and are found anew at each load.
KIND = "over time"

# The feeds whose figures add up over time, their figures, and which of those are added up.
FIGURES = {
    "costs": ("budget_gbp", "actual_gbp", "forecast_gbp"),
    "volumes": ("quantity",),
}
NOT_ADDED = {"forecast_gbp"}

# Figures published in whole pounds or thousands need not add up to the last digit; beyond this part
# of the total a difference is more than rounding.
_ROUNDING = Decimal("0.005")


@dataclass
class Row:
    """One row of a series: where it stands, its months from first to last, and its figures."""

    place: tuple[int, int, int]
    label: str
    start: date
    end: date
    figures: dict[str, Decimal]
    kind: str | None

    @property
    def months(self) -> range:
        return range(_count(self.start), _count(self.end) + 1)

    def holds(self, other: "Row") -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Row") -> bool:
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True)
class Wrong:
    """Why a row is set aside: the field, what it states, and what is wrong with it."""

    field: str
    value: str
    reason: str


def judge(con: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Tell totals over time among all rows of a feed, whichever files and loads they came with.

    Those that agree stand as `TOTAL`; those that do not as `conflict`, each with its problem. To
    be called after keys were checked: rows that are set aside already are no part of any sum.
    """
    if feed not in FIGURES:
        return
    con.execute("delete from staging.problems where feed = ? and kind = ?", [feed, KIND])
    totals: list[tuple[int, int, int]] = []
    wrong: list[tuple[Row, Wrong]] = []
    for rows in _series(con, feed).values():
        _judge_series(rows, totals, wrong)
    add_problems(
        con,
        feed,
        KIND,
        [
            (*row.place, None, said.field, said.value, "what its months come to", said.reason)
            for row, said in wrong
        ],
    )
    stand(con, feed, totals, TOTAL)
    stand(con, feed, [row.place for row, _ in wrong], "conflict")


def agreed(con: duckdb.DuckDBPyConnection, feed: str) -> dict[int, tuple[str, dict[str, Decimal]]]:
    """By file: its totals over time in words, and what they come to by field."""
    if feed not in FIGURES:
        return {}
    fields = FIGURES[feed]
    sums = ", ".join(f"sum({name_sql(f)})" for f in fields)
    return {
        file_id: (_in_words(rows, labels), given(fields, values))
        for file_id, rows, labels, *values in con.execute(
            f"select file_id, count(*), list(distinct period order by period), {sums} "
            f"from {table_of(feed)} where standing = ? group by file_id",
            [TOTAL],
        ).fetchall()
    }


def _in_words(rows: int, labels: list[str]) -> str:
    named = ", ".join(labels[:_NAMED]) + (", …" if len(labels) > _NAMED else "")
    if rows == 1:
        return f"1 total over time ({named}) states what the periods within it come to"
    return f"{rows:,} totals over time ({named}) state what the periods within them come to"


# Periods named in one sentence.
_NAMED = 6


def given(fields: tuple[str, ...], values: list) -> dict[str, Decimal]:
    return {
        f: v if isinstance(v, Decimal) else Decimal(repr(v))
        for f, v in zip(fields, values, strict=True)
        if v is not None
    }


def _series(con: duckdb.DuckDBPyConnection, feed: str) -> dict[tuple, list[Row]]:
    """The rows of every series in which a month is covered twice."""
    fields = FIGURES[feed]
    key = [name_sql(k) for k in FEEDS[feed].key if k != "period"]
    by = ", ".join(key)
    same = " and ".join(f"s.{k} is not distinct from d.{k}" for k in key)
    kind = "s.kind" if feed == "volumes" else "null"
    columns = ", ".join(f"s.{c}" for c in (*map(name_sql, fields), *key))
    found: dict[tuple, list[Row]] = defaultdict(list)
    for file_id, line, part, label, start, end, said, *rest in con.execute(
        f"with standing as (from {table_of(feed)} where standing is null), "
        f"covered as (select {by}, period_start <= max(period_end) over (partition by {by} "
        "order by period_start, period_end desc rows between unbounded preceding and 1 preceding) "
        "as is_twice from standing), "
        f"double as (select distinct {by} from covered where is_twice) "
        "select s.file_id, s.line, s.part, s.period, s.period_start, s.period_end, "
        f"{kind}, {columns} from standing as s join double as d on {same}"
    ).fetchall():
        figures = given(fields, rest[: len(fields)])
        row = Row((file_id, line, part), label, start, end, figures, said)
        found[tuple(rest[len(fields) :])].append(row)
    return found


def _judge_series(
    rows: list[Row], totals: list[tuple[int, int, int]], wrong: list[tuple[Row, Wrong]]
) -> None:
    """The shorter stand; a longer one is judged by those that stand within it."""
    is_level = any(row.kind in ("level", "headcount") for row in rows)
    standing: list[Row] = []
    for row in sorted(rows, key=lambda r: (len(r.months), r.start, r.label, r.place)):
        others = [one for one in standing if row.overlaps(one) and share_a_figure(row, one)]
        across = next((one for one in others if not row.holds(one)), None)
        if not others:
            standing.append(row)
        elif across is not None:
            wrong.append((row, _crosses(row, across)))
        elif said := disagreement(row, others, is_level):
            wrong.append((row, said))
        else:
            totals.append(row.place)


def share_a_figure(row: Row, other: Row) -> bool:
    """Budgets of a year and actuals of its months are not in each other's way."""
    return bool(set(row.figures) & set(other.figures) - NOT_ADDED)


def _crosses(row: Row, other: Row) -> Wrong:
    shared = sorted(set(row.months) & set(other.months))
    return Wrong(
        "period",
        row.label,
        f"{row.label} and {other.label} both hold {_stretches(shared)}, and neither holds the "
        "other: what was in both would be counted twice",
    )


def disagreement(row: Row, within: list[Row], is_level: bool) -> Wrong | None:
    """What a longer period states that those within it do not come to, or None."""
    for name, stated in row.figures.items():
        parts = sorted((p for p in within if name in p.figures), key=lambda p: p.end)
        if name in NOT_ADDED:
            continue
        if not parts:
            return Wrong(
                name,
                as_figure(name, stated),
                f"{row.label} repeats what the periods within it state, but its {name} is given "
                "for none of them: it has to be given by the same periods as the rest",
            )
        amounts = [p.figures[name] for p in parts]
        whole = sum(amounts, Decimal(0))
        if is_level:
            mean = whole / len(amounts)
            if stated == amounts[-1] or abs(stated - mean) <= _half_a_digit(stated):
                continue
        elif abs(stated - whole) <= tolerance(name, [stated, *amounts]):
            continue
        return Wrong(name, as_figure(name, stated), _of_difference(row, name, parts, is_level))
    return None


def _of_difference(row: Row, name: str, parts: list[Row], is_level: bool) -> str:
    covered = sorted({month for part in parts for month in part.months})
    missing = sorted(set(row.months) - set(covered))
    amounts = [p.figures[name] for p in parts]
    if is_level:
        there = (
            f"{_stretches(covered)} ended at {as_figure(name, amounts[-1])}, "
            f"{as_figure(name, sum(amounts, Decimal(0)) / len(amounts))} on average"
        )
    else:
        come = "comes" if len(covered) == 1 else "come"
        there = f"{_stretches(covered)} {come} to {as_figure(name, sum(amounts, Decimal(0)))}"
    lack = (
        f"; {_stretches(missing)} {'is' if len(missing) == 1 else 'are'} not there"
        if missing
        else ""
    )
    return f"{row.label} states {as_figure(name, row.figures[name])}; {there}{lack}"


def tolerance(name: str, amounts: list[Decimal]) -> Decimal:
    """How far a total may lie from its parts for nothing but rounding: half a digit of each.

    Counts are exact; money may have been rounded to pounds or thousands before it was published.
    """
    if name == "quantity" and all(a == a.to_integral_value() for a in amounts):
        return Decimal(0)
    digit = max(_digit(a) for a in amounts) if name == "quantity" else _unit(amounts)
    loose = digit / 2 * len(amounts)
    penny = Decimal("0.005") * len(amounts)
    return max(min(loose, abs(amounts[0]) * _ROUNDING / len(amounts)), min(penny, loose))


def _unit(amounts: list[Decimal]) -> Decimal:
    """The unit in which money was published: a penny, a pound, a thousand pounds."""
    units = (Decimal(1000), Decimal(1))
    return next((u for u in units if all(a % u == 0 for a in amounts)), Decimal("0.01"))


def _digit(amount: Decimal) -> Decimal:
    """The last digit of a number as it was published."""
    return Decimal(1).scaleb(min(int(amount.normalize().as_tuple().exponent), 0))


def _half_a_digit(amount: Decimal) -> Decimal:
    return _digit(amount) / 2


def as_figure(name: str, amount: Decimal) -> str:
    return f"{amount:,.2f}" if name.endswith("_gbp") else f"{round(amount, 4).normalize():,f}"


def _count(month: date) -> int:
    return month.year * 12 + month.month - 1


def _stretches(months: list[int]) -> str:
    """Months in words, those that follow each other as one stretch."""
    runs: list[list[int]] = []
    for month in months:
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    first_days = [[date(m // 12, m % 12 + 1, 1) for m in (run[0], run[-1])] for run in runs]
    said = [in_months(Period("", "", start, end)) for start, end in first_days]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def stand(
    con: duckdb.DuckDBPyConnection, feed: str, places: list[tuple[int, int, int]], standing: str
) -> None:
    if places:
        con.execute("create or replace temp table judged (file_id int, line int, part int)")
        insert(con, "judged", places)
        con.execute(
            f"update {table_of(feed)} as t set standing = {text_sql(standing)} from judged as j "
            "where t.file_id = j.file_id and t.line = j.line and t.part = j.part"
        )
