"""A series is one measure of one service and council by one kind of period, everywhere."""

import json
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup, warehouse
from dashboard.exhibits import (
    exceptions,
    findings,
    forecast,
    funnel,
    measures,
    overview,
    reference,
    reported,
    signals,
    together,
    value,
)
from dashboard.load.publish import load
from dashboard.settings import Workspace
from dashboard.warehouse import fetch
from tests import every_exhibit, said
from tests.test_queries import _grain, _parameters

SPAN = {"from_month": date(2020, 1, 1), "to_month": date(2030, 3, 1)}
_NUMBERS = ("value", "numerator", "denominator")
_SERVICES = {"hr": "Human Resources", "waste": "Waste", "roads": "Roads"}


@pytest.fixture
def plant(tmp_path, use):
    """A workspace of these rows in use; each feed is a list of rows."""

    def planted(performance, measure=None, **feeds):
        rows = {
            "services": [{"service_id": i, "name": n} for i, n in _SERVICES.items()],
            "measures": [
                {"measure_id": "m", "service_id": "hr", "name": "Sickness", "unit": "days",
                 "good_direction": "lower", "frequency": "monthly", **(measure or {})}
            ],
            "performance": performance,
            **feeds,
        }  # fmt: skip
        resources = []
        for name, given in rows.items():
            fields = [{"name": n, "type": "number"} for n in _NUMBERS if n in given[0]]
            rest = [{"name": n} for n in dict.fromkeys(k for row in given for k in row)]
            fields += [f for f in rest if f["name"] not in _NUMBERS]
            resources.append({"name": name, "data": given, "schema": {"fields": fields}})
        contract = {"name": "x", "title": "X", "resources": resources}
        contract["onesource"] = {"waive": ["definition", "owner_role", "good_direction"]}
        (tmp_path / "datapackage.json").write_text(json.dumps(contract))
        report = load(Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "warehouse"))
        assert not report.problems, report.problems[:3]
        use(tmp_path)
        return report

    return planted


def figures(values, service="hr", council="north", first=4, year=2023, **more):
    """Figures of the months from April 2023 on; None is a gap."""
    rows = []
    for at, given in enumerate(values):
        months = year * 12 + first - 1 + at
        period = f"{months // 12}-{months % 12 + 1:02}"
        if given is not None:
            rows.append(figure(period, given, service, council, **more))
    return rows


def figure(period, value, service="hr", council="north", **more):
    given = {"numerator": value[0], "denominator": value[1]} if isinstance(value, tuple) else {
        "value": value}  # fmt: skip
    return {"period": period, "service_id": service, "council_id": council, "measure_id": "m",
            **given, **more}  # fmt: skip


def drawn(exhibit):
    """The values of each line of each panel, by their names."""
    return {
        (panel.title, line.name): line.values
        for panel in exhibit.chart.panels
        for line in panel.lines
    }


TARGET = [{"measure_id": "m", "from": "2020-04", "target": 10, "rule": "no_tolerance"}]
LOW, MIDDLE, HIGH = [9, 9.2] * 8, [9.9, 10.4] * 8, [14, 14.5] * 8


@pytest.fixture
def three(plant):
    plant(
        [*figures(LOW), *figures(HIGH, "waste"), *figures(MIDDLE, "roads"),
         *figures([8, 8.1] * 8, council="south")],
        targets=TARGET,
    )  # fmt: skip


def trend(councils=("north",), **more):
    return measures.trend(measure_id="m", council_ids=councils, **SPAN, **more)


# Several services


def test_each_service_that_reports_a_measure_has_a_line_of_its_own(three):
    for service, name, values, stands in (
        (None, "Human Resources", LOW, "on target"),
        ("hr", "Human Resources", LOW, "on target"),
        ("waste", "Waste", HIGH, "off target"),
        ("roads", "Roads", MIDDLE, "off target"),
    ):
        exhibit = trend(reported_by=service)
        assert drawn(exhibit)["", "north"] == tuple(values)
        last = f"{values[-1]} days"
        assert exhibit.title == f"Sickness ({name}): north {last} in July 2024; {stands}"
        assert len(exhibit.table.rows) == 16


def test_each_service_has_its_own_control_chart_and_standing(three):
    said_of = {
        s: signals.control(measure_id="m", council_ids=("north",), reported_by=s, **SPAN).title
        for s in _SERVICES
    }
    assert said_of == {
        "hr": "north varies as usual and should go on meeting 10 days",
        "waste": "north varies as usual and will not meet 10 days until something changes",
        "roads": "north varies as usual and cannot be relied on to meet 10 days",
    }
    stands = signals.standings(measure_id="m", council_ids=("north",), reported_by="waste")
    assert stands.title == "Of 1 council: 1 as usual; none can be relied on to meet the target"


def test_a_measure_counts_for_each_service_that_reports_it(three):
    assert {r["service_id"]: r["measures"] for r in fetch("services").rows()} == {
        "hr": 1, "waste": 1, "roads": 1}  # fmt: skip
    now = {s: measures.now(service_id=s, council_ids=("north",), **SPAN).title for s in _SERVICES}
    assert now["hr"].startswith("Human Resources: 1 of 1 figures are on target")
    assert now["waste"].startswith("Waste: 0 of 1 figures are on target")
    grid = overview.grid(council_ids=("north",), **SPAN | {"to_month": date(2024, 7, 1)})
    assert grid.title.startswith("1 of 3 figures are on target")
    waste = together.service(service_id="waste", council_ids=("north",), **SPAN)
    assert drawn(waste)["Sickness (Waste)", "north"] == tuple(HIGH)


def test_findings_and_exceptions_name_the_service_and_lead_to_its_series(three):
    told = findings.found(None, ("north", "south"), date(2024, 4, 1), date(2024, 7, 1))
    fails = next(f for f in told if "will not meet" in f.sentence)
    assert fails.sentence.startswith("north’s sickness (Waste) will not meet the target of 10 days")
    assert fails.link.filters == (("service", "Waste"), ("measure", "Sickness"))
    listed = exceptions.listed(service_id=None, council_ids=("north",), to_month=date(2024, 7, 1))
    assert [row[0].lines[1][0] for row in listed.table.rows] == ["Roads", "Waste"]


def test_a_measure_that_only_others_report_is_theirs(plant):
    plant(figures(HIGH, "waste"))
    assert reported.home("m") == "waste" and reported.measures_of("hr") == {}
    assert trend().title == "Sickness: north 14.5 days in July 2024"
    assert {r["service_id"]: r["measures"] for r in fetch("services").rows()} == {
        "hr": 0, "waste": 1, "roads": 0}  # fmt: skip


def test_a_service_that_reports_nothing_of_a_measure_has_no_figure_of_it(three):
    assert trend(("south",), reported_by="waste").empty.startswith("No figure of this measure")


def test_what_a_service_did_not_report_before_it_began_is_not_missing(plant):
    plant([*figures(LOW), *figures([None] * 10 + [14, None, 15], "waste")])
    exhibit = trend(reported_by="waste")
    # From its first figure on: what others have reported since is due of it too.
    assert drawn(exhibit)["", "north"] == (14, None, 15, None, None, None)
    assert [row[5].lines[0][0] for row in exhibit.table.rows].count("missing") == 4


def test_the_councils_together_are_of_one_service(plant):
    plant(
        [*figures([(1, 10), (2, 10)]), *figures([(5, 10), (6, 20)], council="south"),
         *figures([(90, 100), (90, 100)], "waste")],
        {"unit": "%"},
    )  # fmt: skip
    span = {"council_ids": ("north", "south"), **SPAN}
    ours = measures.overall(measure_id="m", **span)
    assert ours.chart.panels[0].lines[0].values == (30, pytest.approx(100 * 8 / 30))
    assert ours.title == "Together: 26.7% in May 2023, 2 councils"
    theirs = measures.overall(measure_id="m", reported_by="waste", **span)
    assert theirs.title == "Together: 90% in May 2023, 1 council"
    # A funnel of two councils, and none of a service that only one council has.
    beside = {"council_ids": ("north", "south"), "to_month": date(2023, 5, 1)}
    assert len(funnel.compared(measure_id="m", **beside).chart.points) == 2
    assert funnel.compared(measure_id="m", reported_by="waste", **beside).chart is None


# Several kinds of period


QUARTERS = {"2023-24 Q1": 74000, "2023-24 Q2": 77000, "2023-24 Q3": 85000, "2023-24 Q4": 105000}
VISITS = {"name": "Visits", "unit": "number", "good_direction": "higher"}


def by_quarter(values, **more):
    return [figure(period, value, **more) for period, value in values.items()]


@pytest.fixture
def mixed(plant):
    plant(
        [*by_quarter(QUARTERS), *figures([39600, 44000, 46400, 49200], council="east"),
         *figures([250, 260, 255, 248], council="south"),
         *by_quarter({"2023-24 Q1": 183800, "2023-24 Q2": 183900}, council="south")],
        VISITS,
        targets=[{"measure_id": "m", "from": "2020-04", "target": 45000, "rule": "no_tolerance"}],
    )  # fmt: skip


EVERY = ("north", "east", "south")


def test_months_and_quarters_have_a_panel_each(mixed):
    exhibit = trend(EVERY)
    lines = drawn(exhibit)
    assert lines["By quarter", "north"] == (74000, 77000, 85000, 105000)
    assert lines["By quarter", "south"] == (183800, 183900, None, None)
    assert lines["By month", "east"] == (39600, 44000, 46400, 49200)
    assert lines["By month", "south"] == (250, 260, 255, 248)
    assert exhibit.title == (
        "Visits: east 49,200 and south 248 in July 2023; 1 of 2 on target; by quarter: north "
        "105,000 in January to March 2024"
    )
    statuses = {(r[1].lines[0][0], r[5].lines[0][0]) for r in exhibit.table.rows}
    assert ("north", "missing") not in statuses and ("east", "missing") not in statuses


def test_what_is_not_drawn_is_said(mixed):
    exhibit = trend(EVERY, period_kind="quarter")
    assert {panel for panel, _ in drawn(exhibit)} == {""}
    assert exhibit.subtitle.endswith(
        "; east and south report by month: 8 figures are in the table, not drawn"
    )
    assert len(exhibit.table.rows) == 16
    control = signals.control(measure_id="m", council_ids=EVERY, **SPAN)
    assert [p.council_id for p in control.chart.panels] == ["east", "south"]
    assert control.subtitle.endswith(
        "drawn by month. north and south report by quarter: 6 figures are not shown here"
    )
    asked = signals.control(measure_id="m", council_ids=EVERY, period_kind="quarter", **SPAN)
    assert [p.council_id for p in asked.chart.panels] == ["north"]


def test_each_council_stands_by_its_own_kind_of_period(mixed):
    stands = signals.standings(measure_id="m", council_ids=EVERY)
    assert {row[0].lines[0][0]: row[1].lines[1][0] for row in stands.table.rows} == {
        "north": "January to March 2024", "east": "July 2023", "south": "July 2023"}  # fmt: skip


def test_a_months_target_judges_no_quarter_of_what_is_counted(mixed):
    stands = signals.standings(measure_id="m", council_ids=EVERY)
    assert {row[0].lines[0][0]: row[2].lines[0][0] for row in stands.table.rows} == {
        "north": "no target", "east": "On target", "south": "Off target"}  # fmt: skip


def test_a_share_has_one_target_for_every_kind_of_period(plant):
    plant(
        [*figures([(9, 10), (8, 10)]), *by_quarter({"2023-24 Q1": (5, 10)}, council="south")],
        {"unit": "%", "good_direction": "higher"},
        targets=[{"measure_id": "m", "from": "2020-04", "target": 80, "rule": "no_tolerance"}],
    )
    found = fetch("measure_trend", measure_ids=["m"], council_ids=["north", "south"], **SPAN)
    assert [(r["period"], r["verdict"]) for r in found.rows()] == [
        ("2023-04", "on target"),
        ("2023-05", "on target"),
        ("2023-24 Q1", "off target"),
    ]
    both = {"council_ids": ("north", "south"), **SPAN}
    months = measures.overall(measure_id="m", **both)
    assert months.title == "Together: 80% in May 2023, 1 council"
    assert months.subtitle.endswith(
        "over sum of denominators, by month; south reports by quarter: 1 figure is not in it"
    )
    quarters = measures.overall(measure_id="m", period_kind="quarter", **both)
    assert quarters.title == "Together: 50% in April to June 2023, 1 council"
    # One council by month and one by quarter are nothing to compare.
    beside = funnel.compared(
        measure_id="m", council_ids=("north", "south"), to_month=date(2023, 6, 1)
    )
    assert beside.chart is None


def test_the_service_page_has_a_row_and_a_panel_for_each_kind(mixed):
    now = measures.now(service_id="hr", council_ids=EVERY, **SPAN)
    at = now.table.columns.index
    rows = {row[0].lines[0][0]: row for row in now.table.rows}
    assert list(rows) == ["Visits, by month", "Visits, by quarter"]
    assert rows["Visits, by month"][at("north")].lines[0][0] == "reported by quarter"
    assert rows["Visits, by quarter"][at("north")].lines[0][0] == "105,000"
    assert rows["Visits, by quarter"][0].link.filters[-1] == ("figures", "by quarter")
    service = together.service(service_id="hr", council_ids=EVERY, **SPAN)
    titles = [p.title for p in service.chart.panels]
    assert titles[-2:] == ["Visits, by month", "Visits, by quarter"]


def test_nobody_is_overdue_who_reports_by_another_kind_of_period(plant):
    plant(
        [*figures([1] * 12, council="east"), *figures([1] * 3, council="north"),
         *by_quarter({"2023-24 Q2": 3, "2023-24 Q3": 3, "2023-24 Q4": 3}, council="north"),
         *figures([1] * 9, council="south")],
        VISITS,
    )  # fmt: skip
    overdue = fetch(
        "overdue_figures", service_id=None, council_ids=list(EVERY), to_month=date(2024, 3, 1)
    ).rows()
    assert [(r["council_id"], r["period_kind"]) for r in overdue] == [("south", "month")]


def test_half_years_are_a_kind_of_their_own_and_say_their_months(plant):
    plant(
        [*by_quarter({"2023-24 H1": 20, "2023-24 H2": 30}), *figures([5, 6], council="east")],
        VISITS | {"frequency": "half-yearly"},
    )
    exhibit = trend(EVERY)
    assert exhibit.title == (
        "Visits: north 30 in October 2023 to March 2024; by month: east 6 in May 2023"
    )
    assert {panel for panel, _ in drawn(exhibit)} == {"By half-year", "By month"}


def test_without_a_frequency_the_kind_with_most_figures_comes_first(plant):
    plant([*by_quarter(QUARTERS), *figures([1, 2], council="east")], VISITS | {"frequency": ""})
    assert reported.kinds("m") == ("quarter", "month")
    assert [p.title for p in trend(EVERY).chart.panels] == ["By quarter", "By month"]


def test_what_adds_up_is_forecast_from_one_kind_of_period(plant):
    adds_up = {"cumulative": True, "name": "Collected", "good_direction": "higher", "unit": "%"}
    rows = [
        row
        for year in (2021, 2022, 2023)
        for row in by_quarter({f"{year}-{year % 100 + 1} Q{q}": 25 * q for q in (1, 2, 3, 4)})
    ]
    rows += by_quarter({"2024-25 Q1": 20}) + figures([1, 2, 3, 4], council="east")
    plant(rows, adds_up)
    ours = forecast.measure_year_end(
        measure_id="m", council_ids=("north", "east"), to_month=date(2024, 6, 1)
    )
    assert ours.title.startswith("Collected, north: 80% expected by March 2025")
    found = fetch(
        "forecast_measure", measure_id="m", council_ids=["north"], to_month=date(2024, 6, 1)
    )
    assert set(found["period_kind"]) == {"quarter"}


def test_what_adds_up_by_half_year_is_charted_by_what_each_half_added(plant):
    adds_up = {"cumulative": True, "name": "Collected", "good_direction": "higher", "unit": "£"}
    halves = {"2021-22 H1": 40, "2021-22 H2": 100, "2022-23 H1": 44, "2022-23 H2": 106,
              "2023-24 H1": 41, "2023-24 H2": 101}  # fmt: skip
    plant([*by_quarter(halves), *figures([3, 5, 9], council="east")], adds_up)
    chart = signals.control(measure_id="m", council_ids=("north", "east"), **SPAN)
    # First halves +4 and −3; second halves added 60, 62 and 60: +2 and −2.
    assert chart.chart.panels[0].council_id == "north"
    assert drawn(chart)[chart.chart.panels[0].title, "What each period added"] == (4, 2, -3, -2)
    assert "what each half-year added" in chart.subtitle


def test_a_yearly_benchmark_is_not_set_beside_one_month(plant):
    benchmark = {"measure_id": "m", "period": "2023-24", "council_group": "All", "median": 50,
                 "source": "S"}  # fmt: skip
    plant(
        [figure("2024-03", 40), figure("2023-24", 60, council="east")],
        VISITS | {"frequency": ""},
        benchmarks=[benchmark],
    )
    beside = value.benchmarks(service_id=None, council_ids=("north", "east"), **SPAN)
    assert beside.title == "Better than the benchmark median: 1 of 1 figure"


# All of it


@pytest.mark.parametrize("workspace", ["three", "mixed"])
def test_no_query_has_two_rows_of_one_series(request, workspace):
    request.getfixturevalue(workspace)
    councils = list(fetch("councils")["council_id"])
    for name in warehouse.names():
        answer = fetch(name, **_parameters(name, councils, ["m"]))
        grain = [c for c in _grain(name) if c in answer.columns]
        keys = list(zip(*(answer[c] for c in grain), strict=True))
        assert len(keys) == len(set(keys)) or not grain, (name, grain)


@pytest.mark.parametrize("workspace", ["three", "mixed"])
def test_every_exhibit_and_the_report_can_be_made(request, workspace):
    request.getfixturevalue(workspace)
    titles = [e.title for e in every_exhibit.every()]
    assert titles and said.report()
    if workspace == "three":
        assert not [t for t in titles if "14.5" in t and "Waste" not in t]


# The page


def _page(**query):
    startup.prepare.cache_clear()
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60)
    for key, given in query.items():
        app.query_params[key] = given
    app.run()
    app.switch_page("pages/measure.py").run()
    assert not app.exception
    notes = [i.value.replace("\\", "") for i in app.info]
    return " ".join(h.value for h in app.get("html")), [n for n in notes if "service" in n.lower()]


def test_a_link_opens_the_series_of_its_service_or_the_measures_own(three):
    shown, notes = _page(measure="Sickness")
    assert "Sickness (Human Resources): north 9.2 days" in shown and not notes
    shown, notes = _page(service="Waste", measure="Sickness")
    assert "Sickness (Waste): north 14.5 days" in shown and not notes


def test_a_link_to_a_service_that_is_not_there_falls_back_and_says_so(three):
    shown, notes = _page(service="Parks", measure="Sickness")
    assert "Sickness (Human Resources): north 9.2 days" in shown
    assert notes == ["No service “Parks” reports a measure here: Human Resources is shown."]


def test_the_page_lets_one_choose_the_kind_of_period(mixed):
    shown, _ = _page(measure="Visits", figures="by quarter")
    assert "Visits: north 105,000 in January to March 2024" in shown
    assert "8 figures are in the table, not drawn" in shown


def test_what_a_measure_is_says_who_reports_it_and_how(three):
    rows = measures.passport(measure_id="m", reported_by="waste").table.raw_rows
    assert ("Reported by", "Human Resources, Roads and Waste") in rows
    assert reference.measures()["m"]["service_id"] == "hr"


@pytest.mark.parametrize(
    ("said", "months"),
    [
        ("Monthly", 1),
        ("every month", 1),
        ("MONTHLY (provisional)", 1),
        ("Quarterly", 3),
        ("3-monthly", 3),
        ("half yearly", 6),
        ("Six-monthly", 6),
        ("bi-annual", 6),
        ("Annually", 12),
        ("financial year", 12),
        ("12 months", 12),
        ("fortnightly", None),
        ("", None),
    ],
)
def test_how_often_a_measure_is_due_is_read_once_for_all(plant, said, months):
    plant(
        [*figures([1, 2, 3, 4, 5, 6]), *by_quarter({"2023-24 Q1": 6, "2023-24 Q2": 15})],
        VISITS | {"frequency": said},
    )

    assert reference.measures()["m"]["months_due_every"] == months
    assert reported.kinds("m")[0] == ("quarter" if months == 3 else "month")


def test_a_word_for_how_often_that_is_not_read_is_told_with_those_that_are(plant):
    report = plant(figures([1, 2, 3]), VISITS | {"frequency": "fortnightly"})

    assert [n for one in report.files for n in one.notes] == [
        "frequency 'fortnightly' of 1 measure is not read: no period is told to be due by it, and "
        "the kind with most figures comes first; monthly, quarterly, half-yearly (six-monthly) or "
        "annual (yearly) are read"
    ]


def test_a_month_that_nobody_reported_is_a_gap_however_monthly_is_spelt(plant):
    plant(figures([1, None, 3]), VISITS | {"frequency": "Monthly"})

    (line,) = trend().chart.panels[0].lines
    assert line.values == (1, None, 3)
