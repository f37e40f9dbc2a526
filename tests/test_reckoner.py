"""Every figure of a workspace with holes is the reckoner's, or it is not told.

Workspaces are made by Hypothesis: months that lack, late joiners and leavers, quarters among
months, rows sent again with another figure, blank and true nought, budgets below nought, one
measure of several services, suppressed and provisional figures, a month that has only begun. What
the product says of each (titles, tables, downloads, the committee's report) is held against
tests/reckoner.py. More workspaces by `RECKONED=200 pytest tests/test_reckoner.py`.
"""

import csv
import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, find, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from dashboard import settings, warehouse
from dashboard.exhibits import (
    costs,
    exceptions,
    measures,
    overview,
    reference,
    satisfaction,
    signals,
    spending,
    true_cost,
    unit_costs,
    variance,
)
from dashboard.exhibits.exhibit import Exhibit
from dashboard.load.publish import load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace
from tests import every_exhibit, said
from tests.reckoner import (
    Figure,
    Reckoner,
    Spell,
    a_year_before,
    april_of,
    month_of,
    months,
    pence,
    pounds,
    wilson,
)

MANY = int(os.environ.get("RECKONED", "12"))
FIRST = date(2021, 4, 1)
SERVICES = {"alpha": "Alpha", "beta": "Beta", "gamma": "Gamma"}
COUNCILS = {"north": "North", "south": "South"}
PAIRS = [(s, c) for s in SERVICES for c in COUNCILS]
KINDS = ("Staff", "Supplies")
TOGETHER = "together"

# Of the contract: every feed's columns, as docs/contract.md names them.
FIELDS = {
    "services": ("service_id", "name", "position"),
    "councils": ("council_id", "name", "position"),
    "memberships": ("service_id", "council_id", "from", "to"),
    "measures": (
        *("measure_id", "service_id", "name", "unit", "good_direction", "frequency", "cumulative"),
    ),
    "targets": ("measure_id", "council_id", "from", "to", "target", "tolerance", "rule"),
    "performance": (
        *("period", "service_id", "council_id", "measure_id", "value", "numerator", "denominator"),
        "status",
    ),
    "costs": ("period", "service_id", "council_id", "cost_type", "budget_gbp", "actual_gbp"),
    "ledger": ("date", "service_id", "council_id", "cost_type", "supplier", "amount_gbp"),
    "volumes": ("period", "service_id", "council_id", "unit", "quantity", "kind"),
    "satisfaction": ("period", "service_id", "council_id", "respondents", "satisfied"),
}
TYPES = {
    **dict.fromkeys(("value", "numerator", "denominator", "target", "tolerance"), "number"),
    **dict.fromkeys(("budget_gbp", "actual_gbp", "amount_gbp", "quantity"), "number"),
    **dict.fromkeys(("position", "respondents", "satisfied"), "integer"),
    "date": "date",
    "cumulative": "boolean",
}


@dataclass
class Plan:
    """A workspace to be: rows by feed and file, who is served when, and the last day of it."""

    spells: dict[tuple[str, str], Spell]
    last: date
    files: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    as_of: date | None = None
    # What is otherwise in it, for whoever reads of a workspace that failed.
    odd: list[Any] = field(default_factory=list)

    def __repr__(self) -> str:
        spells = {pair: f"{s.first:%Y-%m} to {s.last:%Y-%m}" for pair, s in self.spells.items()}
        return f"Plan(to {self.last:%Y-%m}, {spells}, {self.odd}, {sorted(self.files)})"

    def add(self, feed: str, *rows: dict[str, Any], file: int = 1) -> None:
        """Put rows into a file of a feed, by its number."""
        files = self.files.setdefault(feed, [])
        while len(files) < file:
            files.append([])
        files[file - 1] += rows

    def write(self, folder: Path) -> None:
        """Write every file and the contract."""
        resources = []
        for feed, files in self.files.items():
            for number, rows in enumerate(files, 1):
                path = folder / f"{feed}-{number}.csv"
                with path.open("w", newline="", encoding="utf-8") as out:
                    writer = csv.DictWriter(out, FIELDS[feed], restval="")
                    writer.writeheader()
                    writer.writerows(rows)
            fields = [{"name": n, "type": TYPES.get(n, "string")} for n in FIELDS[feed]]
            if feed == "performance":
                fields[4]["onesource"] = {"suppressed": ["<5"]}
            resources.append(
                {
                    "name": feed,
                    "path": f"{feed}-*.csv",
                    "schema": {"fields": fields},
                    # Rows that contradict each other are planted; no file is refused for them.
                    "onesource": {"bad_share": 1},
                }
            )
        package = {
            "name": "reckoned",
            "title": "Reckoned",
            "licenses": [{"name": "OGL"}],
            "onesource": {
                "waive": ["definition", "owner_role", "ratio"],
                "as_of": (self.as_of or self.last + timedelta(45)).isoformat(),
            },
            "resources": resources,
        }
        (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


# Plans -------------------------------------------------------------------------------------------


def label(month: date) -> str:
    return f"{month:%Y-%m}"


def quarter(month: date) -> str:
    """The quarter that ends with a month."""
    april = april_of(month)
    return f"{april.year}-{(april.year + 1) % 100:02} Q{(month.month - 4) % 12 // 3 + 1}"


@st.composite
def _spells(draw: Any, last: date) -> dict[tuple[str, str], Spell]:
    """Who is served when: most throughout, some from a month on or up to one, some never."""
    span = list(months(FIRST, last))
    spells = {}
    for pair in PAIRS:
        how = draw(st.sampled_from(("throughout", "throughout", "joins", "leaves", "never")))
        if pair == PAIRS[0]:
            how = "throughout"
        if how == "joins":
            spells[pair] = Spell(draw(st.sampled_from(span[6:-6])), last)
        elif how == "leaves":
            spells[pair] = Spell(FIRST, draw(st.sampled_from(span[6:-6])))
        elif how == "throughout":
            spells[pair] = Spell(FIRST, last)
    return spells


@st.composite
def _holes(draw: Any, spells: dict[tuple[str, str], Spell], what: tuple[str, ...]) -> dict:
    """Up to four months within spells of which something is otherwise: {(pair, month): what}.

    Never the first or last month of a spell: without memberships nobody could tell such a hole from
    somebody who came later or left earlier.
    """
    found = {}
    for _ in range(draw(st.integers(0, 4))):
        pair = draw(st.sampled_from(sorted(spells)))
        inner = list(months(spells[pair].first, spells[pair].last))[1:-1]
        found[pair, draw(st.sampled_from(inner))] = draw(st.sampled_from(what))
    return found


@st.composite
def plans(draw: Any, *, has_quarters: bool = True) -> Plan:
    """A workspace of costs, volumes, measures and a survey, with holes."""
    last = draw(st.sampled_from((date(2023, 3, 1), date(2023, 6, 1), date(2023, 10, 1))))
    spells = draw(_spells(last))
    plan = Plan(spells, last)
    chance = random.Random(draw(st.integers(0, 10**6)))
    plan.add("services", *({"service_id": s, "name": n} for s, n in SERVICES.items()))
    plan.add("councils", *({"council_id": c, "name": n} for c, n in COUNCILS.items()))
    if draw(st.booleans()):
        plan.add(
            "memberships",
            *(
                {
                    "service_id": s,
                    "council_id": c,
                    "from": label(spell.first),
                    "to": label(spell.last) if spell.last < last else "",
                }
                for (s, c), spell in spells.items()
            ),
        )
    _plan_costs(draw, plan, chance, has_quarters)
    _plan_volumes(draw, plan, chance)
    _plan_measures(draw, plan, chance)
    _plan_survey(draw, plan, chance)
    return plan


def _plan_costs(draw: Any, plan: Plan, chance: random.Random, has_quarters: bool) -> None:
    budgets = {
        s: draw(st.sampled_from(("yes", "yes", "none", "nought", "negative"))) for s in SERVICES
    }
    holes = draw(
        _holes(
            plan.spells,
            ("no row", "one type", "no actual", "no budget", "zero", "revised", "again"),
        )
    )
    plan.odd.append(holes)
    quarters = draw(
        st.sets(
            st.tuples(st.sampled_from(sorted(plan.spells)), st.booleans()),
            max_size=2 * has_quarters,
        )
    )
    plan.odd += [budgets, quarters]
    for (service, council), spell in plan.spells.items():
        kinds = KINDS[: chance.choice((1, 2, 2))]
        for kind in kinds:
            so_far: dict[date, Decimal] = {}
            for month in months(spell.first, spell.last):
                actual = Decimal(chance.randrange(20_000, 9_000_000)) / 100
                budget: Decimal | None = Decimal(chance.randrange(20_000, 9_000_000)) / 100
                match budgets[service]:
                    case "none":
                        budget = None
                    case "nought":
                        budget = Decimal(0)
                    case "negative":
                        actual, budget = -actual, -budget
                row = {
                    "period": label(month),
                    "service_id": service,
                    "council_id": council,
                    "cost_type": kind,
                    "budget_gbp": "" if budget is None else budget,
                    "actual_gbp": actual,
                }
                so_far[month] = actual
                match holes.get(((service, council), month)):
                    case "no row":
                        continue
                    case "one type" if kind == kinds[-1]:
                        continue
                    case "no actual":
                        row["actual_gbp"] = ""
                    case "no budget":
                        row["budget_gbp"] = ""
                    case "zero":
                        row["actual_gbp"] = "0"
                    case "revised":
                        plan.add("costs", row | {"actual_gbp": actual + 1}, file=2)
                    case "again":
                        plan.add("costs", dict(row), file=2)
                plan.add("costs", row)
            for pair, agrees in quarters:
                if pair == (service, council) and kind == kinds[0]:
                    ends = [
                        m
                        for m in so_far
                        if m.month % 3 == 0 and month_of(m.year, m.month - 2) in so_far
                    ]
                    for end in ends:
                        three = months(month_of(end.year, end.month - 2), end)
                        total = sum(so_far[m] for m in three) + (0 if agrees else 1000)
                        plan.add(
                            "costs",
                            {
                                "period": quarter(end),
                                "service_id": service,
                                "council_id": council,
                                "cost_type": kind,
                                "actual_gbp": total,
                            },
                        )


def _plan_volumes(draw: Any, plan: Plan, chance: random.Random) -> None:
    holes = draw(_holes(plan.spells, ("no row", "zero")))
    plan.odd.append(holes)
    for (service, council), spell in plan.spells.items():
        if service == "gamma":
            continue
        unit, kind = {"alpha": ("invoices", "flow"), "beta": ("staff", "level")}[service]
        for month in months(spell.first, spell.last):
            hole = holes.get(((service, council), month))
            if hole != "no row":
                plan.add(
                    "volumes",
                    {
                        "period": label(month),
                        "service_id": service,
                        "council_id": council,
                        "unit": unit,
                        "quantity": 0 if hole == "zero" else chance.randrange(50, 5000),
                        "kind": kind,
                    },
                )


MEASURES = {
    "prompt": ("alpha", "Prompt", "%", "monthly", False),
    "days": ("beta", "Days taken", "days", "quarterly", False),
    "collected": ("alpha", "Collected", "%", "monthly", True),
    "balance": ("beta", "Balance", "number", "monthly", False),
}
RULES = ("percent_of_target", "points", "no_tolerance", "", "within_range", "none")
RULES += ("worse_than_last_year",)


def _plan_measures(draw: Any, plan: Plan, chance: random.Random) -> None:
    for measure, (service, name, unit, frequency, cumulative) in MEASURES.items():
        good = draw(st.sampled_from(("higher", "lower", "range", "neither")))
        plan.add(
            "measures",
            {
                "measure_id": measure,
                "service_id": service,
                "name": name,
                "unit": unit,
                "good_direction": "higher" if cumulative else good,
                "frequency": frequency,
                "cumulative": "true" if cumulative else "false",
            },
        )
        whose = st.sampled_from(("", "", "north"))
        starts = st.sampled_from((FIRST, month_of(2022, 4), month_of(2022, 11)))
        for council, first in draw(st.sets(st.tuples(whose, starts), max_size=3)):
            rule = draw(st.sampled_from(RULES))
            size = rule not in ("no_tolerance", "", "none")
            plan.add(
                "targets",
                {
                    "measure_id": measure,
                    "council_id": council,
                    "from": label(first),
                    "to": "",
                    "target": "" if rule == "none" else chance.choice((50, 60, 90, 62.5)),
                    "tolerance": chance.choice((5, 10, 2.5)) if size else "",
                    "rule": rule,
                },
            )
        holes = draw(
            _holes(plan.spells, ("no row", "suppressed", "provisional", "zero", "blank", "revised"))
        )
        plan.odd.append({measure: holes})
        # Beta reports the promptness too: the same measure, of another service.
        services = (service, "beta") if measure == "prompt" and draw(st.booleans()) else (service,)
        for (of, council), spell in plan.spells.items():
            if of in services:
                _plan_series(plan, chance, measure, (of, council), spell, holes)


def _plan_series(
    plan: Plan,
    chance: random.Random,
    measure: str,
    pair: tuple[str, str],
    spell: Spell,
    holes: dict,
) -> None:
    above = below = 0
    for month in months(spell.first, spell.last):
        if measure == "days" and (
            month.month % 3 or month_of(month.year, month.month - 2) not in spell
        ):
            continue
        row: dict[str, Any] = {
            "period": quarter(month) if measure == "days" else label(month),
            "service_id": pair[0],
            "council_id": pair[1],
            "measure_id": measure,
            "status": "",
        }
        if measure in ("prompt", "collected"):
            if measure == "prompt" or month.month == 4 or month == spell.first:
                above = below = 0
            below = chance.randrange(40, 400) if measure == "prompt" else 12_000
            above = (
                chance.randrange(below + 1)
                if measure == "prompt"
                else above + chance.randrange(1000)
            )
            row |= {"numerator": above, "denominator": below, "value": ""}
        else:
            row["value"] = f"{chance.randrange(400, 800) / 10:g}"
        match holes.get((pair, month)):
            case "no row":
                continue
            case "suppressed":
                row |= {"value": "<5", "numerator": "", "denominator": ""}
            case "provisional":
                row["status"] = "provisional"
            case "zero" if measure in ("prompt", "balance"):
                row |= {"numerator": 0} if measure == "prompt" else {"value": 0}
            case "blank":
                row |= {"value": "", "numerator": "", "denominator": ""}
            case "revised":
                other = {"numerator": above - 1 if above else 1} if below else {"value": "1.5"}
                plan.add("performance", row | other, file=2)
        plan.add("performance", row)


def _plan_survey(draw: Any, plan: Plan, chance: random.Random) -> None:
    small = draw(st.sets(st.sampled_from(sorted(plan.spells)), max_size=2))
    for wave in (month_of(2022, 3), month_of(2022, 10), month_of(2023, 3)):
        for pair, spell in plan.spells.items():
            if wave in spell:
                asked = chance.randrange(1, 10) if pair in small else chance.randrange(10, 400)
                plan.add(
                    "satisfaction",
                    {
                        "period": label(wave),
                        "service_id": pair[0],
                        "council_id": pair[1],
                        "respondents": asked,
                        "satisfied": chance.randrange(asked + 1),
                    },
                )


@st.composite
def ledgers(draw: Any) -> Plan:
    """A workspace of a ledger alone, of which the newest month may have only begun."""
    month = draw(st.sampled_from((date(2022, 11, 1), date(2023, 4, 1), date(2023, 6, 1))))
    day = draw(st.sampled_from((3, 12, 20, 28)))
    spells = draw(_spells(month))
    plan = Plan(spells, month, as_of=month.replace(day=day) + timedelta(1))
    chance = random.Random(draw(st.integers(0, 10**6)))
    for (service, council), spell in spells.items():
        for at in months(spell.first, spell.last):
            end = day if at == month else 28
            # The first and the last day there is have a line each, of every service and council.
            for nth in (
                1,
                end,
                *(chance.randrange(1, end + 1) for _ in range(chance.randrange(4))),
            ):
                refund = -1 if chance.random() < 0.1 else 1
                plan.add(
                    "ledger",
                    {
                        "date": at.replace(day=nth).isoformat(),
                        "service_id": service,
                        "council_id": council,
                        "cost_type": chance.choice(KINDS),
                        "supplier": chance.choice(("Ash Ltd", "Birch & Co", "Cedar", "Dogwood")),
                        "amount_gbp": refund * Decimal(chance.randrange(10_000, 900_000)) / 100,
                    },
                    file=1 + at.month % 2,
                )
    return plan


# What is held against the reckoner ----------------------------------------------------------------


@contextmanager
def loaded(plan: Plan) -> Iterator[Reckoner]:
    """The plan as a workspace that exhibits answer from, and its reckoner."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        plan.write(folder)
        workspace = Workspace(folder, folder / "datapackage.json", folder / "warehouse")
        load(workspace)
        patch = pytest.MonkeyPatch()
        try:
            patch.setenv("DATA", str(workspace.data))
            patch.setenv("CONTRACT", str(workspace.contract))
            patch.setenv("WAREHOUSE", str(workspace.warehouse))
            yield Reckoner(folder, plan.spells)
        finally:
            patch.undo()


def raw(exhibit: Exhibit) -> list[dict[str, Any]]:
    """The rows of a download."""
    if exhibit.table is None:
        return []
    return [dict(zip(exhibit.table.raw_columns, r, strict=True)) for r in exhibit.table.raw_rows]


def same(told: Any, right: Any, what: str, *, must: bool = False) -> None:
    """A figure that is told is the reckoner's; `must`: and one that is known is told."""
    if told is None:
        assert right is None or not must, f"{what}: not told, and is {float(right)}"
        return
    assert right is not None, f"{what}: told as {told}, and is not known"
    if isinstance(told, Decimal):
        assert told == right, f"{what}: told as {told}, and is {right}"
    else:
        near = told == pytest.approx(float(right), rel=1e-9, abs=1e-9)
        assert near, f"{what}: told as {told}, and is {float(right)}"


class Held:
    """A loaded workspace beside its reckoner."""

    def __init__(self, plan: Plan, reckoner: Reckoner) -> None:
        self.plan, self.right = plan, reckoner
        self.services, self.councils = tuple(SERVICES), tuple(COUNCILS)
        self.knows_who = "memberships" in plan.files
        self.to = reckoner.last_month(SERVICES, COUNCILS)
        self.april = april_of(self.to)
        self.span = {"from_month": self.april, "to_month": self.to}

    def everything(self) -> None:
        self.costs_of_the_year()
        self.costs_through_the_year()
        self.standing()
        self.true_costs()
        self.unit_costs()
        self.measures()
        self.survey()
        self.sentences()

    def costs_of_the_year(self) -> None:
        """Actual, budget and the year before, of each service, each council and together."""
        for service in (None, *self.services):
            parts = self.councils if service else self.services
            by = "council_id" if service else "service_id"
            told = costs.to_date(service_id=service, council_ids=self.councils, to_month=self.to)
            for row in raw(told):
                part = None if row[by] == TOGETHER else row[by]
                some = (service,) if service else (part,) if part else self.services
                whose = (part,) if service and part else self.councils
                assert row["to_month"] is None or row["to_month"] <= self.to
                self._money(row, some, whose, row["to_month"], f"costs {some} {whose}")
            assert parts

    def _money(
        self,
        row: dict[str, Any],
        services: tuple[str, ...],
        councils: tuple[str, ...],
        to_month: date,
        what: str,
    ) -> None:
        first = april_of(to_month)
        of = services, councils
        whole = self.right.spent(*of, first, to_month)
        same(row["actual_gbp"], whole, f"{what} actual", must=self.knows_who)
        same(row["budget_gbp"], self.right.budget(*of, first, to_month), f"{what} budget")
        before = self.right.spent(*of, a_year_before(first), a_year_before(to_month))
        same(row["year_before_gbp"], before, f"{what} the year before")
        if "reported_gbp" in row:
            same(
                row["reported_gbp"],
                self.right.reported(*of, first, to_month)[0],
                f"{what} reported",
            )

    def costs_through_the_year(self) -> None:
        for service in (None, *self.services):
            told = costs.through_the_year(
                service_id=service, council_ids=self.councils, from_month=FIRST, to_month=self.to
            )
            services = (service,) if service else self.services
            names = {n: (c,) for c, n in COUNCILS.items()} | {"All together": self.councils}
            for row in raw(told):
                self._month(row, services, names[row["council"]])
        told = costs.by_service(council_ids=self.councils, from_month=FIRST, to_month=self.to)
        names = {n: (s,) for s, n in SERVICES.items()}
        for row in raw(told):
            self._month(row, names[row["service"]], self.councils)

    def _month(
        self, row: dict[str, Any], services: tuple[str, ...], councils: tuple[str, ...]
    ) -> None:
        of, month = (services, councils), row["month"]
        first = april_of(month)
        what = f"{of} {month}"
        same(row["actual_gbp"], self.right.spent(*of, month, month), f"{what} actual")
        same(row["actual_to_date_gbp"], self.right.spent(*of, first, month), f"{what} so far")
        before = self.right.spent(*of, a_year_before(first), a_year_before(month))
        same(row["actual_to_date_year_before_gbp"], before, f"{what} so far the year before")

    def standing(self) -> None:
        """The grid, and what each council gets."""
        ids = {n: s for s, n in SERVICES.items()}
        who = {n: (c,) for c, n in COUNCILS.items()} | {reference.TOGETHER: self.councils}
        grid = overview.grid(council_ids=self.councils, from_month=FIRST, to_month=self.plan.last)
        for row in raw(grid):
            self._stands(row, ids[row["service"]], who[row["council"]], self.to)
        for council in {c for _, c in self.plan.spells}:
            to = self.right.last_month(SERVICES, (council,))
            told = overview.services_of_council(
                council_id=council, from_month=FIRST, to_month=self.plan.last
            )
            for row in raw(told):
                self._stands(row, ids[row["service"]], (council,), to)

    def _stands(
        self, row: dict[str, Any], service: str, councils: tuple[str, ...], to: date
    ) -> None:
        what = f"{service} {councils}"
        if row["status"] == "served" and row["actual_gbp"] is not None:
            self._money(row, (service,), councils, to, f"grid {what}")
        gone = self.knows_who and row["status"] != "served"
        newest = [
            self.right.newest(key, FIRST, self.plan.last)
            for key in self.right.series
            if key[0] == service and key[1] in councils and not self._is_gone(key)
        ]
        judged = [f.verdict for f in newest if f and f.verdict]
        if not gone and row["judged"] is not None:
            counts = {"judged": len(judged)} | {
                column: judged.count(verdict)
                for column, verdict in (
                    ("on_target", "on target"),
                    ("close", "close"),
                    ("off_target", "off target"),
                )
            }
            assert {c: row[c] for c in counts} == counts, what
        elif not gone:
            assert not judged, f"{what}: verdicts are not told"
        if row["satisfied_share"] is not None:
            council = councils[0] if len(councils) == 1 else None
            found = self.right.answered(self.right.waves[-1], service, council)
            assert found and found[1]
            same(row["satisfied_share"], Fraction(*found), f"grid {what} satisfied")

    def _is_gone(self, key: tuple[str, str, str, str]) -> bool:
        """Whether a series has nothing to say now: its council left, or it is two years old."""
        spell, newest = self.plan.spells.get(key[:2]), self.right.newest(key, FIRST, self.plan.last)
        has_left = self.knows_who and spell is not None and spell.last < self.plan.last
        two_years_ago = a_year_before(a_year_before(self.plan.last))
        return has_left or newest is None or newest.month <= two_years_ago

    def true_costs(self) -> None:
        """Without shares and overheads the true cost is what was booked, or not known."""
        names = (*self.services, None)
        for service in names:
            told = true_cost.steps(service_id=service, council_ids=self.councils, **self.span)
            services = (service,) if service else self.services
            for row in raw(told):
                part = row["council_id"]
                whose = self.councils if part == TOGETHER else (part,)
                right = self.right.spent(services, whose, self.april, self.to)
                for column in ("booked_gbp", "true_cost_gbp"):
                    same(row[column], right, f"true cost {services} {whose} {column}")

    def unit_costs(self) -> None:
        units = {"alpha": "invoices", "beta": "staff"}
        ids = {n: s for s, n in SERVICES.items()}
        who = {n: (c,) for c, n in COUNCILS.items()} | {reference.TOGETHER: self.councils}
        told = [
            unit_costs.told(service_id=None, unit=None, council_ids=self.councils, to_month=self.to)
        ]
        told += [
            unit_costs.told(service_id=s, unit=u, council_ids=self.councils, to_month=self.to)
            for s, u in units.items()
        ]
        for row in (row for exhibit in told for row in raw(exhibit)):
            if row.get("unit_cost_gbp") is None:
                continue
            service = ids[row["service"]]
            whose = who.get(row.get("council") or reference.TOGETHER, self.councils)
            right = self.right.unit_cost(service, whose, row["unit"], row["to_month"])
            what = f"unit cost {service} {whose}"
            assert right is not None, f"{what}: told as {row['unit_cost_gbp']}, and is not known"
            assert abs(Fraction(row["unit_cost_gbp"]) - right) <= Fraction(1, 200), (what, right)

    # Measures -----------------------------------------------------------------------------------

    def measures(self) -> None:
        """Values, verdicts, directions and years to date, wherever they stand."""
        names = {MEASURES[m][1]: m for m in MEASURES}
        who = {n: c for c, n in COUNCILS.items()}
        span = {"from_month": FIRST, "to_month": self.plan.last}
        for measure in MEASURES:
            for exhibit in self._of_measure(measure, measures.trend, **span):
                for row in raw(exhibit):
                    self._trend(row, measure)
            for exhibit in self._of_measure(measure, signals.standings):
                for row in raw(exhibit):
                    found = self._figures(row, measure, row["council_id"])
                    assert (row["figure"], row["verdict"]) in [
                        (_float(f.value), f.verdict) for f in found
                    ], (measure, row)
            for exhibit in self._of_measure(measure, measures.overall, **span):
                for row in raw(exhibit):
                    services = (row["service_id"],) if row.get("service_id") else SERVICES
                    rights = [
                        r
                        for s in services
                        if (r := self.right.together(measure, s, self.councils, row["period"]))
                    ]
                    assert (pytest.approx(row["value"]), row["councils"]) in [
                        (float(v), n) for v, n in rights
                    ], (measure, row, rights)
        for service in self.services:
            told = measures.now(service_id=service, council_ids=self.councils, **span)
            for row in raw(told):
                key = (service, who[row["council"]], names[row["measure"]])
                self._now(row, key)
        told = exceptions.listed(
            service_id=None, council_ids=self.councils, to_month=self.plan.last
        )
        self._exceptions(raw(told), names, who)

    def _of_measure(
        self, measure: str, make: Callable[..., Exhibit], **given: Any
    ) -> Iterator[Exhibit]:
        """An exhibit of a measure; where it takes a service, of each that reports the measure."""
        import inspect

        given |= {"measure_id": measure, "council_ids": self.councils}
        if "service_id" in inspect.signature(make).parameters:
            for service in sorted({k[0] for k in self.right.series if k[2] == measure}):
                yield make(**given, service_id=service)
        else:
            yield make(**given)

    def _figures(self, row: dict[str, Any], measure: str, council: str) -> list[Figure]:
        return [
            f
            for (s, c, m, _), figures in self.right.series.items()
            if (c, m) == (council, measure) and row.get("service_id") in (None, s)
            for f in figures
            if f.period == row["period"]
        ]

    def _trend(self, row: dict[str, Any], measure: str) -> None:
        found = self._figures(row, measure, row["council_id"])
        if row["value"] is None:
            if row["status"] in ("missing", "not served"):
                assert all(f.value is None for f in found), (measure, row)
            return
        rights = [(_float(f.value), f.verdict) for f in found]
        assert any(
            row["value"] == pytest.approx(v) and row["verdict"] == w
            for v, w in rights
            if v is not None
        ), (measure, row, rights)

    def _now(self, row: dict[str, Any], key: tuple[str, str, str]) -> None:
        rights = [
            f
            for kind in ("month", "quarter")
            if (*key, kind) in self.right.series
            and (f := self.right.newest((*key, kind), FIRST, self.plan.last))
        ]
        assert rights, (key, row)
        figure = rights[0]
        what = f"{key} {row['period']}"
        assert row["period"] == figure.period, what
        assert row["verdict"] == figure.verdict, what
        assert row["status"] == figure.status, what
        same(row["value"], figure.value, f"{what} value", must=True)
        same(row["previous_value"], figure.previous, f"{what} before", must=True)
        same(row["year_before_value"], figure.year_before, f"{what} a year before", must=True)
        assert row["previous_change"] == figure.previous_change, what
        assert row["year_change"] == figure.year_change, what
        same(row["year_to_date"], figure.year_to_date, f"{what} year to date", must=self.knows_who)

    def _exceptions(
        self, rows: list[dict[str, Any]], names: dict[str, str], who: dict[str, str]
    ) -> None:
        ids = {n: s for s, n in SERVICES.items()} | {s: s for s in SERVICES}
        listed = set()
        for row in rows:
            key = (ids[row["service"]], who[row["council"]], names[row["measure"]])
            listed.add(key)
            self._exception(row, key)
        for key in self.right.series:
            figure = self.right.newest(key, FIRST, self.plan.last)
            if figure and figure.verdict in ("close", "off target") and not self._is_gone(key):
                assert key[:3] in listed, f"{key} misses its target and is not listed"

    def _exception(self, row: dict[str, Any], key: tuple[str, str, str]) -> None:
        kind = "quarter" if key[2] == "days" else "month"
        figures = self.right.series[(*key, kind)]
        newest = self.right.newest((*key, kind), FIRST, self.plan.last)
        assert newest and (row["period"], row["verdict"]) == (newest.period, newest.verdict), row
        if row["missed_points"]:
            judged = [f for f in figures if f.verdict and f.month <= newest.month]
            missed = 0
            for figure in reversed(judged):
                if figure.verdict == "on target":
                    break
                missed += 1
            assert row["missed_points"] == missed, (row, missed)
            assert row["missed_since"] == judged[-missed].month, row

    # The survey ---------------------------------------------------------------------------------

    def survey(self) -> None:
        span = {"from_month": FIRST, "to_month": self.plan.last}
        customers = {n: c for c, n in COUNCILS.items()} | {satisfaction.EVERYBODY: None}
        services = {n: s for s, n in SERVICES.items()}
        told: list[tuple[dict[str, Any], str | None, str | None]] = []
        for service in (None, *SERVICES):
            for make in (satisfaction.headline, satisfaction.by_customer):
                exhibit = make(service_id=service, council_ids=self.councils, **span)
                told += [(row, service, customers[row["customer"]]) for row in raw(exhibit)]
        exhibit = satisfaction.by_service(council_ids=self.councils, **span)
        told += [(row, services.get(row["service"]), None) for row in raw(exhibit)]
        for row, service, council in told:
            if row["satisfied_share"] is None:
                continue
            found = self.right.answered(row["month"], service, council)
            what = f"satisfied {service} {council} {row['month']}"
            assert found and found[1], what
            same(row["satisfied_share"], Fraction(*found), what)
            assert row["respondents"] == found[1] >= 10, what
            low, high = wilson(*found)
            same(row["share_low"], low, f"{what} from")
            same(row["share_high"], high, f"{what} to")

    # Sentences ----------------------------------------------------------------------------------

    def sentences(self) -> None:
        """Every amount of money that any exhibit or the report has in words is one of those known.

        Those of a part of what was due are so only beside the words that say so.
        """
        self.claims: set[str] = set()
        allowed, in_part = self._amounts()
        for exhibit in every_exhibit.every():
            if exhibit.name.startswith(("data.", "forecast.", "outturn.", "true_cost.scenario")):
                continue
            # The running total of a bridge stands in its table beside what it is made of.
            lines = said.lines(exhibit)
            if exhibit.name == "variance.bridge":
                lines = (exhibit.title, exhibit.subtitle.replace(variance.BRACKETS, ""))
            for line in lines:
                _money_in(line, allowed, in_part, exhibit.name)
                _claimed_in(line, self.claims, exhibit.name)
        for line in said.report(self.april, self.plan.last).splitlines():
            _money_in(line, allowed, in_part, "the report")
            _claimed_in(line, self.claims, "the report")

    def _amounts_of(
        self,
        services: tuple[str, ...],
        councils: tuple[str, ...],
        first: date,
        last: date,
        kind: str | None,
    ) -> set[str]:
        """Actual, budget, the year before and their differences, as they are written."""
        due, earlier = (services, councils), (a_year_before(first), a_year_before(last))
        actual, budget = (
            of(*due, first, last, kind) for of in (self.right.spent, self.right.budget)
        )
        before = self.right.spent(*due, *earlier, kind)
        amounts = [actual, budget, before]
        if (gap := self.right.variance(*due, first, last, kind)) is not None:
            amounts.append(gap)
            self.claims |= _claims(actual, budget, "over", "under")
        if actual is not None and before is not None and self.right.is_like(*due, first, last):
            amounts.append(actual - before)
            self.claims |= _claims(actual, before, "more", "less")
        if kind is None:
            like, like_before = self.right.alike(*due, first, last)
            if like is not None and like_before is not None:
                amounts += [like, like_before, like - like_before]
                self.claims |= _claims(like, like_before, "more", "less")
        return set().union(*(_written(a) for a in amounts if a is not None))

    def _amounts(self) -> tuple[set[str], set[str]]:
        """Amounts as they are written: of whole sums, and of what was reported of others."""
        allowed, in_part = {"£0", "£0.00"}, set()
        scopes = [
            (services, councils)
            for services in (*((s,) for s in self.services), self.services)
            for councils in (*((c,) for c in self.councils), self.councils)
        ]
        kinds = (None, *self.right.kinds())
        for of in scopes:
            spans = [(month, month) for month in months(april_of(FIRST), self.plan.last)]
            spans += [(april_of(month), month) for month, _ in spans]
            for span in [*spans, (FIRST, self.plan.last), (FIRST, self.to)]:
                for kind in kinds:
                    if kind is None or span not in spans[: len(spans) // 2]:
                        allowed |= self._amounts_of(*of, *span, kind)
                        for amount in self.right.reported(*of, *span, kind):
                            if amount is not None:
                                in_part |= _written(amount)
            year = (april_of(self.to), month_of(april_of(self.to).year, 15))
            if (whole := self.right.budget(*of, *year)) is not None:
                allowed |= _written(whole)
        for service, unit in (("alpha", "invoices"), ("beta", "staff")):
            for councils in (*((c,) for c in self.councils), self.councils):
                for month in months(april_of(FIRST), self.plan.last):
                    cost = self.right.unit_cost(service, councils, unit, month)
                    before = self.right.unit_cost(service, councils, unit, a_year_before(month))
                    changed = self.right.why_it_changed(service, councils, unit, month) or ()
                    if changed:
                        # To the penny: what is left over is the mix.
                        volume, price, mix = (round(part, 2) for part in changed)
                        total = round(sum(changed), 2)
                        changed = (volume, price, mix, total - volume - price)
                    if cost is not None and before is not None:
                        changed = (*changed, cost - before)
                        self.claims |= _claims(_exact(cost), _exact(before), "more", "less")
                    for amount in (cost, *changed):
                        if amount is not None:
                            allowed |= _written(_exact(amount))
        return allowed, in_part


_AMOUNT = re.compile(r"−?£[\d,]*\d(?:\.\d+)?(?:m|bn)?")
_IN_PART = re.compile(r"in what was reported|not known|reported")


def _written(amount: Decimal) -> set[str]:
    """How an amount is written, to the penny or not, with or without its sign."""
    return {write(a) for write in (pounds, pence) for a in (amount, abs(amount))}


def _money_in(line: str, allowed: set[str], in_part: set[str], where: str) -> None:
    for amount in _AMOUNT.findall(line):
        known = amount in allowed or (amount in in_part and _IN_PART.search(line))
        assert known, f"{where}: {amount} in “{line}”"


_CLAIM = re.compile(
    r"−?£[\d,]*\d(?:\.\d+)?(?:m|bn)? \(\d+%\) (?:over|under|more|less)"
    r"|\d+% (?:over|under) budget|\d+% (?:more|less) than −?£[\d,]*\d(?:\.\d+)?(?:m|bn)?"
)


def _claims(one: Decimal, other: Decimal, up: str, down: str) -> set[str]:
    """What may be said of one amount against another; no per cent of nought or of less."""
    if other <= 0:
        return set()
    gap = one - other
    share, word = f"{abs(float(gap) / float(other)):.0%}", up if gap > 0 else down
    brief = f"{share} {word} budget" if up == "over" else f"{share} {word} than {pounds(other)}"
    return {f"{pounds(abs(gap))} ({share}) {word}", brief}


def _claimed_in(line: str, claims: set[str], where: str) -> None:
    for claim in _CLAIM.findall(line):
        assert claim in claims, f"{where}: {claim} in “{line}”"


def _exact(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


# Tests --------------------------------------------------------------------------------------------

QUIET = profile(
    max_examples=MANY,
    deadline=None,
    derandomize="RECKONED" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@QUIET
@given(plans())
def test_every_figure_is_the_reckoners_or_is_not_told(plan):
    with loaded(plan) as right:
        Held(plan, right).everything()


# One figure of the snapshot made another, and which of the above has to see it.
SPOILED = {
    "costs": (
        Held.costs_of_the_year,
        "update costs_whole set actual_gbp = actual_gbp + 1 where month = '2022-06-01'",
    ),
    "months": (
        Held.standing,
        "update costs_monthly set actual_gbp = actual_gbp + 1 where month = '2022-06-01'",
    ),
    "before": (
        Held.costs_through_the_year,
        "update costs_whole set actual_gbp = actual_gbp - 1 where month = '2021-04-01'",
    ),
    "the year before": (
        Held.costs_of_the_year,
        "update costs_whole set comparable_gbp = comparable_gbp - 1 where month = '2021-04-01'",
    ),
    "budget": (
        Held.costs_of_the_year,
        "update costs_whole set budget_gbp = budget_gbp + 1 where month = '2022-05-01'",
    ),
    "value": (
        Held.measures,
        "update performance set value = value + 0.001 where measure_id = 'balance'",
    ),
    "verdict": (
        Held.measures,
        "update performance set verdict = case verdict when 'close' then 'on target' "
        "else 'close' end where measure_id = 'balance' and verdict is not null",
    ),
    "way": (
        Held.measures,
        "update performance set year_change = -year_change where year_change != 0",
    ),
    "so far": (Held.measures, "update performance set year_to_date = year_to_date * 1.0001"),
    "satisfied": (
        Held.survey,
        "update surveys set satisfied_share = satisfied_share + 0.00001",
    ),
    "interval": (Held.survey, "update surveys set share_low = share_low - 0.00001"),
    "true cost": (Held.true_costs, "update true_costs set true_cost_gbp = true_cost_gbp + 0.01"),
    "units": (Held.unit_costs, "update unit_costs set quantity_sum = quantity_sum + 1"),
}


def _whole(plan: Plan) -> bool:
    """Everybody is served by everything."""
    return "memberships" in plan.files and len(plan.spells) == len(PAIRS)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_one_figure_that_is_another_is_seen(tmp_path):
    plan = find(plans(), _whole, settings=profile(database=None, derandomize=True))
    judged = {"measure_id": "balance", "from": label(FIRST), "target": 60, "tolerance": 10}
    plan.files.pop("targets", None)
    plan.add("targets", judged | {"rule": "within_range"})
    next(m for m in plan.files["measures"][0] if m["measure_id"] == "balance")["good_direction"] = (
        "higher"
    )
    with loaded(plan) as right:
        Held(plan, right).everything()
        workspace = settings.workspace()
        for what, (check, sql) in SPOILED.items():
            spoiled = tmp_path / what
            shutil.copytree(workspace.warehouse, spoiled)
            path = snapshot_path(spoiled, warehouse.version(workspace))
            with duckdb.connect(str(path)) as con:
                assert con.execute(sql).fetchall()[0][0], f"{what}: nothing was spoiled"
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("WAREHOUSE", str(spoiled))
                with pytest.raises(AssertionError):
                    check(Held(plan, right))
                    pytest.fail(f"{what}: its check did not see it")


class HeldLedger:
    """A loaded ledger beside its reckoner."""

    def __init__(self, plan: Plan, reckoner: Reckoner) -> None:
        self.plan, self.right = plan, reckoner
        self.services = tuple(s for s in SERVICES if any(p[0] == s for p in plan.spells))
        self.councils = tuple(c for c in COUNCILS if any(p[1] == c for p in plan.spells))
        # The day up to which there is anything, and the same day a year before.
        self.day = max(line[0] for line in reckoner.lines)
        self.april = april_of(plan.last)

    def everything(self) -> None:
        self.costs()
        self.spending()
        self.report()

    def costs(self) -> None:
        """So far in the year, beside the same days of the year before."""
        for service in (None, *self.services):
            by = "council_id" if service else "service_id"
            told = costs.to_date(
                service_id=service, council_ids=self.councils, to_month=self.plan.last
            )
            for row in raw(told):
                part = None if row[by] == TOGETHER else row[by]
                some = (service,) if service else (part,) if part else self.services
                whose = (part,) if service and part else self.councils
                what = f"{some} {whose}"
                to = row["to_month"]
                same(row["actual_gbp"], self._paid(some, whose, april_of(to), to), what)
                self._before(row["year_before_gbp"], some, whose, row["to_month"], what)
        for council in self.councils:
            told = overview.services_of_council(
                council_id=council, from_month=self.april, to_month=self.plan.last
            )
            ids = {reference.service_names()[s]: s for s in self.services}
            to = self.right.last_month(self.services, (council,))
            for row in raw(told):
                some = (ids[row["service"]],)
                what = f"grid {some} {council}"
                same(row["actual_gbp"], self._paid(some, (council,), april_of(to), to), what)
                self._before(row["year_before_gbp"], some, (council,), to, what)
        for service in (None, *self.services):
            told = costs.through_the_year(
                service_id=service,
                council_ids=self.councils,
                from_month=FIRST,
                to_month=self.plan.last,
            )
            names = {reference.council_names()[c]: (c,) for c in self.councils}
            for row in raw(told):
                some = (service,) if service else self.services
                whose = names.get(row["council"], self.councils)
                month, what = row["month"], f"{some} {row['council']} {row['month']}"
                same(row["actual_gbp"], self._paid(some, whose, month, month), what)
                same(
                    row["actual_to_date_gbp"], self._paid(some, whose, april_of(month), month), what
                )
                self._before(row["actual_to_date_year_before_gbp"], some, whose, month, what)

    def _paid(self, *due: Any) -> Decimal | None:
        services, councils, first, last = due
        return self.right.paid(services, councils, first, _end_of(last))

    def _before(
        self,
        told: Decimal | None,
        services: tuple[str, ...],
        councils: tuple[str, ...],
        to_month: date,
        what: str,
    ) -> None:
        """The year before, up to the same day: a month that has begun is never held against all."""
        first = a_year_before(april_of(to_month))
        last = min(_end_of(to_month), self.day)
        right = self.right.paid(services, councils, first, _a_year_before(last))
        if told is not None:
            same(told, right, f"{what} the year before")

    def spending(self) -> None:
        """Suppliers and lines: what each was paid, and in the same days of the year before."""
        span = {"from_month": self.april, "to_month": self.plan.last}
        for service in (None, *self.services):
            some = (service,) if service else self.services
            told = spending.suppliers(
                service_id=service, council_ids=self.councils, cost_type=None, **span
            )
            for row in raw(told):
                whom = row["supplier"]
                first, last = self.april, self.day
                paid = self.right.paid(some, self.councils, first, last, None, whom)
                same(row["amount_gbp"], paid, f"{some} {whom}", must=True)
                before = self.right.paid(
                    some, self.councils, a_year_before(first), _a_year_before(last), None, whom
                )
                same(row["year_before_gbp"] or None, before or None, f"{some} {whom} a year before")
            told = spending.parts(
                service_id=service,
                council_ids=self.councils,
                cost_type=None,
                supplier=None,
                **span,
            )
            by = "cost_type" if service else "service_id"
            for row in raw(told):
                part = None if row[by] == TOGETHER else row[by]
                kind = part if service else None
                mine = (part,) if part and not service else some
                paid = self.right.paid(mine, self.councils, self.april, self.day, kind)
                same(row["actual_gbp"], paid, f"parts {mine} {kind}")

    def report(self) -> None:
        """No sentence holds what has begun against what is whole."""
        claims: set[str] = set()
        for services in (*((s,) for s in self.services), self.services):
            for councils in (*((c,) for c in self.councils), self.councils):
                for month in months(FIRST, self.plan.last):
                    first, last = april_of(month), min(_end_of(month), self.day)
                    for start in (first, month):
                        now = self.right.paid(services, councils, start, last)
                        before = self.right.paid(
                            services, councils, a_year_before(start), _a_year_before(last)
                        )
                        if now is not None and before is not None:
                            claims |= _claims(now, before, "more", "less")
        for line in said.report(self.april, self.plan.last).splitlines():
            _claimed_in(line, claims, "the report")
        for exhibit in every_exhibit.every():
            if not exhibit.name.startswith(("data.", "forecast.", "outturn.", "spending.")):
                for line in said.lines(exhibit):
                    _claimed_in(line, claims, exhibit.name)


def _end_of(month: date) -> date:
    return month_of(month.year, month.month + 1) - timedelta(1)


def _a_year_before(day: date) -> date:
    """The same day a year before; the month's last where that is no leap year's."""
    before = a_year_before(day)
    return min(before.replace(day=1) + timedelta(day.day - 1), _end_of(before))


@QUIET
@given(ledgers())
def test_a_month_that_has_begun_is_never_held_against_a_whole_one(plan):
    with loaded(plan) as right:
        HeldLedger(plan, right).everything()
