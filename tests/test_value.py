"""Unit costs, what changed them, and value for money: exact on few rows, and by an oracle."""

import csv
import itertools
import json
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import unescape

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import settings, theme
from dashboard.exhibits import reference, unit_costs, value
from dashboard.load import versions
from dashboard.load.publish import load
from dashboard.method.price_volume import Work, effects
from dashboard.method.proportions import interval_of_change
from dashboard.render import text
from dashboard.render.kinds import figures
from dashboard.settings import Workspace
from dashboard.warehouse import fetch, version

NOW = date(2017, 3, 1)
SPAN = {"from_month": date(2010, 4, 1), "to_month": NOW}
A_B = ("a", "b")

_TYPES = {
    **dict.fromkeys(("actual_gbp", "quantity", "value", "numerator", "denominator"), "number"),
    **dict.fromkeys(("target", "tolerance", "median", "share", "satisfied_share"), "number"),
    **dict.fromkeys(("respondents", "satisfied"), "integer"),
    "overhead": "boolean",
}


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Make a workspace of these feeds the one that exhibits answer from; rows are dictionaries."""

    def planted(**feeds):
        feeds.setdefault("services", [{"service_id": "s", "name": "Post"}])
        feeds.setdefault("councils", [{"council_id": c, "name": c.upper()} for c in A_B])
        resources = []
        for name, rows in feeds.items():
            fields = list(dict.fromkeys(f for row in rows for f in row))
            with (tmp_path / f"{name}.csv").open("w", newline="") as out:
                writer = csv.DictWriter(out, fields)
                writer.writeheader()
                writer.writerows(rows)
            schema = [{"name": f, "type": _TYPES.get(f, "string")} for f in fields]
            resources.append({"name": name, "path": f"{name}.csv", "schema": {"fields": schema}})
        contract = tmp_path / "datapackage.json"
        waived = {"waive": ["definition", "owner_role", "good_direction"]}
        contract.write_text(
            json.dumps({"name": "x", "title": "X", "onesource": waived, "resources": resources})
        )
        workspace = Workspace(tmp_path, contract, tmp_path / "warehouse")
        report = load(workspace)
        assert not report.problems, report.problems[:3]
        for key in ("DATA", "CONTRACT", "WAREHOUSE"):
            monkeypatch.setenv(key, str(getattr(workspace, key.lower())))

    return planted


def _cost(period, pounds, council="a", service="s"):
    return {"period": period, "service_id": service, "council_id": council,
            "cost_type": "Pay", "actual_gbp": pounds}  # fmt: skip


def _work(period, quantity, council="a", unit="letters", kind="flow", service="s"):
    return {"period": period, "service_id": service, "council_id": council,
            "unit": unit, "quantity": quantity, "kind": kind}  # fmt: skip


def _months(count, year=2016):
    """So many months from April, as a period each."""
    return [f"{year + (m > 12)}-{(m - 1) % 12 + 1:02d}" for m in range(4, 4 + count)]


def _told(council_ids=A_B, to_month=NOW, unit=None, service_id="s"):
    """Unit costs by council (None: together)."""
    found = unit_costs.of_service(service_id, unit, council_ids, to_month)
    return {f.council_id: f for f in found}


# Unit costs


def test_a_unit_cost_is_a_sum_of_costs_over_a_sum_of_work(plant):
    plant(
        costs=[
            *[_cost("2015-16", 1000), _cost("2016-17", 1200)],
            *[_cost("2015-16", 600, "b"), _cost("2016-17", 500, "b")],
        ],
        volumes=[
            *[_work("2015-16", 100), _work("2016-17", 100)],
            *[_work("2015-16", 200, "b"), _work("2016-17", 150, "b")],
        ],
    )
    told = _told()
    assert {c: (f.each, f.each_before) for c, f in told.items()} == {
        None: (Fraction(1700, 250), Fraction(1600, 300)),
        "a": (12, 10),
        "b": (Fraction(10, 3), 3),
    }
    # The whole: 50 letters fewer at £5.33; a's 100 letters cost £2 more each and b's 150 £0.33.
    whole = told[None]
    assert (whole.volume, whole.price, whole.mix) == (
        Decimal("-266.67"), Decimal("250.00"), Decimal("116.67"),
    )  # fmt: skip
    assert (told["b"].volume, told["b"].price, told["b"].mix) == (
        Decimal("-150.00"), Decimal("50.00"), None,
    )  # fmt: skip
    exhibit = unit_costs.told(service_id="s", unit=None, council_ids=A_B, to_month=NOW)
    assert exhibit.title == (
        "Letters cost £6.80 each, £1.47 (28%) more than a year before: fewer letters saved £267, "
        "a higher price added £250 and another mix of councils added £117"
    )
    assert exhibit.chart.bars[0].values == (-266.67, 250.0, 116.67, 100.0)
    assert exhibit.table.raw_rows[0][4:13] == (
        Decimal("1700.00"), 250.0, Decimal("6.80"), Decimal("1600.00"), 300.0, Decimal("5.33"),
        Decimal("-266.67"), Decimal("250.00"), Decimal("116.67"),
    )  # fmt: skip


def test_one_council_alone_has_no_mix(plant):
    plant(
        costs=[_cost("2015-16", 1000), _cost("2016-17", 1200)],
        volumes=[_work("2015-16", 100), _work("2016-17", 100)],
    )
    assert _told(("a",))[None].mix is None
    assert (
        unit_costs.told(service_id="s", unit=None, council_ids=("a",), to_month=NOW).title
        == "Letters cost £12 each, £2 (20%) more than a year before: a higher price added £200"
    )


def test_a_year_to_date_is_compared_with_the_same_months_and_whole_years_stand_beside(plant):
    plant(
        costs=[_cost(p, 10) for p in _months(12, 2015)] + [_cost(p, 12) for p in _months(3)],
        volumes=[_work(p, 5) for p in _months(12, 2015)] + [_work(p, 4) for p in _months(3)],
    )
    told = _told()["a"]
    assert told.months == "April to June 2016"
    assert (told.work, told.work_before) == (
        Work(Decimal("36.00"), Fraction(12)), Work(Decimal("30.00"), Fraction(15)),
    )  # fmt: skip
    rows = fetch("unit_costs", service_id="s", council_ids=("a",), to_month=NOW).rows()
    assert [
        (r["month"], r["months"], r["is_newest"], r["is_comparable"], float(r["unit_cost_gbp"]))
        for r in rows
        if r["council_id"] == "a"
    ] == [
        (date(2015, 6, 1), 3, False, True, 2),
        (date(2016, 3, 1), 12, False, False, 2),
        (date(2016, 6, 1), 3, True, True, 3),
    ]


def test_a_level_is_averaged_over_the_months_and_a_flow_added_up(plant):
    plant(
        costs=[_cost(p, 10) for p in _months(2)],
        volumes=[
            *[_work("2016-04", 100, kind="level"), _work("2016-05", 60, kind="level")],
            *[_work("2016-04", 3, unit="visits"), _work("2016-05", 2, unit="visits")],
        ],
    )
    assert _told(("a",))["a"].work.quantity == 80
    assert _told(("a",), unit="visits")["a"].work == Work(Decimal("20.00"), Fraction(5))
    # A unit that the service does not have is its main one; here the first by name, as both are
    # reported as often.
    assert _told(("a",), unit="nonsense")["a"].unit == "letters"
    said = unit_costs.told(service_id="s", unit="visits", council_ids=("a",), to_month=NOW)
    assert said.title == "Visits cost £4 each"


def test_where_several_units_are_counted_each_bears_the_whole_cost_and_it_is_said(plant):
    plant(
        services=[{"service_id": "s", "name": "Post", "main_unit": "parcels"}],
        costs=[_cost("2015-16", 90), _cost("2016-17", 100)],
        volumes=[
            *[_work("2015-16", 10), _work("2016-17", 20)],
            *[_work("2015-16", 5, unit="parcels"), _work("2016-17", 4, unit="parcels")],
        ],
    )
    assert unit_costs.units("s") == ["parcels", "letters"]
    exhibit = unit_costs.told(service_id="s", unit=None, council_ids=("a",), to_month=NOW)
    assert exhibit.title.startswith("Parcels cost £25 each, £7 (39%) more")
    assert "the whole true cost of the service" in exhibit.subtitle
    assert "also counts letters" in exhibit.subtitle


def test_a_month_without_its_volume_makes_no_unit_cost_and_says_why(plant):
    plant(
        costs=[_cost(p, 10, c) for p in _months(3) for c in A_B],
        volumes=[_work(p, 5) for p in _months(3)]
        + [_work(p, 5, "b") for p in ("2016-04", "2016-06")],
    )
    told = _told()
    assert told["a"].each == 2
    assert (told["b"].each, told["b"].why) == (None, "cost or volume is missing for 1 month")
    assert (told[None].each, told[None].why) == (
        None, "cost or volume is missing for 1 month of B",
    )  # fmt: skip
    why = unit_costs.untold(service_id=None, unit=None, council_ids=A_B, to_month=NOW)
    assert why.table.raw_rows == (
        (
            "Post",
            "All together",
            "letters",
            "unit cost",
            "cost or volume is missing for 1 month of B",
        ),
    )


def test_no_work_done_makes_no_unit_cost(plant):
    plant(costs=[_cost("2016-17", 10)], volumes=[_work("2016-17", 0)])
    assert (_told()["a"].each, _told()["a"].why) == (None, "no work was done")


def test_a_council_that_joined_is_not_compared_and_stands_in_the_mix(plant):
    plant(
        memberships=[
            {"service_id": "s", "council_id": "a", "from": "2015-04", "to": ""},
            {"service_id": "s", "council_id": "b", "from": "2017-01", "to": ""},
        ],
        costs=[_cost(p, 100) for y in (2015, 2016) for p in _months(12, y)]
        + [_cost(p, 10, "b") for p in _months(12)[9:]],
        volumes=[_work(p, 50) for y in (2015, 2016) for p in _months(12, y)]
        + [_work(p, 10, "b") for p in _months(12)[9:]],
    )
    told = _told()
    assert (told["b"].each, told["b"].each_before) == (1, None)
    assert told["b"].why == "nothing was reported a year before"
    whole = told[None]
    # 30 more letters at £2 make £60; a's price is as it was; b's letters cost £1 less than that.
    assert (whole.volume, whole.price, whole.mix) == (Decimal("60.00"), 0, Decimal("-30.00"))


def test_a_council_served_in_other_months_is_not_compared(plant):
    plant(
        memberships=[{"service_id": "s", "council_id": "a", "from": "2015-04", "to": "2016-05"},
                     {"service_id": "s", "council_id": "b", "from": "2015-04", "to": ""}],
        costs=[_cost(p, 100, "b") for y in (2015, 2016) for p in _months(12, y)]
        + [_cost(p, 60) for p in (*_months(12, 2015), *_months(2))],
        volumes=[_work(p, 50, "b") for y in (2015, 2016) for p in _months(12, y)]
        + [_work(p, 24, kind="flow") for p in (*_months(12, 2015), *_months(2))],
    )  # fmt: skip
    told = _told()
    assert (told["a"].each, told["a"].each_before) == (Fraction(5, 2), None)
    assert told["a"].why == "served in other months than the year before"
    assert told[None].work.quantity == 12 * 50 + 2 * 24


def test_a_quarter_of_work_covers_the_months_of_its_cost(plant):
    plant(
        costs=[_cost(p, 10) for p in _months(5)],
        volumes=[_work("2016-17 Q1", 15), _work("2016-17 Q2", 15)],
    )
    # August's cost stands in a quarter whose work is known at its end: June is the last told.
    told = _told(to_month=date(2016, 8, 1))["a"]
    assert (told.month, told.work) == (date(2016, 6, 1), Work(Decimal("30.00"), Fraction(15)))


def test_a_service_that_serves_the_others_has_no_unit_cost_of_its_own(plant):
    plant(
        services=[{"service_id": "s", "name": "Post", "overhead": "no"},
                  {"service_id": "o", "name": "Projects", "overhead": "yes"}],
        costs=[_cost("2016-17", 100), _cost("2016-17", 50, service="o")],
        volumes=[_work("2016-17", 10), _work("2016-17", 2, unit="projects", service="o")],
    )  # fmt: skip
    only = _told(("a",), service_id="o")[None]
    assert (only.each, only.why) == (None, "it serves the other services, which bear its cost")


@given(
    st.lists(st.tuples(*[st.integers(1, 10**9), st.integers(1, 10**6)] * 2), min_size=1, max_size=5)
)
def test_volume_price_and_mix_add_up_to_the_change_to_the_penny(parts):
    pairs = [
        (Work(Decimal(c0) / 100, Fraction(q0, 7)), Work(Decimal(c1) / 100, Fraction(q1, 3)))
        for c0, q0, c1, q1 in parts
    ]
    before, now = (
        Work(sum(p[i].cost for p in pairs), sum(p[i].quantity for p in pairs)) for i in (0, 1)
    )
    for given_parts in (None, pairs):
        shares = effects(before, now, given_parts)
        assert sum(s for s in shares if s is not None) == now.cost - before.cost
        assert all(s is None or s == s.quantize(Decimal("0.01")) for s in shares)
    volume = (now.quantity - before.quantity) * Fraction(before.cost) / before.quantity
    assert abs(Fraction(effects(before, now)[0]) - volume) <= Fraction(1, 200)


# The shipped workspace, by an independent count


def _shipped(folder):
    for path in sorted((settings.ROOT / "data" / folder).glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.DictReader(lines)


def _financial_year(period):
    year, month = int(period[:4]), int(period[5:7])
    return year if month >= 4 else year - 1


def test_unit_costs_of_every_service_council_and_year_are_those_of_the_files(use):
    workspace = use("shipped")
    costs, work = defaultdict(Decimal), defaultdict(Decimal)
    snapshot = versions.snapshot_path(workspace.warehouse, version())
    with duckdb.connect(str(snapshot), read_only=True) as tables:
        for service, council, month, pounds in tables.execute(
            "select service_id, council_id, month, true_cost_gbp from true_costs"
        ).fetchall():
            costs[service, council, _financial_year(f"{month:%Y-%m}")] += pounds
    booked = sum(Decimal(r["actual_gbp"]) for r in _shipped("costs") if r["actual_gbp"])
    assert sum(costs.values()) == booked
    kinds = {}
    for row in _shipped("volumes"):
        kinds[row["unit"]] = row["kind"]
        year = _financial_year(row["period"])
        work[row["service_id"], row["council_id"], row["unit"], year] += Decimal(row["quantity"])
    councils = tuple(reference.council_names("council"))
    rows = fetch("unit_costs", service_id=None, council_ids=councils, to_month=date(2018, 3, 1))
    found = {
        (r["service_id"], r["council_id"], r["unit"], r["month"].year - 1): Fraction(
            r["true_cost_gbp"]
        ) * int(r["divisor"]) / Fraction(r["quantity_sum"])
        for r in rows.rows()
        if r["is_whole"]
    }  # fmt: skip

    def expected(service, unit, year, whose):
        pounds = sum(costs[service, c, year] for c in councils if c in whose)
        pieces = sum(work[service, c, unit, year] for c in whose)
        return Fraction(pounds) / (Fraction(pieces) / (1 if kinds[unit] == "flow" else 12))

    oracle = {(s, c, u, y): expected(s, u, y, (c,)) for s, c, u, y in work}
    for service, unit, year in {(s, u, y) for s, _, u, y in work}:
        oracle[service, None, unit, year] = expected(service, unit, year, councils)
    assert len(oracle) > 200
    assert found == oracle


def test_every_effect_of_the_shipped_services_adds_up_to_the_penny(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    split = [
        f
        for month in (date(2018, 3, 1), date(2017, 9, 1))
        for f in unit_costs.of_services(councils, month)
        if f.volume is not None
    ]
    assert len(split) > 60
    for f in split:
        assert f.volume + f.price + (f.mix or 0) == f.work.cost - f.work_before.cost


def test_what_cannot_be_told_of_the_shipped_services_is_listed_with_why(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    exhibit = unit_costs.untold(
        service_id=None, unit=None, council_ids=councils, to_month=date(2018, 3, 1)
    )
    assert {(r[0], r[1], r[4]) for r in exhibit.table.raw_rows} == {
        ("HR & OD", "Bexley", "served in other months than the year before"),
        ("ICT", "Bexley", "served in other months than the year before"),
        ("Council Tax & Benefits", "Newham", "served in other months than the year before"),
        *[(s, "All together", "it serves the other services, which bear its cost")
          for s in ("Business Improvement", "Project Management Office")],
        ("Whole service", "All together", "no volumes of its work are reported"),
    }  # fmt: skip


# Measures in place of volumes


def _cost_measure(measure_id="m", name="Cost per letter", **more):
    return {"measure_id": measure_id, "service_id": "s", "name": name, "unit": "£",
            "kind": "financial", "good_direction": "lower", "frequency": "annual",
            **more}  # fmt: skip


def _figure(period, value, council="a", measure="m", **more):
    return {"period": period, "service_id": "s", "council_id": council, "measure_id": measure,
            "value": value, **more}  # fmt: skip


def test_without_volumes_a_measure_of_cost_per_piece_is_the_unit_cost(plant):
    plant(
        measures=[_cost_measure(), _cost_measure("x", "Spending on post")],
        performance=[
            _figure("2015-16", 2, numerator=20, denominator=10),
            _figure("2016-17", 3, numerator=30, denominator=10),
            _figure("2015-16", 5, "b", numerator=150, denominator=30),
            _figure("2016-17", 4, "b", numerator=160, denominator=40),
            _figure("2016-17", 7, measure="x"),
        ],
    )
    # Spending is not so much per anything.
    assert unit_costs.units("s") == ["Cost per letter"]
    told = _told()
    assert (told[None].each, told[None].each_before) == (Fraction(190, 50), Fraction(170, 40))
    assert (told["a"].each, told["b"].each_before, told[None].volume) == (3, 5, None)
    exhibit = unit_costs.told(service_id="s", unit=None, council_ids=A_B, to_month=NOW)
    assert exhibit.title == "Cost per letter: £3.80, £0.45 (11%) less than a year before"
    assert exhibit.chart.bars[0].values == (4.0, 3.8, 3.0)


def test_all_together_is_not_told_of_a_measure_unless_all_parts_are_there(plant):
    plant(
        measures=[_cost_measure()],
        performance=[
            _figure("2016-17", 3, numerator=30, denominator=10),
            _figure("2016-17", 5, "b"),
        ],
    )
    told = _told()
    assert (told[None].each, told["a"].each, told["b"].each) == (None, 3, 5)
    assert told[None].why == "numerators and denominators of all councils are not published"


def test_lgbf_unit_costs_are_its_published_measures(use):
    workspace = use("lgbf")
    with (workspace.data / "LGBF_ScotDataReal_ISSpatialHub.csv").open(
        encoding="utf-8-sig", newline=""
    ) as lines:
        rows = [
            r for r in csv.DictReader(lines) if r["Code"] == "CORP04" and r["Year"] == "2022-23"
        ]
    councils = tuple(reference.council_names("council"))
    unit = "The Cost per Dwelling of Collecting Council Tax"
    told = {
        f.council_id: f
        for f in unit_costs.of_service("Council Tax", unit, councils, date(2024, 3, 1))
    }
    assert len(rows) == 32
    assert {r["LocalAuthority"]: float(r["LA_IndicatorReal"]) for r in rows} == {
        c: float(f.each) for c, f in told.items() if c
    }
    chosen = {"service_id": "Parks & Open Spaces", "unit": None, "council_ids": councils}
    span = {"from_month": date(2010, 4, 1), "to_month": date(2024, 3, 1)}
    exhibit = value.against_satisfaction(**chosen, **span)
    assert len(exhibit.chart.spots) == 32
    assert all(s.mark is None for s in exhibit.chart.spots)
    assert "can't be told without the number of answers" in exhibit.title
    assert "no figure was held against a target" in value.against_quality(**chosen, **span).empty


# Chance


def test_the_interval_of_a_change_is_newcombe_s():
    # Newcombe (1998), Statistics in Medicine 17, table II, method 10: 56/70 less 48/80, and 0/10
    # less 0/20.
    assert interval_of_change(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert interval_of_change(0, 10, 0, 20) == pytest.approx((-0.1611, 0.2775), abs=5e-5)


def test_a_change_of_a_few_counts_is_no_real_change():
    assert value.Score(0.8, 10, "now", 0.6, 10).moved == 0
    assert value.Score(0.8, 1000, "now", 0.6, 1000).moved == 1
    assert value.Score(0.55, 122, "now", 0.89, 121).moved == -1
    assert value.Score(0.8, None, "now", 0.6, None).moved is None


def test_what_other_councils_had_is_no_change(use):
    use("shipped")
    about = {"service_id": None, "unit": None, "council_ids": ("havering", "newham", "bexley")}

    found = value.against_quality(**about, from_month=date(2014, 4, 1), to_month=date(2018, 3, 1))

    # Newham left Council Tax & Benefits in June 2017: 28 figures against 48.
    row = next(r for r in found.table.rows if r[0].lines[0][0] == "Council Tax & Benefits")
    said = [cell.lines[1] for cell in row[-2:]]
    assert said == [
        ("can’t be tested (8% of 48 before, of other councils)", None),
        ("can’t be tested (69% of 104 before, of other councils)", None),
    ]
    spot = next(s for s in found.chart.spots if s.name == "Council Tax & Benefits")
    assert spot.mark is None and spot.before is not None


# Quadrants


def _survey(period, service, council, respondents, satisfied):
    return {"period": period, "service_id": service, "council_id": council,
            "respondents": respondents, "satisfied": satisfied}  # fmt: skip


@pytest.fixture
def placed(plant):
    """Two services: Post grew cheaper and worse, Print dearer by no more than chance in quality."""
    quality = [
        {"measure_id": f"{s}{n}", "service_id": s, "name": f"{s} {n}", "unit": "%",
         "kind": "quality", "good_direction": "higher", "frequency": "monthly"}
        for s in ("s", "p") for n in (1, 2)
    ]  # fmt: skip
    cost = {"measure_id": "c", "service_id": "s", "name": "Cost per letter", "unit": "£",
            "kind": "financial", "good_direction": "lower", "frequency": "monthly"}  # fmt: skip
    targets = [
        {"measure_id": m["measure_id"], "from": "2010-04", "target": 50, "rule": "no_tolerance"}
        for m in (*quality, cost)
    ]

    def met(service, year, share):
        return [
            {"period": p, "service_id": service, "council_id": "a", "measure_id": f"{service}{n}",
             "value": 60 if at < share * 12 else 40}
            for n in (1, 2) for at, p in enumerate(_months(12, year))
        ]  # fmt: skip

    plant(
        services=[{"service_id": "s", "name": "Post"}, {"service_id": "p", "name": "Print"}],
        measures=[*quality, cost],
        targets=targets,
        performance=[
            *met("s", 2015, 1), *met("s", 2016, 0.5), *met("p", 2015, 0.5), *met("p", 2016, 0.75),
            *[{"period": p, "service_id": "s", "council_id": "a", "measure_id": "c", "value": 90}
              for p in _months(12)],
        ],
        costs=[
            *[_cost("2015-16", 100), _cost("2016-17", 80)],
            *[_cost("2015-16", 100, service="p"), _cost("2016-17", 110, service="p")],
        ],
        volumes=[
            _work(y, 10, service=s, unit=u)
            for s, u in (("s", "letters"), ("p", "pages"))
            for y in ("2015-16", "2016-17")
        ],
        satisfaction=[
            *[_survey("2015-10", "s", "a", 100, 90), _survey("2016-10", "s", "a", 100, 60)],
            *[_survey("2015-10", "p", "a", 40, 20), _survey("2016-10", "p", "a", 30, 17)],
        ],
    )  # fmt: skip
    return {"service_id": None, "unit": None, "council_ids": ("a",), **SPAN}


def test_quality_is_the_share_of_figures_on_target_and_cost_is_no_part_of_it(placed):
    rows = fetch("targets_met", service_id="s", council_ids=("a",), to_month=NOW).rows()
    (whole,) = (r for r in rows if r["council_id"] is None)
    # 24 figures of quality a year; the twelve of cost, all off target, are left out.
    assert (whole["judged"], whole["on_target"]) == (24, 12)
    assert (whole["judged_before"], whole["on_target_before"]) == (24, 24)


def test_services_are_placed_by_change_of_cost_and_what_really_moved_is_named(placed):
    exhibit = value.against_quality(**placed)
    post, print_ = exhibit.chart.spots
    assert (post.before, post.now, post.mark) == ((0.0, 1.0), (pytest.approx(-0.2), 0.5), "concern")
    assert (print_.before, print_.now, print_.mark) == (
        (0.0, 0.5), (pytest.approx(0.1), 0.75), None,
    )  # fmt: skip
    assert exhibit.title == (
        "Unit cost and quality: Post cheaper but worse; no real change in quality of the other"
    )
    assert exhibit.chart.sentences == (
        "Cheaper than the year before, quality at or above the middle (62%): none.",
        "Dearer, quality at or above the middle (62%): Print.",
        "Cheaper than the year before, quality below the middle (62%): Post (quality worse: 100% "
        "to 50%).",
        "Dearer, quality below the middle (62%): none.",
    )
    assert all(s in exhibit.alt for s in exhibit.chart.sentences)
    # Every part stands in the table: nothing is one score that hides them.
    assert exhibit.table.raw_rows[0] == (
        "Post", "letters", NOW, Decimal("8.00"), Decimal("10.00"),
        0.5, 24, 1.0, 24, "worse (100% of 24 before)",
        0.6, 100, 0.9, 100, "worse (90% of 100 before)", "",
    )  # fmt: skip


def test_a_survey_of_fewer_than_ten_places_nothing_and_no_older_one_stands_in(plant):
    services = [{"service_id": s, "name": s.upper()} for s in "pqs"]
    plant(
        services=services,
        costs=[_cost(y, 10, service=s) for s in "pqs" for y in ("2015-16", "2016-17")],
        volumes=[_work(y, 10, service=s, unit=s) for s in "pqs" for y in ("2015-16", "2016-17")],
        satisfaction=[
            *[_survey("2015-10", s, "a", 40, 20) for s in "pqs"],
            *[_survey("2016-10", s, "a", n, n - 1) for s, n in (("p", 9), ("q", 8), ("s", 50))],
        ],
    )
    exhibit = value.against_satisfaction(service_id=None, unit=None, council_ids=("a",), **SPAN)
    assert [(s.name, s.now, s.mark) for s in exhibit.chart.spots] == [
        ("S", (0.0, 0.98), "improvement")
    ]
    assert "Not placed, as the table says why: P and Q." in exhibit.chart.sentences
    assert [r[10] for r in exhibit.table.raw_rows] == [None, None, 0.98]


def test_a_trail_begins_hollow_and_ends_filled_and_shapes_say_what_moved(placed):
    (figure,) = figures(value.against_quality(**placed))
    post, print_ = figure["data"]
    assert post["x"] == [0.0, pytest.approx(-0.2)] and post["y"] == [1.0, 0.5]
    assert post["marker"]["symbol"] == ["circle", "square"]
    assert post["marker"]["color"] == [theme.SURFACE, theme.SIGNALS["concern"][0]]
    assert print_["marker"]["symbol"] == ["circle", "circle"]
    key = text.head(value.against_quality(**placed))
    assert "Now, really worse" in key and "really better" not in key and "A year before" in key
    said = text.foot(value.against_quality(**placed))
    assert "<li>Dearer, quality at or above the middle (62%): Print.</li>" in said


def test_councils_of_a_service_are_placed_by_pounds_and_keep_their_colour(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    exhibit = value.against_satisfaction(
        service_id="ict",
        unit="tickets",
        council_ids=councils,
        from_month=date(2014, 4, 1),
        to_month=date(2018, 3, 1),
    )
    assert [s.role for s in exhibit.chart.spots] == list(councils)
    bexley = exhibit.chart.spots[2]
    assert bexley.now[0] == pytest.approx(37.12855, abs=1e-5)
    assert bexley.mark == "concern"
    (figure,) = figures(exhibit)
    assert [t["marker"]["color"][-1] for t in figure["data"]] == list(theme.PALETTE[:3])
    assert "survey’s target of 80%" in exhibit.subtitle


@pytest.mark.parametrize("name", ["against_quality", "against_satisfaction"])
def test_names_lie_neither_on_each_other_nor_beyond_the_plot(use, name):
    use("shipped")
    exhibit = getattr(value, name)(
        service_id=None,
        unit=None,
        council_ids=tuple(reference.council_names("council")),
        from_month=date(2014, 4, 1),
        to_month=date(2018, 3, 1),
    )
    (figure,) = figures(exhibit)
    layout = figure["layout"]
    (left, right), (bottom, top) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    boxes = []
    for note in layout["annotations"]:
        if note["xref"] == "paper":
            continue
        rows = unescape(note["text"]).split("<br>")
        wide, high = max(map(len, rows)) * 7, len(rows) * 16
        x = (note["x"] - left) / (right - left) * 290 + note.get("ax", note.get("xshift", 0))
        y = (note["y"] - bottom) / (top - bottom) * 460 + note.get("yshift", -note.get("ay", 0))
        boxes.append((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
    assert len(boxes) >= 10
    assert all(min(b) > -0.01 and b[2] < 290.01 and b[3] < 460.01 for b in boxes)
    assert not [
        (a, b)
        for a, b in itertools.combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


# Benchmarks


def test_a_figure_is_compared_over_the_benchmark_s_own_period(plant):
    plant(
        measures=[{"measure_id": "m", "service_id": "s", "name": "On time", "unit": "%",
                   "kind": "quality", "good_direction": "higher", "frequency": "monthly"}],
        performance=[
            _figure(p, 100 * n / 10, numerator=n, denominator=10)
            for p, n in zip(_months(12), [5] * 11 + [10], strict=True)
        ] + [_figure("2016-04", 90, "b", numerator=9, denominator=10)],
        benchmarks=[{"measure_id": "m", "period": "2016-17", "council_group": "Boroughs",
                     "median": 54, "source": "Here"}],
    )  # fmt: skip
    (exhibit,) = value.beside_others(service_id=None, council_ids=A_B, **SPAN)
    # 65 of 120 over the year, not the 100% of its last month; b lacks eleven months.
    assert [(r[2], r[3], r[6]) for r in exhibit.table.raw_rows] == [
        ("A", pytest.approx(100 * 65 / 120), 54)
    ]
    assert exhibit.title == "Better than the benchmark median: 1 of 1 figure"


def test_there_is_no_comparison_without_benchmarks(plant):
    plant(costs=[_cost("2016-17", 10)], volumes=[_work("2016-17", 1)])
    assert value.beside_others(service_id=None, council_ids=A_B, **SPAN) == []


def test_money_in_the_words_of_unit_costs_is_never_a_float(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    exhibit = unit_costs.told(
        service_id=None, unit=None, council_ids=councils, to_month=date(2018, 3, 1)
    )
    money = [c for c in exhibit.table.raw_columns if c.endswith("_gbp")]
    at = [exhibit.table.raw_columns.index(c) for c in money]
    assert all(
        r[i] is None or isinstance(r[i], Decimal) for r in exhibit.table.raw_rows for i in at
    )
    cells = [t for row in exhibit.table.rows for cell in row[1:] for t, _ in cell.lines if "£" in t]
    assert cells and all(re.search(r"£[\d,]+\.\d\d$", t) for t in cells)
