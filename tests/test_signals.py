"""The Measure page's control charts and funnels: what is marked, said, named, and left out."""

import itertools
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup, theme
from dashboard.exhibits import funnel, measures, reference, signals
from dashboard.method.proportions import funnel_limits
from dashboard.render import text
from dashboard.render.kinds import figures
from tests.test_control_charts import charts, measure, series

SPAN = {"from_month": date(2000, 1, 1), "to_month": date(2030, 12, 1)}
# Mean 50.5, limits 2.7 either side once two leaps are screened: the 17th and the last lie outside.
PLANTED = [50, 51] * 8 + [70] + [50, 51] * 4 + [30]


@pytest.fixture
def plant(tmp_path, use):
    """Make a workspace of these rows the one that exhibits answer from."""

    def planted(*given, **more):
        found = charts(tmp_path, *given, **more)
        use(tmp_path)
        return found

    return planted


def _control(*council_ids, measure_id="m", **span):
    return signals.control(measure_id=measure_id, council_ids=council_ids, **{**SPAN, **span})


def _lines(exhibit, role, at=0):
    return [line for line in exhibit.chart.panels[at].lines if line.role == role]


def _of_shape(figure, symbol):
    return [t for t in figure["data"] if t.get("marker", {}).get("symbol") == symbol]


def _parts(numerators, denominators, period="2020-01", **more):
    return [
        {"period": period, "service_id": "s", "council_id": chr(97 + i), "measure_id": "m",
         "numerator": n, "denominator": d, **more}
        for i, (n, d) in enumerate(zip(numerators, denominators, strict=True))
    ]  # fmt: skip


def _funnel(*council_ids, measure_id="m", to_month=date(2030, 12, 1)):
    return funnel.compared(measure_id=measure_id, council_ids=council_ids, to_month=to_month)


# Control charts


def test_points_that_chance_does_not_explain_are_marked_by_shape_and_colour(plant):
    plant([measure()], series(PLANTED))
    exhibit = _control("a")
    (line,) = _lines(exhibit, "series")
    assert line.marks == (None,) * 16 + ("improvement",) + (None,) * 8 + ("concern",)
    (figure,) = figures(exhibit)
    (better,), (worse,) = _of_shape(figure, "diamond"), _of_shape(figure, "square")
    assert (better["x"], better["y"]) == (["2021-05-01"], [70])
    assert better["marker"]["color"] == theme.SIGNALS["improvement"][0]
    assert (worse["x"], worse["y"]) == (["2022-02-01"], [30])
    assert worse["marker"]["color"] == theme.SIGNALS["concern"][0]
    assert line.hover[16] == (
        "70 (doubtful: far outside its own history), improvement: above the upper limit"
    )
    assert line.hover[0] == "50, usual variation"


def test_where_neither_way_is_good_a_signal_is_a_change_and_no_concern(plant):
    plant([measure(direction="neither")], series(PLANTED))
    exhibit = _control("a")
    assert set(_lines(exhibit, "series")[0].marks) == {None, "change"}
    assert len(_of_shape(figures(exhibit)[0], "cross")[0]["x"]) == 2
    assert exhibit.title == "a is lower than before"


def test_the_key_shows_the_marks_that_are_used_and_no_others(plant):
    plant([measure()], series([50, 53] * 8 + [75]))
    key = text.head(_control("a"))
    assert "◆</span> Improvement" in key and "●</span> Usual variation" in key
    assert "Concern" not in key and "Change" not in key and "Provisional" not in key


def test_a_provisional_point_is_hollow_and_keeps_its_shape(plant):
    rows = series(PLANTED)
    rows[0]["status"] = rows[-1]["status"] = "provisional"
    plant([measure()], rows)
    (figure,) = figures(_control("a"))
    (usual,) = _of_shape(figure, "circle")
    (worse,) = _of_shape(figure, "square")
    for drawn, at, colour in (
        (usual, "2020-01-01", theme.WHOLE),
        (worse, "2022-02-01", theme.SIGNALS["concern"][0]),
    ):
        assert drawn["x"] == [at]
        assert drawn["marker"]["color"] == theme.SURFACE
        assert drawn["marker"]["line"] == {"color": colour, "width": 2}


def test_limits_and_mean_are_cut_at_a_rebase(plant):
    happened = {"date": "2021-01-15", "title": "Counted anew", "rebase": "true", "measure_id": "m"}
    plant([measure()], series([1, 2] * 6 + [101, 103] * 2), events=[happened])
    exhibit = _control("a")
    before = (date(2020, 1, 1), date(2020, 12, 1))
    after = (date(2021, 1, 1), date(2021, 4, 1))
    assert [(x.months, x.values) for x in _lines(exhibit, "centre")] == [
        (before, (1.5, 1.5)),
        (after, (102.0, 102.0)),
    ]
    assert [(x.months, x.values) for x in _lines(exhibit, "limit")] == [
        (before, pytest.approx((1.5 - 2.66,) * 2)),
        (before, pytest.approx((1.5 + 2.66,) * 2)),
    ]
    assert [(x.months, x.values) for x in _lines(exhibit, "trial limit")] == [
        (after, pytest.approx((102 - 2.66 * 2,) * 2)),
        (after, pytest.approx((102 + 2.66 * 2,) * 2)),
    ]
    assert exhibit.chart.panels[0].title == "a: trial limits at last"
    assert "<b>A</b> January 2021: Counted anew" in text.foot(exhibit)


def test_limits_of_few_points_are_dotted_and_called_trial_limits(plant):
    plant([measure()], series([1, 2] * 5))
    exhibit = _control("a")
    assert exhibit.chart.panels[0].title == "a: trial limits"
    assert "Trial limits of usual variation" in text.head(exhibit)
    dotted = [t for t in figures(exhibit)[0]["data"] if t["line"].get("dash") == "dot"]
    assert len(dotted) == 2


def test_figures_that_do_not_vary_have_no_limits_and_the_chart_says_so(plant):
    plant([measure()], series([5] * 15))
    exhibit = _control("a")
    assert exhibit.chart.panels[0].title == "a: no limits, as figures hardly vary"
    assert not _lines(exhibit, "limit") and not _lines(exhibit, "trial limit")


def test_all_councils_share_one_scale_that_holds_every_limit(plant):
    plant([measure()], series([1, 2] * 6) + series([80, 95] * 6, council="b"))
    left, right = figures(_control("a", "b"))
    low, high = left["layout"]["yaxis"]["range"]
    assert right["layout"]["yaxis"]["range"] == [low, high]
    assert low < 87.5 - 2.66 * 15 and high > 87.5 + 2.66 * 15


def test_an_event_of_one_council_is_not_drawn_on_anothers_chart(plant):
    events = [
        {"date": "2020-03-01", "title": "a joins", "council_id": "a"},
        {"date": "2020-05-01", "title": "New rules"},
    ]
    plant([measure()], series([1, 2] * 6) + series([1, 2] * 6, council="b"), events=events)
    left, right = figures(_control("a", "b"))
    assert [s["x0"] for s in left["layout"]["shapes"]] == ["2020-03-01", "2020-05-01"]
    assert [s["x0"] for s in right["layout"]["shapes"]] == ["2020-05-01"]
    letters = [n["text"] for n in right["layout"]["annotations"]]
    assert letters == ["<b>b</b>", "<b>B</b>"]


def test_more_than_three_councils_stand_in_three_columns_at_most(plant):
    plant([measure()], [r for c in "abcde" for r in series([1, 2] * 6, council=c)])
    drawn = figures(_control(*"abcde"))
    titles = [[n["text"] for n in one["layout"]["annotations"]] for one in drawn]
    assert titles == [["<b>a</b>", "<b>b</b>"], ["<b>c</b>", "<b>d</b>"], ["<b>e</b>"]]


def test_a_period_cuts_the_points_drawn_and_leaves_limits_and_title_true(plant):
    targets = [{"measure_id": "m", "from": "2000-01-01", "target": 49, "rule": "no_tolerance"}]
    plant([measure()], series(PLANTED), targets)
    whole, part = _control("a"), _control("a", to_month=date(2020, 12, 1))
    assert len(_lines(part, "series")[0].months) == 12
    assert _lines(part, "limit")[0].values == _lines(whole, "limit")[0].values
    assert whole.title == "a is getting worse and cannot be relied on to meet 49"
    # Assurance is of today's limits: an earlier point is told without.
    assert part.title == "a varies as usual (to December 2020)"


def test_the_target_is_stepped_as_it_was_in_force(plant):
    targets = [
        {"measure_id": "m", "from": f"{y}-01-01", "target": t, "rule": "no_tolerance"}
        for y, t in ((2020, 40), (2021, 45))
    ]
    plant([measure()], series(PLANTED), targets)
    (line,) = _lines(_control("a"), "target")
    assert line.values == (40,) * 12 + (45,) * 14
    assert line.is_stepped


def test_a_cumulative_per_cent_is_charted_in_points_and_says_what_is_charted(plant):
    first = [10, 21, 30, 40, 50, 60, 70, 80, 90, 94, 96, 97]
    second = [11, 21, 32, 42, 51, 61, 72, 81, 92, 95, 97, 98]
    unit = measure(cumulative="true") | {"unit": "%"}
    plant([unit], series(first + second, start="2020-04"))
    exhibit = _control("a")
    assert exhibit.chart.panels[0].unit == "points"
    assert exhibit.title.endswith(", in what each period adds")
    assert (
        "what each month added, against the same month of the year before, percentage points"
        in exhibit.subtitle
    )
    assert _lines(exhibit, "series")[0].hover[0] == "1 point, usual variation"
    assert not _lines(exhibit, "target")


def test_without_a_chart_the_page_says_exactly_why(plant):
    many = [r for c in "abcdefg" for r in series([1, 2, 1], council=c, measure="o")]
    plant(
        [measure(rolling_months="12"), measure("n"), measure("o")],
        series([9, 9, 8]) + series([1, 2], measure="n") + many,
    )
    assert "each figure covers 12 months" in _control("a").empty
    assert "at least three figures" in _control("a", measure_id="n").empty
    assert "up to 6 councils, and 7 are chosen" in _control(*"abcdefg", measure_id="o").empty
    none = _control("a", measure_id="o", from_month=date(2029, 1, 1))
    assert "choose a longer time" in none.empty


def test_the_title_is_the_finding_in_words(use):
    use("shipped")
    councils = ("havering", "newham", "bexley")
    exhibit = _control(*councils, measure_id="incidents_in_time")
    assert exhibit.title == (
        "Bexley is getting worse and cannot be relied on to meet 90%; "
        "Havering and Newham vary as usual"
    )
    assert exhibit.subtitle.endswith("higher is better; limits: mean ± 2.66 mean moving ranges")
    assert "Bexley, 18 points: 4 improvement and 8 concern" in exhibit.alt
    all_usual = _control(*councils, measure_id="payroll_accuracy").title
    assert all_usual == (
        "Havering, Newham and Bexley vary as usual and cannot be relied on to meet 99.75%"
    )


def test_the_table_beneath_has_every_point_in_words_and_as_it_is(plant):
    plant([measure()], series(PLANTED))
    shown = _control("a").table
    assert [c.lines[0][0] for c in shown.rows[0]] == [
        "February 2022", "a", "30", "50.5", "47.8 to 53.1",
        "Concern: below the lower limit", "none", "final",
    ]  # fmt: skip
    assert len(shown.rows) == len(shown.raw_rows) == len(PLANTED)
    assert dict(zip(shown.raw_columns, shown.raw_rows[0], strict=True))["value"] == 30


def test_each_rule_says_where_it_was_met(plant):
    plant([measure()], series(PLANTED))
    exhibit = signals.marks(measure_id="m", council_ids=("a",), **SPAN)
    met = {row[0]: row[2] for row in exhibit.table.raw_rows}
    assert met["A point outside the limits"] == "a: 2 points, the newest February 2022"
    assert met["Two of three points close to the same limit"] == "none"
    assert len(met) == 5


# What few figures tell


def test_one_figure_after_a_rebase_tells_of_no_other(plant):
    target = [{"measure_id": "m", "from": "2000-04-01", "target": 90, "rule": "no_tolerance"}]
    rebased = {"date": "2022-03-01", "title": "New definition", "measure_id": "m", "rebase": "true"}
    plant([measure()], series([*PLANTED, 90]), targets=target, events=[rebased])
    exhibit = _control("a")
    assert exhibit.title == "a has too few figures since the last rebase to tell"
    assert exhibit.chart.panels[0].title == "a: 1 figure since the last rebase, too few to tell"
    stands = signals.standings(measure_id="m", council_ids=("a",))
    assert (
        stands.title == "Where each council stands: too few figures since the last rebase to tell"
    )
    assert stands.table.rows[0][4].lines[0][0] == (
        "On target; 1 figure since the last rebase, too few to tell what is usual."
    )


@pytest.mark.parametrize(
    ("values", "control", "stands", "row"),
    [
        ([80, 81] * 4,
         "a varies as usual and, by only 8 figures, should go on meeting 70",
         "Of 1 council: 1 as usual; 1 can be relied on to meet the target, by fewer than 12 "
         "figures",
         "On target, and by its few figures so far will stay so until something changes. Usual "
         "variation, consistently passes: the whole usual range, 77.8 to 83.2, meets the target of "
         "70. The limits are trial limits, of fewer than 12 figures."),
        ([80] * 8,
         "a varies as usual and, by only 8 figures, should go on meeting 70",
         "Of 1 council: 1 as usual; 1 can be relied on to meet the target, by fewer than 12 "
         "figures",
         "On target, and by its few figures so far will stay so until something changes. Usual "
         "variation, consistently passes: the figures hardly vary from 80, which meets the target "
         "of 70. These are fewer than 12 figures."),
        ([80, 81] * 8,
         "a varies as usual and should go on meeting 70",
         "Of 1 council: 1 as usual; 1 can be relied on to meet the target",
         "On target, and will stay so until something changes. Usual variation, consistently "
         "passes: the whole usual range, 77.8 to 83.2, meets the target of 70."),
    ],
)  # fmt: skip
def test_what_is_relied_on_by_few_figures_is_said_to_be(plant, values, control, stands, row):
    target = [{"measure_id": "m", "from": "2000-04-01", "target": 70, "rule": "no_tolerance"}]
    plant([measure()], series(values), targets=target)
    assert _control("a").title == control
    exhibit = signals.standings(measure_id="m", council_ids=("a",))
    assert exhibit.title == stands
    assert exhibit.table.rows[0][4].lines[0][0] == row


# Where a council stands

_ROW = {
    "verdict": None,
    "variation": "common cause",
    "assurance": None,
    "is_trial": False,
    "value": 91.0,
    "target": 90.0,
    "centre": 89.5,
    "lower_limit": 84.0,
    "upper_limit": 95.0,
    "signal_since": date(2017, 10, 1),
    "missed_in_a_row": 0,
    "basis": "figure",
    "unit": "%",
}
_MOVING = {
    "improvement": "improving since October 2017",
    "concern": "getting worse since October 2017",
    "neutral high": "higher than before since October 2017",
    "neutral low": "lower than before since October 2017",
}
_ASSURANCES = ("consistently passes", "consistently fails", "hit and miss", None)
# Verdict and signal, whatever the assurance.
_SIGNALLED = {
    ("on target", "improvement"): "On target, and improving since October 2017",
    ("on target", "concern"): "On target, but getting worse since October 2017",
    ("on target", "neutral high"): "On target, and higher than before since October 2017",
    ("on target", "neutral low"): "On target, and lower than before since October 2017",
    ("close", "improvement"): "Close to target, but improving since October 2017",
    ("close", "concern"): "Close to target, and getting worse since October 2017",
    ("close", "neutral high"): "Close to target, and higher than before since October 2017",
    ("close", "neutral low"): "Close to target, and lower than before since October 2017",
    ("off target", "improvement"): "Off target, but improving since October 2017",
    ("off target", "concern"): "Off target, and getting worse since October 2017",
    ("off target", "neutral high"): "Off target, and higher than before since October 2017",
    ("off target", "neutral low"): "Off target, and lower than before since October 2017",
    (None, "improvement"): "Improving since October 2017",
    (None, "concern"): "Getting worse since October 2017",
    (None, "neutral high"): "Higher than before since October 2017",
    (None, "neutral low"): "Lower than before since October 2017",
}
# Verdict and assurance, where only chance is at work.
_USUAL = {
    ("on target", "consistently passes"): "On target, and will stay so until something changes",
    ("on target", "consistently fails"): "On target this time, unlike what its usual range leads "
    "to expect",
    ("on target", "hit and miss"): "On target this time, but it will be missed again by chance",
    ("on target", None): "On target, and varying as usual",
    ("close", "consistently passes"): "Close to target this time, unlike what its usual range "
    "leads to expect",
    ("close", "consistently fails"): "Close to target, and will not be met until something changes",
    ("close", "hit and miss"): "Close to target this time; by chance it will be met at other times",
    ("close", None): "Close to target, and varying as usual",
    ("off target", "consistently passes"): "Off target this time, unlike what its usual range "
    "leads to expect",
    ("off target", "consistently fails"): "Off target, and will not be met until something changes",
    ("off target", "hit and miss"): "Off target this time; by chance it will be met at other times",
    ("off target", None): "Off target, and varying as usual",
}
_NAMES = {
    "improvement": "Improvement",
    "concern": "Concern",
    "neutral high": "Change",
    "neutral low": "Change",
    "common cause": "Usual variation",
}
_LIES = {
    "consistently passes": "consistently passes: the whole usual range, 84% to 95%, meets the "
    "target of 90%",
    "consistently fails": "consistently fails: the whole usual range, 84% to 95%, misses the "
    "target of 90%",
    "hit and miss": "hit and miss: the target of 90% lies within the usual range, 84% to 95%",
}
_FOLLOWS = {
    "consistently fails": ", so it will go on being missed until something changes",
    "hit and miss": ", so it will be met at times and missed at times until something changes",
}


@pytest.mark.parametrize(
    ("verdict", "variation", "assurance"),
    list(itertools.product(("on target", "close", "off target", None), _NAMES, _ASSURANCES)),
)
def test_a_verdict_never_contradicts_the_chart_without_saying_why(verdict, variation, assurance):
    if variation != "common cause":
        first = _SIGNALLED[verdict, variation]
        follows = "; that range looks back, and will move if this lasts"
    else:
        follows = _FOLLOWS.get(assurance, "")
        first = _USUAL.get(
            (verdict, assurance), "Varying as usual, and there is no target to judge it by"
        )
    said = signals.standing(
        _ROW | {"verdict": verdict, "variation": variation, "assurance": assurance}
    )
    if assurance:
        reason = f"{_NAMES[variation]}, {_LIES[assurance]}"
    elif variation == "common cause":
        reason = "The usual range is 84% to 95%"
    else:
        reason = f"{_NAMES[variation]}: the usual range is 84% to 95%"
    assert said == f"{first}. {reason}{follows}."


@pytest.mark.parametrize("verdict", ["on target", "close", "off target", None])
def test_without_a_chart_the_verdict_stands_alone_and_says_so(verdict):
    said = signals.standing(dict.fromkeys(_ROW) | {"verdict": verdict})
    begins = {"on target": "On target", "close": "Close to target", "off target": "Off target"}
    assert said == (
        f"{begins.get(verdict, 'No target to judge it by')}; there is no control chart of it."
    )


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"is_trial": True}, "84% to 95%. The limits are trial limits, of fewer than 12 figures."),
        ({"lower_limit": None, "upper_limit": None, "is_trial": True},
         "there is no target to judge it by. The figures hardly vary from 89.5%."),
        ({"lower_limit": None, "upper_limit": None, "assurance": "consistently passes"},
         "the figures hardly vary from 89.5%, which meets the target of 90%."),
        ({"lower_limit": None, "upper_limit": None, "assurance": "consistently passes",
          "is_trial": True},
         "the figures hardly vary from 89.5%, which meets the target of 90%. These are fewer than "
         "12 figures."),
        ({"lower_limit": None, "upper_limit": None, "assurance": "consistently fails"},
         "the figures hardly vary from 89.5%, which misses the target of 90%."),
        ({"assurance": "hit and miss", "target": 99.5},
         "only part of the usual range, 84% to 95%, meets the target of 99.5%, so it will be met "
         "at times and missed at times until something changes."),
        ({"basis": "increment", "unit": "points", "target": None, "lower_limit": -1.2},
         "Usual variation in what each period added, against the year before: the usual range is "
         "−1.2 to 95 points."),
    ],
)  # fmt: skip
def test_what_is_special_about_limits_is_said(changed, ends):
    assert signals.standing(_ROW | changed).endswith(ends)


def test_words_never_tell_of_less_than_nothing_nor_of_more_than_all():
    row = _ROW | {"lower_limit": -5.0, "upper_limit": 113.0}
    cut = signals.possible(row, [60, 100], "%")
    assert (cut["lower_limit"], cut["upper_limit"]) == (0, 100)
    share = signals.possible(row | {"upper_limit": 1.2}, [0.6, 1.0], "share")
    assert share["upper_limit"] == 1
    # What was below nought, or above 100%, can be again.
    free = signals.possible(row, [-1, 105], "%")
    assert (free["lower_limit"], free["upper_limit"]) == (-5.0, 113.0)
    assert signals.possible(row, [0, 9], "number")["upper_limit"] == 113.0
    assert signals.possible(row | {"basis": "increment"}, [1], "points")["lower_limit"] == -5.0


def test_each_council_stands_by_its_verdict_and_its_chart(use):
    use("shipped")
    exhibit = signals.standings(
        measure_id="incidents_in_time", council_ids=("havering", "newham", "bexley")
    )
    assert exhibit.title == (
        "Of 3 councils: 1 getting worse and 2 as usual; none can be relied on to meet the target"
    )
    bexley = exhibit.table.rows[2]
    assert bexley[2].lines == (("Off target", "off target"),)
    assert bexley[3].lines == (("Concern", "concern"),)
    assert bexley[4].lines[0][0].startswith("Off target, and getting worse since August 2017. ")


def test_of_many_councils_those_with_a_signal_are_named_and_come_first(use):
    use("lgbf")
    councils = tuple(reference.council_names("council"))
    exhibit = signals.standings(measure_id="CORP08", council_ids=councils)
    assert exhibit.title == "Of 32 councils: 4 getting worse, 7 getting better and 21 as usual"
    assert (
        "Getting worse: Dundee City, Eilean Siar, North Lanarkshire and Renfrewshire"
        in exhibit.subtitle
    )
    assert exhibit.subtitle.index("Getting worse") < exhibit.subtitle.index("Improving")
    assert [r[0].lines[0][0] for r in exhibit.table.rows][:2] == ["Dundee City", "Eilean Siar"]
    assert not exhibit.table_first


def test_figures_over_rolling_months_have_a_verdict_and_no_signal(use):
    use("shipped")
    councils = ("havering", "newham")
    exhibit = signals.standings(measure_id="sickness_days", council_ids=councils)
    assert exhibit.table.rows[1][4].lines[0][0] == "Off target; there is no control chart of it."
    assert "covers 12 months" in _control(*councils, measure_id="sickness_days").empty


# Funnels


def test_limits_of_chance_are_those_worked_by_hand():
    # 3 of 4, of 100 cases: the standard error is sqrt(0.75 · 0.25 / 100) = 0.0433013.
    assert funnel_limits(0.75, 100, 1.96) == pytest.approx((0.6651295, 0.8348705))
    assert funnel_limits(0.75, 100, 3.09) == pytest.approx((0.6161991, 0.8838009))


def test_who_lies_outside_is_named_and_marked(plant):
    plant([measure() | {"unit": "%"}], _parts((90, 75, 60), (100, 100, 100)))
    exhibit = _funnel("a", "b", "c")
    assert exhibit.chart.centre == 0.75
    assert [(p.name, p.share, p.is_outside) for p in exhibit.chart.points] == [
        ("a", 0.9, True),
        ("c", 0.6, True),
        ("b", 0.75, False),
    ]
    assert exhibit.title == (
        "a lies above and c lies below the whole by more than chance in January 2020"
    )
    at = exhibit.chart.cases.index(100)
    assert exhibit.chart.limits_95[at] == pytest.approx((0.6651295, 0.8348705))
    assert exhibit.chart.limits_998[at] == pytest.approx((0.6161991, 0.8838009))
    (figure,) = figures(exhibit)
    assert len(_of_shape(figure, "diamond")) == 2 and len(_of_shape(figure, "circle")) == 1
    assert {t["text"][0] for t in figure["data"] if t.get("text")} == {"a", "b", "c"}
    key = text.head(exhibit)
    assert "All councils together, 75%" in key and "◆</span> Outside them" in key


def test_of_two_names_that_would_lie_on_each_other_the_one_further_out_is_written(plant):
    plant([measure() | {"unit": "%"}], _parts((90, 91, 30), (100, 100, 300)))
    (figure,) = figures(_funnel("a", "b", "c"))
    assert {t["text"][0] for t in figure["data"] if t.get("text")} == {"b", "c"}


def test_where_none_differs_the_title_says_so(plant):
    plant([measure() | {"unit": "share"}], _parts((76, 75, 74), (100, 100, 100)))
    exhibit = _funnel("a", "b", "c")
    assert exhibit.title == "No council differs from the whole by more than chance in January 2020"
    assert "Outside them" not in text.head(exhibit)


def test_limits_are_clamped_where_they_are_drawn_and_nowhere_else(plant):
    plant([measure() | {"unit": "%"}], _parts((19, 98), (20, 100)))
    exhibit = _funnel("a", "b")
    assert max(high for _, high in exhibit.chart.limits_998) == 1
    raw = dict(zip(exhibit.table.raw_columns, exhibit.table.raw_rows[0], strict=True))
    assert raw["upper_998"] == pytest.approx(0.975 + 3.09 * (0.975 * 0.025 / 20) ** 0.5)
    assert raw["upper_998"] > 1
    assert "the limits are rough" in exhibit.subtitle


def test_councils_that_were_not_chosen_are_the_rest_and_are_not_named(plant):
    plant([measure() | {"unit": "%"}], _parts((90, 75, 60), (100, 100, 100)))
    exhibit = _funnel("a")
    assert exhibit.chart.centre == 0.75
    assert [p.role for p in exhibit.chart.points] == ["a", "context", "context"]
    assert "○</span> Other councils" in text.head(exhibit)
    assert exhibit.title == "a lies above the whole by more than chance in January 2020"
    assert [p.is_labelled for p in exhibit.chart.points] == [True, False, False]


def test_the_funnel_is_of_the_newest_period_up_to_the_last_month_chosen(plant):
    rows = _parts((90, 60), (100, 100)) + _parts((70, 70), (100, 100), period="2020-02")
    plant([measure() | {"unit": "%"}], rows)
    assert _funnel("a", "b").title.startswith("No council differs")
    assert _funnel("a", "b", to_month=date(2020, 1, 1)).title.endswith("in January 2020")


@pytest.mark.parametrize(
    ("changed", "rows", "why"),
    [
        ({"unit": "%"}, series([90, 80, 90]), "are not published"),
        ({"unit": "days"}, _parts((300, 200), (100, 100)), "not a share of cases"),
        ({"unit": "%", "name": "Spending with small firms"}, _parts((30, 20), (90, 90)), "amounts"),
        ({"unit": "%"}, _parts((30.5, 20), (90, 90)), "amounts"),
        ({"unit": "%"}, _parts((30,), (90,)), "Only one council"),
        ({"unit": "%"}, _parts((90, 80), (90, 80)), "Every council has 100%"),
    ],
)
def test_where_councils_cannot_be_set_beside_each_other_it_says_why(plant, changed, rows, why):
    plant([measure() | changed], rows)
    exhibit = _funnel("a", "b")
    assert why in exhibit.empty and exhibit.chart is None


def test_thirty_two_councils_are_compared_and_the_furthest_named(use):
    use("lgbf")
    councils = tuple(reference.council_names("council"))
    exhibit = _funnel(*councils, measure_id="CORP08")
    assert len(exhibit.chart.points) == 32
    outside = [p for p in exhibit.chart.points if p.is_outside]
    assert f"{len(outside)} of 32 councils differ from the whole" in exhibit.title
    assert sum(p.is_labelled for p in exhibit.chart.points) == 8
    assert "More than half lie outside" in exhibit.subtitle
    drawn = figures(exhibit)[0]["data"]
    assert len(drawn) == 5 + 32
    written = {t["text"][0] for t in drawn if t.get("text")}
    assert "North Lanarkshire" in written


def test_every_published_measure_has_its_exhibits_or_a_reason(use):
    use("lgbf")
    councils = tuple(reference.council_names("council"))
    for measure_id in reference.measures():
        chosen = {"measure_id": measure_id, "council_ids": councils[:3]}
        for exhibit in (
            signals.control(**chosen, **SPAN),
            signals.standings(**chosen),
            _funnel(*councils, measure_id=measure_id),
        ):
            assert exhibit.empty or exhibit.table
            if exhibit.chart:
                assert figures(exhibit) and exhibit.alt


# The page


def test_the_passport_says_how_it_is_calculated_and_where_the_newest_figure_stands(use):
    use("shipped")
    said = dict(measures.passport(measure_id="incidents_in_time").table.raw_rows)
    assert said["How it is calculated"] == "numerator ÷ denominator × 100"
    version = reference.workspace()["data_version"]
    assert said["Newest figure"] == (
        f"March 2018, from performance/performance-2018-03.csv, data version {version}"
    )
    assert said["Next review"] == "30 June 2018"
    counted = dict(measures.passport(measure_id="waivers").table.raw_rows)
    assert counted["How it is calculated"].startswith("Reported as it is")


def test_the_page_shows_signal_before_trend_and_comparison_before_passport(use):
    use("shipped")
    startup.prepare.cache_clear()
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60)
    app.query_params["service"] = "ICT"
    app.query_params["measure"] = "Incidents resolved within the agreed time"
    app.run()
    app.switch_page("pages/measure.py").run()
    assert not app.exception
    heads = [h.value for h in app.get("html") if "<h2" in h.value]
    begins = [h.split(">", 1)[1].split("</h2>")[0] for h in heads]
    expected = (
        "Bexley is getting worse",
        "Of 3 councils:",
        "What the marks mean",
        "Incidents resolved within the agreed time: Havering 92%",
        "No council differs",
        "What this measure is",
        "Together:",
    )
    assert len(begins) == len(expected)
    for said, start in zip(begins, expected, strict=True):
        assert said.startswith(start)


def test_seven_misses_in_a_row_are_not_put_down_to_chance():
    row = _ROW | {"verdict": "close", "assurance": "hit and miss"}
    assert signals.standing(row | {"missed_in_a_row": 6}).startswith(
        "Close to target this time; by chance it will be met at other times."
    )
    assert signals.standing(row | {"missed_in_a_row": 7}) == (
        "Close to target, 7 times in a row. Usual variation, hit and miss: the target of 90% lies "
        "within the usual range, 84% to 95%, but so many misses in a row are more than chance: do "
        "not expect it to be met unless something changes."
    )


def test_standings_count_the_misses_up_to_the_newest_figure(plant):
    target = {"measure_id": "m", "from": "2000-04-01", "target": 90, "rule": "no_tolerance"}
    plant([measure()], series([91, *[88, 89] * 6]), [target])
    exhibit = signals.standings(measure_id="m", council_ids=("a",))
    said = exhibit.table.rows[0][4].lines[0][0]
    assert said.startswith("Off target, 12 times in a row. Usual variation, hit and miss")
