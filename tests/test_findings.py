"""What the Overview says changed: every planted story, and no more noise than chance allows."""

import random
from datetime import date

import numpy as np
import pytest

from dashboard.exhibits import exceptions, findings, reference
from tests.test_control_charts import _FIELDS, charts, measure, series

COUNCILS = ("havering", "newham", "bexley")
APRIL, JANUARY, MARCH = date(2017, 4, 1), date(2018, 1, 1), date(2018, 3, 1)


@pytest.fixture
def said(use):
    """Every finding of a stretch, by what it is about."""
    use("shipped")

    def found(since, to_month=MARCH, council_ids=COUNCILS):
        return findings.found(None, council_ids, since, to_month)

    return found


def _of(found, *topic):
    return [f for f in found if f.topic == topic]


def test_the_overview_opens_with_what_the_headline_hid(use):
    use("shipped")
    exhibit = findings.changed(service_id=None, council_ids=COUNCILS, since=APRIL, to_month=MARCH)
    assert exhibit.title == (
        "Bexley’s satisfaction fell from 89% to 55% (October 2017), "
        "while the overall figure met its target (82%)"
    )
    assert exhibit.table.rows[0][1].lines == (("Concern: 122 answers, 121 before", None),)


# measure, council, good or bad, first month looked at, last month looked at.
STORIES = [
    ("first_contact_fix", "havering", "improvement", date(2016, 11, 1), date(2017, 5, 1)),
    ("first_contact_fix", "newham", "improvement", date(2016, 11, 1), date(2017, 5, 1)),
    ("offer_to_contract_days", "newham", "concern", APRIL, MARCH),
    *(
        ("small_suppliers_in_10_days", council, "concern", date(2016, 11, 1), date(2017, 1, 1))
        for council in COUNCILS
    ),
    *(
        ("invoices_in_30_days", council, "concern", date(2016, 11, 1), date(2017, 1, 1))
        for council in COUNCILS
    ),
    ("invoices_in_30_days", "bexley", "concern", APRIL, MARCH),
    ("incidents_in_time", "bexley", "concern", APRIL, MARCH),
    ("ict_user_satisfaction", "bexley", "concern", APRIL, MARCH),
    ("new_claims_days", "havering", "improvement", APRIL, MARCH),
    ("ict_availability", "newham", "concern", date(2017, 12, 1), date(2017, 12, 1)),
    ("voids", "newham", "concern", APRIL, MARCH),
    ("commercial_rent", "newham", "concern", APRIL, MARCH),
    ("orders_before_invoice", "havering", "improvement", date(2016, 4, 1), date(2017, 6, 1)),
    ("orders_before_invoice", "newham", "improvement", date(2016, 4, 1), date(2017, 6, 1)),
]


@pytest.mark.parametrize(("measure_id", "council", "mark", "since", "to_month"), STORIES)
def test_a_planted_story_is_found(said, measure_id, council, mark, since, to_month):
    found = _of(said(since, to_month), measure_id, council)
    assert mark in {f.mark for f in found}, [f.sentence for f in found]


def test_a_headline_that_hides_a_part_is_told_with_both(said):
    (hidden,) = [f for f in said(JANUARY) if f.topic == ("invoices_in_30_days", "bexley")]
    assert (hidden.kind, hidden.sentence) == (
        "hidden",
        "Bexley’s invoices paid within 30 days fell from 97.5% to 93.4% in a year (March 2018), "
        "while all councils together went from 96.2% to 96.4%",
    )


def test_a_target_that_cannot_be_met_is_said_to_be_so(said):
    (standing,) = [f for f in _of(said(MARCH), "agency_share", "newham") if f.kind == "standing"]
    assert standing.sentence == (
        "Newham’s agency staff in the workforce will not meet the target of 10% unless something "
        "changes: the usual range is 11.2% to 12.3%"
    )
    assert standing.evidence == "missed since April 2014"


def test_red_and_green_by_turns_and_nothing_but_chance_is_no_finding(said):
    for council in ("havering", "newham"):
        assert _of(said(APRIL), "foi_in_time", council) == []


@pytest.mark.parametrize(
    ("measure_id", "month"),
    [("complaints_in_time", date(2016, 4, 1)), ("statutory_checks", date(2015, 10, 1))],
)
def test_a_changed_definition_is_no_change_of_performance(said, measure_id, month):
    for council in ("havering", "newham"):
        found = _of(said(month, month), measure_id, council)
        assert [f for f in found if f.kind == "changed"] == []


def test_budgets_are_told_apart_and_to_the_pound(said):
    money = {f.topic[1:]: f.sentence for f in said(JANUARY) if f.kind == "money"}
    assert money["asset_management", "shared"] == (
        "Asset Management is £239,953 (4%) over its shared budget of £6m (April 2017 to March 2018)"
    )
    assert money["ict", "shared"].startswith("ICT is £639,985 (6%) under its shared budget")


def test_figures_that_others_have_reported_are_overdue(said):
    overdue = {f.topic: f.sentence for f in said(MARCH) if f.kind == "overdue"}
    assert overdue["overdue", "newham"].startswith(
        "Newham’s planned share of maintenance is overdue: last reported for February 2018"
    )


def test_the_same_data_gives_the_same_sentences_in_the_same_order(said):
    first = [(f.score, f.sentence) for f in said(JANUARY)]
    assert first == [(f.score, f.sentence) for f in said(JANUARY, council_ids=COUNCILS[::-1])]
    assert first == sorted(first, key=lambda f: (-f[0], f[1]))


def test_nothing_really_changed_is_an_answer(tmp_path, use):
    _workspace(tmp_path, use, [measure()], series([50, 51, 49, 50] * 6, start="2016-04"))
    exhibit = findings.changed(
        service_id=None, council_ids=("a",), since=date(2018, 1, 1), to_month=date(2018, 3, 1)
    )
    assert exhibit.title == "Nothing really changed in January to March 2018"
    assert exhibit.table is None


def test_a_run_that_shows_only_by_later_months_is_not_told_before(tmp_path, use):
    values = [51, 50] * 9 + [52, 52.1, 52, 52.1, 52, 52.1, 52]
    _workspace(tmp_path, use, [measure()], series(values, start="2016-04"))
    run = {"since": date(2017, 10, 1), "council_ids": ("a",), "service_id": None}
    before = findings.changed(**run, to_month=date(2018, 3, 1))
    after = findings.changed(**run, to_month=date(2018, 4, 1))
    assert before.title.startswith("Nothing really changed")
    assert (
        after.title == "a’s m stayed above the mean of 50.9 from October 2017 on (52 in April 2018)"
    )


def _workspace(tmp_path, use, measures, performance) -> None:
    charts(tmp_path, measures, performance)
    use(tmp_path)


NOISY, MONTHS = 500, 12


def test_of_pure_noise_no_more_is_told_than_the_method_implies(tmp_path, use):
    chance = random.Random(4)
    rows = [
        row
        for n in range(NOISY)
        for row in series(
            [round(chance.gauss(50, 5), 4) for _ in range(MONTHS)], "2017-04", measure=f"m{n:03d}"
        )
    ]
    points = charts(tmp_path, [measure(f"m{n:03d}") for n in range(NOISY)], rows)
    concerns = {p["measure_id"] for p in points if p["point_type"] == "concern"}
    share = len(concerns) / NOISY
    implied = _implied_share(20_000)
    # By chance alone 2.8 % of these series show a concern in a year; the method implies 4.2 %
    # with a standard deviation of 0.9 for so many series.
    assert share == 0.028
    assert implied == pytest.approx(0.042, abs=0.001)
    assert share == pytest.approx(implied, abs=3 * (implied * (1 - implied) / NOISY) ** 0.5)
    use(tmp_path)
    told = findings.found(None, ("a",), date(2018, 1, 1), MARCH)
    assert len([f for f in told if f.mark == "concern"]) / NOISY < implied


def _implied_share(count: int) -> float:
    """The share of series of pure noise with a point that is a concern, by simulation: the rules
    written out again for whole arrays, downwards alone since upwards is good."""
    noise = np.random.default_rng(1).normal(size=(count, MONTHS))
    centre = noise.mean(axis=1, keepdims=True)
    ranges = np.abs(np.diff(noise, axis=1))
    kept = ranges < 3.267 * ranges.mean(axis=1, keepdims=True)
    usual = (ranges * kept).sum(axis=1, keepdims=True) / kept.sum(axis=1, keepdims=True)
    below = noise < centre
    outside = noise < centre - 2.66 * usual
    near = (noise < centre - 2.66 * usual * 2 / 3) & ~outside
    flagged = outside.any(axis=1)
    for at in range(MONTHS - 2):
        window = slice(at, at + 3)
        flagged |= (near[:, window].sum(axis=1) >= 2) & below[:, window].all(axis=1)
    for at in range(MONTHS - 6):
        flagged |= below[:, at : at + 7].all(axis=1)
        flagged |= (np.diff(noise[:, at : at + 7], axis=1) < 0).all(axis=1)
    return float(flagged.mean())


def test_every_finding_leads_to_its_evidence(said):
    pages = {"measure", "satisfaction", "costs"}
    names = {m["label"] for m in reference.measures().values()}
    for finding in said(APRIL):
        assert finding.link.page in pages
        assert dict(finding.link.filters).get("measure", next(iter(names))) in names


def test_a_target_that_will_be_met_is_told_after_all_else(tmp_path, use):
    charts(
        tmp_path,
        [measure()],
        series([50, 51, 49, 50] * 6, start="2016-04"),
        [{"measure_id": "m", "from": "2000-04-01", "target": 40, "rule": "no_tolerance"}],
    )
    use(tmp_path)
    (finding,) = findings.found(None, ("a",), JANUARY, MARCH)
    assert (finding.kind, finding.mark) == ("standing", None)
    # 24 figures whose 23 moves come to 24: 50 ∓ 2.66 × 24 ÷ 23.
    assert finding.sentence == (
        "a’s m will go on meeting the target of 40: the usual range is 47.2 to 52.8"
    )


def test_limits_at_nought_are_limits(tmp_path, use):
    values = [-1.0, -2.0] * 12
    charts(
        tmp_path,
        [measure(direction="higher")],
        series([v - 1.16 for v in values], start="2016-04"),
        [{"measure_id": "m", "from": "2000-04-01", "target": 5, "rule": "no_tolerance"}],
    )
    use(tmp_path)
    (finding,) = findings.found(None, ("a",), JANUARY, MARCH)
    assert finding.sentence.endswith("the usual range is −5.32 to 0")


def test_one_leap_among_equal_figures_is_no_signal_at_every_point(tmp_path, use):
    values = [5.0] * 18 + [8.0] + [5.0] * 5
    _workspace(tmp_path, use, [measure(direction="lower")], series(values, "2016-04"))
    assert findings.found(None, ("a",), date(2017, 4, 1), MARCH) == []


def test_where_nothing_was_reported_nothing_is_said_to_have_changed(tmp_path, use):
    _workspace(tmp_path, use, [measure()], series([50, 51] * 12, start="2016-04"))
    chosen = {"service_id": None, "council_ids": ("a",)}
    exhibit = findings.changed(**chosen, since=date(2018, 4, 1), to_month=date(2018, 6, 1))
    assert exhibit.title == "No figure was reported in April to June 2018"


def test_yearly_figures_are_looked_at_over_two_years(tmp_path, use):
    _workspace(
        tmp_path,
        use,
        [measure()],
        [
            {"period": f"{year}-{(year + 1) % 100:02d}", "service_id": "s", "council_id": "a",
             "measure_id": "m", "value": 90 if year == 2016 else 50 + year % 2}
            for year in range(2000, 2017)
        ],
    )  # fmt: skip
    found = findings.found(None, ("a",), date(2016, 4, 1), MARCH)
    assert [f.sentence for f in found] == [
        "a’s m rose to 90 in 2016–17 (April 2016 to March 2017), from a usual 52.8; doubtful: far "
        "outside its own history"
    ]


def test_a_measure_that_counts_more_comes_first(tmp_path, use, monkeypatch):
    values = [50, 51, 49, 50] * 6
    rows = [
        row
        for name, fall in (("m", 30), ("n", 20))
        for row in series([*values[:-1], 50 - fall], start="2016-04", measure=name)
    ]
    monkeypatch.setitem(_FIELDS["measures"], "weight", "number")
    weighted = [measure("m", weight="1"), measure("n", weight="3")]
    _workspace(tmp_path, use, weighted, rows)
    told = [f.topic[0] for f in findings.found(None, ("a",), MARCH, MARCH)]
    assert told == ["n", "m"]


def test_without_exceptions_the_list_says_so(tmp_path, use):
    _workspace(tmp_path, use, [measure()], series([50, 51, 49, 50] * 6, start="2016-04"))
    exhibit = exceptions.listed(service_id=None, council_ids=("a",), to_month=MARCH)
    assert (exhibit.title, exhibit.table) == ("No exceptions in March 2018", None)
    assert exhibit.empty == (
        "No figure has a target that it could miss, and none gets worse beyond its usual variation."
    )


@pytest.mark.parametrize(
    ("targeted", "count", "values", "title", "says"),
    [
        ("m", 1, [50, 51, 49, 50] * 6, "No exceptions in March 2018",
         "Every figure is on target, and none gets worse beyond its usual variation."),
        ("m", 2, [50, 51, 49, 50] * 6, "No exceptions in March 2018",
         "Every figure with a target is on it (1 of 2 has one), and none gets worse beyond its "
         "usual variation."),
        ("", 1, [None] * 22 + [50, 51], "No exceptions in March 2018",
         "No figure has a target that it could miss, and none has the three figures that a control "
         "chart needs to tell what gets worse."),
        ("", 1, [50], "No figure was reported in the two years to March 2018",
         "So nothing can be said to be an exception, or not to be. Choose a later month, more "
         "councils or another service."),
    ],
)  # fmt: skip
def test_no_exception_claims_no_more_than_there_is(
    tmp_path, use, targeted, count, values, title, says
):
    names = "mn"[:count]
    rows = [r for m in names for r in series(values, start="2016-04", measure=m)]
    if len(values) == 1:
        rows = series(values, start="2010-04")
    targets = [{"measure_id": m, "from": "2000-04-01", "target": 40, "rule": "no_tolerance"}
               for m in targeted]  # fmt: skip
    charts(tmp_path, [measure(m) for m in names], rows, targets)
    use(tmp_path)
    exhibit = exceptions.listed(service_id=None, council_ids=("a",), to_month=MARCH)
    assert (exhibit.title, exhibit.empty) == (title, says)


def test_few_figures_do_not_show_that_nothing_changed(tmp_path, use):
    charts(tmp_path, [measure()], series([50, 51, 49], start="2018-01"))
    use(tmp_path)
    exhibit = findings.changed(service_id=None, council_ids=("a",), since=JANUARY, to_month=MARCH)
    assert exhibit.title == "Nothing can be told to have changed in January to March 2018"


def test_an_exception_is_a_missed_target_or_a_concern_and_nothing_else(tmp_path, use):
    values = [50, 51, 49, 50] * 6
    rows = [r for m in "mnop" for r in series(values, start="2016-04", measure=m)]
    rows[23]["value"] = 20  # m falls far below its usual range, and has no target
    targets = [
        {"measure_id": "n", "from": "2000-04-01", "target": 60, "rule": "no_tolerance"},
        {"measure_id": "o", "from": "2000-04-01", "target": 51, "tolerance": 5, "rule": "points"},
        {"measure_id": "p", "from": "2000-04-01", "target": 40, "rule": "no_tolerance"},
    ]
    charts(tmp_path, [measure(m) for m in "mnop"], rows, targets)
    use(tmp_path)
    exhibit = exceptions.listed(service_id=None, council_ids=("a",), to_month=MARCH)
    assert exhibit.title == (
        "1 figure is off target and 1 close to it; 1 is getting worse beyond usual variation "
        "(March 2018)"
    )
    told = [(r[0].lines[0][0], r[3].lines[0][0], r[4].lines[0][0]) for r in exhibit.table.rows]
    assert told == [
        ("n", "24 in a row, since April 2016", "varies as usual (47.2 to 52.8)"),
        ("o", "2 in a row, since February 2018", "varies as usual (47.2 to 52.8)"),
        ("m", "no target", "getting worse since March 2018; now below the usual range"),
    ]
