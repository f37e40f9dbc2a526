"""Where the financial year ends if it runs as past years did: for figures that add up from April.

By the ratio method (method.year_end), which is judged by itself: each past year is forecast from
the other past years alone. It knows of no one-off, of no decision, and of no council that joins or
leaves during a year.
"""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard import settings, words
from dashboard.exhibits import reference, reported
from dashboard.exhibits.charts import Line, Panel, Trend
from dashboard.exhibits.costs import SIGN
from dashboard.exhibits.exhibit import Cell, Finding, Provenance, Table, exhibit
from dashboard.method.financial_year import MARCH, april_of, label, month_of, number_of
from dashboard.method.year_end import (
    FEWEST_FOR_INTERVAL,
    FEWEST_YEARS,
    MOST_YEARS,
    Estimate,
    Number,
    estimate,
)
from dashboard.warehouse import fetch

# By their number in the year: at the ends of the first three quarters a complete year's forecasts
# are made again, to be held against what it came to.
_QUARTER_ENDS = (3, 6, 9)

# Forecasts that a title can name one by one.
_NAMED = 3


@dataclass(frozen=True)
class Made:
    """One forecast: by whom it is awaited, for which year, from which month, and what came of it.

    is_test: a past year, forecast from the other past years. outturn: None while the year runs.
    """

    name: str
    year: date
    place: int
    so_far: Number
    estimate: Estimate
    outturn: Number | None
    is_test: bool = False

    @property
    def error(self) -> float | None:
        """Forecast less outturn, in their unit."""
        return None if self.outturn is None else self.estimate.value - float(self.outturn)

    @property
    def error_share(self) -> float | None:
        """The error as a share of the outturn, without its sign; of one above nought."""
        return abs(self.error / float(self.outturn)) if self.outturn and self.outturn > 0 else None


@dataclass(frozen=True)
class Series:
    """What adds up: by financial year and place in it (April 1), the figures there are.

    withheld: places of this year whose figure is suppressed. provisional: those not final.
    doubtful: those far outside their own history, which no forecast stands on.
    aim: this year's target or budget, in the same unit.
    """

    name: str
    years: dict[date, dict[int, Number]]
    aim: Number | None = None
    withheld: frozenset[int] = frozenset()
    provisional: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    def shares(self, before: date, place: int) -> dict[date, float]:
        """The newest past years' shares at a place; of years with a figure there and in March."""
        found = {
            year: float(reached[place] / reached[MARCH])
            for year, reached in sorted(self.years.items())
            if year < before and place in reached and reached.get(MARCH)
        }
        return dict(list(found.items())[-MOST_YEARS:])

    def lacks(self, year: date, place: int) -> str:
        """Why there is no figure at a place of this year."""
        month = words.month(month_of(year, place))
        if place in self.withheld:
            return f"the figure for {month} is suppressed"
        return f"there is no figure for {month}"

    def forecast(self, year: date, place: int) -> Made | str:
        """The year's end as seen at a place of it; or why there is no saying."""
        so_far = self.years.get(year, {}).get(place)
        if so_far is None:
            return self.lacks(year, place)
        if not so_far:
            return f"there was nothing yet by {words.month(month_of(year, place))}"
        if place in self.doubtful:
            return f"the figure for {words.month(month_of(year, place))} is {words.DOUBTFUL}"
        shares = self.shares(year, place)
        if len(shares) < FEWEST_YEARS:
            return (
                f"{words.count(len(shares), 'complete past year')} with a figure for "
                f"{month_of(year, place):%B}, and a forecast needs {FEWEST_YEARS}"
            )
        made = estimate(so_far, list(shares.values()))
        if made is None:
            return (
                f"past years differ too much in how far they had come by {month_of(year, place):%B}"
            )
        return Made(self.name, year, place, so_far, made, self.years[year].get(MARCH))

    def tests(self, before: date, place: int) -> list[Made]:
        """Each past year forecast from the other past years, newest first."""
        shares, made = self.shares(before, place), []
        for year in sorted(shares, reverse=True):
            others = [s for y, s in shares.items() if y != year]
            reached = self.years[year]
            if others and (one := estimate(reached[place], others)):
                made.append(Made(self.name, year, place, reached[place], one, reached[MARCH], True))
        return made


@dataclass(frozen=True)
class _Subject:
    """What is forecast, and how it is said."""

    what: str  # Council tax collected · Cost of ICT
    parts: str  # what heads the column of their names: Council · What
    unit: str | None
    aim: str  # Year-end target · Budget for the year
    aim_role: str  # how that is drawn: target · budget
    against: Callable[[Made, Number], str]
    note: str = ""


@exhibit
def measure_year_end(
    *,
    measure_id: str,
    council_ids: tuple[str, ...],
    to_month: date,
    reported_by: str | None = None,
    period_kind: str | None = None,
) -> Finding:
    """Where a cumulative measure ends the financial year that `to_month` is in, by council.

    Of one service (reported_by, else the measure's own). Each council by its own kind of period:
    period_kind, else the main one, where it has such figures.

    Of a year that is complete: what would have been said at the end of its first three quarters.
    """
    measure, names = reported.passport(measure_id, reported_by), reference.council_names()
    unit = measure["unit"]
    about = reference.provenance("performance", owner=measure["owner_role"] or "not stated")
    if not measure["is_cumulative"]:
        return Finding(
            title=f"{measure['name']}: no forecast",
            empty="This measure is not cumulative: its figures do not add up to a year’s end that "
            "could be forecast.",
        )
    whole = tuple(reference.council_names("whole"))
    found = fetch(
        "forecast_measure",
        measure_id=measure_id,
        council_ids=council_ids + whole,
        to_month=to_month,
    )
    about = replace(about, is_illustrative=any(found["is_illustrative"]))
    rows = reported.of(found.rows(), measure)
    by_council = reported.each_by_its_kind(rows, measure, council_ids, period_kind)
    year = april_of(to_month)
    series = [
        _of_council(name, by_council[council_id], year)
        for council_id, name in names.items()
        if council_id in by_council
    ]
    return _finding(
        series,
        _Subject(
            measure["name"],
            "Council",
            unit,
            "Year-end target",
            "target",
            lambda _, target: f"target {words.figure(target, unit)}",
        ),
        to_month,
        about,
    )


@exhibit
def cost_year_end(
    *, service_id: str | None, council_ids: tuple[str, ...], to_month: date
) -> Finding:
    """What a service, or all of them, will have cost by the end of the financial year.

    The chosen councils together, against the year's budget; over means more than the budget.
    """
    what = reference.service_names()[service_id] if service_id else "all services"
    rows = fetch(
        "forecast_costs", service_id=service_id, council_ids=council_ids, to_month=to_month
    ).rows()
    years: dict[date, dict[int, Number]] = {}
    for row in rows:
        if row["actual_to_date_gbp"] is not None:
            years.setdefault(row["year_start"], {})[number_of(row["month"])] = row[
                "actual_to_date_gbp"
            ]
    budget = next((r["budget_gbp"] for r in rows if r["year_start"] == april_of(to_month)), None)
    return _finding(
        [Series("", years, budget)],
        _Subject(
            f"Cost of {what}",
            "What",
            "£",
            "Budget for the year",
            "budget",
            lambda made, given: words.variance(made.estimate.value, float(given)),
            f" {SIGN}.",
        ),
        to_month,
        reference.provenance("costs"),
    )


def _of_council(name: str, rows: list[dict[str, Any]], year: date) -> Series:
    years: dict[date, dict[int, Number]] = {}
    for row in rows:
        if row["value"] is not None:
            years.setdefault(row["year_start"], {})[number_of(row["month"])] = row["value"]
    now = [r for r in rows if r["year_start"] == year]
    return Series(
        name,
        years,
        next((r["year_end_target"] for r in now), None),
        *(
            frozenset(number_of(r["month"]) for r in now if r["status"] == status)
            for status in ("suppressed", "provisional")
        ),
        frozenset(number_of(r["month"]) for r in now if r["is_doubtful"]),
    )


def _finding(series: list[Series], subject: _Subject, to_month: date, about: Provenance) -> Finding:
    year = april_of(to_month)
    known = [p for s in series for p in s.years.get(year, {})]
    nothing = Finding(title=f"{subject.what}: no forecast for the year’s end", provenance=about)
    if not known:
        return replace(
            nothing,
            empty=f"There is no figure from April {year.year} to {words.month(to_month)}: choose a "
            "later month or more councils.",
        )
    if all(p == MARCH for s in series for reached in s.years.values() for p in reached):
        return replace(
            nothing,
            empty="Figures come once a year, so there is nothing to tell its end from before it.",
        )
    last = max(known)
    is_over = last == MARCH
    moments = _QUARTER_ENDS if is_over else (last,)
    answers = {
        s.name: [s.lacks(year, MARCH)]
        if is_over and MARCH not in s.years.get(year, {})
        else [s.forecast(year, place) for place in moments]
        for s in series
    }
    made = [m for found in answers.values() for m in found if isinstance(m, Made)]
    why = _why_not(answers)
    if not made:
        return replace(nothing, empty=f"No year’s end can be told: {why}.")
    told = {m.name for m in made}
    tests = [] if is_over else [t for s in series if s.name in told for t in s.tests(year, last)]
    newest = max(m.place for m in made)
    named = [m for m in made if m.place == newest]
    title = (
        _looking_back(named, subject, year) if is_over else _expected(named, series, subject, year)
    )
    places = sorted({p for s in series for reached in s.years.values() for p in reached})
    panels = [
        _panel(s, [m for m in made if m.name == s.name], subject, year, places, last)
        for s in series
        if s.years.get(year)
    ]
    shown = panels[: settings.PANELS_SIDE_BY_SIDE]
    if len(panels) == 1:
        # The finding names it already.
        shown = [replace(panels[0], title="")]
    notes = [*about.notes, "An error is the forecast less the outturn"]
    if why:
        notes.append(f"No forecast for {why}")
    if last < number_of(to_month):
        notes.append(f"The latest figure is that of {words.month(month_of(year, last))}")
    if len(panels) > len(shown):
        notes.append(f"{len(shown)} of {len(panels)} are drawn, choose councils to see others")
    return Finding(
        title=title,
        subtitle=_method(made, tests, is_over) + subject.note,
        alt=f"{title}. Line charts of figures adding up from April, with past years behind.",
        chart=Trend(tuple(shown), side_by_side=len(shown) > settings.COLOURED_COUNCILS),
        table=_table([*made, *tests], series, subject),
        provenance=replace(about, notes=tuple(notes)),
    )


def _why_not(answers: dict[str, list[Made | str]]) -> str:
    """Why some have no forecast at all; of several months the newest says it best."""
    by_reason: dict[str, list[str]] = {}
    for name, found in answers.items():
        if not any(isinstance(m, Made) for m in found):
            by_reason.setdefault(str(found[-1]), []).append(name)
    said = []
    for reason, names in by_reason.items():
        many = len(names) > settings.COLOURED_COUNCILS
        who = words.count(len(names), "council") if many else words.listing(names)
        said.append(f"{who}: {reason}" if who else reason)
    return "; ".join(said)


def _expected(made: list[Made], series: list[Series], subject: _Subject, year: date) -> str:
    """The title while the year runs."""
    when = f"expected by {words.month(month_of(year, MARCH))}"
    if len(made) == 1:
        (one,) = made
        aim = next(s.aim for s in series if s.name == one.name)
        title = f"{_who(one, subject)}: {_figure(one, subject)} {when}{_between(one, subject)}"
        return title + (f", {subject.against(one, aim)}" if aim is not None else "")
    if len(made) <= _NAMED:
        said = [f"{m.name} {_figure(m, subject)}{_between(m, subject)}" for m in made]
        return f"{subject.what}: {words.listing(said)} {when}"
    low, high = (pick(made, key=lambda m: m.estimate.value) for pick in (min, max))
    return (
        f"{subject.what}: from {_figure(low, subject)} ({low.name}) to {_figure(high, subject)} "
        f"({high.name}) {when}"
    )


def _looking_back(made: list[Made], subject: _Subject, year: date) -> str:
    """The title once the year is over: its last forecast against what it came to."""
    when = words.month(month_of(year, made[0].place))
    if len(made) == 1:
        (one,) = made
        return (
            f"{_who(one, subject)}: at the end of {when}, {_figure(one, subject)} was to be "
            f"expected by {words.month(month_of(year, MARCH))}{_between(one, subject)}; it came to "
            f"{words.figure(one.outturn, subject.unit)}"
        )
    if len(made) <= _NAMED:
        said = [
            f"{m.name} {_figure(m, subject)} (came to {words.figure(m.outturn, subject.unit)})"
            for m in made
        ]
        return f"{subject.what}: to be expected at the end of {when}, {words.listing(said)}"
    return (
        f"{subject.what}: what was to be expected at the end of {when} was off by "
        f"{_percent(_mean_error(made))} on average over {words.count(len(made), 'council')}"
    )


def _method(made: list[Made], tests: list[Made], is_over: bool) -> str:
    """How it was worked out, what the interval is, and how well it would have done."""
    said = [
        "The figure so far, divided by the share of their year’s end that past years had reached "
        "by the same month"
    ]
    years = {m.estimate.years for m in made}
    several = sorted(y for y in years if y >= FEWEST_FOR_INTERVAL)
    if several:
        count = words.listing([str(y) for y in several])
        said.append(
            f"Intervals are 80% prediction intervals, from how the shares of {count} past years "
            "differ"
        )
    if FEWEST_YEARS in years:
        said.append("Two past years are too few for an interval: the range is that of the two")
    judged = made if is_over else tests
    if (off := _mean_error(judged)) is not None:
        said.append(
            f"At the ends of the quarters it was off by {_percent(off)} of the outturn on average"
            if is_over
            else f"For past years, each told from the others, it would have been off by "
            f"{_percent(off)} of the outturn on average"
        )
    return ". ".join(said) + "."


def _panel(
    series: Series, made: list[Made], subject: _Subject, year: date, places: list[int], last: int
) -> Panel:
    """This year so far upon past years, all from April to March, and where it leads.

    A place of the year that others have a figure for, and this line none, stays a gap.
    """
    unit, figure = subject.unit, words.figure
    lines = [
        _line(
            "Past years",
            "past year",
            [(p, reached.get(p), f"{label(past)}: {figure(reached.get(p), unit)}") for p in places],
            year,
        )
        for past, reached in sorted(series.years.items())
        if past < year
    ]
    now = series.years[year]
    so_far = [p for p in places if p <= last]
    status = dict.fromkeys(series.withheld, "suppressed")
    actual = _line(
        label(year) if last == MARCH else f"{label(year)} so far",
        "actual",
        [(p, now.get(p), figure(now.get(p), unit, status.get(p, "missing"))) for p in so_far],
        year,
    )
    lines.append(replace(actual, provisional=tuple(p in series.provisional for p in so_far)))
    if made:
        led = [(m.place, m.estimate.value, _figure(m, subject)) for m in made]
        if last < MARCH:
            led = _way(series, made[0], subject, [p for p in places if p > last])
        name = "Forecast of March" if last == MARCH else "Forecast"
        lines.append(_line(name, "forecast", led, year))
    for m in made:
        if m.estimate.low is not None:
            at = m.place if last == MARCH else MARCH
            ends = [(at, v, figure(v, unit)) for v in (m.estimate.low, m.estimate.high)]
            lines.append(_line(m.estimate.interval, "interval", ends, year))
    if series.aim is not None:
        ends = [(p, series.aim, figure(series.aim, unit)) for p in (1, MARCH)]
        lines.append(_line(subject.aim, subject.aim_role, ends, year))
    return Panel(series.name, unit or "", tuple(lines), from_zero=True)


def _way(
    series: Series, made: Made, subject: _Subject, places: list[int]
) -> list[tuple[int, Number, str]]:
    """From the figure so far to the forecast, in the shape that past years had on the way."""
    ahead = [
        (place, made.estimate.value * statistics.fmean(shares.values()))
        for place in places
        if len(shares := series.shares(made.year, place)) >= FEWEST_YEARS
    ]
    points = [(made.place, made.so_far), *ahead]
    return [(place, value, words.figure(value, subject.unit)) for place, value in points]


def _line(
    name: str, role: str, points: Iterable[tuple[int, Number | None, str]], year: date
) -> Line:
    """A line over the months of one year, whichever year its figures are of."""
    points = list(points)
    return Line(
        name,
        role,
        tuple(month_of(year, place) for place, _, _ in points),
        tuple(None if value is None else float(value) for _, value, _ in points),
        tuple(said for _, _, said in points),
    )


_RAW = (
    "financial_year",
    "kind",
    "month",
    "so_far",
    "mean_share",
    "past_years",
    "forecast",
    "low",
    "high",
    "interval",
    "outturn",
    "error",
    "error_share_of_outturn",
    "aim",
)


def _table(made: list[Made], series: list[Series], subject: _Subject) -> Table:
    aims = {s.name: s.aim for s in series}
    rows, raw = [], []
    for m in made:
        e, figure = m.estimate, words.figure
        kind = "test on a past year" if m.is_test else "forecast"
        rows.append(
            (
                Cell.of(m.name or subject.what),
                Cell.of(f"{label(m.year)}{', from the other years' if m.is_test else ''}"),
                Cell.of(words.month(month_of(m.year, m.place))),
                Cell.of(figure(m.so_far, subject.unit)),
                Cell.of(f"{e.share:.1%}"),
                Cell.of(str(e.years)),
                Cell.of(figure(e.value, subject.unit)),
                Cell.of(_between(m, subject).strip(" ()") or "none"),
                Cell.of("not yet" if m.outturn is None else figure(m.outturn, subject.unit)),
                Cell.of(_error(m, subject)),
            )
        )
        raw.append(
            (
                m.name or subject.what,
                *(label(m.year), kind, month_of(m.year, m.place), m.so_far, e.share, e.years),
                *(e.value, e.low, e.high, e.interval, m.outturn, m.error, m.error_share),
                None if m.is_test else aims[m.name],
            )
        )
    return Table(
        caption=f"{subject.what}, the year’s end as forecast, and what the method would have said",
        columns=(
            subject.parts,
            "Year",
            "Known up to",
            "So far",
            "Usual share by then",
            "Past years",
            "Forecast",
            "Interval",
            "Outturn",
            "Error (of the outturn)",
        ),
        rows=tuple(rows),
        raw_columns=(subject.parts.lower().replace(" ", "_"), *_RAW),
        raw_rows=tuple(raw),
        figures=frozenset({3, 4, 5, 6, 7, 8, 9}),
    )


def _error(made: Made, subject: _Subject) -> str:
    if made.error is None:
        return "not yet"
    said = words.change(made.estimate.value, made.outturn, subject.unit)
    return f"{said} ({_percent(made.error_share)})" if made.error_share is not None else said


def _mean_error(made: list[Made]) -> float | None:
    shares = [m.error_share for m in made if m.error_share is not None]
    return statistics.fmean(shares) if shares else None


def _percent(share: float | None) -> str:
    return words.figure(share, "share")


def _who(made: Made, subject: _Subject) -> str:
    return f"{subject.what}, {made.name}" if made.name else subject.what


def _figure(made: Made, subject: _Subject) -> str:
    return words.figure(made.estimate.value, subject.unit)


def _between(made: Made, subject: _Subject) -> str:
    low, high = made.estimate.low, made.estimate.high
    if low is None:
        return ""
    return f" ({words.figure(low, subject.unit)} to {words.figure(high, subject.unit)})"
