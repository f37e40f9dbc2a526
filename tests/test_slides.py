"""A story as a presentation, opened again by independent readers: python-pptx, zip and lxml."""

import io
import itertools
import posixpath
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import openpyxl
import pytest
from lxml import etree
from pptx import Presentation

from dashboard import theme
from dashboard.exhibits import costs, funnel, measures, reference, satisfaction, signals
from dashboard.exhibits.charts import Bar, Bars, Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Exhibit, Provenance, Table
from dashboard.exhibits.story import Slide, Story
from dashboard.render import kinds, lettering, native, slides
from dashboard.render.native import Axis, Plot
from dashboard.warehouse import fetch
from tests.every_exhibit import every

AT = datetime(2018, 4, 26, 9, 30, tzinfo=UTC)
MONTHS = tuple(date(2017, m, 1) for m in range(1, 7))
POINT = 12_700
NAMES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "ct": "http://schemas.openxmlformats.org/package/2006/content-types",
    "rel": "http://schemas.openxmlformats.org/package/2006/relationships",
}
# A control character, half of none, markup, a picture, right to left, and what a sheet would run.
EVIL = "=cmd|'/c calc'!A1 \x00\x0b\x1b<b>&amp;]]> 😀 שלום \ufffe " + "W" * 90
# The order in which ECMA-376 wants what we put in beside what python-pptx writes.
ORDERS = {
    "c:dateAx": "axId scaling delete axPos majorGridlines minorGridlines title numFmt "
    "majorTickMark minorTickMark tickLblPos spPr txPr crossAx crosses auto lblOffset "
    "baseTimeUnit majorUnit majorTimeUnit",
    "c:valAx": "axId scaling delete axPos majorGridlines minorGridlines title numFmt "
    "majorTickMark minorTickMark tickLblPos spPr txPr crossAx crosses crossBetween majorUnit",
    "c:legend": "legendPos legendEntry layout overlay spPr txPr",
    "c:plotArea": "layout barChart lineChart scatterChart valAx catAx dateAx valAx",
    "c:chart": "title autoTitleDeleted plotArea legend plotVisOnly dispBlanksAs showDLblsOverMax",
    "c:lineChart": "grouping varyColors ser dLbls marker smooth axId",
    "c:lineChart/c:ser": "idx order tx spPr marker dPt dLbls trendline errBars cat val smooth",
    "c:scatterChart/c:ser": "idx order tx spPr marker dPt dLbls trendline errBars xVal yVal smooth",
    "c:barChart/c:ser": "idx order tx spPr invertIfNegative dPt dLbls cat val",
    "a:tcPr": "lnL lnR lnT lnB noFill solidFill",
}


def story(*shown: Exhibit | Slide, title: str = "Where we stand") -> Story:
    made = (x if isinstance(x, Slide) else Slide(str(n), x) for n, x in enumerate(shown))
    return Story("one", title, tuple(made), AT)


def an_exhibit(chart=None, table=None, **more) -> Exhibit:
    given = {
        "title": "Voids rose to 9.3%",
        "subtitle": "Share of units, lower is better.",
        "alt": "A line that rises",
        "provenance": Provenance("Council papers", "v1", True, "Head of Assets"),
        **more,
    }
    named = (("council_ids", ("newham",)), ("from_month", MONTHS[0]), ("to_month", MONTHS[-1]))
    return Exhibit("test.one", named, "v1", "here", chart=chart, table=table, **given)


def a_line(name="Newham", role="newham", values=(1.0, 2.0, None, 4.0, 5.0, 6.0), **more) -> Line:
    return Line(name, role, MONTHS, values, (), **more)


def a_trend(*lines: Line, unit="%", panels: int = 1, **more) -> Trend:
    order = ("havering", "newham")
    return Trend(
        tuple(Panel(f"Panel {n}" if panels > 1 else "", unit, lines) for n in range(panels)),
        council_order=order,
        **more,
    )


def opened(made: Story) -> Presentation:
    return Presentation(io.BytesIO(slides.write(made)))


def charts(show: Presentation) -> list:
    return [s.chart for one in show.slides for s in one.shapes if s.has_chart]


def tables(show: Presentation) -> list:
    return [s.table for one in show.slides for s in one.shapes if s.has_table]


def told(show: Presentation) -> str:
    """All words that can be seen, cells included."""
    frames = [s.text_frame for one in show.slides for s in one.shapes if s.has_text_frame]
    frames += [c.text_frame for t in tables(show) for row in t.rows for c in row.cells]
    return "\n".join(f.text for f in frames)


def drawn(series) -> dict[float, float]:
    """What the chart's own XML says: values by day or number, gaps left out."""
    e = series._element
    x, y = (
        {int(p.get("idx")): p[0].text for p in e.xpath(path)}
        for path in ("(./c:cat|./c:xVal)//c:pt", "(./c:val|./c:yVal)//c:pt")
    )
    return {x[i]: float(v) for i, v in y.items()}


def day(text: str) -> date:
    return date.fromordinal(int(float(text)) + date(1899, 12, 30).toordinal())


@pytest.fixture(scope="module")
def everything(workspace_of):
    """Every exhibit on the shipped data in one story, and the presentation of it."""
    with pytest.MonkeyPatch.context() as patch:
        workspace = workspace_of("shipped")
        for name in ("data", "contract", "warehouse"):
            patch.setenv(name.upper(), str(getattr(workspace, name)))
        found = [e for e in every() if not e.name.startswith("data._")]
        asked = "What do you think happened to Bexley’s satisfaction?"
        made = story(
            *(
                # Numbered, as some exhibits are titled alike.
                Slide(str(n), e, f"{n}. {e.title}", "Pause here", asked * (n % 9 == 0))
                for n, e in enumerate(found)
            )
        )
        yield made, slides.write(made)


# What an independent reader finds in each presentation that comes out.


def test_every_exhibit_comes_out_as_something_native_and_never_blank(everything):
    made, written = everything
    show = Presentation(io.BytesIO(written))
    by_title = {s.title: [] for s in made.slides}
    for one in show.slides:
        title = re.sub(r" \(\d of \d\)$", "", one.shapes.title.text)
        if title in by_title:
            by_title[title].append(one)
    for slide in made.slides:
        own = by_title[slide.title]
        assert own, slide.exhibit.name
        for one in own:
            native = [s for s in one.shapes if s.has_chart or s.has_table]
            said = [s for s in one.shapes if s.has_text_frame and s.name == "Instead of a chart"]
            assert native or (said and said[0].text_frame.text == slide.exhibit.empty)
    assert not [s for one in show.slides for s in one.shapes if s.shape_type == 13], "no pictures"
    assert len(charts(show)) > 60


def test_the_package_is_whole(everything):
    for written in (everything[1], slides.write(hostile())):
        with zipfile.ZipFile(io.BytesIO(written)) as package:
            assert package.testzip() is None
            names = set(package.namelist())
            assert len(names) == len(package.namelist())
            parsed = {
                n: etree.fromstring(package.read(n)) for n in names if n.endswith((".xml", ".rels"))
            }
        types = parsed["[Content_Types].xml"]
        defaults = types.xpath("ct:Default/@Extension", namespaces=NAMES)
        overrides = {x.lstrip("/") for x in types.xpath("ct:Override/@PartName", namespaces=NAMES)}
        assert overrides <= names
        for name in names - {"[Content_Types].xml"}:
            assert name in overrides or name.rpartition(".")[2] in defaults, name
        for name, part in parsed.items():
            if name.endswith(".rels"):
                base = posixpath.dirname(posixpath.dirname(name))
                for one in part.xpath("rel:Relationship", namespaces=NAMES):
                    assert one.get("TargetMode") != "External"
                    to = one.get("Target")
                    to = to[1:] if to[0] == "/" else posixpath.normpath(posixpath.join(base, to))
                    assert to in names, (name, to)
            if re.match(r"ppt/slides/slide\d+\.xml", name):
                ids = part.xpath("//p:cNvPr/@id", namespaces=NAMES)
                assert len(set(ids)) == len(ids), name
            for path, order in ORDERS.items():
                wanted = order.split()
                for one in part.xpath(f"//{path}", namespaces=NAMES):
                    places = [etree.QName(x).localname for x in one]
                    if path == "c:plotArea":
                        assert places[0] == "layout" or "layout" not in places
                        continue
                    assert set(places) <= set(wanted), (path, places)
                    assert places == sorted(places, key=wanted.index), (path, places)


def test_nothing_is_smaller_than_18_points(everything):
    with zipfile.ZipFile(io.BytesIO(everything[1])) as package:
        seen = 0
        for name in package.namelist():
            if re.match(r"ppt/(slides|charts)/[a-z]+\d+\.xml", name):
                root = etree.fromstring(package.read(name))
                sizes = [int(x) for x in root.xpath("//@sz")]
                assert min(sizes) >= 1800, name
                seen += len(sizes)
                for run in root.xpath("//a:r[not(a:rPr/@sz)]", namespaces=NAMES):
                    raise AssertionError(f"{name}: {run.xpath('string()')} has no size")
        assert seen > 1000


def _box(shape) -> tuple[float, float, float, float]:
    left, top = shape.left / POINT, shape.top / POINT
    return left, top, left + shape.width / POINT, top + shape.height / POINT


def test_nothing_lies_on_anything_else_or_off_the_slide(everything):
    for written in (everything[1], slides.write(hostile())):
        show = Presentation(io.BytesIO(written))
        assert (show.slide_width, show.slide_height) == (960 * POINT, 540 * POINT)
        for one in show.slides:
            boxes = [(s.name, _box(s)) for s in one.shapes if s.name != "Decoration"]
            for name, (left, top, right, bottom) in boxes:
                assert left >= 0 and top >= 0, name
                assert right <= 960.1 and bottom <= 540.1, (one.shapes.title.text, name, bottom)
            for (n, a), (m, b) in itertools.combinations(boxes, 2):
                apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
                assert apart, (one.shapes.title.text, n, m)


def test_words_fit_their_boxes(everything):
    for written in (everything[1], slides.write(hostile())):
        for one in Presentation(io.BytesIO(written)).slides:
            for shape in one.shapes:
                if shape.has_text_frame and shape.name != "Decoration":
                    high = _high(shape.text_frame, shape.width / POINT)
                    assert high <= shape.height / POINT + 1, (one.shapes.title.text, shape.name)
                if shape.has_table:
                    for row in shape.table.rows:
                        for cell, column in zip(row.cells, shape.table.columns, strict=True):
                            high = _high(cell.text_frame, column.width / POINT - 12)
                            assert high <= row.height / POINT, cell.text


def _high(frame, room: float) -> float:
    return sum(
        len(lettering.lines(p.text, size, room, bold)) * size * lettering.LINE
        for p in frame.paragraphs
        if p.runs
        for size, bold in [(p.runs[0].font.size.pt, all(r.font.bold for r in p.runs))]
    )


def test_letters_are_reckoned_as_wide_as_they_are():
    place = (
        shutil.which("fc-match")
        and subprocess.run(
            ["fc-match", "-f", "%{file}", "Liberation Sans"], capture_output=True, text=True
        ).stdout
    )
    if not place or "LiberationSans-Regular" not in place:
        pytest.skip("a font with the widths of Arial's letters is not on this machine")
    from PIL import ImageFont

    font = ImageFont.truetype(place, 180)
    for said in (
        "Bexley’s satisfaction fell from 89% to 55%",
        "£1,234,567.89 – “over” (7%)",
        "WiM",
    ):
        real = font.getlength(said) / 10
        assert real <= lettering.width(said, 18) <= real * 1.1


def test_charts_and_tables_say_what_they_show_to_those_who_cannot_see_them(everything):
    made, written = everything
    alts = {s.exhibit.alt for s in made.slides}
    for one in Presentation(io.BytesIO(written)).slides:
        for shape in one.shapes:
            if shape.has_chart or shape.has_table:
                said = shape._element.xpath("./p:nvGraphicFramePr/p:cNvPr/@descr")[0]
                assert said
                assert shape.has_table or any(said.endswith(alt) for alt in alts), said


def test_every_slide_has_a_title_and_an_exhibit_s_a_foot(everything):
    made, written = everything
    show = Presentation(io.BytesIO(written))
    illustrative = {
        s.title
        for s in made.slides
        if s.exhibit.provenance and s.exhibit.provenance.is_illustrative
    }
    for one in show.slides:
        assert one.shapes.title.text
        feet = [s for s in one.shapes if s.name.startswith("Filters")]
        if feet:
            said = feet[0].text_frame.text
            assert "Data version" in said and "26 April 2018" in said and said
            title = re.sub(r" \(\d of \d\)$", "", one.shapes.title.text)
            if title in illustrative:
                assert said.startswith("Illustrative data"), title
                assert "Owner: " in said


# Each number is the one that the data has.


def test_a_line_chart_has_the_figures_of_the_query(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    months = {"from_month": date(2014, 4, 1), "to_month": date(2018, 3, 1)}
    shown = measures.trend(measure_id="foi_in_time", council_ids=councils, **months)
    (chart,) = charts(opened(story(shown)))
    rows = fetch(
        "measure_trend", measure_ids=["foi_in_time"], council_ids=councils, **months
    ).rows()
    for council in councils:
        name = reference.council_names()[council]
        wanted = {
            r["month"]: r["value"]
            for r in rows
            if r["council_id"] == council and r["value"] is not None
        }
        if not wanted:
            continue  # a council that the service doesn't serve
        (series,) = [s for s in chart.plots[0].series if s.name == name]
        assert {day(x): y for x, y in drawn(series).items()} == pytest.approx(wanted)
        colour = theme.colour_of(council, reference.council_order())
        assert str(series.format.line.color.rgb) == colour.removeprefix("#")
    assert chart.value_axis.tick_labels.number_format == '#,##0"%";"−"#,##0"%"'
    assert str(chart.chart_type) == "LINE (4)"


def test_bars_have_the_figures_of_the_query_and_what_is_written_at_their_ends(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    given = {"service_id": "ict", "council_ids": councils, "to_month": date(2018, 3, 1)}
    (chart,) = charts(opened(story(costs.to_date(**given))))
    rows = [
        r
        for r in fetch("standing_costs", **given).rows()
        if r["council_id"] and not r["service_id"]
    ]
    rows = rows or [r for r in fetch("standing_costs", **given).rows() if r["council_id"]]
    names = reference.council_names()
    series = {s.name: drawn(s) for s in chart.plots[0].series}
    for name, column in (("Actual", "actual_gbp"), ("Budget", "budget_gbp")):
        assert series[name] == {names[r["council_id"]]: float(r[column]) for r in rows}
    said = chart.plots[0].series[0]._element.xpath(".//c:dLbl//a:t")
    assert len(said) == len(rows) and all("£" in x.text for x in said)


def test_a_funnel_has_its_points_and_its_limits(use):
    use("shipped")
    shown = funnel.compared(
        measure_id="foi_in_time",
        council_ids=tuple(reference.council_names("council")),
        to_month=date(2018, 3, 1),
    )
    (chart,) = charts(opened(story(shown)))
    series = {s.name: list(drawn(s).items()) for s in chart.plots[0].series}
    for place in shown.chart.points:
        assert series[place.name] == [(str(place.cases), pytest.approx(place.share))]
    limits = [s for s in chart.plots[0].series if s.name == "99.8% limits"]
    assert [[*drawn(s).values()] for s in limits] == [
        pytest.approx([low for low, _ in shown.chart.limits_998]),
        pytest.approx([high for _, high in shown.chart.limits_998]),
    ]


def test_a_control_chart_has_limits_and_its_signals_by_shape_and_name(use):
    use("shipped")
    shown = signals.control(
        measure_id="voids",
        council_ids=("newham",),
        from_month=date(2014, 4, 1),
        to_month=date(2018, 3, 1),
    )
    (chart,) = charts(opened(story(shown)))
    (panel,) = shown.chart.panels
    series = {s.name: s for s in chart.plots[0].series}
    figures = next(x for x in panel.lines if x.role == "series")
    by_month = dict(zip(figures.months, figures.values, strict=True))
    assert {day(x): y for x, y in drawn(series[figures.name]).items()} == by_month
    concerns = {
        m: v
        for m, v, mark in zip(figures.months, figures.values, figures.marks, strict=True)
        if mark == "concern"
    }
    assert concerns
    marked = series["Concern"]
    assert {day(x): y for x, y in drawn(marked).items()} == concerns
    assert marked.marker.style.name == "SQUARE"
    assert str(marked.marker.format.fill.fore_color.rgb) == theme.SIGNALS["concern"][0][1:]
    limits = next(x for x in panel.lines if x.role == "limit")
    assert set(drawn(series[limits.name]).values()) <= {v for x in panel.lines for v in x.values}


def test_what_is_suppressed_is_nowhere_in_the_file(use):
    use("shipped")
    shown = satisfaction.services_over_time(
        council_ids=("havering", "newham", "bexley"),
        from_month=date(2014, 4, 1),
        to_month=date(2018, 3, 1),
    )
    known = {v for p in shown.chart.panels for x in p.lines for v in x.values}
    assert None in known, "the shipped data has a cell that is suppressed"
    show = opened(story(shown))
    for chart in charts(show):
        for series in chart.plots[0].series:
            assert set(drawn(series).values()) <= known
    assert "Nothing is shown of fewer than 10 people" in told(show)


@pytest.mark.parametrize(
    ("unit", "step", "code"),
    [
        ("£", 5e9, '"£"#,##0,,,"bn";"−£"#,##0,,,"bn"'),
        ("£", 5e5, '"£"#,##0.0,,"m";"−£"#,##0.0,,"m"'),
        ("£", 500, '"£"#,##0;"−£"#,##0'),
        ("£", 0.5, '"£"#,##0.00;"−£"#,##0.00'),
        ("£m", 0.5, '"£"#,##0.0"m";"−£"#,##0.0"m"'),
        ("share", 0.2, "0%"),
        ("share", 0.005, "0.0%"),
        ("%", 0.25, '#,##0.00"%";"−"#,##0.00"%"'),
        ("days", 2, '#,##0" days";"−"#,##0" days"'),
        ("per 1,000 staff", 5, '#,##0;"−"#,##0'),
        (None, 0.1, '#,##0.0;"−"#,##0.0'),
    ],
)
def test_figures_on_axes_read_as_they_do_on_screen(unit, step, code):
    assert native.code(unit, step) == code


# How a slide is made.


def test_a_gap_stays_a_gap_in_lines_and_in_points():
    (chart,) = charts(opened(story(an_exhibit(a_trend(a_line())))))
    assert [*drawn(chart.plots[0].series[0]).values()] == [1, 2, 4, 5, 6]
    assert chart._chartSpace.xpath("//c:dispBlanksAs/@val") == ["gap"]
    # Told at fewer times than the line beside it: each then has its own times.
    other = Line("Havering", "havering", MONTHS[::3], (3.0, 7.0), ())
    (chart,) = charts(opened(story(an_exhibit(a_trend(a_line(), other)))))
    assert "SCATTER" in str(chart.chart_type)
    first, second = chart.plots[0].series
    assert [*drawn(first).values()] == [1, 2, 4, 5, 6]
    assert {day(x): y for x, y in drawn(second).items()} == {MONTHS[0]: 3, MONTHS[3]: 7}


def test_a_target_is_dashed_and_holds_until_the_next():
    target = Line("Target", "target", MONTHS[::5], (4.0, 4.0), (), is_stepped=True)
    (chart,) = charts(opened(story(an_exhibit(a_trend(a_line(), target)))))
    drawn_target = chart.plots[0].series[1]
    assert [*drawn(drawn_target).values()] == [4.0] * 6
    assert drawn_target.format.line.dash_style.name == "DASH"


def test_a_provisional_figure_is_hollow_and_named():
    line = a_line(provisional=(False,) * 5 + (True,))
    (chart,) = charts(opened(story(an_exhibit(a_trend(line)))))
    hollow = chart.plots[0].series[1]
    assert hollow.name == "Provisional"
    assert [*drawn(hollow).values()] == [6.0]
    assert hollow._element.xpath("./c:marker/c:spPr/a:noFill")


def test_small_multiples_go_on_on_the_next_slides_on_one_scale():
    show = opened(story(an_exhibit(a_trend(a_line(), panels=13, same_scale=True))))
    titles = [s.shapes.title.text for s in show.slides][1:]
    assert titles == [f"Voids rose to 9.3% ({n} of 3)" for n in (1, 2, 3)]
    assert [len([s for s in one.shapes if s.has_chart]) for one in show.slides] == [0, 5, 5, 3]
    assert (
        len({(c.value_axis.minimum_scale, c.value_axis.maximum_scale) for c in charts(show)}) == 1
    )
    assert [c.chart_title.text_frame.text for c in charts(show)][:2] == ["Panel 0", "Panel 1"]
    assert "Charts 6 to 10 of 13." in told(show)


def test_events_are_lettered_in_the_chart_and_said_in_the_notes():
    trend = a_trend(a_line(), events=(Event(MONTHS[3], "Shops empty"),))
    show = opened(story(an_exhibit(trend)))
    (chart,) = charts(show)
    assert [x.text for x in chart._chartSpace.xpath("//c:dLbl//a:t")] == ["A"]
    assert "Event A April 2017: Shops empty" in show.slides[1].notes_slide.notes_text_frame.text


def test_a_question_stands_alone_before_its_exhibit_and_the_notes_are_in_the_notes():
    shown = Slide("a", an_exhibit(a_trend(a_line())), "Our own words", "Pause", "What happened?")
    show = opened(story(shown))
    assert [s.shapes.title.text for s in show.slides] == [
        "Where we stand", "What happened?", "Our own words",
    ]  # fmt: skip
    asked = show.slides[1]
    assert not [s for s in asked.shapes if s.has_chart or s.has_table]
    assert asked.shapes.title.text_frame.paragraphs[0].runs[0].font.size.pt == 54
    notes = show.slides[2].notes_slide.notes_text_frame.text.split("\n")
    assert notes[:3] == ["Pause", "Question asked first: What happened?",
                         "Finding: Voids rose to 9.3%"]  # fmt: skip
    assert "In words: A line that rises" in notes
    assert "What is drawn: Share of units, lower is better." in notes


def a_table(rows: int = 38, columns: int = 3) -> Table:
    cells = tuple(
        tuple(
            Cell.of(f"Row {r + 1}") if c == 0 else Cell.of(f"{r}.{c}", "off target")
            for c in range(columns)
        )
        for r in range(rows)
    )
    heads = tuple(f"Column {c + 1}" for c in range(columns))
    raw = tuple(tuple(range(columns)) for _ in range(rows))
    return Table("Voids", heads, cells, heads, raw, figures=frozenset({1}))


def test_a_long_table_goes_on_with_its_head_and_says_which_rows():
    show = opened(story(an_exhibit(table=a_table(), table_first=True)))
    found = tables(show)
    assert [r.cells[0].text for t in found for r in [*t.rows][1:]] == [
        f"Row {n}" for n in range(1, 39)
    ]
    assert {t.rows[0].cells[1].text for t in found} == {"Column 2"}
    assert all(t.first_row for t in found)
    first = len(found[0].rows) - 1
    assert f"Rows 1 to {first} of 38." in told(show)


def test_a_table_that_never_ends_says_where_the_rest_is():
    show = opened(story(an_exhibit(table=a_table(500), table_first=True)))
    assert len(tables(show)) == slides.MOST_SLIDES
    last = [*tables(show)[-1].rows][-1]
    number = last.cells[0].text.removeprefix("Row ")
    assert f"of 500 (those after {number} are in the workbook)." in told(show)


def test_columns_that_are_too_many_go_on_beside_the_first():
    show = opened(story(an_exhibit(table=a_table(3, 30), table_first=True)))
    heads = [[c.text for c in t.rows[0].cells] for t in tables(show)]
    assert all(h[0] == "Column 1" for h in heads)
    assert [c for h in heads for c in h[1:]] == [f"Column {n}" for n in range(2, 31)]
    assert "columns 2 to" in told(show).lower()


def test_a_verdict_is_a_shape_and_words():
    show = opened(story(an_exhibit(table=a_table(1), table_first=True)))
    assert tables(show)[0].rows[1].cells[1].text == "■ 0.1"


def test_what_has_no_native_chart_becomes_its_table():
    class Unheard(Bars):
        """A chart of a kind that no document knows."""

    odd = Unheard(("a",), ("",), (Bar("Actual", "actual", (1.0,), ("",)),), "£")
    show = opened(story(an_exhibit(odd, a_table(2))))
    assert not charts(show) and len(tables(show)) == 1


def a_bridge() -> Plot:
    """From zero up to 5, on to 8, back to −2, and what that comes to."""
    spans = (("Over", 0.0, 5.0), ("Over", 5.0, 8.0), ("Under", 8.0, -2.0), ("Total", 0.0, -2.0))
    colours = {"Over": "#CA3535", "Under": "#0F7A52", "Total": "#595959"}
    names = ("ICT", "HR", "Legal", "Together")
    scale = Axis(-5, 10, 5, native.code("£", 5))
    series = native.floating(spans, colours)
    return Plot("bars", "", series, scale, scale.code, names, is_stacked=True)


def test_bars_that_float_are_stacked_on_bars_that_are_not_seen(monkeypatch):
    class Bridge(Bars):
        """A chart that has a way of its own to be told."""

    as_plots = replace(kinds.KINDS[Bars], plots=lambda _: (a_bridge(),))
    monkeypatch.setitem(kinds.KINDS, Bridge, as_plots)
    (chart,) = charts(opened(story(an_exhibit(Bridge((), (), (), "£")))))
    assert chart.chart_type.name == "BAR_STACKED"
    assert chart.plots[0].overlap == 100
    told = [(s.name, [*s.values]) for s in chart.plots[0].series]
    assert told == [
        ("Begins at", [0, 5, 0, 0]),
        ("Over", [5, 3, None, None]),
        ("Under", [None, None, 8, None]),
        ("Under", [None, None, -2, None]),
        ("Total", [None, None, None, -2]),
    ]
    assert chart.plots[0].series[0]._element.xpath("./c:spPr/a:noFill")
    # The key names what is seen, and each once.
    assert chart._chartSpace.xpath("//c:legendEntry/c:idx/@val") == ["0", "3"]


def test_an_empty_exhibit_says_what_to_do():
    show = opened(story(an_exhibit(empty="Choose a longer time.")))
    assert "Choose a longer time." in told(show)


def test_an_exhibit_of_words_alone_is_not_blank():
    assert "A line that rises" in told(opened(story(an_exhibit())))


def test_a_story_without_slides_is_a_title():
    show = opened(story())
    assert len(show.slides) == 1 and "no slides yet" in told(show)


def test_thirty_two_councils_are_one_line_in_the_key():
    lines = [a_line(f"Council {n}", "context") for n in range(31)]
    show = opened(story(an_exhibit(a_trend(*lines, a_line()))))
    (chart,) = charts(show)
    assert len(chart.plots[0].series) == 32
    assert not chart.has_legend
    (key,) = [s.text_frame.text for s in show.slides[1].shapes if s.name == "Key"]
    assert key.replace("\xa0", " ").split("   ")[:2] == ["—— Each council", "—— Newham"]


def test_bars_for_thirty_two_councils_are_all_there():
    names = tuple(f"The Royal Borough of Somewhere {n}" for n in range(32))
    bars = Bars(names, ("£1",) * 32, (Bar("Actual", "actual", (1.0,) * 32, ("",) * 32),), "£")
    found = charts(opened(story(an_exhibit(bars))))
    assert [c for chart in found for c in chart.plots[0].categories] == list(names)
    assert len({c.value_axis.maximum_scale for c in found}) == 1


def hostile() -> Story:
    """A story in which every text is as bad as a text can be."""
    cells = ((Cell.of(EVIL, "close"), Cell.of(EVIL)),) * 30
    table = Table(EVIL, (EVIL, EVIL), cells, (EVIL, EVIL), ((EVIL, 1),) * 30)
    line = Line(EVIL, EVIL, MONTHS, (1e12, -1e12, None, 0.0, 1e-9, 5.0), (), (True,) * 6)
    trend = Trend((Panel(EVIL, EVIL, (line,)),) * 2, (Event(MONTHS[1], EVIL),))
    bars = Bars((EVIL, "b"), (EVIL, EVIL), (Bar(EVIL, "actual", (-1.0, None), ("", "")),), "£")
    shown = [
        an_exhibit(
            chart,
            rows,
            title=EVIL * 4,
            subtitle=EVIL * 9,
            alt=EVIL,
            table_first=rows is not None,
            provenance=Provenance(EVIL, EVIL, True, EVIL, (EVIL,) * 9),
        )
        for chart, rows in ((trend, None), (bars, None), (None, table))
    ]
    return story(
        *(Slide(str(n), e, EVIL * 5, EVIL, EVIL * 5) for n, e in enumerate(shown)), title=EVIL * 3
    )


def test_hostile_words_are_words():
    show = opened(hostile())
    said = told(show)
    assert "<b>&amp;]]> 😀" in said
    assert "\x00" not in said and "\x1b" not in said
    assert len(charts(show)) >= 3 and tables(show)
    assert "\x00" not in show.slides[2].notes_slide.notes_text_frame.text


def test_the_sheet_behind_a_chart_runs_nothing():
    show = opened(hostile())
    for chart in charts(show):
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
        assert any(str(c.value).startswith("=cmd") for c in cells)
        assert {c.data_type for c in cells} <= {"s", "n", "d"}


def test_the_same_story_makes_the_same_slides():
    one, other = (
        {n: p.read(n) for n in p.namelist()}
        for p in (zipfile.ZipFile(io.BytesIO(slides.write(hostile()))) for _ in range(2))
    )
    assert one == other


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_makes_a_pdf_of_it(everything, tmp_path):
    deck = tmp_path / "deck.pptx"
    deck.write_bytes(everything[1])
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "pdf", "--outdir", tmp_path, deck],
        check=True,
        timeout=300,
        capture_output=True,
    )
    pdf = (tmp_path / "deck.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    assert pages == len(Presentation(deck).slides)
