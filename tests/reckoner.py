"""What the figures of a small workspace are, reckoned from its csv files alone.

Python's csv, Decimal and Fraction; no SQL, no data frames, and nothing of ours but the names of
the contract's columns and what docs/methods.md and the issue say of sums, verdicts and comparisons.
Who was served when is told by whoever planted the workspace: a month that lacks shows in no row.

A figure that cannot be known is None: a sum of which a part that was due is not there, a comparison
of unlike months, a verdict without target or value.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

Pair = tuple[str, str]
Rows = list[dict[str, str]]

# The normal deviate of a 95% interval, as far as Wilson's (1927) has it printed anywhere.
Z = Decimal("1.959963984540054")


def month_of(year: int, number: int) -> date:
    """A month by its year and number; 13 is the next January, 0 the last December."""
    return date(year + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def months(first: date, last: date) -> Iterator[date]:
    """Each month from one to another, both inclusive."""
    at = first
    while at <= last:
        yield at
        at = month_of(at.year, at.month + 1)


def april_of(month: date) -> date:
    """The April that a month's financial year began with."""
    return date(month.year - (month.month < 4), 4, 1)


def a_year_before(month: date) -> date:
    return date(month.year - 1, month.month, 1)


def period_of(text: str) -> tuple[str, date, date]:
    """Kind, first and last month of "2023-04", "2023-24 Q1" or "2023-24"."""
    if " Q" in text:
        first = month_of(int(text[:4]), 1 + 3 * int(text[-1]))
        return "quarter", first, month_of(first.year, first.month + 2)
    if int(text[5:7]) == (int(text[:4]) + 1) % 100 and int(text[5:7]) > 12:
        return "financial year", date(int(text[:4]), 4, 1), date(int(text[:4]) + 1, 3, 1)
    month = date(int(text[:4]), int(text[5:7]), 1)
    return "month", month, month


@dataclass(frozen=True)
class Spell:
    """The months, both inclusive, in which a service serves a council."""

    first: date
    last: date

    def __contains__(self, month: date) -> bool:
        return self.first <= month <= self.last


@dataclass(frozen=True)
class Figure:
    """One reported figure of a series, with what it is judged and compared by."""

    period: str
    month: date
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    status: str
    target: Fraction | None = None
    verdict: str | None = None
    previous: Fraction | None = None
    previous_change: int | None = None
    year_before: Fraction | None = None
    year_change: int | None = None
    year_to_date: Fraction | None = None


class Reckoner:
    """The figures of the files in a folder, each called after its feed: costs-1.csv, …"""

    def __init__(self, folder: Path, spells: Mapping[Pair, Spell]) -> None:
        self.folder, self.spells = folder, spells
        # Of the ledger: day, service, council, cost type, supplier and amount of each line.
        self.lines = self._ledger()
        self._cells = self._costs()
        self._kinds: dict[Pair, list[str]] = defaultdict(list)
        for service, council, kind in sorted({key[:3] for key in self._cells}):
            self._kinds[service, council].append(kind)
        self._quantities = self._volumes()
        self.series = self._performance()
        self._answers = self._satisfaction()

    # Files -------------------------------------------------------------------------------------

    def _rows(self, feed: str) -> Rows:
        found: Rows = []
        for path in sorted(self.folder.glob(f"{feed}-*.csv")):
            with path.open(encoding="utf-8", newline="") as lines:
                found += list(csv.DictReader(lines))
        return found

    def _kept(self, feed: str, key: Iterable[str]) -> Rows:
        """Rows of a feed with a key: of several that say the same one; of others none."""
        by_key: dict[tuple[str, ...], Rows] = defaultdict(list)
        for row in self._rows(feed):
            by_key[tuple(row[k] for k in key)].append(row)
        return [rows[0] for rows in by_key.values() if all(row == rows[0] for row in rows)]

    # Money -------------------------------------------------------------------------------------

    def _costs(self) -> dict[tuple[str, str, str, date], tuple[Decimal | None, Decimal | None]]:
        """Budget and actual by service, council, cost type and month; of a ledger its lines."""
        found: dict[tuple[str, str, str, date], tuple[Decimal | None, Decimal | None]] = {}
        for row in self._kept("costs", ("period", "service_id", "council_id", "cost_type")):
            kind, month, _ = period_of(row["period"])
            # A quarter among months is their total: it is in none of the sums of months.
            if kind == "month":
                key = (row["service_id"], row["council_id"], row["cost_type"], month)
                found[key] = _decimal(row.get("budget_gbp")), _decimal(row.get("actual_gbp"))
        for day, service, council, cost_type, _, amount in self.lines:
            key = (service, council, cost_type, day.replace(day=1))
            before = found.get(key, (None, Decimal(0)))[1] or Decimal(0)
            found[key] = None, before + amount
        return found

    def last_month(self, services: Iterable[str], councils: Iterable[str]) -> date:
        """The newest month with any actual of these services and councils."""
        return max(
            key[3]
            for key, (_, actual) in self._cells.items()
            if actual is not None and key[0] in services and key[1] in councils
        )

    def kinds(self) -> list[str]:
        """Every cost type there is."""
        return sorted({key[2] for key in self._cells})

    def _due(
        self,
        services: Iterable[str],
        councils: Iterable[str],
        first: date,
        last: date,
        kind: str | None = None,
    ) -> Iterator[tuple[str, str, str, date]]:
        """What a sum is made of: each cost type of each pair in each month that it was served."""
        for (service, council), spell in self.spells.items():
            if service not in services or council not in councils:
                continue
            kinds = [k for k in self._kinds[service, council] if kind in (None, k)]
            for month in months(max(first, spell.first), min(last, spell.last)):
                yield from ((service, council, each, month) for each in kinds)

    def _sum(self, which: int, due: Iterable[tuple[str, str, str, date]]) -> Decimal | None:
        cells = [self._cells.get(key, (None, None))[which] for key in due]
        return None if not cells or None in cells else sum(cells, Decimal(0))

    def spent(self, *due: Any) -> Decimal | None:
        """What was spent, of services and councils from month to month, and of one cost type if it
        is named; None where any part that was due has no actual, or nothing was due."""
        return self._sum(1, self._due(*due))

    def budget(self, *due: Any) -> Decimal | None:
        """What was budgeted for the same; None where a row that was due is not there at all."""
        keys = list(self._due(*due))
        budgets = [self._cells[k][0] for k in keys if k in self._cells]
        known = [b for b in budgets if b is not None]
        return sum(known, Decimal(0)) if known and len(budgets) == len(keys) else None

    def variance(self, *due: Any) -> Decimal | None:
        """Actual less budget; None unless each part that was due has both."""
        cells = [self._cells.get(key, (None, None)) for key in self._due(*due)]
        if not cells or any(None in cell for cell in cells):
            return None
        return sum((actual - budget for budget, actual in cells), Decimal(0))

    def reported(self, *due: Any) -> tuple[Decimal | None, Decimal, Decimal]:
        """What was reported, whole or not; and budget and actual of what has both."""
        found = [self._cells.get(key, (None, None)) for key in self._due(*due)]
        actuals = [a for _, a in found if a is not None]
        both = [(b, a) for b, a in found if b is not None and a is not None]
        return (
            sum(actuals, Decimal(0)) if actuals else None,
            sum((b for b, _ in both), Decimal(0)),
            sum((a for _, a in both), Decimal(0)),
        )

    def is_like(
        self, services: Iterable[str], councils: Iterable[str], first: date, last: date
    ) -> bool:
        """Whether the same services served the same councils in the same months a year before."""
        return all(
            (month in spell) == (a_year_before(month) in spell)
            for (service, council), spell in self.spells.items()
            if service in services and council in councils
            for month in months(first, last)
        )

    def alike(
        self, services: Iterable[str], councils: Iterable[str], first: date, last: date
    ) -> tuple[Decimal | None, Decimal | None]:
        """What was spent now and a year before by those that served the same months of both."""
        pairs = [
            (service, council)
            for service, council in self.spells
            if service in services
            and council in councils
            and self.is_like((service,), (council,), first, last)
        ]
        earlier = a_year_before(first), a_year_before(last)
        return tuple(
            self._sum(1, (d for s, c in pairs for d in self._due((s,), (c,), *span)))
            for span in ((first, last), earlier)
        )

    def _ledger(self) -> list[tuple[date, str, str, str, str, Decimal]]:
        names = ("service_id", "council_id", "cost_type", "supplier")
        return [
            (date.fromisoformat(r["date"]), *(r[n] for n in names), Decimal(r["amount_gbp"]))
            for r in self._rows("ledger")
        ]

    def paid(
        self,
        services: Iterable[str],
        councils: Iterable[str],
        first: date,
        last: date,
        kind: str | None = None,
        supplier: str | None = None,
    ) -> Decimal | None:
        """What the ledger's lines come to from day to day; None without any."""
        found = [
            amount
            for day, service, council, cost_type, whom, amount in self.lines
            if first <= day <= last
            and service in services
            and council in councils
            and kind in (None, cost_type)
            and supplier in (None, whom)
        ]
        return sum(found, Decimal(0)) if found else None

    # Volumes -----------------------------------------------------------------------------------

    def _volumes(self) -> dict[tuple[str, str, str, date], tuple[Decimal, str]]:
        return {
            (r["service_id"], r["council_id"], r["unit"], period_of(r["period"])[1]): (
                Decimal(r["quantity"]),
                r["kind"] or "flow",
            )
            for r in self._kept("volumes", ("period", "service_id", "council_id", "unit"))
            if r["quantity"] and period_of(r["period"])[0] == "month"
        }

    def quantity(
        self, service: str, councils: Iterable[str], unit: str, first: date, last: date
    ) -> Fraction | None:
        """Pieces of work: a flow added up, a level averaged over all months; None with a gap."""
        total, count = Fraction(0), 0
        for council in councils:
            spell = self.spells.get((service, council))
            if spell is None:
                continue
            for month in months(max(first, spell.first), min(last, spell.last)):
                found = self._quantities.get((service, council, unit, month))
                if found is None:
                    return None
                length = 1 if found[1] == "flow" else len(list(months(first, last)))
                total += Fraction(found[0]) / length
                count += 1
        return total if count else None

    def unit_cost(
        self, service: str, councils: Iterable[str], unit: str, last: date
    ) -> Fraction | None:
        """Pounds a piece, from April to a month: sums over sums; None where not both are whole."""
        found = self._both(service, tuple(councils), unit, last)
        return found and found[0] / found[1]

    def why_it_changed(
        self, service: str, councils: Iterable[str], unit: str, last: date
    ) -> tuple[Fraction, Fraction, Fraction] | None:
        """What volume, price and mix changed of the cost since a year before, in pounds.

        Volume: as many more units as there are, at the price of before. Price: of each council
        with a unit cost in both years, its units at the change of its price. Mix: the rest.
        """
        councils = tuple(councils)
        now = self._both(service, councils, unit, last)
        before = self._both(service, councils, unit, a_year_before(last))
        if now is None or before is None:
            return None
        volume = (now[1] - before[1]) * before[0] / before[1]
        price = Fraction(0)
        for council in councils:
            new = self._both(service, (council,), unit, last)
            old = self._both(service, (council,), unit, a_year_before(last))
            if new and old and self.is_like((service,), (council,), april_of(last), last):
                price += new[1] * (new[0] / new[1] - old[0] / old[1])
        return volume, price, now[0] - before[0] - volume - price

    def _both(
        self, service: str, councils: tuple[str, ...], unit: str, last: date
    ) -> tuple[Fraction, Fraction] | None:
        """Cost and number of units from April to a month, where both are whole."""
        cost = self.spent((service,), councils, april_of(last), last)
        number = self.quantity(service, councils, unit, april_of(last), last)
        return (Fraction(cost), number) if cost is not None and number else None

    # Measures ----------------------------------------------------------------------------------

    def _performance(self) -> dict[tuple[str, str, str, str], list[Figure]]:
        """Each series (service, council, measure, kind of period), its figures in order."""
        self.measures = {r["measure_id"]: r for r in self._rows("measures")}
        self._targets = self._rows("targets")
        raw: dict[tuple[str, str, str, str], list[Figure]] = defaultdict(list)
        keys = ("period", "service_id", "council_id", "measure_id")
        for row in self._kept("performance", keys):
            kind, _, last = period_of(row["period"])
            hidden = row["value"] == "<5"
            above, below = (
                None if hidden else _fraction(row[n]) for n in ("numerator", "denominator")
            )
            value = None if hidden else _fraction(row["value"])
            if value is None and above is not None and below:
                value = self._multiplier(row["measure_id"]) * above / below
            status = "suppressed" if hidden else row["status"] or "final"
            raw[row["service_id"], row["council_id"], row["measure_id"], kind].append(
                Figure(row["period"], last, value, above, below, status)
            )
        return {
            key: self._judged(key, sorted(figures, key=lambda f: f.month))
            for key, figures in raw.items()
        }

    def _multiplier(self, measure: str) -> int:
        return 100 if self.measures[measure]["unit"] == "%" else 1

    def _judged(self, key: tuple[str, str, str, str], figures: list[Figure]) -> list[Figure]:
        _, council, measure, _ = key
        good = self.measures[measure]["good_direction"]
        cumulative = self.measures[measure]["cumulative"] == "true"
        by_month = {f.month: f for f in figures}
        told: list[Figure] = []
        for figure in figures:
            row = self._target(measure, council, figure.month)
            target = _fraction(row["target"]) if row else None
            before = by_month.get(a_year_before(figure.month))
            earlier = before.value if before else None
            past = [f.value for f in told if f.value is not None]
            previous = past[-1] if past else None
            told.append(
                Figure(
                    figure.period,
                    figure.month,
                    figure.value,
                    figure.numerator,
                    figure.denominator,
                    figure.status,
                    target,
                    verdict(row, good, figure.value, earlier),
                    previous,
                    None if cumulative else way(good, row, figure.value, previous),
                    earlier,
                    way(good, row, figure.value, earlier),
                    self._so_far(key, figure, by_month, cumulative),
                )
            )
        return told

    def _target(self, measure: str, council: str, month: date) -> dict[str, str] | None:
        """The row in force: the council's own before the general, of several the newest."""
        in_force = [
            r
            for r in self._targets
            if r["measure_id"] == measure
            and r["council_id"] in ("", council)
            and period_of(r["from"])[1] <= month
            and (not r["to"] or month <= period_of(r["to"])[1])
        ]
        own = [r for r in in_force if r["council_id"]] or in_force
        return max(own, key=lambda r: r["from"], default=None)

    def _so_far(
        self,
        key: tuple[str, str, str, str],
        figure: Figure,
        by_month: dict[date, Figure],
        cumulative: bool,
    ) -> Fraction | None:
        """The year to date: a ratio of sums, where every period due so far has both parts."""
        service, council, measure, kind = key
        if kind not in ("month", "quarter"):
            return None
        if cumulative:
            return figure.value
        step = 1 if kind == "month" else 3
        above = below = Fraction(0)
        first = april_of(figure.month)
        for nth, month in enumerate(months(first, figure.month), 1):
            if nth % step:
                continue
            spell = self.spells.get((service, council))
            found = by_month.get(month)
            if found is None and spell is not None and month not in spell:
                continue
            if found is None or found.numerator is None or found.denominator is None:
                return None
            above, below = above + found.numerator, below + found.denominator
        return self._multiplier(measure) * above / below if below else None

    def newest(self, key: tuple[str, str, str, str], first: date, last: date) -> Figure | None:
        """The newest figure of a series in a time that is not missing."""
        there = [
            f
            for f in self.series[key]
            if first <= f.month <= last and (f.value is not None or f.status == "suppressed")
        ]
        return there[-1] if there else None

    def together(
        self, measure: str, service: str, councils: Iterable[str], period: str
    ) -> tuple[Fraction, int] | None:
        """A measure over councils: the ratio of sums of those with both parts, and their number."""
        parts = [
            f
            for (s, c, m, _), figures in self.series.items()
            if (s, m) == (service, measure) and c in councils
            for f in figures
            if f.period == period and f.numerator is not None and f.denominator is not None
        ]
        below = sum((f.denominator for f in parts), Fraction(0))
        if not below:
            return None
        above = sum((f.numerator for f in parts), Fraction(0))
        return self._multiplier(measure) * above / below, len(parts)

    # The survey --------------------------------------------------------------------------------

    def _satisfaction(self) -> dict[tuple[date, str, str], tuple[int, int]]:
        return {
            (period_of(r["period"])[1], r["service_id"], r["council_id"]): (
                int(r["satisfied"]),
                int(r["respondents"]),
            )
            for r in self._kept("satisfaction", ("period", "service_id", "council_id"))
        }

    @property
    def waves(self) -> list[date]:
        return sorted({month for month, _, _ in self._answers})

    def answered(
        self, wave: date, service: str | None, council: str | None
    ) -> tuple[int, int] | None:
        """Satisfied and respondents of a wave, of one or of all (None) services and customers."""
        found = [
            counts
            for (month, s, c), counts in self._answers.items()
            if month == wave and service in (None, s) and council in (None, c)
        ]
        if not found:
            return None
        return sum(s for s, _ in found), sum(n for _, n in found)


def verdict(
    row: dict[str, str] | None, good: str, value: Fraction | None, before: Fraction | None
) -> str | None:
    """On target, close or off target by the rule of a target's row; None where none is given."""
    if row is None or value is None or row["rule"] == "none" or not row["target"]:
        return None
    target, size = Fraction(row["target"]), Fraction(row["tolerance"] or 0)
    rule = row["rule"] or "no_tolerance"
    if rule == "within_range":
        return "on target" if abs(value - target) <= size else "off target"
    if good == "neither":
        return None
    miss = {"higher": target - value, "lower": value - target, "range": abs(value - target)}[good]
    miss = max(miss, Fraction(0))
    if rule in ("percent_of_target", "worse_than_last_year"):
        size = abs(target) * size / 100
    if rule == "worse_than_last_year":
        if miss <= size:
            return "on target"
        if before is None:
            return "off target"
        worse = {
            "higher": value < before,
            "lower": value > before,
            "range": abs(value - target) > abs(before - target),
        }[good]
        return "off target" if worse else "close"
    if not miss:
        return "on target"
    return "close" if rule != "no_tolerance" and miss <= size else "off target"


def way(
    good: str, row: dict[str, str] | None, value: Fraction | None, before: Fraction | None
) -> int | None:
    """1 better, -1 worse, 0 the same than before; None where it cannot be said."""
    if value is None or before is None:
        return None
    if value == before:
        return 0
    if good == "range":
        if row is None or not row["target"]:
            return None
        target = Fraction(row["target"])
        nearer, farther = abs(value - target), abs(before - target)
        return (nearer < farther) - (nearer > farther)
    if good == "neither":
        return None
    return (1 if value > before else -1) * (1 if good == "higher" else -1)


def wilson(satisfied: int, respondents: int) -> tuple[Decimal, Decimal]:
    """Wilson's 95% score interval of a proportion, to 28 digits."""
    with localcontext() as context:
        context.prec = 40
        n, p = Decimal(respondents), Decimal(satisfied) / Decimal(respondents)
        middle = p + Z * Z / (2 * n)
        half = Z * (p * (1 - p) / n + Z * Z / (4 * n * n)).sqrt()
        scale = 1 + Z * Z / n
        return (middle - half) / scale, (middle + half) / scale


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _fraction(text: str | None) -> Fraction | None:
    return Fraction(text) if text else None


# As they are written ----------------------------------------------------------------------------


def pounds(value: Decimal) -> str:
    """An amount in a sentence: whole pounds from a hundred on, pence below, then millions."""
    sign, size = "−" if value < 0 else "", abs(value)
    if size >= 1_000_000:
        places = 1 if size >= 10_000_000 else 2
        text = f"{size / 1_000_000:,.{places}f}"
        return f"{sign}£{text.rstrip('0').rstrip('.')}m"
    if size >= 100:
        return f"{sign}£{size:,.0f}"
    text = f"{size:,.2f}"
    return f"{sign}£{text.removesuffix('.00')}"


def pence(value: Decimal) -> str:
    """An amount in a table, to the penny."""
    return f"{'−' if value < 0 else ''}£{abs(value):,.2f}"
