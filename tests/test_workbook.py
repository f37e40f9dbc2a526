"""A story as a workbook, opened again by an independent reader: openpyxl."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from lxml import etree

from dashboard.exhibits import costs, measures, reference
from dashboard.exhibits.charts import Bar, Bars
from dashboard.exhibits.exhibit import Cell, Table
from dashboard.exhibits.story import Slide
from dashboard.render import kinds, workbook
from dashboard.render.workbook import heading
from dashboard.stories import formats
from dashboard.warehouse import fetch
from tests.every_exhibit import every
from tests.test_slides import (
    AT,
    EVIL,
    a_bridge,
    a_line,
    a_table,
    a_trend,
    an_exhibit,
    hostile,
    story,
)

HEAD = 6  # the row, counted from 1, in which a table's heads stand


def opened(made) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.write(made)))


def rows(sheet, columns: int) -> list[tuple]:
    """The table's rows, as far as its filter goes."""
    last = int(re.search(r"\d+$", sheet.auto_filter.ref)[0])
    return [
        tuple(c.value for c in row)
        for row in sheet.iter_rows(min_row=HEAD + 1, max_row=last, max_col=columns)
    ]


def ranges(chart) -> list[tuple[str, str, str]]:
    """Where the name, the categories and the values of each series stand."""
    found = []
    for one in chart.series:
        x = (one.cat or one.xVal).numRef or (one.cat or one.xVal).strRef
        found.append((one.tx.strRef.f, x.f, (one.val or one.yVal).numRef.f))
    return found


def at(book, place: str) -> list:
    """The values of a range such as 'Sheet'!$A$1:$A$3."""
    sheet, _, cells = place.rpartition("!")
    found = book[sheet.strip("'").replace("''", "'")][cells.replace("$", "")]
    return [c[0].value for c in found] if isinstance(found, tuple) else [found.value]


def test_every_exhibit_has_a_sheet_and_its_figures_are_numbers(use):
    use("shipped")
    found = every()
    book = opened(story(*found))
    assert book.sheetnames[0] == "Contents" and book.sheetnames[-1] == "Definitions"
    assert len(book.sheetnames) == len(found) + 2
    for exhibit, sheet in zip(found, book.worksheets[1:-1], strict=True):
        assert sheet["A1"].value == exhibit.title
        drawn = kinds.plots(exhibit)
        assert len(sheet._charts) == len(drawn)
        assert exhibit.empty or drawn or sheet.auto_filter.ref, exhibit.name
        if exhibit.empty:
            assert sheet.cell(HEAD, 1).value == exhibit.empty
            continue
        if not exhibit.table:
            continue
        names = exhibit.table.raw_columns
        assert [c.value for c in sheet[HEAD][: len(names)]] == [heading(n) for n in names]
        assert sheet.freeze_panes == "B7"
        for raw, shown in zip(exhibit.table.raw_rows, rows(sheet, len(names)), strict=True):
            for column, wanted, value in zip(names, raw, shown, strict=True):
                if column.endswith("_id") or wanted in (None, "") or isinstance(wanted, tuple):
                    continue
                if isinstance(wanted, Decimal | float | int):
                    assert value == pytest.approx(float(wanted), rel=1e-12), (exhibit.name, column)
                elif isinstance(wanted, datetime):
                    assert value == wanted.replace(tzinfo=None, microsecond=value.microsecond)
                elif isinstance(wanted, date):
                    assert value == datetime(wanted.year, wanted.month, wanted.day)
                else:
                    assert value == wanted
        for plot, chart in zip(drawn, sheet._charts, strict=True):
            for series, (name, x, y) in zip(plot.series, ranges(chart), strict=True):
                assert at(book, name) == [series.name]
                assert at(book, y) == pytest.approx(list(series.values))
                assert len(at(book, x)) == len(series.values)


def test_money_is_the_query_s_to_the_penny_and_reads_as_pounds(use):
    use("shipped")
    councils = tuple(reference.council_names("council"))
    given = {"service_id": None, "council_ids": councils, "to_month": date(2018, 3, 1)}
    sheet = opened(story(costs.to_date(**given))).worksheets[1]
    whole = next(
        r
        for r in fetch("standing_costs", **given).rows()
        if r["service_id"] is None and r["council_id"] is None
    )
    last = rows(sheet, 5)[-1]
    assert [Decimal(str(v)).quantize(Decimal("0.01")) for v in last[2:]] == [
        whole["actual_gbp"], whole["budget_gbp"], whole["year_before_gbp"],
    ]  # fmt: skip
    assert sheet.cell(HEAD, 3).value == "Actual (£)"
    assert sheet.cell(HEAD + 1, 3).number_format == '"£"#,##0.00;"−£"#,##0.00'
    assert sheet.cell(HEAD + 1, 2).number_format == "mmmm yyyy"
    assert sheet.cell(HEAD + 1, 1).value in reference.service_names().values()


def test_definitions_are_those_of_the_measures_shown(use):
    use("shipped")
    shown = measures.trend(
        measure_id="voids",
        council_ids=("newham",),
        from_month=date(2017, 4, 1),
        to_month=date(2018, 3, 1),
    )
    sheet = opened(story(shown))["Definitions"]
    passport = reference.measures()["voids"]
    assert [c.value for c in sheet[5]] == [
        "Commercial units empty", passport["definition"], "%", "lower is better",
        passport["owner_role"], passport["source"],
    ]  # fmt: skip
    assert sheet["A6"].value is None
    assert sheet.freeze_panes == "B5"


def test_the_contents_lead_to_each_sheet_and_back():
    book = opened(story(an_exhibit(a_trend(a_line())), an_exhibit(table=a_table(), title="It's")))
    contents = book["Contents"]
    links = {c.coordinate: c.hyperlink.location for r in contents for c in r if c.hyperlink}
    assert links["A5"] == "'1 Voids rose to 9.3%'!A1"
    assert links["A6"] == "'2 It''s'!A1"
    assert links["A7"] == "'Definitions'!A1"
    assert contents["B5"].value == "Voids rose to 9.3%"
    assert contents["D5"].value == "Illustrative"
    for sheet in book.worksheets[1:]:
        found = [c.hyperlink.location for r in sheet for c in r if c.hyperlink]
        assert found == ["'Contents'!A1"]


def test_a_sheet_says_where_its_figures_are_from():
    sheet = opened(story(Slide("a", an_exhibit(table=a_table(2)), "Ours", "Pause"))).worksheets[1]
    said = [c.value for c in sheet["A"] if c.value]
    assert said[0] == "Ours"
    assert said[2].startswith("Illustrative data · ")
    assert "Notes: Pause" in said
    assert said[-1].startswith("Illustrative data") and "Owner: Head of Assets" in said[-1]
    assert said[-1].endswith("Data version v1 · 26 April 2018")


def test_a_figure_that_is_not_there_is_an_empty_cell_and_a_gap():
    table = Table("T", ("a",), ((Cell.of("x"),),), ("month", "value"), ((date(2018, 3, 1), None),))
    made = story(an_exhibit(a_trend(a_line()), table))
    book = opened(made)
    sheet = book.worksheets[1]
    assert sheet.cell(HEAD + 1, 2).value is None
    (chart,) = sheet._charts
    assert at(book, ranges(chart)[0][2]) == [1, 2, None, 4, 5, 6]
    assert chart.display_blanks == "gap"
    with zipfile.ZipFile(io.BytesIO(workbook.write(made))) as package:
        # Else a filter on the table would take points out of the chart beside it.
        assert b"plotVisOnly" not in package.read("xl/charts/chart1.xml")


def test_nothing_is_a_formula_or_a_link_outside():
    values = ("=1+1", "+1", "-1", "@x", "\t=1", "http://evil.example", "mailto:x@y", EVIL)
    table = Table("T", ("a",), ((Cell.of("x"),),) * 8, ("=name",), tuple((v,) for v in values))
    bars = Bars(("=1+1",), ("=2+2",), (Bar("=3+3", "actual", (1.0,), ("",)),), "£")
    shown = an_exhibit(bars, table, title="=HYPERLINK(1)")
    for made in (story(Slide("a", shown, "=1", "=2", "=3"), title="=4"), hostile()):
        written = workbook.write(made)
        with zipfile.ZipFile(io.BytesIO(written)) as package:
            for name in package.namelist():
                root = etree.fromstring(package.read(name))
                if name.startswith("xl/worksheets/sheet"):
                    assert not root.xpath("//*[local-name()='f']"), name
                if name.startswith("xl/charts/"):
                    for place in root.xpath("//*[local-name()='f']/text()"):
                        assert re.fullmatch(r"'.*'!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?", place), place
                assert not root.xpath("//@TargetMode[.='External']"), name
    sheet = opened(story(shown)).worksheets[1]
    assert [r[0] for r in rows(sheet, 1)][:6] == list(values[:6])
    assert {c.data_type for r in sheet.iter_rows() for c in r if c.value} <= {"s", "n"}


def test_bars_that_float_are_stacked(monkeypatch):
    class Bridge(Bars):
        """A chart that has a way of its own to be told."""

    as_plots = replace(kinds.KINDS[Bars], plots=lambda _: (a_bridge(),))
    monkeypatch.setitem(kinds.KINDS, Bridge, as_plots)
    book = opened(story(an_exhibit(Bridge((), (), (), "£"))))
    (chart,) = book.worksheets[1]._charts
    assert (chart.grouping, chart.overlap) == ("stacked", 100)
    assert at(book, ranges(chart)[0][2]) == [0, 5, 0, 0]
    assert chart.series[0].spPr.noFill


def test_names_of_sheets_are_valid_and_no_two_alike():
    titles = ("History", "a/b\\c:d*e?[f]", "'quoted'", "x" * 99, "x" * 99, "😀" * 40, EVIL, "")
    book = opened(story(*(Slide(str(n), an_exhibit(), t or " ") for n, t in enumerate(titles))))
    names = book.sheetnames
    assert len({n.lower() for n in names}) == len(titles) + 2
    for name in names:
        assert len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", name)
    assert names[4] == "4 " + "x" * 29


def test_thirty_two_councils_and_an_empty_story():
    lines = [a_line(f"Council {n}", "context") for n in range(32)]
    (chart,) = opened(story(an_exhibit(a_trend(*lines)))).worksheets[1]._charts
    assert len(chart.series) == 32
    assert opened(story()).sheetnames == ["Contents", "Definitions"]


def test_the_same_story_makes_the_same_bytes():
    assert workbook.write(hostile()) == workbook.write(hostile())


def test_a_workbook_says_when_its_story_was_changed():
    assert opened(story()).properties.created == AT.replace(tzinfo=None)


@pytest.mark.parametrize("to", formats.FORMATS)
def test_each_format_is_a_document_and_is_imported_only_when_written(to):
    begins = b"<!doctype html>" if to == "html" else b"PK"
    assert formats.write(story(an_exhibit()), to).startswith(begins)
