"""Control charts: the published method, point by point, and where ours differs on purpose."""

import csv
import gzip
import json
from datetime import date

import pytest

from dashboard.load.publish import load
from dashboard.settings import Workspace
from dashboard.warehouse import fetch
from tests.conftest import REAL

_CAUSES = {
    "Common Cause": None,
    "Above UCL": "above limits",
    "Below LCL": "below limits",
    "7 Point Trend (Increasing)": "trend up",
    "7 Point Trend (Decreasing)": "trend down",
    "2 in 3 Above CL": "two of three high",
    "2 in 3 Below CL": "two of three low",
    "7 Points Above CL": "run above",
    "7 Points Below CL": "run below",
}
_TYPES = {
    "common_cause": "common cause",
    "special_cause_improvement": "improvement",
    "special_cause_concern": "concern",
}
_ASSURANCE = {
    "consistent_pass": "consistently passes",
    "consistent_fail": "consistently fails",
    "inconsistent": "hit and miss",
    "NA": None,
}
_LONG = {"from_month": date(1900, 1, 1), "to_month": date(2100, 1, 1)}

_FIELDS = {
    "services": {"service_id": "string", "name": "string"},
    "councils": {"council_id": "string", "name": "string"},
    "measures": {
        **dict.fromkeys(("measure_id", "service_id", "name", "unit", "good_direction"), "string"),
        "cumulative": "boolean",
        "screen_outliers": "boolean",
        "fix_limits_after": "integer",
        "rolling_months": "integer",
    },
    "targets": {
        **dict.fromkeys(("measure_id", "from"), "string"),
        "target": "number",
        "tolerance": "number",
        "rule": "string",
    },
    "events": {
        "date": "date",
        "title": "string",
        **dict.fromkeys(("service_id", "council_id", "measure_id", "kind"), "string"),
        "rebase": "boolean",
    },
    "performance": {
        **dict.fromkeys(("period", "service_id", "council_id", "measure_id", "status"), "string"),
        **dict.fromkeys(("value", "numerator", "denominator"), "number"),
    },
}


def charts(tmp_path, measures, performance, targets=(), events=()) -> list[dict]:
    """The control charts of a workspace of these rows; a dictionary for each point."""
    rows = {
        "services": [{"service_id": "s", "name": "Service"}],
        "councils": [
            {"council_id": c, "name": c} for c in sorted({p["council_id"] for p in performance})
        ],
        "measures": measures,
        "targets": list(targets),
        "events": list(events),
        "performance": performance,
    }
    resources = []
    for name, fields in _FIELDS.items():
        if rows[name]:
            with (tmp_path / f"{name}.csv").open("w", newline="") as out:
                writer = csv.DictWriter(out, list(fields))
                writer.writeheader()
                writer.writerows(rows[name])
            schema = {"fields": [{"name": n, "type": t} for n, t in fields.items()]}
            resources.append({"name": name, "path": f"{name}.csv", "schema": schema})
    contract = tmp_path / "datapackage.json"
    waived = ["definition", "owner_role", "good_direction"]
    contract.write_text(
        json.dumps(
            {"name": "x", "title": "X", "onesource": {"waive": waived}, "resources": resources}
        )
    )
    workspace = Workspace(tmp_path, contract, tmp_path / "warehouse")
    report = load(workspace)
    assert not report.problems, report.problems[:3]
    found = fetch("control_chart", workspace=workspace, measure_ids=None, council_ids=None, **_LONG)
    return found.rows()


def series(values, start="2020-01", council="a", measure="m", every=1) -> list[dict]:
    """Performance rows of one series, a month (or `every` so many) after another; None is a gap."""
    year, month = (int(part) for part in start.split("-"))
    rows = []
    for value in values:
        if value is not None:
            rows.append(_figure(f"{year}-{month:02d}", council, measure, value))
        month += every
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return rows


def _figure(period, council, measure, value):
    return {
        "period": period,
        "service_id": "s",
        "council_id": council,
        "measure_id": measure,
        "value": value,
    }


def measure(measure_id="m", direction="higher", **more):
    return {
        "measure_id": measure_id,
        "service_id": "s",
        "name": measure_id,
        "unit": "",
        "good_direction": direction,
        "cumulative": "false",
        **more,
    }


def _expected(name):
    path = REAL / "spc" / name
    if not path.exists():
        pytest.skip(f"the published charts are not on this machine ({path})")
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if name.endswith("gz") else raw).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(
    "name", ["expected_edge_cases.csv", "expected_lgbf_monthly_quarterly.csv.gz"]
)
def test_every_published_point_is_answered_as_published(tmp_path, name):
    expected = _expected(name)
    measures, targets, performance, wanted = {}, {}, [], {}
    for row in expected:
        key = f"{row['case']}|{row['screen_outliers']}"
        measure_id = f"m{len(measures):03d}" if key not in measures else measures[key]["measure_id"]
        measures.setdefault(
            key,
            measure(
                measure_id,
                {"increase": "higher", "decrease": "lower"}[row["direction"]],
                screen_outliers=row["screen_outliers"].lower(),
            ),
        )
        if row["target"] != "NA":
            targets[measure_id] = {
                "measure_id": measure_id,
                "from": "2000-04-01",
                "target": row["target"],
                "rule": "no_tolerance",
            }
        performance.append(_figure(row["x"][:7], "a", measure_id, row["y"]))
        wanted[(measure_id, row["x"][:7])] = row
    found = charts(tmp_path, list(measures.values()), performance, list(targets.values()))
    assert len(found) == len(expected)
    for point in found:
        said = wanted[(point["measure_id"], f"{point['month']:%Y-%m}")]
        where = (said["case"], said["x"])
        assert point["centre"] == pytest.approx(float(said["mean"]), rel=1e-6), where
        for ours, theirs in (("lower_limit", "lpl"), ("upper_limit", "upl")):
            if said[theirs] == "NA":
                assert point[ours] is None, where
            else:
                assert point[ours] == pytest.approx(float(said[theirs]), rel=1e-6, abs=1e-12), where
        assert point["special_cause"] == _CAUSES[said["special_cause_type"]], where
        assert point["point_type"] == _TYPES[said["point_type"]], where
        if said["lpl"] != "NA":
            assert point["assurance"] == _ASSURANCE[said["assurance_type"]], where
    newest = {}
    for key, said in sorted(wanted.items()):
        newest[key[0]] = _TYPES[said["point_type"]]
    assert {p["measure_id"]: p["variation"] for p in found} == newest


WORKED = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]


@pytest.mark.parametrize(("screens", "usual"), [("true", 15 / 15), ("false", 32 / 17)])
def test_one_large_leap_does_not_widen_the_limits_that_it_is_judged_by(tmp_path, screens, usual):
    found = charts(tmp_path, [measure(screen_outliers=screens)], series(WORKED))
    centre = 35 / 18
    assert found[0]["centre"] == pytest.approx(centre)
    assert found[0]["lower_limit"] == pytest.approx(centre - 2.66 * usual)
    assert found[0]["upper_limit"] == pytest.approx(centre + 2.66 * usual)
    assert [p["special_cause"] for p in found if p["special_cause"]] == ["above limits"]


def test_limits_that_are_fixed_after_some_points_are_not_moved_by_later_ones(tmp_path):
    values = [10, 12, 11, 13, 10, 12, 30, 31, 29, 30]
    found = charts(tmp_path, [measure(fix_limits_after="6")], series(values))
    centre, usual = 68 / 6, (2 + 1 + 2 + 3 + 2) / 5
    assert [p["centre"] for p in found] == pytest.approx([centre] * 10)
    assert found[-1]["upper_limit"] == pytest.approx(centre + 2.66 * usual)
    assert [p["point_type"] for p in found] == ["common cause"] * 6 + ["improvement"] * 4


def test_limits_cannot_be_fixed_after_fewer_than_two_points(tmp_path):
    found = charts(tmp_path, [measure(fix_limits_after="0")], series([10, 12, 11, 13]))
    assert {p["centre"] for p in found} == {11.5}


@pytest.mark.parametrize(
    "event",
    [
        {"rebase": "true", "measure_id": "m"},
        {"kind": "definition", "measure_id": "m"},
        {"rebase": "true", "service_id": "s", "council_id": "a"},
        {"rebase": "true"},
    ],
)
def test_a_series_starts_afresh_at_an_event_that_says_so(tmp_path, event):
    rows = series([1, 2, 1, 2, 1, 2, 101, 103, 101, 103]) + series([1, 2, 1, 2] * 3, council="b")
    happened = {"date": "2020-07-15", "title": "Counted anew", **event}
    found = charts(tmp_path, [measure()], rows, events=[happened])
    mine = [p for p in found if p["council_id"] == "a"]
    assert [p["stretch"] for p in mine] == [0] * 6 + [1] * 4
    assert [p["centre"] for p in mine] == [1.5] * 6 + [102.0] * 4
    assert {p["point_type"] for p in mine} == {"common cause"}
    other = {p["stretch"] for p in found if p["council_id"] == "b"}
    assert other == ({0} if "council_id" in event else {0, 1})


def test_an_event_that_concerns_another_service_or_says_nothing_of_it_starts_nothing(tmp_path):
    events = [
        {"date": "2020-03-01", "title": "An incident", "kind": "incident", "measure_id": "m"},
        {"date": "2020-04-01", "title": "Counted anew", "rebase": "true", "measure_id": "n"},
    ]
    found = charts(
        tmp_path, [measure(), measure("n")], series([1, 2, 1, 2, 1, 2, 1, 2]), events=events
    )
    assert {p["stretch"] for p in found} == {0}


def test_a_cumulative_measure_is_charted_by_what_each_month_added_beside_last_year(tmp_path):
    first = [10, 21, 30, 40, 50, 60, 70, 80, 90, 94, 96, 97]
    second = [11, 21, 31, None, 51, 61]
    rows = series(first + second, start="2020-04")
    found = charts(tmp_path, [measure(cumulative="true")], rows)
    told = [(f"{p['month']:%Y-%m}", round(p["value"], 6)) for p in found]
    # July was not reported, so August's rise is two months' worth and beside nothing.
    assert told == [("2021-04", 1), ("2021-05", -1), ("2021-06", 1), ("2021-09", 0)]
    assert {p["basis"] for p in found} == {"increment"} and {p["target"] for p in found} == {None}


def test_figures_over_rolling_months_are_not_charted(tmp_path):
    found = charts(tmp_path, [measure(rolling_months="12")], series([9, 9, 9, 9, 8, 8]))
    assert found == []


def test_a_series_that_never_varies_has_no_limits_and_is_judged_by_its_level(tmp_path):
    targets = [{"measure_id": m, "from": "2000-04-01", "target": t, "rule": "no_tolerance"}
               for m, t in (("m", 6), ("n", 5), ("o", 4))]  # fmt: skip
    rows = [r for m in "mno" for r in series([5] * 15, measure=m)]
    found = charts(tmp_path, [measure(m) for m in "mno"], rows, targets)
    assert {(p["lower_limit"], p["upper_limit"], p["point_type"]) for p in found} == {
        (None, None, "common cause")
    }
    assert {p["measure_id"]: p["assurance"] for p in found} == {
        "m": "consistently fails",
        "n": "consistently passes",
        "o": "consistently passes",
    }


REBASED = [52, 61, 58, 66, 55, 63, 60, 57, 68, 54, 62, 59, 65, 51, 67, 56, 64, 53, 69, 58]
NEW = {"title": "New definition", "measure_id": "m", "rebase": "true"}


def test_one_figure_after_a_rebase_has_neither_limits_nor_assurance(tmp_path):
    targets = [{"measure_id": "m", "from": "2000-04-01", "target": 90, "rule": "no_tolerance"}]
    rows = series([*REBASED, 90])
    found = charts(tmp_path, [measure()], rows, targets, [NEW | {"date": "2021-09-01"}])
    last = found[-1]
    assert (last["stretch"], last["points"], last["centre"]) == (1, 1, 90)
    assert (last["lower_limit"], last["upper_limit"], last["assurance"]) == (None, None, None)
    assert {p["assurance"] for p in found} == {None}


def test_ten_figures_after_a_rebase_have_trial_limits_of_their_own(tmp_path):
    targets = [{"measure_id": "m", "from": "2000-04-01", "target": 90, "rule": "no_tolerance"}]
    rows = series([*REBASED, 88, 93, 86, 95, 91, 87, 94, 89, 92, 90])
    found = charts(tmp_path, [measure()], rows, targets, [NEW | {"date": "2021-09-01"}])
    last = found[-1]
    # Mean moving range: (5 + 7 + 9 + 4 + 4 + 7 + 5 + 3 + 2) / 9 = 46 / 9.
    assert (last["points"], last["centre"], last["is_trial"]) == (10, 90.5, True)
    assert last["lower_limit"] == pytest.approx(90.5 - 2.66 * 46 / 9)
    assert last["upper_limit"] == pytest.approx(90.5 + 2.66 * 46 / 9)
    assert last["assurance"] == "hit and miss"


def test_a_mean_of_binary_fractions_does_not_set_points_beside_themselves(tmp_path):
    found = charts(tmp_path, [measure(screen_outliers="false")], series([0.1, 0.1, 0.1] * 5))
    assert {p["special_cause"] for p in found} == {None}


@pytest.mark.parametrize(
    ("direction", "kinds"),
    [
        ("higher", ("improvement", "concern")),
        ("lower", ("concern", "improvement")),
        ("neither", ("neutral high", "neutral low")),
        ("range", ("neutral high", "neutral low")),
    ],
)
def test_a_signal_is_good_or_bad_by_the_good_direction_alone(tmp_path, direction, kinds):
    values = [50, 51] * 8 + [70] + [50, 51] * 4 + [30]
    found = charts(tmp_path, [measure(direction=direction)], series(values))
    assert [p["point_type"] for p in found if p["special_cause"]] == list(kinds)
    assert {p["variation"] for p in found} == {kinds[1]}


def test_a_good_range_is_met_where_the_limits_lie_within_it(tmp_path):
    targets = [{"measure_id": m, "from": "2000-04-01", "target": t, "tolerance": 5,
                "rule": "within_range"} for m, t in (("m", 50), ("n", 56), ("o", 80))]  # fmt: skip
    rows = [r for m in "mno" for r in series([50, 51] * 8, measure=m)]
    found = charts(tmp_path, [measure(m, "range") for m in "mno"], rows, targets)
    assert {p["measure_id"]: p["assurance"] for p in found} == {
        "m": "consistently passes",
        "n": "hit and miss",
        "o": "consistently fails",
    }


def test_fewer_than_twelve_points_have_trial_limits(tmp_path):
    rows = series([1, 2] * 5 + [1]) + series([1, 2] * 6, council="b")
    found = charts(tmp_path, [measure()], rows)
    assert {p["council_id"]: p["is_trial"] for p in found} == {"a": True, "b": False}


def test_a_signal_says_since_when_it_stands(tmp_path):
    found = charts(tmp_path, [measure()], series([10, 11] * 8 + [12.5] * 7))
    last = found[-1]
    assert (last["point_type"], last["signal_since"], last["signal_points"]) == (
        "improvement", date(2021, 5, 1), 7)  # fmt: skip


def test_months_and_quarters_of_one_measure_are_two_series(tmp_path):
    quarters = [_figure(f"{y} Q{q}", "a", "m", v) for y, q, v in
                (("2020-21", 1, 5), ("2020-21", 2, 6), ("2020-21", 3, 5))]  # fmt: skip
    found = charts(tmp_path, [measure()], series([1, 2, 1, 2], start="2020-04") + quarters)
    assert {(p["period_kind"], p["centre"]) for p in found} == {
        ("month", 1.5),
        ("quarter", 16 / 3),
    }
