"""A story as an Excel workbook: a sheet an exhibit with typed figures and a native chart.

Text is written as text, whatever it begins with: nothing in it becomes a formula or a link. The
same story makes the same bytes.
"""

import io
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard import theme
from dashboard.exhibits import foot, reference
from dashboard.exhibits.exhibit import Exhibit, Table
from dashboard.exhibits.story import Slide, Story, Told, in_turn, silently
from dashboard.render import kinds, native
from dashboard.render.lettering import legible
from dashboard.render.native import Plot, Series

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

# What Excel itself allows: letters of a sheet's name, and of a cell.
_LONGEST_NAME, _LONGEST_TEXT = 31, 32_767
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# Spreadsheets know no day before.
_FIRST_YEAR = 1900
_LIKE_A_PLACE = re.compile(r"[^!]+!\$?[A-Z]+\$?\d")
# Columns are as wide as their words, but a sentence is broken and a flag still has its heading.
_NARROWEST, _WIDEST = 9, 48
# Rows that are looked at for how wide a column is.
_ROWS_MEASURED = 200
# The table begins beneath finding, subtitle, filters and a way back.
_HEAD_ROW = 5
# A chart's place: pixels, and the rows of 20 pixels that it takes with its title.
_CHART_WIDE, _CHART_HIGH, _CHART_ROWS = 880, 420, 23
_FORMATS = {
    "money": native.code("£", 0.01),
    "share": "0.0%",
    "month": "mmmm yyyy",
    "day": "d mmmm yyyy",
    "time": "d mmmm yyyy hh:mm",
}
_DASHES = {"dash": "dash", "dot": "round_dot", "dashdot": "dash_dot"}
_DEFINITIONS = (
    ("Measure", "name"),
    ("Definition", "definition"),
    ("Unit", "unit"),
    ("Good direction", "good_direction"),
    ("Owner", "owner_role"),
    ("Source", "source"),
)


def write(story: Story, told: Told = silently) -> bytes:
    """The story as a .xlsx file. Needs XlsxWriter, which is imported only here."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    book = Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": _FORMATS["day"],
        },
    )
    book.set_properties(
        {
            "title": legible(story.title)[:255],
            "author": "oneSource",
            "subject": legible("Data version " + ", ".join(story.data_versions))[:255],
            "created": story.changed_at.replace(tzinfo=None),
        }
    )
    looks = _Looks(book)
    contents = book.add_worksheet("Contents")
    names = [_sheet_name(nth, slide.title) for nth, slide in enumerate(story.slides, start=1)]
    sheets = [book.add_worksheet(name) for name in names]
    definitions = book.add_worksheet("Definitions")
    _contents(contents, story, names, looks)
    for slide, sheet in zip(in_turn(story.slides, told), sheets, strict=True):
        _sheet(book, sheet, slide, story.changed_at.date(), looks)
    _definitions(definitions, story, looks)
    contents.activate()
    book.close()
    return out.getvalue()


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: "Workbook") -> None:
        base = {"font_name": "Arial", "font_size": 11, "valign": "top"}
        self.text = book.add_format(base)
        self.long = book.add_format({**base, "text_wrap": True})
        self.quiet = book.add_format({**base, "font_color": theme.QUIET})
        self.title = book.add_format(
            {**base, "font_size": 16, "bold": True, "font_color": theme.PALETTE[0]}
        )
        self.bold = book.add_format({**base, "bold": True})
        self.link = book.add_format(
            {**base, "font_color": theme.SIGNALS["improvement"][0], "underline": 1}
        )
        self.head = book.add_format(
            {
                **base,
                "bold": True,
                "font_color": theme.SURFACE,
                "bg_color": theme.PALETTE[0],
                "text_wrap": True,
            }
        )
        self.kinds = {
            kind: book.add_format({**base, "num_format": code}) for kind, code in _FORMATS.items()
        }


def _sheet_name(nth: int, title: str) -> str:
    """A name that Excel takes: numbered, so that no two are alike."""
    plain = _NOT_IN_NAMES.sub(" ", legible(title))
    # Excel counts letters beyond the first 65,536 as two.
    name = ""
    for letter in f"{nth} {' '.join(plain.split())}":
        if len(f"{name}{letter}".encode("utf-16-le")) // 2 > _LONGEST_NAME:
            break
        name += letter
    return name.rstrip("' ")


def _contents(sheet: "Worksheet", story: Story, names: list[str], looks: _Looks) -> None:
    _say(sheet, 0, 0, story.title, looks.title)
    illustrative = any(foot.is_illustrative(s.exhibit) for s in story.slides)
    said = [foot.day(story.changed_at.date()), f"Data version {', '.join(story.data_versions)}"]
    if illustrative:
        said.insert(0, "Illustrative data where it says so")
    _say(sheet, 1, 0, " · ".join(said), looks.quiet)
    columns = ("Sheet", "Finding", "Filters", "Data", "Data version", "Question asked first")
    for i, (name, wide) in enumerate(zip(columns, (32, 80, 60, 18, 16, 50), strict=True)):
        _say(sheet, 3, i, name, looks.head)
        sheet.set_column(i, i, wide)
    for row, (slide, name) in enumerate(zip(story.slides, names, strict=True), start=4):
        sheet.write_url(row, 0, _to(name), looks.link, name)
        label = "Illustrative" if foot.is_illustrative(slide.exhibit) else "Published"
        for i, text in enumerate(
            (
                slide.title,
                foot.chosen(slide.exhibit),
                label,
                slide.exhibit.data_version,
                slide.question,
            ),
            start=1,
        ):
            _say(sheet, row, i, text, looks.long)
    row = 4 + len(names)
    sheet.write_url(row, 0, _to("Definitions"), looks.link, "Definitions")
    _say(sheet, row, 1, "What the measures mean, and who answers for them", looks.text)
    sheet.freeze_panes(4, 1)


def _sheet(book: "Workbook", sheet: "Worksheet", slide: Slide, on: date, looks: _Looks) -> None:
    exhibit = slide.exhibit
    _say(sheet, 0, 0, slide.title, looks.title)
    _say(sheet, 1, 0, exhibit.subtitle, looks.text)
    label = "Illustrative data · " if foot.is_illustrative(exhibit) else ""
    _say(sheet, 2, 0, label + foot.chosen(exhibit), looks.bold)
    sheet.write_url(3, 0, _to("Contents"), looks.link, "Back to the contents")
    used, row = 1, _HEAD_ROW
    if exhibit.empty:
        _say(sheet, row, 0, exhibit.empty, looks.text)
        row += 1
    elif exhibit.table and exhibit.table.raw_rows:
        used, row = _table(sheet, exhibit.table, looks)
    elif exhibit.table is None and not exhibit.chart:
        _say(sheet, row, 0, exhibit.alt or exhibit.title, looks.text)
        row += 1
    row += 1
    for said in (
        *(
            [f"Headline of the slide: {slide.title}. Finding: {exhibit.title}"]
            * bool(slide.headline)
        ),
        *([f"In words: {exhibit.alt}"] * bool(exhibit.alt)),
        *(f"Event {event}" for event in kinds.events(exhibit)),
        *([f"Notes: {slide.notes}"] * bool(slide.notes)),
        foot.foot(exhibit, on),
    ):
        _say(sheet, row, 0, said, looks.quiet)
        row += 1
    if not exhibit.empty:
        _charts(book, sheet, exhibit, used + 1, looks)


def _table(sheet: "Worksheet", table: Table, looks: _Looks) -> tuple[int, int]:
    """The rows as they are exported; answers the columns used and the row after the last."""
    for i, name in enumerate(table.raw_columns):
        _say(sheet, _HEAD_ROW, i, heading(name), looks.head)
        kind = _kind(name)
        wide = len(heading(name)) * 0.6
        for nth, row in enumerate(table.raw_rows):
            value = _named(name, row[i])
            _put(sheet, _HEAD_ROW + 1 + nth, i, value, kind, looks)
            if nth < _ROWS_MEASURED:
                wide = max(wide, _letters(value, kind))
        sheet.set_column(i, i, min(max(wide + 2, _NARROWEST), _WIDEST))
    last = _HEAD_ROW + len(table.raw_rows)
    sheet.autofilter(_HEAD_ROW, 0, last, len(table.raw_columns) - 1)
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    return len(table.raw_columns), last + 1


def heading(column: str) -> str:
    """A column's name in words: "actual_to_date_gbp" is "Actual to date (£)"."""
    name, unit = column, ""
    for ending, said in (("_gbp", " (£)"), ("_share", " (share)"), ("_days", " (days)")):
        if name.endswith(ending):
            name, unit = name.removesuffix(ending), said
    said = name.removesuffix("_id").replace("_", " ").strip()
    return f"{said[:1].upper()}{said[1:]}{unit}"


def _kind(column: str) -> str:
    if column.endswith("_gbp"):
        return "money"
    if "share" in column.split("_"):
        return "share"
    return "month" if column == "month" or column.endswith("_month") else "day"


def _named(column: str, value: Any) -> Any:
    """The name of what an id stands for, where it is known."""
    if column in ("service_id", "council_id", "measure_id") and isinstance(value, str):
        return foot.name_of(column, value)
    return value


def _put(sheet: "Worksheet", row: int, i: int, value: Any, kind: str, looks: _Looks) -> None:
    """A value as what it is. Nothing stays an empty cell: it is neither nought nor a text."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, i, value, looks.text)
    elif isinstance(value, int | float | Decimal):
        look = looks.kinds[kind] if kind in ("money", "share") else looks.text
        sheet.write_number(row, i, float(value), look)
    elif isinstance(value, date) and value.year < _FIRST_YEAR:
        _say(sheet, row, i, str(value), looks.text)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, i, value.replace(tzinfo=None), looks.kinds["time"])
    elif isinstance(value, date):
        sheet.write_datetime(row, i, value, looks.kinds["month" if kind == "month" else "day"])
    elif isinstance(value, tuple):
        _say(sheet, row, i, ", ".join(map(str, value)), looks.text)
    else:
        said = str(value)
        _say(sheet, row, i, said, looks.long if len(said) > _WIDEST else looks.text)


def _letters(value: Any, kind: str) -> int:
    if isinstance(value, Decimal | float) and kind == "money":
        return len(f"£{value:,.2f}")
    if isinstance(value, date):
        return 16
    return len(str(value)) if value is not None else 0


def _say(sheet: "Worksheet", row: int, i: int, said: str, look: Any) -> None:
    sheet.write_string(row, i, legible(said)[:_LONGEST_TEXT], look)


def _to(name: str) -> str:
    return "internal:'" + name.replace("'", "''") + "'!A1"


def _charts(
    book: "Workbook", sheet: "Worksheet", exhibit: Exhibit, column: int, looks: _Looks
) -> None:
    """Charts to the right of the table, and right of them the figures that they are drawn from."""
    drawn = kinds.plots(exhibit)
    if not drawn:
        return
    # A chart is some 14 columns of the usual 64 pixels wide; its figures begin after it.
    at, row = column + _CHART_WIDE // 64 + 2, 0
    beside = _HEAD_ROW
    for plot in drawn:
        cells, row = _figures(sheet, plot, row, at, looks)
        chart = _chart(book, sheet.get_name(), plot, cells)
        chart.set_size({"width": _CHART_WIDE, "height": _CHART_HIGH})
        sheet.insert_chart(
            beside,
            column,
            chart,
            {
                "description": legible(
                    f"{plot.title}. {exhibit.alt or exhibit.title}".lstrip(". ")
                ),
                # It stays where it is, and as large, when rows are filtered.
                "object_position": 3,
            },
        )
        beside += _CHART_ROWS


def _figures(
    sheet: "Worksheet", plot: Plot, top: int, at: int, looks: _Looks
) -> tuple[list[tuple[Any, Any]], int]:
    """A plot's figures: a column of what they are of, and one for each series. Points of their own
    have a column of their own. Answers the ranges of each series, and the row after."""
    name = sheet.get_name()
    look = sheet_format = looks.kinds["day"]
    _say(sheet, top, at, plot.title or "Figures of the chart", looks.bold)
    head, first = top + 1, top + 2
    ranges = []
    deepest = len(plot.categories)
    if plot.kind != "points":
        for nth, category in enumerate(plot.categories):
            if isinstance(category, date):
                sheet.write_datetime(first + nth, at, category, look)
            else:
                _say(sheet, first + nth, at, category, looks.text)
        sheet.set_column(at, at, 20)
    column = at
    for series in plot.series:
        x = [name, first, at, first + max(len(plot.categories), 1) - 1, at]
        if plot.kind == "points":
            for nth, value in enumerate(series.x):
                if isinstance(value, date):
                    sheet.write_datetime(first + nth, column, value, sheet_format)
                else:
                    sheet.write_number(first + nth, column, value, looks.text)
            x = [name, first, column, first + max(len(series.x), 1) - 1, column]
            deepest = max(deepest, len(series.x))
        column += 1
        _say(sheet, head, column, series.name, looks.head)
        for nth, value in enumerate(series.values):
            if value is not None:
                sheet.write_number(first + nth, column, float(value), looks.text)
        y = [name, first, column, first + max(len(series.values), 1) - 1, column]
        ranges.append((x, y))
        if plot.kind == "points":
            column += 1
    return ranges, first + deepest + 1


def _chart(book: "Workbook", name: str, plot: Plot, cells: list[tuple[Any, Any]]) -> Any:
    kinds = {
        "lines": {"type": "line"},
        "points": {"type": "scatter", "subtype": "straight"},
        "bars": {"type": "bar", **({"subtype": "stacked"} if plot.is_stacked else {})},
    }
    chart = book.add_chart(kinds[plot.kind])
    hidden, named = [], set()
    for nth, (series, (x, y)) in enumerate(zip(plot.series, cells, strict=True)):
        chart.add_series(
            {
                # The cell above the figures holds the name; as text it is never a formula.
                "name": [name, y[1] - 1, y[2]],
                "categories": x,
                "values": y,
                **_look(series, plot),
            }
        )
        if not series.in_key or series.name in named:
            hidden.append(nth)
        named.add(series.name)
    font = {"name": "Arial", "size": 11, "color": theme.QUIET}
    value = {
        "min": plot.value.low,
        "max": plot.value.high,
        "major_unit": plot.value.step,
        "num_format": plot.value.code,
        "num_font": font,
        "major_gridlines": {"visible": True, "line": {"color": theme.GRID}},
        "line": {"color": theme.QUIET},
    }
    other: dict[str, Any] = {
        "num_font": font,
        "line": {"color": theme.QUIET},
        "label_position": "low",
        "major_gridlines": {"visible": False},
    }
    if plot.kind == "bars":
        chart.set_x_axis({**value, "label_position": "low"})
        chart.set_y_axis({**other, "reverse": True})
    else:
        if plot.kind == "lines":
            other |= {"date_axis": True, "num_format": "mmm yyyy", "major_tick_mark": "outside"}
            other |= {"major_unit": _months_apart(plot), "major_unit_type": "months"}
        elif plot.is_over_time and plot.x:
            other |= {"num_format": "mmm yyyy", "min": plot.x.low, "max": plot.x.high + 1}
            other |= {"major_unit": _months_apart(plot) * 30.4375}
        elif plot.x:
            other |= {"num_format": plot.x.code, "min": plot.x.low, "max": plot.x.high}
            other |= {"major_unit": plot.x.step}
        if plot.x_title:
            other |= {"name": _literal(plot.x_title), "name_font": {**font, "bold": False}}
        chart.set_x_axis(other)
        chart.set_y_axis(value)
    chart.show_blanks_as("gap")
    # Its figures stand in rows that the table's filter may hide.
    chart.show_hidden_data()
    if plot.title:
        chart.set_title(
            {
                "name": _literal(plot.title),
                "name_font": {"name": "Arial", "size": 13, "color": theme.INK},
                "overlay": False,
            }
        )
    else:
        chart.set_title({"none": True})
    chart.set_legend(
        {"position": "top", "font": {"name": "Arial", "size": 11}, "delete_series": hidden}
        if len(named) > 1
        else {"none": True}
    )
    return chart


def _literal(said: str) -> str:
    """Words of a chart that XlsxWriter does not take for a formula or the place of a cell."""
    said = legible(said)
    if said.startswith("=") or _LIKE_A_PLACE.match(said):
        # A space of no width: seen by nobody, and no formula has one.
        return "\u200b" + said.replace("!", "!\u200b", 1)
    return said


def _months_apart(plot: Plot) -> int:
    """Months between marks on the time axis: a dozen of them at most."""
    assert plot.x is not None
    months = (plot.x.high - plot.x.low) / 30.44
    return next((n for n in (1, 3, 6, 12, 24, 60) if months / n <= 10), 120)


def _look(series: Series, plot: Plot) -> dict[str, Any]:
    if plot.kind == "bars":
        look: dict[str, Any] = {
            "fill": {"none": True} if series.is_unseen else {"color": series.colour},
            "gap": 40,
            "overlap": 100 * plot.is_stacked,
        }
    else:
        line: dict[str, Any] = {"none": True}
        if series.width:
            line = {"color": series.colour, "width": series.width}
            if series.dash in _DASHES:
                line["dash_type"] = _DASHES[series.dash]
        marker: dict[str, Any] = {"type": "none"}
        if series.symbol:
            marker = {
                "type": series.symbol,
                "size": series.size,
                "border": {"color": series.colour},
                "fill": {"none": True} if series.is_hollow else {"color": series.colour},
            }
        look = {"line": line, "marker": marker, "smooth": False}
    if any(series.labels):
        look["data_labels"] = {
            "value": True,
            "position": "outside_end" if plot.kind == "bars" else "above",
            "custom": [
                {"value": _literal(said)} if said and value is not None else {"delete": True}
                for said, value in zip(series.labels, series.values, strict=True)
            ],
        }
    return look


def _definitions(sheet: "Worksheet", story: Story, looks: _Looks) -> None:
    """The measures that the story's figures are of."""
    _say(sheet, 0, 0, "Definitions", looks.title)
    sheet.write_url(1, 0, _to("Contents"), looks.link, "Back to the contents")
    for i, (name, _) in enumerate(_DEFINITIONS):
        _say(sheet, 3, i, name, looks.head)
        sheet.set_column(i, i, (40, 80, 12, 28, 30, 40)[i])
    used = foot.measures(s.exhibit for s in story.slides)
    for row, measure in enumerate(used, start=4):
        for i, (_, field) in enumerate(_DEFINITIONS):
            said = measure.get(field) or "not stated"
            if field == "good_direction":
                said = reference.DIRECTIONS.get(said, said)
            _say(sheet, row, i, said, looks.long)
    if not used:
        _say(sheet, 4, 0, "No figure of this story is a measure's alone.", looks.text)
    sheet.freeze_panes(4, 1)
