"""Doubtful figures are told at the load, and whatever shows them says so."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dashboard.exhibits import (
    data,
    exceptions,
    findings,
    forecast,
    measures,
    overview,
    signals,
    together,
)
from dashboard.load import told
from dashboard.load.publish import LoadReport, load
from dashboard.settings import Workspace
from tests import said

DOUBTFUL = "doubtful: far outside its own history"
# Council tax as it comes in: April to March.
COLLECTED = (9.3, 18.5, 27.6, 36.7, 45.8, 55.0, 64.1, 73.2, 82.3, 91.0, 94.0, 96.9)


def _months(first: int, *values: float) -> list[tuple[str, float]]:
    """Figures month by month from April of a year."""
    return [
        (f"{first + (m + 3) // 12}-{(m + 3) % 12 + 1:02}", value) for m, value in enumerate(values)
    ]


def _collected(*years: int) -> list[tuple[str, float]]:
    """Council tax of whole years, a little more in some months than in others."""
    return [
        one
        for y in years
        for one in _months(
            y, *(round(v + (m * 7 + y * 3) % 5 / 10, 1) for m, v in enumerate(COLLECTED))
        )
    ]


@pytest.fixture
def plant(tmp_path, use) -> Callable[..., tuple[LoadReport, list[str]]]:
    def planted(
        *figures: tuple[str, float], target: float | None = None, **measure: Any
    ) -> tuple[LoadReport, list[str]]:
        folder = tmp_path / "data"
        folder.mkdir()
        lines = [f"{period},{value}" for period, value in figures]
        (folder / "figures.csv").write_text("\n".join(("period,value", *lines)) + "\n")
        fields = [
            {"name": "period"},
            *(
                {"name": n, "onesource": {"constant": c}}
                for n, c in (("service_id", "tax"), ("council_id", "havering"), ("measure_id", "m"))
            ),
            {"name": "value", "type": "number"},
        ]
        passport = {
            "measure_id": "m",
            "service_id": "tax",
            "name": "Council tax collected",
            "unit": "%",
            "good_direction": "higher",
            "frequency": "monthly",
        }
        resources: list[dict[str, Any]] = [
            {"name": "measures", "data": [passport | measure]},
            {"name": "performance", "path": "figures.csv", "schema": {"fields": fields}},
        ]
        if target is not None:
            resources.append(
                {
                    "name": "targets",
                    "data": [{"measure_id": "m", "from": "2010-04", "target": target}],
                }
            )
        contract = tmp_path / "datapackage.json"
        contract.write_text(
            json.dumps(
                {
                    "name": "doubt",
                    "onesource": {"waive": ["definition", "owner_role"]},
                    "resources": resources,
                }
            )
        )
        workspace = Workspace(folder, contract, tmp_path / "warehouse")
        report = load(workspace)
        use(workspace)
        return report, [told.of_warning(w) for w in report.warnings]

    return planted


@pytest.fixture
def in_april(plant) -> list[str]:
    """Three years of council tax, and then what a whole year brings by the end of April."""
    return plant(*_collected(2014, 2015, 2016), ("2017-04", 97.0), cumulative="true", target=9.0)[1]


def test_a_whole_years_figure_in_april_is_told_at_the_load(in_april):
    assert in_april == [
        "line 38: value 97 of m · tax · havering was loaded, but is far outside the 9.3 to 9.6 of "
        "that time in the 3 years before"
    ]


ALL = {"council_ids": ("havering",), "to_month": date(2017, 4, 1)}
MONTHS = ("from_month", "to_month")
STRETCH = ALL | {"from_month": date(2016, 5, 1)}


@pytest.mark.usefixtures("in_april")
def test_whatever_shows_a_doubtful_figure_says_so():
    shown = {
        "trend": measures.trend(measure_id="m", **STRETCH),
        "now": measures.now(service_id="tax", **STRETCH),
        "control chart": signals.control(measure_id="m", **STRETCH),
    }
    for what, exhibit in shown.items():
        assert DOUBTFUL in exhibit.title, what
        assert any(DOUBTFUL in line for line in said.lines(exhibit) if "|" in line), what
    assert (
        "97% (doubtful: far outside its own history)"
        in shown["trend"].chart.panels[0].lines[0].hover
    )
    assert DOUBTFUL in said.of(signals.standings(measure_id="m", council_ids=("havering",)))
    gets = overview.services_of_council(council_id="havering", **{k: STRETCH[k] for k in MONTHS})
    assert "1 figure is doubtful: far outside its own history" in gets.title
    assert "1 figure doubtful" in said.of(gets)


@pytest.mark.usefixtures("in_april")
def test_the_years_share_of_targets_met_says_how_many_of_its_figures_are_doubtful():
    found = together.council(council_id="havering", **{k: STRETCH[k] for k in MONTHS})

    assert (
        "met 100% of targets in the year to April 2017 (1 figure doubtful: "
        "far outside its own history)"
    ) in found.title
    share = found.chart.panels[0].lines[0].hover
    assert share[-1] == "100%, 12 of 12 in twelve months, 1 of them doubtful"
    assert share[-2] == "100%, 12 of 12 in twelve months"


@pytest.mark.usefixtures("in_april")
def test_a_doubtful_figure_is_no_good_news():
    found = findings.changed(service_id=None, since=date(2017, 2, 1), at_most=6, **ALL)
    sentences = [line for line in said.lines(found) if "havering’s" in line]
    assert sentences and all(DOUBTFUL in s for s in sentences)
    assert "Improvement" not in said.of(found)
    assert DOUBTFUL in found.title


@pytest.mark.usefixtures("in_april")
def test_no_forecast_stands_on_a_doubtful_figure():
    made = said.of(forecast.measure_year_end(measure_id="m", **ALL))
    assert "the figure for April 2017 is doubtful: far outside its own history" in made


def test_an_exception_says_that_its_figure_is_doubtful(plant):
    plant(*_months(2016, *(95.0,) * 10, 9.6), target=90, cumulative="false")
    listed = exceptions.listed(
        service_id=None, council_ids=("havering",), to_month=date(2017, 2, 1)
    )
    assert "9.6% (doubtful: far outside its own history), off target" in said.of(listed)


@pytest.mark.parametrize(
    ("values", "warned"),
    [
        # A good April; and one as far ahead as a third of the year.
        ((9.9,), []),
        ((21.0,), []),
        ((45.0,), ["the 9.3 to 9.6 of that time in the 3 years before"]),
        # A figure of September that lost its decimals' place.
        ((9.4, 18.3, 27.2, 36.9, 46.0, 5.5), ["the 55 to 55.3 of that time in the 3 years before"]),
        # Whatever the year brings.
        ((8.7, 17.0, 26.1, 34.0, 43.0, 52.0, 60.0, 69.0, 79.0, 88.0, 92.0, 95.0), []),
    ],
)
def test_a_cumulative_figure_is_held_against_the_same_month_of_other_years(plant, values, warned):
    _, words = plant(*_collected(2014, 2015, 2016), *_months(2017, *values), cumulative="true")
    assert [w.split("far outside ")[1] for w in words] == warned


def test_one_year_before_is_enough_for_a_whole_years_figure_in_april(plant):
    _, words = plant(*_months(2016, *COLLECTED), ("2017-04", 97.0), cumulative="true")
    assert words == [
        "line 14: value 97 of m · tax · havering was loaded, but is far outside the 9.3 of that "
        "time in the year before"
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((97.0, 18.5, 27.6, 36.7), 2),
        ((9.3, 18.5, 2.8, 36.7), 4),
    ],
)
def test_what_adds_up_does_not_fall_within_its_first_year(plant, values, line):
    report, words = plant(*_months(2016, *values), cumulative="true")
    assert [w["line"] for w in report.warnings] == [line]
    assert "adds up through the year, and beside it stand" in words[0]


def test_a_year_that_begins_in_january_is_not_doubtful(plant):
    values = [8.0 * m for m in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)]
    _, words = plant(
        *[one for y in (2014, 2015, 2016) for one in _months(y, *values)], cumulative="true"
    )
    assert words == []


SEASON = (20, 22, 19, 21, 20, 18, 60, 64, 200, 90, 30, 21)


@pytest.mark.parametrize(("july", "is_told"), [(200, True), (24, False), (30, False)])
def test_a_figure_is_held_against_the_shape_of_its_year(plant, july, is_told):
    years = [(p, v + y % 3) for y in (2014, 2015, 2016) for p, v in _months(y, *SEASON)]
    _, words = plant(
        *years, *_months(2017, 21, 22, 20, july), unit="number", good_direction="neither"
    )
    assert [w.split("was loaded")[0] for w in words] == (
        ["line 41: value 200 of m · tax · havering "] if is_told else []
    )


def test_a_new_level_is_no_season(plant):
    years = [one for y in (2014, 2015) for one in _months(y, *(12, 13, 11, 12, 14, 10) * 2)]
    _, words = plant(
        *years, *_months(2016, *(16, 17, 15, 18) * 3), unit="days", good_direction="lower"
    )
    assert words == []


def test_the_data_page_lists_what_is_doubtful(in_april):
    assert in_april
    shown = data.doubtful()
    assert shown.title == "1 figure far outside the history of their series"
    assert "9.3 to 9.6 at that time in earlier years (3)" in said.of(shown)
