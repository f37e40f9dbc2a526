"""The unit of a figure is applied to its value; what can be read two ways is set aside."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dashboard import settings
from dashboard.exhibits import satisfaction
from dashboard.load import told
from dashboard.load.contract import ContractError
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.settings import Workspace
from tests.small_workspaces import both_files

MONTHS = [f"2017-{m:02}" for m in range(4, 13)] + ["2018-01", "2018-02", "2018-03"]
AMBIGUOUS = (
    "the field's percent says which, as_is or mixed (up to 1 a share), or its scale is 100 where "
    "all are shares"
)


class Planted:
    """A workspace of one measure, its files and what its load says."""

    def __init__(self, workspace: Workspace, measure: dict[str, Any]) -> None:
        self.workspace = workspace
        self.measure = {
            "measure_id": "m",
            "service_id": "ict",
            "name": "Measure",
            "unit": "%",
            "good_direction": "higher",
        } | measure
        self.value: dict[str, Any] = {}
        # Most of a file's few rows may be wrong here.
        self.bad_share: float | None = 1
        self.report: LoadReport

    def file(self, name: str, *figures: tuple[str, ...]) -> None:
        """A file of figures: period, value, and if wanted council, numerator, denominator."""
        lines = ["period,value,council_id,numerator,denominator"]
        lines += [",".join((*f, *("bexley", "", "")[len(f) - 2 :])) for f in figures]
        (self.workspace.data / name).write_text("\n".join(lines) + "\n")

    def months(self, *values: str, name: str = "figures.csv") -> None:
        """A file of one figure a month, from April 2017."""
        self.file(name, *zip(MONTHS, values, strict=False))

    def load(self, **more: Any) -> LoadReport:
        """Load it; `more` are further resources by feed, as rows in the contract."""
        fields = [
            {"name": "period"},
            {"name": "service_id", "onesource": {"constant": "ict"}},
            {"name": "council_id"},
            {"name": "measure_id", "onesource": {"constant": "m"}},
            {"name": "value", "type": "number", "onesource": self.value},
            {"name": "numerator", "type": "number"},
            {"name": "denominator", "type": "number"},
        ]
        resources = [
            {"name": "measures", "data": [self.measure]},
            {"name": "performance", "path": "*.csv", "schema": {"fields": fields}},
            *({"name": feed, "data": rows} for feed, rows in more.items()),
        ]
        package = {
            "name": "units",
            "onesource": {"waive": ["definition", "owner_role"]}
            | ({} if self.bad_share is None else {"bad_share": self.bad_share}),
            "resources": resources,
        }
        self.workspace.contract.write_text(json.dumps(package))
        self.report = load(self.workspace)
        return self.report

    @property
    def said(self) -> list[str]:
        return [told.of_problem(p) for p in self.report.problems]

    def ask(self, sql: str) -> list[Any]:
        with both_files(self.workspace.warehouse, self.report.version) as con:
            found = con.execute(sql).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    @property
    def values(self) -> list[float]:
        return self.ask("select value from performance order by council_id, month")


@pytest.fixture
def plant(tmp_path) -> Callable[..., Planted]:
    def planted(**measure: Any) -> Planted:
        data = tmp_path / "data"
        data.mkdir()
        return Planted(
            Workspace(data, tmp_path / "datapackage.json", tmp_path / "warehouse"), measure
        )

    return planted


# What a sign says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("share", "58%", 0.58),
        ("share", "58 %", 0.58),
        ("share", "58.4%", 0.584),
        ("share", "0.5%", 0.005),
        ("share", "0.58", 0.58),
        ("%", "58%", 58.0),
        ("%", "0.58%", 0.58),
        ("%", "58", 58.0),
        ("per cent", "58%", 58.0),
    ],
)
def test_a_figure_is_in_its_measures_unit_whatever_its_sign(plant, unit, text, value):
    got = plant(unit=unit)
    got.months(text)
    got.load()
    assert got.values == [value] and got.said == []


def test_a_per_cent_of_days_is_no_figure(plant):
    got = plant(unit="days", good_direction="lower")
    got.months("12", "58%")
    got.load()
    assert got.values == [12.0]
    assert got.said == [
        "line 3: value '58%': a per cent, and its unit is none (expected a figure in its own unit)"
    ]


def test_a_per_cent_is_no_count_and_no_amount(plant):
    got = plant()
    got.file("figures.csv", ("2017-04", "50", "bexley", "50%", "100"), ("2017-05", "51"))
    got.load()
    assert got.said == [
        "line 2: numerator '50%': not a number; this is a per cent; the columns may have shifted "
        "(expected a number)"
    ]


def test_targets_and_benchmarks_are_in_the_measures_unit(plant):
    got = plant(unit="share")
    got.months("0.61")
    rows = [
        ("m", "2017-04", "60%", "5%", "points"),
        ("m", "2018-04", "0.7", "5%", "percent_of_target"),
    ]
    names = ("measure_id", "from", "target", "tolerance", "rule")
    got.load(
        targets=[dict(zip(names, row, strict=True)) for row in rows],
        benchmarks=[
            {
                "measure_id": "m",
                "period": "2017-04",
                "council_group": "London",
                "value": "55%",
                "median": "0.54",
                "source": "s",
            }
        ],
    )
    assert got.ask("select target, tolerance from targets order by from_month") == [
        (0.6, 0.05),
        (0.7, 5.0),
    ]
    assert got.ask("select value, median from benchmarks") == [(0.55, 0.54)]


# What no part of a whole can be ------------------------------------------------------------------


@pytest.mark.parametrize("text", ["100.5", "-3", "99999", "104%"])
def test_a_per_cent_of_a_whole_is_from_nought_to_a_hundred(plant, text):
    got = plant()
    got.months("95", text)
    got.load()
    assert got.values == [95.0]
    assert got.said == [
        f"line 3: value '{text}': no part of a whole; if the measure can be below 0% or pass 100%, "
        "its part_of_whole is false (expected from 0% to 100%)"
    ]


def test_what_is_no_part_of_a_whole_may_pass_a_hundred(plant):
    got = plant(part_of_whole="false")
    got.months("101.5", "98", "-3", "104%")
    got.load()
    assert got.values == [101.5, 98.0, -3.0, 104.0] and got.said == []


def test_numerator_and_denominator_settle_a_per_cent_below_nought(plant):
    got = plant()
    got.file("figures.csv", ("2017-04", "-2", "bexley", "-20", "1000"))
    got.load()
    assert got.values == [-2.0] and got.said == []


def test_a_per_cent_without_its_sign_is_no_share(plant):
    got = plant(unit="share")
    got.months("0.31", "31.5", "32%", "0.33")
    got.load()
    assert got.values == [0.31, 0.32, 0.33]
    assert got.said == [
        "line 3: value '31.5': 31.5 is no share of one; if it is 31.5%, it lacks its sign: the "
        "field's scale 0.01 says so of every number, its percent mixed of those above 1 (expected "
        "a share from 0 to 1, or 0% to 100%)"
    ]


def test_what_is_small_in_a_column_of_per_cents_is_not_taken_for_a_share(plant):
    got = plant(unit="share")
    got.months("41.8", "42.3", "0.9", "38.1", "39%")
    got.load()
    assert got.values == [0.39]
    assert "line 4: value '0.9': can be read two ways: a share of one, or 0.9%; " in got.said[2]


# What can be read two ways ---------------------------------------------------------------------


def test_a_share_among_per_cents_is_set_aside_with_both_readings(plant):
    got = plant()
    got.months("94.1%", "95.4%", "0.962", "0.948", "95")
    got.load()
    assert got.values == [94.1, 95.4, 95.0]
    assert got.said == [
        f"line {line}: value '{text}': can be read two ways: {text}%, or as a share {share}%; its "
        f"series has 94.1 to 95.4; {AMBIGUOUS} (expected a per cent, told by its sign or by the "
        "contract)"
        for line, text, share in ((4, "0.962", "96.2"), (5, "0.948", "94.8"))
    ]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ({"percent": "as_is"}, [94.1, 95.4, 0.962, 0.948, 95.0]),
        ({"percent": "mixed"}, [94.1, 95.4, 96.2, 94.8, 95.0]),
    ],
)
def test_the_contract_settles_what_can_be_read_two_ways(plant, word, values):
    got = plant()
    got.value = word
    got.months("94.1%", "95.4%", "0.962", "0.948", "95")
    got.load()
    assert got.values == values and got.said == []


def test_a_scale_is_not_put_on_top_of_a_sign(plant):
    got = plant()
    got.value = {"scale": 100}
    got.months("94.1%", "0.962", "0.005")
    got.load()
    assert got.values == [94.1, 96.2, 0.5] and got.said == []


def test_a_mixed_column_of_shares(plant):
    got = plant(unit="share")
    got.value = {"percent": "mixed"}
    got.months("0.31", "31.5", "32%", "1")
    got.load()
    assert got.values == [0.31, 0.315, 0.32, 1.0] and got.said == []


def test_percent_is_a_word_of_figures_that_can_be_per_cents(plant):
    got = plant()
    got.value = {"percent": "shares"}
    with pytest.raises(ContractError, match=r"'percent' is 'as_is' .* or 'mixed'"):
        got.load()


@pytest.mark.parametrize(
    ("measure", "texts"),
    [
        # Few invoices are late.
        ({"good_direction": "lower"}, ("0.4", "0.3", "0.9", "0.2", "1.1", "0.5", "2.5", "0.1")),
        # Small shares rise and fall; nothing lies apart.
        ({"good_direction": "lower"}, ("12", "3", "0.9", "0.5", "0.2", "4", "7", "0.12")),
        # One that is known to be small by its sign.
        ({}, ("40%", "0.3%", "0.4", "0.45%", "0.5%")[1:]),
        # A measure that falls to nought, as a refusal rate did (30.2, 0.26, 0, 16.7).
        ({"good_direction": "lower"}, ("44.68", "29.95", "30.2", "0.26", "0", "16.7", "18.29")),
        # Cumulative: little is done by April.
        ({"cumulative": "true"}, ("0.5", "9", "18", "27", "36", "45", "54", "63", "72", "81")),
        ({"cumulative": "true"}, ("0.1", "0.3", "0.9", "1.5", "4", "9", "22", "48", "70", "95")),
        # Growth.
        ({"part_of_whole": "false"}, ("12", "0.4", "-3", "0.1", "8", "-0.5")),
    ],
)
def test_honest_small_per_cents_stay(plant, measure, texts):
    got = plant(**measure)
    got.months(*texts)
    got.load()
    assert got.said == []
    assert got.values == [float(t.strip("%")) for t in texts]


def test_a_share_among_cumulative_per_cents_is_told_by_its_year(plant):
    got = plant(cumulative="true")
    got.months("9.1", "18.2", "0.272", "36", "45")
    got.load()
    assert got.values == [9.1, 18.2, 36.0, 45.0]
    assert "can be read two ways: 0.272%, or as a share 27.2%" in got.said[0]


def test_a_share_among_per_cents_of_many_levels_is_told_by_its_neighbours(plant):
    got = plant()
    got.months("4", "9", "40", "42", "0.41", "43", "44", "60")
    got.load()
    assert got.values == [4.0, 9.0, 40.0, 42.0, 43.0, 44.0, 60.0]


def test_another_council_tells_what_a_column_is(plant):
    got = plant()
    got.file("a.csv", *((m, v) for m, v in zip(MONTHS, ("91%", "93%", "92%"), strict=False)))
    got.file(
        "b.csv", *((m, v, "havering") for m, v in zip(MONTHS, ("0.9", "0.95", "0"), strict=False))
    )
    got.load()
    assert got.values == [91.0, 93.0, 92.0, 0.0]
    assert [p["file"] for p in got.report.problems] == ["b.csv", "b.csv"]
    assert "its measure has 91 to 93" in got.said[0]


def test_a_target_that_is_a_share_among_per_cents_is_set_aside(plant):
    got = plant()
    got.months("95.1", "94.2", "96.3", "95.5")
    targets = [
        {"measure_id": "m", "from": f"201{n}-04", "target": t} for n, t in ((6, 94), (7, 0.95))
    ]
    got.load(targets=targets)
    assert got.ask("select target from targets") == [94.0]
    assert got.said == [
        "line 3: target '0.95': can be read two ways: 0.95%, or as a share 95%; its measure has "
        f"94.2 to 96.3; {AMBIGUOUS} (expected a per cent, told by its sign or by the contract)"
    ]


def test_a_target_below_one_per_cent_stays(plant):
    got = plant(good_direction="lower")
    got.months("0.9", "1.8", "2.4", "1.5")
    got.load(targets=[{"measure_id": "m", "from": "2017-04", "target": 0.5}])
    assert got.ask("select target from targets") == [0.5] and got.said == []


def test_figures_that_are_all_shares_are_told_by_their_target(plant):
    got = plant()
    got.months("0.951", "0.942", "0")
    got.load(targets=[{"measure_id": "m", "from": "2017-04", "target": 95}])
    assert got.values == [0.0]
    assert (
        "value '0.951': can be read two ways: 0.951%, or as a share 95.1%; its target or benchmark "
        "has 95; " in got.said[0]
    )


def test_a_published_figure_is_what_its_text_says(plant):
    got = plant()
    got.months("95")
    row = {"period": "2017-03", "topic": "Satisfaction", "unit": "%", "source": "Committee"}
    got.load(
        published=[
            row | {"figure": "75%", "text": "75%"},
            row | {"figure": "0.82", "text": "82 per cent of customers", "period": "2017-10"},
            row | {"figure": "0.4", "text": "up by 0.4%", "period": "2018-03"},
            row | {"figure": "43%", "text": "43%", "unit": "share", "period": "2018-03"},
        ]
    )
    assert got.ask("select figure from published order by figure") == [0.4, 0.43, 75.0]
    assert got.said == [
        "line 3: figure '0.82': 0.82%, where the text says 82% (expected the figure as the text "
        "has it)"
    ]


# Files that drift ---------------------------------------------------------------------------------


COUNCILS = ("bexley", "havering", "newham")


def _year(got: Planted, name: str, month: str, *texts: str) -> None:
    rows = [(month, t, c) for t, c in zip(texts, COUNCILS, strict=True)]
    # A file of which nothing loads would be refused.
    got.file(name, *rows, (month, "0", "redbridge"))


@pytest.mark.parametrize("is_first", [True, False])
def test_a_file_a_hundredth_of_its_series_is_set_aside_whenever_it_comes(plant, is_first):
    got = plant()
    others = (("a.csv", "2015-03", "56", "63", "71"), ("b.csv", "2016-03", "53", "55", "64"))
    wrong = ("c.csv", "2017-03", "0.62", "0.50", "0.7")
    for one in [wrong] if is_first else others:
        _year(got, *one)
    got.load()
    assert got.said == []
    for one in others if is_first else [wrong]:
        _year(got, *one)
    report = got.load()
    assert got.values == [56.0, 53.0, 63.0, 55.0, 71.0, 64.0, 0.0, 0.0, 0.0]
    assert [(p["file"], p["line"]) for p in report.problems] == [("c.csv", n) for n in (2, 3, 4)]
    assert "can be read two ways: 0.62%, or as a share 62%" in got.said[0]


def test_what_was_set_aside_comes_back_once_nothing_contradicts_it(plant):
    got = plant()
    _year(got, "a.csv", "2015-03", "56", "63", "71")
    _year(got, "c.csv", "2017-03", "0.62", "0.50", "0.7")
    assert len(got.load().problems) == 3
    (got.workspace.data / "a.csv").unlink()
    assert got.load().problems == [] and got.values == [0.62, 0.5, 0.7, 0.0]


def test_a_file_of_shares_a_hundredth_of_its_series_is_set_aside(plant):
    got = plant(unit="share")
    _year(got, "a.csv", "2015-03", "0.56", "0.63", "0.71")
    _year(got, "b.csv", "2016-03", "0.0053", "0.0055", "0.0064")
    got.load()
    assert got.values == [0.56, 0.63, 0.71, 0.0, 0.0]
    assert got.said[0] == (
        "line 2: value '0.0053': a hundredth of its series, as in all of this file: other files "
        "have figures from 0.56 to 0.71; if it is right, the field's percent as_is says so "
        "(expected figures of the size that other files have)"
    )


def test_a_figure_a_hundred_times_its_series_is_set_aside(plant):
    got = plant(part_of_whole="false")
    got.months("101", "99", "102", "9950", "98")
    got.load()
    assert got.values == [101.0, 99.0, 102.0, 98.0]
    assert got.said == [
        "line 5: value '9950': a hundred times that of its series, which has figures from 98 to "
        "102; if it is right, the field's percent as_is says so (expected a figure of the size of "
        "its series)"
    ]


def test_large_files_are_read_to_the_same_figures(plant, monkeypatch):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", 10)
    got = plant()
    got.months("94.1%", "95.4%", "0.962", "0.948", "95")
    got.load()
    assert got.values == [94.1, 95.4, 95.0] and len(got.said) == 2


def test_a_file_that_is_wrong_throughout_is_refused(plant):
    got = plant()
    got.bad_share = None
    got.months("94.1", "95.4", "96", "94", "95", name="a.csv")
    got.file("b.csv", *((f"2016-{n:02}", "0.95") for n in range(4, 10)))
    with pytest.raises(LoadRefused) as refused:
        got.load()
    assert re.search("b.csv: .* 6 rows are wrong", str(refused.value))
    assert "can be read two ways: 0.95%, or as a share 95%" in str(refused.value)


# The survey ------------------------------------------------------------------------------------


def _survey(got: Planted, *rows: tuple[str, ...]) -> None:
    names = ("council_id", "respondents", "satisfied_share")
    got.months("95")
    got.load(
        satisfaction=[
            {"period": "2017-10", "service_id": "ict"} | dict(zip(names, row, strict=True))
            for row in rows
        ]
    )


def test_a_published_share_of_the_survey_is_a_share(plant):
    got = plant()
    _survey(
        got,
        ("bexley", "2980", "41.7974"),
        ("havering", "1280", "42.2578%"),
        ("newham", "1100", "0.377"),
    )
    assert got.ask("select satisfied_share from staging.answers order by council_id") == [
        0.422578,
        0.377,
    ]
    assert got.said == [
        "line 2: satisfied_share '41.7974': 41.7974 is no share of one; if it is 41.7974%, it "
        "lacks its sign: the field's scale 0.01 says so of every number, its percent mixed of "
        "those above 1 (expected a share from 0 to 1, or 0% to 100%)"
    ]


def test_cost_shares_are_shares(plant):
    got = plant()
    got.months("95")
    got.load(
        cost_shares=[
            {"year": "2017/18", "service_id": "ict", "council_id": c, "share": s}
            for c, s in (("bexley", "0.15"), ("havering", "42"), ("newham", "43%"))
        ]
    )
    assert got.ask("select share from cost_shares order by share") == [0.15, 0.43]
    assert "42 is no share of one; if it is 42%" in got.said[0]


def test_shares_with_their_number_of_answers_give_a_total_and_intervals(plant):
    got = plant()
    _survey(got, ("bexley", "2980", "41.7974%"), ("havering", "1280", "0.422578"))
    share = (2980 * 0.417974 + 1280 * 0.422578) / 4260
    (total,) = got.ask(
        "select satisfied_share, share_low, share_high, is_from_shares, respondents from surveys "
        "where council_id is null and service_id is null"
    )
    assert total == (pytest.approx(share), *map(pytest.approx, _wilson(share, 4260)), True, 4260)
    shown = got.ask(
        "select satisfied_share, share_low, share_high from surveys where service_id = 'ict' "
        "and council_id is not null order by council_id"
    )
    assert shown == [
        (0.417974, *map(pytest.approx, _wilson(0.417974, 2980))),
        (0.422578, *map(pytest.approx, _wilson(0.422578, 1280))),
    ]


def _wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95% score interval (1927)."""
    z = 1.959963984540054
    middle = (share + z * z / 2 / n) / (1 + z * z / n)
    half = z * (share * (1 - share) / n + z * z / 4 / n / n) ** 0.5 / (1 + z * z / n)
    return middle - half, middle + half


def test_a_part_without_its_number_of_answers_leaves_no_total(plant):
    got = plant()
    _survey(got, ("bexley", "2980", "41.8%"), ("havering", "", "42.3%"))
    assert got.ask("select satisfied_share from surveys where council_id is null") == [None, None]
    assert got.ask("select share_low from surveys where council_id = 'havering'") == [None, None]


def test_a_share_of_fewer_than_ten_is_hidden_with_what_would_tell_of_it(plant):
    got = plant()
    _survey(got, ("bexley", "9", "44%"), ("havering", "1280", "42%"), ("newham", "30", "50%"))
    hidden = got.ask(
        "select distinct council_id from surveys where is_hidden and council_id is not null "
        "order by council_id"
    )
    assert "bexley" in hidden and len(hidden) > 1
    shares = got.ask(
        "select satisfied_share, share_low, respondents, is_from_shares from surveys "
        "where is_hidden"
    )
    assert set(shares) == {(None, None, None, False)}


def test_what_is_worked_out_of_shares_is_told_as_near(plant, use):
    got = plant()
    _survey(got, ("bexley", "2980", "41.8%"), ("havering", "1280", "42.3%"))
    use(got.workspace)
    shown = satisfaction.headline(
        service_id=None,
        council_ids=("bexley", "havering"),
        from_month=date(2017, 4, 1),
        to_month=date(2018, 3, 1),
    )
    assert "How many are satisfied is not published: totals and intervals are worked out" in (
        shown.subtitle
    )
    assert shown.table.rows[0][2].lines[0][0] == "about 42%"
