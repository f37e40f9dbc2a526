"""A kind of chart is one module with all that it can do, and nothing else asks which kind it is."""

import ast
import json
import typing
from datetime import date
from pathlib import Path

import pytest

from dashboard import settings
from dashboard.exhibits import charts
from dashboard.exhibits.charts import (
    Bar,
    Bars,
    Bridge,
    Dots,
    Event,
    Funnel,
    FunnelPoint,
    Line,
    Mark,
    Panel,
    Part,
    Quadrants,
    Spot,
    Stack,
    Step,
    Trend,
)
from dashboard.exhibits.exhibit import Exhibit, Table
from dashboard.exhibits.story import Slide
from dashboard.render import cards, kinds, text
from dashboard.stories.frozen import NotAnExhibit, freeze, thaw

MONTHS = (date(2018, 2, 1), date(2018, 3, 1))
TREND = Trend(
    (Panel("Calls", "number", (Line("Bexley", "bexley", MONTHS, (1.0, 2.0), ("", "")),)),),
    (Event(MONTHS[1], "<Bexley> joins"),),
)
# One of each kind, and what a reader calls it.
CHARTS = {
    "Line chart": TREND,
    "Bar chart": Bars(("ICT",), ("£3m",), (Bar("Actual", "actual", (3e6,), ("",)),), "£"),
    "Funnel chart": Funnel(
        (FunnelPoint("Bexley", "bexley", 40, 0.6, "", False, True),),
        0.5,
        (20.0, 80.0),
        ((0.3, 0.7), (0.4, 0.6)),
        ((0.2, 0.8), (0.3, 0.7)),
        "cases",
    ),
    "Bridge chart": Bridge(
        (Step("Budget", "start", 0, 0, "£1m", ""), Step("Pay", "step", 0, 5, "£5", "", "over")),
        "£",
        "budget",
    ),
    "Dot plot": Dots(("ICT",), ("40",), (Mark("Now", "now", (0.5,), ("",), ((0.4, 0.6),)),), 0.7),
    "Stacked bar chart": Stack(("ICT",), ("40",), (Part("very_satisfied", (1.0,), ("",)),)),
    "Quadrant chart": Quadrants(
        (Spot("ICT", "ict", (1.0, 0.5), (2.0, 0.4), ""),),
        *("£", "share", 1.5, 0.5, "cost", "quality", "half cost", "half quality"),
        corners=(("a", "b"),) * 4,
        sentences=("Cheap & good: ICT.",),
    ),
}


def an_exhibit(chart: charts.Chart | None, table: Table | None = None) -> Exhibit:
    # What is remembered of an exhibit goes by its name.
    name = f"costs.{type(chart).__name__}"
    return Exhibit(name, (), "v1", "/somewhere", "A finding", chart=chart, table=table)


@pytest.fixture(params=CHARTS)
def named(request) -> str:
    return request.param


def test_each_chart_that_an_exhibit_may_have_is_of_a_kind_and_has_a_name_of_its_own():
    assert set(kinds.KINDS) == {*typing.get_args(charts.Chart), type(None)}
    assert {kind.name: cls for cls, kind in kinds.KINDS.items() if kind.name} == {
        name: type(chart) for name, chart in CHARTS.items()
    }


def test_a_kind_is_drawn_divided_told_in_numbers_and_keyed(named):
    exhibit = an_exhibit(CHARTS[named])
    (figure,) = kinds.figures(exhibit)
    ((part,),) = kinds.parts(exhibit)
    (plot,) = kinds.plots(exhibit)
    assert figure["data"] and part["data"]
    assert any(v is not None for series in plot.series for v in series.values)
    assert kinds.key(exhibit)
    kinds.KINDS[type(exhibit.chart)].check(exhibit.chart)


def test_a_kind_is_kept_as_text_and_comes_back_whole(named):
    assert thaw(freeze(an_exhibit(CHARTS[named]))).chart == CHARTS[named]


def test_a_story_calls_each_chart_what_it_is(named):
    said = cards.slide(Slide("1", an_exhibit(CHARTS[named])), 1, "")
    assert f"Overview page · {named} · data version v1 · " in said
    assert ("Line chart" in said) == (named == "Line chart")


def test_what_has_no_chart_has_no_kind_and_is_a_table_or_nothing():
    table = Table("Cost", ("Cost",), (), ("cost",), ())
    nothing, tabled = an_exhibit(None), an_exhibit(None, table)
    assert " · Table · " in cards.slide(Slide("1", tabled), 1, "")
    assert kinds.of(nothing).name == "" and kinds.plots(nothing) == () and kinds.key(nothing) == {}
    assert kinds.events(nothing) == () and kinds.beneath(nothing) == ""
    with pytest.raises(TypeError, match="an exhibit without a chart can't be drawn"):
        kinds.figures(nothing)


def test_beneath_stand_the_events_of_a_trend_and_what_lies_in_each_quadrant():
    trend, quadrants = (an_exhibit(CHARTS[n]) for n in ("Line chart", "Quadrant chart"))
    assert kinds.events(trend) == ("A March 2018: <Bexley> joins",)
    assert kinds.beneath(trend) == (
        '<ul class="os-events"><li><b>A</b> March 2018: &lt;Bexley&gt; joins</li></ul>'
    )
    assert kinds.beneath(quadrants) == (
        '<ul class="os-quadrants"><li>Cheap &amp; good: ICT.</li></ul>'
    )
    assert kinds.beneath(quadrants) in text.foot(quadrants)


def test_a_funnel_that_an_earlier_version_kept_still_opens():
    funnel = CHARTS["Funnel chart"]
    kept = freeze(an_exhibit(funnel))
    before = kept.replace('"is":"FunnelPoint"', '"is":"Place"').replace('"points":', '"places":')
    assert before.count("Place") == 1 and "points" not in before
    assert thaw(before).chart == funnel


def test_no_class_but_those_of_exhibits_is_made_from_a_text():
    with pytest.raises(NotAnExhibit, match="'Kind'"):
        thaw(json.dumps({"is": "Kind"}))


ROOMS = ("app.py", "pages/*.py", "dashboard/**/*.py")
# Those who make charts, those who draw them, and the list of what a text may hold.
MAY_KNOW = ("dashboard/exhibits/", "dashboard/render/kinds/", "dashboard/stories/frozen.py")


@pytest.mark.parametrize(
    "file", [p.relative_to(settings.ROOT).as_posix() for g in ROOMS for p in settings.ROOT.glob(g)]
)
def test_what_depends_on_a_kind_is_asked_of_its_module(file):
    tree = ast.parse(Path(settings.ROOT, file).read_text(encoding="utf-8"))
    names = {one.__name__ for one in typing.get_args(charts.Chart)}
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    if not file.startswith(MAY_KNOW):
        assert "dashboard.exhibits.charts" not in modules
    asked = {
        name.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "isinstance"
        for name in ast.walk(call.args[1])
        if isinstance(name, ast.Name)
    }
    assert not asked & names
