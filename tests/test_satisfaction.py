"""The Satisfaction page's findings: what moved for real, beside what a headline hides."""

import csv
import json
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup, theme
from dashboard.exhibits import satisfaction
from dashboard.load.publish import load
from dashboard.render import text
from dashboard.render.kinds import figures
from dashboard.settings import Workspace
from tests.test_small_numbers import COUNTED, survey

CUSTOMERS = ("havering", "newham", "bexley", "onesource_staff")
SHIPPED = {"from_month": date(2014, 4, 1), "to_month": date(2018, 3, 1)}
SPAN = {"from_month": date(2010, 1, 1), "to_month": date(2018, 3, 1)}


@pytest.fixture
def surveyed(tmp_path, monkeypatch):
    """A workspace of these rows of a survey, with the services and customers named."""

    def of(rows: list[dict], **more: list[dict]) -> tuple[str, ...]:
        customers = tuple(sorted({r["council_id"] for r in rows}))
        named = {
            "services": ("service_id", {r["service_id"] for r in rows}),
            "councils": ("council_id", customers),
        }
        resources = [
            {"name": feed, "data": [{key: i, "name": i.upper()} for i in sorted(ids)]}
            for feed, (key, ids) in named.items()
        ]
        numbers = [c for c in (*COUNTED, "satisfied_share") if any(c in r for r in rows)]
        fields = ["period", "service_id", "council_id", *numbers]
        with (tmp_path / "satisfaction.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, fields)
            writer.writeheader()
            writer.writerows(rows)
        types = {n: "integer" if n in COUNTED else "number" for n in numbers}
        schema = {"fields": [{"name": n, "type": types.get(n, "string")} for n in fields]}
        resources += [
            {"name": "satisfaction", "path": "satisfaction.csv", "schema": schema},
            *({"name": feed, "data": data} for feed, data in more.items()),
        ]
        waived = ["definition", "owner_role", "good_direction"]
        contract = {"name": "x", "title": "X", "onesource": {"waive": waived}}
        path = tmp_path / "datapackage.json"
        path.write_text(json.dumps(contract | {"resources": resources}))
        report = load(Workspace(tmp_path, path, tmp_path / "warehouse"))
        assert not report.problems
        for name, place in (("DATA", tmp_path), ("CONTRACT", path)):
            monkeypatch.setenv(name, str(place))
        monkeypatch.setenv("WAREHOUSE", str(tmp_path / "warehouse"))
        return customers

    return of


def test_the_headline_met_its_target_while_a_customer_fell(use):
    use("shipped")
    exhibit = satisfaction.headline(service_id=None, council_ids=CUSTOMERS, **SHIPPED)
    assert exhibit.title == (
        "Satisfaction: 82% of all customers, target of 80% met, while Bexley fell by 34 points to "
        "55% (October 2017)"
    )
    rows = {
        row[0].lines[0][0]: [line for cell in row[2:] for line, _ in cell.lines]
        for row in exhibit.table.rows
    }
    assert rows == {
        "All customers": [
            *("82%", "80% to 84%", "1,684"),
            *("rose by 7 points (4 to 10), more than chance explains", "75% in March 2017"),
        ],
        "Havering": [
            *("89%", "86% to 91%", "688"),
            *("rose by 7 points (3 to 11), more than chance explains", "82% in March 2017"),
        ],
        "Newham": [
            *("81%", "78% to 84%", "601"),
            *("rose by 16 points (11 to 20), more than chance explains", "65% in March 2017"),
        ],
        "Bexley": [
            *("55%", "46% to 63%", "122"),
            *("fell by 34 points (23 to 44), more than chance explains", "89% in March 2017"),
        ],
        "oneSource staff": [
            *("78%", "73% to 83%", "273"),
            *("fell by 5 points (−12 to +2), no more than chance explains", "83% in March 2017"),
        ],
    }


def test_published_shares_of_customers_and_teams_are_shown_as_published(use):
    use("shipped")
    march = {"from_month": date(2017, 3, 1), "to_month": date(2017, 3, 1)}
    customers = satisfaction.headline(service_id=None, council_ids=CUSTOMERS, **march)
    shown = dict(zip(customers.chart.categories, customers.chart.notes, strict=True))
    assert shown == {
        "All customers": "75%", "Havering": "82%", "Newham": "65%", "Bexley": "89%",
        "oneSource staff": "83%",
    }  # fmt: skip
    teams = satisfaction.by_service(council_ids=CUSTOMERS, **march)
    shown = dict(zip(teams.chart.categories, teams.chart.notes, strict=True))
    published = {
        "Health & Safety": "98%", "Printing": "95%", "Internal Audit & Counter Fraud": "85%",
        "Business Improvement": "85%", "Finance": "82%", "Project Management Office": "82%",
    }  # fmt: skip
    assert published.items() <= shown.items()


def test_a_change_that_chance_explains_is_not_called_real(surveyed):
    customers = surveyed(
        [
            *_wave("2016-10", a=(40, 60), b=(45, 50)),
            *_wave("2017-10", a=(45, 60), b=(44, 50)),
        ]
    )
    exhibit = satisfaction.headline(service_id=None, council_ids=customers, **SPAN)
    assert exhibit.title == (
        "Satisfaction: 81% of all customers; rose by 4 points (−7 to +14), no more than chance "
        "explains (October 2017)"
    )
    marks = {line[1] for row in exhibit.table.rows for cell in row for line in cell.lines}
    assert marks == {None}


def _wave(period: str, **satisfied_of: tuple[int, int]) -> list[dict]:
    return [
        {"period": period, "service_id": "s", "council_id": customer, "respondents": people,
         "satisfied": satisfied}
        for customer, (satisfied, people) in satisfied_of.items()
    ]  # fmt: skip


def test_shares_without_counts_have_no_interval_and_say_why(surveyed):
    customers = surveyed(
        [
            {"period": f"{year}-10", "service_id": "s", "council_id": c, "satisfied_share": share}
            for year, c, share in ((2016, "a", 0.7), (2017, "a", 0.8), (2017, "b", 0.6))
        ]
    )
    of_all = satisfaction.headline(service_id=None, council_ids=customers, **SPAN)
    assert of_all.title == "Satisfaction: A 80% and B 60% (October 2017)"
    assert "How many answered is not published, so no interval can be given" in of_all.subtitle
    assert of_all.chart.marks[0].between == (None, None)
    first = [[line for line, _ in cell.lines] for cell in of_all.table.rows[0]]
    assert first == [
        ["A"], ["October 2017"], ["80%"], ["not known"], ["not published"],
        ["rose by 10 points", "70% in October 2016"],
    ]  # fmt: skip
    for make in (satisfaction.answers, satisfaction.response):
        exhibit = make(service_id=None, council_ids=customers, **SPAN)
        assert exhibit.chart is None and "not published here" in exhibit.empty


def test_of_two_services_one_may_lack_its_counts(surveyed):
    customers = surveyed(
        [
            {"period": "2017-10", "service_id": "s", "council_id": "a", "respondents": 50,
             "satisfied": 40},
            {"period": "2017-10", "service_id": "t", "council_id": "a", "satisfied_share": 0.6},
        ]
    )  # fmt: skip
    found = satisfaction.by_service(council_ids=customers, **SPAN)
    assert found.title == "S satisfies most (80%), T fewest (60%), October 2017"


def test_small_charts_say_how_many_services_there_are(surveyed, monkeypatch):
    monkeypatch.setattr(settings, "PANELS_SIDE_BY_SIDE", 1)
    customers = surveyed(_wave("2017-10", a=(80, 100)) + [
        row | {"service_id": "t"} for row in _wave("2017-10", a=(70, 100))
    ])  # fmt: skip
    found = satisfaction.services_over_time(council_ids=customers, **SPAN)
    assert len(found.chart.panels) == 1
    assert found.title.startswith("Satisfaction with each of 2 services: ")
    assert "1 of 2 services are drawn, the table has all" in found.subtitle


def test_the_committees_report_opens_without_any_performance(surveyed):
    surveyed(_wave("2017-10", a=(80, 100)))
    startup.prepare.cache_clear()
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/committee.py").run()
    assert not app.exception
    assert app.title[0].value == "Committee report"


def test_answers_are_those_of_the_five_and_dont_knows_stand_apart(surveyed):
    rows = survey(("s", "a", 20), ("s", "b", 40), ("t", "a", 30), ("t", "b", 51))
    customers = surveyed(rows)
    exhibit = satisfaction.answers(service_id=None, council_ids=customers, **SPAN)
    assert exhibit.chart.categories == ("All customers", "A", "B", "T", "S")
    assert exhibit.chart.headings == ((0, "By customer"), (3, "By service"))
    for row in range(5):
        assert sum(part.shares[row] for part in exhibit.chart.parts) == pytest.approx(1)
    # 51 people of b about t: 11 very satisfied, ten of each other answer; 20 about s and 30 of a.
    assert exhibit.table.raw_rows[0] == (
        *("All customers", "2017-10", date(2017, 10, 1), 141, 29, 28, 28, 28, 28),
        sum(r["dont_know"] for r in rows),
    )
    said = [cell.lines[0][0] for cell in exhibit.table.rows[0]]
    assert said == [
        *("All customers", "21% (29)", "20% (28)", "20% (28)", "20% (28)", "20% (28)", "141", "3")
    ]


def test_nothing_is_drawn_of_hidden_answers(surveyed):
    customers = surveyed(
        survey(("s", "a", 4), ("s", "b", 40), ("s", "c", 60),
               ("t", "a", 30), ("t", "b", 50), ("t", "c", 70))
    )  # fmt: skip
    exhibit = satisfaction.answers(service_id="s", council_ids=customers, **SPAN)
    assert exhibit.chart.categories == ("All customers", "C")
    alone = satisfaction.answers(service_id=None, council_ids=("a",), **SPAN)
    # How many of a are satisfied is shown; not how many gave each answer, since one did not know.
    assert alone.chart.categories == ("All customers",)
    assert alone.subtitle.endswith("So not broken down: A.")
    assert len(alone.table.rows) == 1
    said = satisfaction.headline(service_id=None, council_ids=("a",), **SPAN)
    assert said.title.startswith("Satisfaction: A 47% (31% to 63%), 34 answers")
    response = satisfaction.response(service_id=None, council_ids=customers, **SPAN)
    found = {row[0].lines[0][0]: [c.lines[0][0] for c in row[2:]] for row in response.table.rows}
    assert found["A"] == ["hidden", "hidden", "too few answers to show"]
    assert found["All customers"][:2] == ["259", "768"]


def test_a_response_rate_counts_dont_knows_as_answers(surveyed):
    (row,) = survey(("s", "a", 20))
    customers = surveyed([row])
    exhibit = satisfaction.response(service_id=None, council_ids=customers, **SPAN)
    # 20 gave one of the five answers and 2 did not know, of 61 who were invited.
    assert exhibit.table.raw_rows == (
        ("All customers", "2017-10", date(2017, 10, 1), 22, 61, 22 / 61, False, True),
        ("A", "2017-10", date(2017, 10, 1), 22, 61, 22 / 61, False, True),
    )
    assert exhibit.title == "Response: 36% answered in all; A 36% (October 2017)"


def test_a_crowd_has_its_median(surveyed):
    customers = surveyed(_wave("2017-10", **{f"c{n}": (10 + n, 40) for n in range(9)}))
    exhibit = satisfaction.services_over_time(council_ids=customers, **SPAN)
    (panel,) = exhibit.chart.panels
    middle = panel.lines[-1]
    assert (middle.name, middle.values) == ("Median customer", (14 / 40,))
    assert middle.hover == ("35%, of 9 customers shown",)
    assert {line.role for line in panel.lines[:-1]} == {"context"}


def _measured(on_target: int, judged: int, service: str) -> tuple[list[dict], list[dict]]:
    """Measures of a service, so many of them on target in September 2017."""
    names = [f"{service}{n}" for n in range(judged)]
    return (
        [{"measure_id": n, "service_id": service, "name": n, "good_direction": "higher"}
         for n in names],
        [{"period": "2017-09", "service_id": service, "council_id": "a", "measure_id": n,
          "value": 90 if at < on_target else 10} for at, n in enumerate(names)],
    )  # fmt: skip


def test_what_customers_say_stands_beside_what_figures_say(surveyed):
    rows = [
        {**r, "service_id": service}
        for service, share in (("s", 0.3), ("t", 0.9), ("u", 0.5))
        for r in _wave("2017-10", a=(round(100 * share), 100), b=(round(100 * share), 100))
    ]
    every = [_measured(9, 10, "s"), _measured(2, 10, "t"), _measured(5, 10, "u")]
    measures = [m for found, _ in every for m in found]
    surveyed(
        rows,
        measures=measures,
        performance=[f for _, found in every for f in found],
        targets=[
            {"measure_id": m["measure_id"], "from": "2010-04-01", "target": 50,
             "rule": "no_tolerance"}
            for m in measures
        ],
    )  # fmt: skip
    exhibit = satisfaction.perceived(council_ids=("a", "b"), **SPAN)
    assert exhibit.title == (
        "3 services: 30% to 90% of customers satisfied; 20% to 90% of figures on target "
        "(October 2017)"
    )
    assert exhibit.chart.categories == ("S", "U", "T")
    assert exhibit.chart.notes == ("30%, 90%", "50%, 50%", "90%, 20%")
    assert [m.values for m in exhibit.chart.marks] == [(0.3, 0.5, 0.9), (0.9, 0.5, 0.2)]
    assert exhibit.chart.marks[1].hover == ("90%, 9 of 10", "50%, 5 of 10", "20%, 2 of 10")
    # A share of people less a share of figures is nothing: it is nowhere drawn, said or exported.
    assert exhibit.table.columns == (
        *("Service", "Satisfied", "95% interval", "Respondents", "Figures on target"),
    )
    assert exhibit.table.raw_columns[-3:] == ("on_target_share", "on_target", "judged")
    (drawn,) = figures(exhibit)
    assert {t["mode"] for t in drawn["data"]} == {"markers"}
    for claim in ("worse", "better", "gap", "than the figures"):
        assert claim not in f"{exhibit.title} {exhibit.subtitle} {exhibit.alt}"
    # Of b alone there is a survey, and no figure.
    alone = satisfaction.perceived(council_ids=("b",), **SPAN)
    assert alone.chart is None and "has a target in the twelve months before" in alone.empty


def test_dots_say_their_interval_and_answers_are_words_as_well_as_colours(use):
    use("shipped")
    chosen = {"council_ids": CUSTOMERS, **SHIPPED}
    exhibit = satisfaction.headline(service_id=None, **chosen)
    (drawn,) = figures(exhibit)
    before, now = drawn["data"]
    assert now["customdata"][3] == "55% (46% to 63%), 122 answers"
    assert before["customdata"][3] == (
        "89% of 121 (March 2017); fell by 34 points (23 to 44), more than chance explains"
    )
    low, high = (now["error_x"][side][3] for side in ("arrayminus", "array"))
    assert (round(now["x"][3] - low, 3), round(now["x"][3] + high, 3)) == (0.461, 0.635)
    (target,) = drawn["layout"]["shapes"]
    assert (target["x0"], target["x1"]) == (0.8, 0.8)
    assert "Target 80%" in text.head(exhibit)
    stack = text.head(satisfaction.answers(service_id=None, **chosen))
    assert all(said in stack for _, _, said in theme.ANSWERS.values())
