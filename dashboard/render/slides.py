"""A story as a PowerPoint presentation: native charts and tables, notes, alt text, nothing below
18 points.

Every length is in points: a slide is 960 by 540 of them, 16:9. What doesn't fit on one slide goes
on on the next; what is cut is said whole in the notes.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dashboard import theme
from dashboard.exhibits import foot
from dashboard.exhibits.exhibit import Cell, Exhibit, Table
from dashboard.exhibits.story import Slide, Story, Told, in_turn, silently
from dashboard.render import kinds, lettering, native, signs
from dashboard.render.lettering import LINE, legible
from dashboard.render.native import Plot, Series

if TYPE_CHECKING:
    from pptx.presentation import Presentation

WIDE, HIGH, MARGIN = 960, 540, 36
ROOM = WIDE - 2 * MARGIN
# Nothing on a slide is smaller: what can be read from eight metres.
LEAST = 18
FONT = "Arial"
_TITLE_SIZES = (30, 26, 24)
# A finding takes two lines at most of the first sizes, and three of the last; its subtitle and the
# foot as many as leave the chart more than half of the slide.
_TITLE_LINES, _SUBTITLE_LINES, _FOOT_LINES = 3, 2, 3
_TOP, _BOTTOM, _GAP = 22, 12, 8
# Slides that one exhibit may take. More rows than that nobody shows in a room.
MOST_SLIDES = 6
# Small multiples: three columns of two still have room for their marks at 18 points.
_PANELS_ACROSS, _PANELS_DOWN = 3, 2
# Points of a table's cell around its words, and of a chart's row of bars.
_CELL_SIDE, _CELL_ABOVE, _BAR_LEAST = 6, 3, 30
# The share of a bar chart that names may take before they are broken.
_NAMES_SHARE = 0.3
# A head of more lines than this leaves rows no room.
_HEAD_LINES = 3
# A key of more lines than this would be longer than the chart is high.
_KEY_LINES = 2
# A marker on each point of a small chart covers the line unless it is small too.
_SMALL_MARKER = 6
_EMU = 12_700  # of a point
_DASHES = {"dash": "DASH", "dot": "ROUND_DOT", "dashdot": "DASH_DOT"}
# How a line looks in a key of words.
_STROKES = {"solid": "——", "dash": "– –", "dot": "· · ·", "dashdot": "– ·"}
_SHAPES = {"circle": "●", "diamond": "◆", "square": "■", "plus": "✚", "triangle": "▲"}
# PowerPoint's own table style without colours and lines, so that ours are the only ones.
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class _Run:
    """Words of one look."""

    text: str
    size: float = LEAST
    is_bold: bool = False
    colour: str = theme.INK


@dataclass(frozen=True)
class _Page:
    """A part of a table that one slide holds: which columns, which rows, and their sizes."""

    columns: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    said: str


@dataclass(frozen=True)
class _Part:
    """What stands on one slide of an exhibit: plots, a page of a table, or words."""

    plots: tuple[Plot, ...] = ()
    page: _Page | None = None
    words: str = ""
    said: str = ""


@dataclass(frozen=True)
class _Frame:
    """The words around an exhibit, and what they leave for it."""

    title_size: float
    title_height: float
    subtitle_lines: int
    foot: str
    body: _Box


def write(story: Story, told: Told = silently) -> bytes:
    """The story as a .pptx file. Needs python-pptx, which is imported only here."""
    show = _empty_presentation(story)
    _title_slide(show, story)
    on = story.changed_at.date()
    for slide in in_turn(story.slides, told):
        if slide.question:
            _question_slide(show, slide)
        _exhibit_slides(show, slide, on)
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def _empty_presentation(story: Story) -> "Presentation":
    """A presentation of ours: 16:9, Arial, our colours, and the two layouts that it uses."""
    from pptx import Presentation

    show = Presentation()
    stretch = WIDE * _EMU / show.slide_width
    show.slide_width, show.slide_height = WIDE * _EMU, HIGH * _EMU
    for unused in [x for x in show.slide_layouts if x.name not in ("Title Slide", "Title Only")]:
        show.slide_layouts.remove(unused)
    master = show.slide_master
    for shape in [s for x in (master, *show.slide_layouts) for s in x.shapes]:
        # What a layout leaves to its master has no place of its own to be stretched.
        if shape._element.xpath(".//a:xfrm"):
            shape.left, shape.width = int(shape.left * stretch), int(shape.width * stretch)
    _dress(master)
    about = show.core_properties
    about.title, about.author, about.language = _property(story.title), "oneSource", "en-GB"
    about.subject = _property("Data version " + ", ".join(story.data_versions))
    about.created = about.modified = story.changed_at.replace(tzinfo=None)
    about.last_modified_by, about.revision = "oneSource", 1
    return show


def _property(said: str) -> str:
    """A text as a document's own properties may have it: 255 letters."""
    return legible(said)[:255]


def _dress(master: Any) -> None:
    """Our colours and Arial in the theme, so that whatever is added later looks the same."""
    from lxml import etree
    from pptx.opc.constants import RELATIONSHIP_TYPE

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(part.blob)
    names = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
    for font in root.xpath("//a:fontScheme/*/a:latin", namespaces=names):
        font.set("typeface", FONT)
    for nth, colour in enumerate(theme.PALETTE, start=1):
        for slot in root.xpath(f"//a:clrScheme/a:accent{nth}/a:srgbClr", namespaces=names):
            slot.set("val", colour.removeprefix("#"))
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _title_slide(show: "Presentation", story: Story) -> None:
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Slide"))
    _bar(slide, _Box(0, 0, WIDE, 18))
    size = 44 if len(lettering.lines(story.title, 44, ROOM, True)) <= 3 else 32
    title = lettering.cut(story.title, size, ROOM, 5, True)
    high = len(lettering.lines(title, size, ROOM, True)) * size * LINE
    top = max(HIGH / 2 - high - 20, 40)
    _place(slide.shapes.title, _Box(MARGIN, top, ROOM, high), bottom=True)
    _words(slide.shapes.title.text_frame, [[_Run(title, size, True, theme.PALETTE[0])]])
    versions = ", ".join(story.data_versions)
    below = [[_Run(foot.day(story.changed_at.date()), 24)]]
    if versions:
        below.append([_Run(f"Data version {versions}", 20, colour=theme.QUIET)])
    if any(foot.is_illustrative(s.exhibit) for s in story.slides):
        below.append([_Run("Illustrative: slides that show made-up figures say so", 20, True)])
    if not story.slides:
        below.append([_Run("This story has no slides yet", 20)])
    subtitle = slide.placeholders[1]
    _place(subtitle, _Box(MARGIN, top + high + 20, ROOM, 150))
    _words(subtitle.text_frame, below, room=ROOM, most=5)


def _question_slide(show: "Presentation", slide: Slide) -> None:
    """The question alone, so that people answer before they see."""
    one = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    _bar(one, _Box(0, 0, 18, HIGH))
    size = next(
        (s for s in (54, 44, 36) if len(lettering.lines(slide.question, s, ROOM, True)) <= 6), 28
    )
    asked = lettering.cut(slide.question, size, ROOM, int((HIGH - 80) / (size * LINE)), True)
    _place(one.shapes.title, _Box(MARGIN, 40, ROOM, HIGH - 80), middle=True)
    _words(one.shapes.title.text_frame, [[_Run(asked, size, True, theme.PALETTE[0])]])
    _notes(
        one, ["Ask this before the next slide.", *([slide.question] * (asked != slide.question))]
    )


def _exhibit_slides(show: "Presentation", slide: Slide, on: date) -> None:
    exhibit = slide.exhibit
    frame = _framed(slide, on)
    parts = _parts(exhibit, frame.body)
    for nth, part in enumerate(parts, start=1):
        one = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
        _bar(one, _Box(0, 0, WIDE, 8))
        of = f" ({nth} of {len(parts)})" if len(parts) > 1 else ""
        title = slide.title + of
        if len(lettering.lines(title, frame.title_size, ROOM, True)) > _TITLE_LINES:
            room = ROOM - lettering.width(of, frame.title_size, True)
            title = lettering.cut(slide.title, frame.title_size, room, _TITLE_LINES, True) + of
        _place(one.shapes.title, _Box(MARGIN, _TOP, ROOM, frame.title_height), bottom=True)
        _words(one.shapes.title.text_frame, [[_Run(title, frame.title_size, True)]])
        if frame.subtitle_lines:
            said = lettering.sentences(
                f"{part.said} {exhibit.subtitle}".strip(), LEAST, ROOM, frame.subtitle_lines
            )
            top = _TOP + frame.title_height + _GAP / 2
            box = _Box(MARGIN, top, ROOM, frame.subtitle_lines * LEAST * LINE)
            _text_box(one, box, [[_Run(said, colour=theme.QUIET)]], "What is drawn")
        _body(one, part, frame.body, exhibit)
        _foot(one, frame)
        _notes(one, _said(slide, frame, nth))


def _framed(slide: Slide, on: date) -> _Frame:
    """How much room the words around an exhibit take, the same on all of its slides."""
    title = slide.title + " (9 of 9)"
    size, count = next(
        (
            (s, n)
            for s in _TITLE_SIZES
            if (n := len(lettering.lines(title, s, ROOM, True))) < _TITLE_LINES
        ),
        (_TITLE_SIZES[-1], _TITLE_LINES),
    )
    # A table or a long chart says on each slide which part it is: that takes a line.
    subtitle = slide.exhibit.subtitle
    room_for = min(len(lettering.lines(subtitle, LEAST, ROOM)) if subtitle else 0, _SUBTITLE_LINES)
    if not slide.exhibit.empty and (slide.exhibit.chart or slide.exhibit.table):
        room_for = max(room_for, 1)
    # Its label is bold, and so a little wider than reckoned.
    said = lettering.cut(foot.foot(slide.exhibit, on), LEAST, ROOM - 20, _FOOT_LINES)
    foot_high = len(lettering.lines(said, LEAST, ROOM - 20)) * LEAST * LINE
    title_high, subtitle_high = count * size * LINE, room_for * LEAST * LINE
    top = _TOP + title_high + subtitle_high + _GAP * 1.5
    body = _Box(MARGIN, top, ROOM, HIGH - _BOTTOM - foot_high - _GAP - top)
    return _Frame(size, title_high, room_for, said, body)


def _foot(one: Any, frame: _Frame) -> None:
    top = frame.body.top + frame.body.height + _GAP
    _bar(one, _Box(MARGIN, top - _GAP / 2, ROOM, 1), theme.CONTEXT)
    label = "Illustrative data"
    rest = frame.foot.removeprefix(label)
    runs = [_Run(label, is_bold=True)] if rest != frame.foot else []
    _text_box(
        one,
        _Box(MARGIN, top, ROOM, HIGH - _BOTTOM - top),
        [[*runs, _Run(rest, colour=theme.QUIET)]],
        "Filters, source, owner, data version and date",
    )


def _said(slide: Slide, frame: _Frame, nth: int) -> list[str]:
    """The notes: the speaker's own, then all that the slide had to leave out."""
    exhibit = slide.exhibit
    if nth > 1:
        return ["Continued from the slide before."]
    own = [slide.notes] if slide.notes else []
    return [
        *own,
        *([f"Question asked first: {slide.question}"] if slide.question else []),
        *([f"Finding: {exhibit.title}"] if slide.headline else [f"Headline: {slide.title}"]),
        *([f"In words: {exhibit.alt}"] if exhibit.alt and exhibit.alt != exhibit.title else []),
        *([f"What is drawn: {exhibit.subtitle}"] if exhibit.subtitle else []),
        *[f"Event {event}" for event in kinds.events(exhibit)],
        f"From: {' · '.join(p for p in (foot.chosen(exhibit), *foot.origin(exhibit)) if p)}",
    ]


def _parts(exhibit: Exhibit, body: _Box) -> list[_Part]:
    """What each slide of an exhibit holds; never nothing."""
    if exhibit.empty:
        return [_Part(words=exhibit.empty)]
    drawn = kinds.plots(exhibit)
    parts: list[_Part] = []
    if exhibit.table and (exhibit.table_first or not drawn):
        parts += [_Part(page=page, said=page.said) for page in _pages(exhibit.table, body)]
    parts += _chart_parts(drawn, body)
    return parts or [_Part(words=exhibit.alt or exhibit.subtitle or exhibit.title)]


def _chart_parts(drawn: tuple[Plot, ...], body: _Box) -> list[_Part]:
    if len(drawn) == 1 and drawn[0].kind == "bars":
        return _bar_parts(drawn[0], body)
    held = _PANELS_ACROSS * _PANELS_DOWN
    # As many on each slide, where they take several: one left over would look like the main thing.
    held = math.ceil(len(drawn) / math.ceil(len(drawn) / held)) if drawn else held
    starts = range(0, len(drawn), held)
    return [
        _Part(plots=drawn[at : at + held], said=_which("Charts", at, held, len(drawn)))
        for at in starts[:MOST_SLIDES]
    ]


def _bar_parts(plot: Plot, body: _Box) -> list[_Part]:
    """Bars in as many slides as give each category its room."""
    names = body.width * _NAMES_SHARE
    deepest = max(len(lettering.lines(str(c), LEAST, names)) for c in plot.categories)
    each = max(deepest * LEAST * LINE + 6, _BAR_LEAST)
    # The axis and the key take a line each.
    held = max(int((body.height - 4 * LEAST * LINE) / each), 1)
    return [
        _Part(
            plots=(
                replace(
                    plot,
                    categories=plot.categories[at : at + held],
                    series=tuple(
                        replace(s, values=s.values[at : at + held], labels=s.labels[at : at + held])
                        for s in plot.series
                    ),
                ),
            ),
            said=_which("Bars", at, held, len(plot.categories)),
        )
        for at in range(0, len(plot.categories), held)[:MOST_SLIDES]
    ]


def _which(what: str, at: int, held: int, count: int) -> str:
    """Which part of it a slide shows; nothing where it shows all."""
    if count <= held:
        return ""
    said = f"{what} {_span(at, min(at + held, count))} of {count}"
    shown = held * MOST_SLIDES
    return said + (f" (those after {shown} are in the workbook)." if count > shown else ".")


def _span(start: int, end: int) -> str:
    return f"{start + 1} to {end}" if end > start + 1 else f"{end}"


def _body(one: Any, part: _Part, body: _Box, exhibit: Exhibit) -> None:
    if part.words:
        said = lettering.cut(part.words, 24, ROOM, int(body.height / (24 * LINE)))
        _text_box(one, body, [[_Run(said, 24)]], "Instead of a chart")
    elif part.page:
        assert exhibit.table is not None
        _table(one, part.page, exhibit.table, body)
    else:
        _charts(one, part.plots, body, exhibit)


# Tables


def _pages(table: Table, body: _Box) -> list[_Page]:
    """A table in pages that fit. Columns that are too many go on beside the first one again."""
    if not table.rows:
        return []
    groups = _groups(table)
    heads = [_row_height(table.columns, group, _HEAD_LINES, is_bold=True) for group in groups]
    # A row of its own on a slide is cut to what the slide holds.
    most = int((body.height - max(heads) - 2 * _CELL_ABOVE - 1) / (LEAST * LINE))
    slices: list[tuple[int, int, list[list[float]]]] = []
    at = 0
    while at < len(table.rows) and (len(slices) + 1) * len(groups) <= max(MOST_SLIDES, len(groups)):
        heights = [[head] for head in heads]
        room = body.height - max(heads)
        end = at
        while end < len(table.rows):
            high = [
                _row_height([_in_lines(c) for c in table.rows[end]], group, most)
                for group in groups
            ]
            room -= max(high)
            if room < 0 and end > at:
                break
            for own, tall in zip(heights, high, strict=True):
                own.append(tall)
            end += 1
        slices.append((at, end, heights))
        at = end
    count = len(table.rows)
    rest = f" (those after {at} are in the workbook)" if at < count else ""
    pages = []
    for start, end, heights in slices:
        for group, own in zip(groups, heights, strict=True):
            of_rows = (
                "" if (start, end) == (0, count) else f"rows {_span(start, end)} of {count}{rest}"
            )
            of_columns = (
                ""
                if len(groups) == 1
                else f"columns {_span(min(i for i, _ in group[1:]), group[-1][0] + 1)} "
                f"of {len(table.columns)}"
            )
            said = ", ".join(filter(None, (of_rows, of_columns)))
            pages.append(
                _Page(
                    tuple(i for i, _ in group),
                    table.rows[start:end],
                    tuple(w for _, w in group),
                    tuple(own),
                    f"{said[0].upper()}{said[1:]}." if said else "",
                )
            )
    return pages[:MOST_SLIDES]


def _groups(table: Table) -> list[list[tuple[int, float]]]:
    """Which columns stand beside each other, each with its width."""
    # What a few slides can hold says enough of how wide its words are.
    sample = table.rows[: MOST_SLIDES * 8]
    least, wanted = [], []
    for i, name in enumerate(table.columns):
        said = [(name, True), *((_in_lines(row[i]), i == 0) for row in sample)]
        words = max((lettering.width(w, LEAST, b) for t, b in said for w in t.split()), default=0)
        whole = max(lettering.width(x, LEAST, b) for t, b in said for x in t.split("\n"))
        least.append(min(words, ROOM / 4) + 2 * _CELL_SIDE + 1)
        wanted.append(min(whole, ROOM) + 2 * _CELL_SIDE + 1)
    groups = [[0]]
    for i in range(1, len(least)):
        if len(groups[-1]) > 1 and sum(least[j] for j in groups[-1]) + least[i] > ROOM:
            groups.append([0])
        groups[-1].append(i)
    return [
        list(zip(g, _shared([least[i] for i in g], [wanted[i] for i in g]), strict=True))
        for g in groups
    ]


def _shared(least: list[float], wanted: list[float]) -> list[float]:
    """The width of each column, all together as wide as the slide's room."""
    spare = ROOM - sum(least)
    if spare < 0:
        return [w * ROOM / sum(least) for w in least]
    asks = [w - n for w, n in zip(wanted, least, strict=True)]
    if sum(asks) <= spare:
        each = (spare - sum(asks)) / len(least)
        return [w + each for w in wanted]
    return [n + spare * a / sum(asks) for n, a in zip(least, asks, strict=True)]


def _row_height(
    said: tuple[str, ...] | list[str],
    group: list[tuple[int, float]],
    most: int,
    is_bold: bool = False,
) -> float:
    deepest = max(
        # The first column names the row, in bold.
        len(lettering.lines(said[i], LEAST, wide - 2 * _CELL_SIDE, is_bold or i == 0))
        for i, wide in group
    )
    return min(max(deepest, 1), most) * LEAST * LINE + 2 * _CELL_ABOVE + 1


def _in_lines(cell: Cell) -> str:
    """A cell's words as they stand on a slide: a shape before each line that has a mark."""
    return "\n".join(
        f"{signs.of(mark)[1]} {said}" if mark else said for said, mark in cell.lines if said
    )


def _table(one: Any, page: _Page, table: Table, body: _Box) -> None:
    from pptx.enum.text import PP_ALIGN

    count = len(page.rows) + 1
    shape = one.shapes.add_table(
        count, len(page.columns), *_emu(replace(body, height=sum(page.heights)))
    )
    shape.name = "Table"
    _alt(shape, ". ".join(filter(None, (table.caption, page.said.rstrip(".")))))
    made = shape.table
    made._tbl.tblPr.find(f"{{{_A}}}tableStyleId").text = _PLAIN_TABLE
    made.horz_banding = False
    for column, wide in zip(made.columns, page.widths, strict=True):
        column.width = int(wide * _EMU)
    for row, high in zip(made.rows, page.heights, strict=True):
        row.height = int(high * _EMU)
    # The rows of one column, not one cell after the other: python-pptx finds each by a search.
    for made_row, row, tall in zip(made.rows, [None, *page.rows], page.heights, strict=True):
        most = round((tall - 2 * _CELL_ABOVE - 1) / (LEAST * LINE))
        for i, wide, cell in zip(page.columns, page.widths, made_row.cells, strict=True):
            lines = (
                [[_Run(table.columns[i], is_bold=True, colour=theme.SURFACE)]]
                if row is None
                else [_cell_runs(text, mark, i) for text, mark in row[i].lines if text]
            )
            _words(cell.text_frame, lines or [[_Run("")]], wide - 2 * _CELL_SIDE, most)
            if i in table.figures and i not in table.sentences:
                for paragraph in cell.text_frame.paragraphs:
                    paragraph.alignment = PP_ALIGN.RIGHT
            _cell_look(cell, is_head=row is None)


def _cell_runs(text: str, mark: str | None, column: int) -> list[_Run]:
    words = _Run(text, is_bold=column == 0)
    if mark is None:
        return [words]
    colour, shape, _ = signs.of(mark)
    return [_Run(f"{shape} ", is_bold=words.is_bold, colour=colour), words]


def _cell_look(cell: Any, is_head: bool) -> None:
    """Room around its words, a line beneath, and the head on our first colour."""
    from lxml import etree

    look = cell._tc.get_or_add_tcPr()
    for side, room in (
        ("L", _CELL_SIDE),
        ("R", _CELL_SIDE),
        ("T", _CELL_ABOVE),
        ("B", _CELL_ABOVE),
    ):
        look.set(f"mar{side}", str(room * _EMU))
    # Its line stands before its fill in the order that the format asks for.
    beneath = etree.SubElement(look, f"{{{_A}}}lnB", w=str(_EMU))
    for place, colour in ((beneath, theme.CONTEXT), (look, theme.PALETTE[0]))[: 1 + is_head]:
        fill = etree.SubElement(place, f"{{{_A}}}solidFill")
        etree.SubElement(fill, f"{{{_A}}}srgbClr", val=colour.removeprefix("#"))


# Charts


def _charts(one: Any, plots: tuple[Plot, ...], body: _Box, exhibit: Exhibit) -> None:
    """Plots in a grid, beneath a key that is one for all of them."""
    alone = len(plots) == 1
    entries = {s.name: s for p in plots for s in p.key}
    if any(s.is_context for s in entries.values()):
        entries = {("Each council" if s.is_context else n): s for n, s in entries.items()}
    # A chart alone brings its own key, as long as that names what is drawn and can be read.
    own_key = (
        alone and len(entries) > 1 and "Each council" not in entries and plots[0].kind != "points"
    )
    named = bool(entries) and (len(entries) > 1 or "Each council" in entries)
    if named and not own_key:
        runs = [_key_runs(name, series) for name, series in entries.items()]
        line = [run for entry in runs for run in entry]
        said = "".join(run.text for run in line)
        high = min(len(lettering.lines(said, LEAST, ROOM, True)), _KEY_LINES) * LEAST * LINE
        _text_box(one, replace(body, height=high), [line], "Key", room=ROOM, most=_KEY_LINES)
        body = replace(body, top=body.top + high + 4, height=body.height - high - 4)
    across = 1 if alone else min(_PANELS_ACROSS, math.ceil(len(plots) / _PANELS_DOWN), len(plots))
    across = 2 if len(plots) == 2 else across
    down = math.ceil(len(plots) / across)
    wide = (body.width - _GAP * (across - 1)) / across
    high = (body.height - _GAP * (down - 1)) / down
    for nth, plot in enumerate(plots):
        box = _Box(
            body.left + nth % across * (wide + _GAP),
            body.top + nth // across * (high + _GAP),
            wide,
            high,
        )
        said = exhibit.alt or exhibit.title
        _chart(one, plot, box, f"{plot.title}. {said}" if plot.title else said, own_key)


def _key_runs(name: str, series: Series) -> list[_Run]:
    look = _STROKES[series.dash] if series.width else _SHAPES.get(series.symbol or "", "■")
    if series.is_hollow:
        look = "○"
    # Spaces that do not break keep a name with its look.
    words = f"{look}\u00a0{name}".replace(" ", "\u00a0") + "   "
    head, rest = words[: len(look)], words[len(look) :]
    return [_Run(head, is_bold=True, colour=series.colour), _Run(rest)]


def _chart(one: Any, plot: Plot, box: _Box, alt: str, with_key: bool) -> None:
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Pt

    kinds = {
        "lines": XL_CHART_TYPE.LINE,
        "points": XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
        "bars": XL_CHART_TYPE.BAR_STACKED if plot.is_stacked else XL_CHART_TYPE.BAR_CLUSTERED,
    }
    shape = one.shapes.add_chart(kinds[plot.kind], *_emu(box), _chart_data(plot))
    shape.name = "Chart" + (f": {legible(plot.title)}" if plot.title else "")
    _alt(shape, alt)
    chart = shape.chart
    chart.font.size, chart.font.name = Pt(LEAST), FONT
    chart.font.color.rgb = _rgb(theme.INK)
    chart.has_legend = with_key
    if with_key:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.legend.font.size, chart.legend.font.name = Pt(LEAST), FONT
        _name_once(chart, plot)
    chart.has_title = bool(plot.title)
    if plot.title:
        title = lettering.cut(plot.title, LEAST, box.width - 20, 1, True)
        _words(chart.chart_title.text_frame, [[_Run(title, is_bold=True)]])
        chart.chart_title.include_in_layout = False
    for series, made in zip(plot.series, chart.plots[0].series, strict=True):
        if plot.kind == "bars":
            made.invert_if_negative = False
            if series.is_unseen:
                made.format.fill.background()
            else:
                made.format.fill.solid()
                made.format.fill.fore_color.rgb = _rgb(series.colour)
        else:
            _stroke(made, series, box.width > ROOM / 2)
        _labels(made, series, plot)
    if plot.kind == "bars":
        chart.plots[0].gap_width, chart.plots[0].overlap = 35, 100 * plot.is_stacked
    _axes(chart, plot, box)


def _name_once(chart: Any, plot: Plot) -> None:
    """Take series out of the key that are of a name that stands in it already."""
    from lxml import etree

    position = chart.legend._element.find(f"{{{_C}}}legendPos")
    named: set[str] = set()
    for nth, series in enumerate(plot.series):
        if series.in_key and series.name not in named:
            named.add(series.name)
            continue
        entry = etree.Element(f"{{{_C}}}legendEntry")
        etree.SubElement(entry, f"{{{_C}}}idx", val=str(nth))
        etree.SubElement(entry, f"{{{_C}}}delete", val="1")
        position.addnext(entry)
        position = entry


def _chart_data(plot: Plot) -> Any:
    """Its numbers for python-pptx, in a sheet that takes no text for a formula."""
    from pptx.chart.data import CategoryChartData, XyChartData

    if plot.kind == "points":
        found = XyChartData(number_format=plot.code)
        for series in plot.series:
            one = found.add_series(legible(series.name))
            for x, y in zip(series.x, series.values, strict=True):
                one.add_data_point(native.serial(x) if isinstance(x, date) else x, y)
    else:
        found = CategoryChartData(number_format=plot.code)
        found.categories = [c if isinstance(c, date) else legible(c) for c in plot.categories]
        if plot.kind == "lines":
            found.categories.number_format = "mmm yyyy"
        for series in plot.series:
            found.add_series(legible(series.name), series.values)
    writer = found._workbook_writer
    writer._open_worksheet = _inert_worksheet
    return found


@contextmanager
def _inert_worksheet(file: Any) -> Iterator[tuple[Any, Any]]:
    """The sheet behind a chart: a name that begins with = is a name, and no day is written in."""
    from xlsxwriter import Workbook

    workbook = Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    workbook.set_properties({"created": native.WRITTEN})
    yield workbook, workbook.add_worksheet()
    workbook.close()


def _stroke(made: Any, series: Series, is_large: bool) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    if series.width:
        made.format.line.color.rgb = _rgb(series.colour)
        made.format.line.width = Pt(series.width)
        if series.dash in _DASHES:
            made.format.line.dash_style = getattr(MSO_LINE, _DASHES[series.dash])
    else:
        made.format.line.fill.background()
    made.smooth = False
    marker = made.marker
    if series.symbol is None:
        marker.style = XL_MARKER_STYLE.NONE
        return
    marker.style = getattr(XL_MARKER_STYLE, series.symbol.upper())
    marker.size = series.size if is_large else min(series.size, _SMALL_MARKER)
    if series.is_hollow:
        marker.format.fill.background()
    else:
        marker.format.fill.solid()
        marker.format.fill.fore_color.rgb = _rgb(series.colour)
    marker.format.line.color.rgb = _rgb(series.colour)
    marker.format.line.width = Pt(2 if series.is_hollow or series.symbol == "plus" else 0.75)


def _labels(made: Any, series: Series, plot: Plot) -> None:
    from pptx.enum.chart import XL_LABEL_POSITION

    place = {"bars": XL_LABEL_POSITION.OUTSIDE_END}.get(plot.kind, XL_LABEL_POSITION.ABOVE)
    for nth, (said, value) in enumerate(zip(series.labels, series.values, strict=False)):
        if not said or value is None:
            continue
        label = made.points[nth].data_label
        _words(label.text_frame, [[_Run(said, colour=theme.INK)]])
        label.position = place
    # Only these: else each of the other points would say its value too.
    for shown in made._element.xpath("./c:dLbls/c:showVal"):
        shown.set("val", "0")


def _axes(chart: Any, plot: Plot, box: _Box) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    value, other = chart.value_axis, chart.category_axis
    for axis in (value, other):
        axis.format.line.color.rgb = _rgb(theme.QUIET)
        axis.tick_labels.font.size, axis.tick_labels.font.name = _pt(LEAST), FONT
        axis.tick_labels.font.color.rgb = _rgb(theme.QUIET)
        # Where values go below zero the names stay at the edge and off the lines.
        axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        axis.has_major_gridlines = axis is value
    value.major_gridlines.format.line.color.rgb = _rgb(theme.GRID)
    value.minimum_scale, value.maximum_scale = plot.value.low, plot.value.high
    value.major_unit = plot.value.step
    value.tick_labels.number_format = plot.value.code
    value.tick_labels.number_format_is_linked = False
    if plot.kind == "bars":
        other.reverse_order = True
        other.major_tick_mark = XL_TICK_MARK.NONE
        _room_for_labels(chart, plot, box)
        return
    other.major_tick_mark = XL_TICK_MARK.OUTSIDE
    if plot.is_over_time:
        _time_axis(other, plot, box)
    elif plot.x:
        other.minimum_scale, other.maximum_scale = plot.x.low, plot.x.high
        other.major_unit = plot.x.step
        other.tick_labels.number_format = plot.x.code
        other.tick_labels.number_format_is_linked = False
    if plot.x_title:
        other.has_title = True
        _words(other.axis_title.text_frame, [[_Run(plot.x_title, colour=theme.QUIET)]])


def _time_axis(axis: Any, plot: Plot, box: _Box) -> None:
    """Marks so many months apart that their names have room at this width."""
    from lxml import etree

    assert plot.x is not None
    months = max((plot.x.high - plot.x.low) / 30.44, 1)
    # About an eighth is taken by the values' own marks, and each name wants a gap after it.
    for every, code in ((1, "mmm yy"), (3, "mmm yy"), (6, "mmm yy"), (12, "mmm yyyy")):
        wide = lettering.width("Mmm 0000" if code.endswith("yyyy") else "Mmm 00", LEAST) + 14
        if months / every * wide <= box.width * 0.82:
            break
    else:
        code = "yyyy"
        wide = lettering.width("0000", LEAST) + 14
        every = next((n for n in (12, 24, 60, 120) if months / n * wide <= box.width * 0.8), 240)
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = code, False
    axis.minimum_scale, axis.maximum_scale = plot.x.low, max(plot.x.high, plot.x.low + 1)
    if plot.kind == "points":
        axis.major_unit = every * 30.4375
        return
    # python-pptx has no words for steps of months; the format wants them after the base unit.
    for name, said in (("majorUnit", every), ("majorTimeUnit", "months")):
        etree.SubElement(axis._element, f"{{{_C}}}{name}", val=str(said))


def _room_for_labels(chart: Any, plot: Plot, box: _Box) -> None:
    """Names left, words at the ends of bars right: each its own room, reckoned beforehand."""
    from lxml import etree

    names = box.width * _NAMES_SHARE
    said = [label for s in plot.series for label in s.labels]
    after = min(max((lettering.width(x, LEAST) for x in said), default=0) + 12, box.width * 0.4)
    # The longest bar ends where its words begin: the axis goes on that much beyond it.
    inner = box.width - names - 8
    value = chart.value_axis
    value.maximum_scale = plot.value.low + (plot.value.high - plot.value.low) * inner / max(
        inner - after, 1
    )
    above = LEAST * LINE * (2 if chart.has_legend else 1) + 14
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(f"{{{_C}}}layout"):
        area.remove(old)
    layout = etree.Element(f"{{{_C}}}layout")
    manual = etree.SubElement(layout, f"{{{_C}}}manualLayout")
    for name, value_ in (
        ("layoutTarget", "inner"),
        ("xMode", "edge"),
        ("yMode", "edge"),
        ("x", names / box.width),
        ("y", above / box.height),
        ("w", inner / box.width),
        ("h", max(1 - (above + 4) / box.height, 0.1)),
    ):
        etree.SubElement(manual, f"{{{_C}}}{name}", val=f"{value_}")
    area.insert(0, layout)


# Words and shapes


_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def _words(
    frame: Any, lines: list[list[_Run]], room: float | None = None, most: int = 1000
) -> None:
    """Paragraphs of runs in a text frame; cut to so many lines of a room where one is given."""
    from pptx.enum.text import PP_ALIGN

    left = most
    paragraphs = iter(frame.paragraphs)
    for nth, runs in enumerate(lines):
        if left <= 0:
            break
        if room is not None:
            said = "".join(run.text for run in runs)
            fits = lettering.cut(said, runs[0].size, room, left, runs[0].is_bold)
            left -= len(lettering.lines(fits, runs[0].size, room, runs[0].is_bold))
            if fits != said:
                runs = [replace(runs[-1], text=fits)] if len(runs) < 2 else _shortened(runs, fits)
        paragraph = next(paragraphs) if nth == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        for run in runs:
            one = paragraph.add_run()
            one.text = legible(run.text).replace("\n", " ").replace("\r", " ")
            _dress_run(one._r.get_or_add_rPr(), run)


def _dress_run(look: Any, run: _Run) -> None:
    """The look of a run, as elements: by python-pptx's properties it takes five times as long, and
    a story has thousands of runs."""
    from lxml import etree

    look.set("lang", "en-GB")
    look.set("sz", str(round(run.size * 100)))
    look.set("b", str(int(run.is_bold)))
    fill = etree.SubElement(look, f"{{{_A}}}solidFill")
    etree.SubElement(fill, f"{{{_A}}}srgbClr", val=run.colour.removeprefix("#"))
    etree.SubElement(look, f"{{{_A}}}latin", typeface=FONT)


def _shortened(runs: list[_Run], fits: str) -> list[_Run]:
    """Runs that together say no more than a text that was cut."""
    kept, left = [], len(fits) - 1
    for run in runs:
        kept.append(replace(run, text=run.text[:left]))
        left -= len(run.text)
        if left <= 0:
            break
    return [*kept[:-1], replace(kept[-1], text=kept[-1].text + "…")]


def _text_box(
    one: Any,
    box: _Box,
    lines: list[list[_Run]],
    name: str,
    room: float | None = None,
    most: int = 1000,
) -> None:
    shape = one.shapes.add_textbox(*_emu(box))
    shape.name = name
    _place(shape, box)
    _words(shape.text_frame, lines, room, most)


def _place(shape: Any, box: _Box, bottom: bool = False, middle: bool = False) -> None:
    """Put a shape that holds text in its box: broken at its edge, with no room lost, left."""
    from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE

    shape.left, shape.top, shape.width, shape.height = _emu(box)
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    anchors = {(True, False): MSO_ANCHOR.BOTTOM, (False, True): MSO_ANCHOR.MIDDLE}
    frame.vertical_anchor = anchors.get((bottom, middle), MSO_ANCHOR.TOP)


def _bar(one: Any, box: _Box, colour: str = theme.PALETTE[0]) -> None:
    """A plain bar of colour, which says nothing to those who can't see it."""
    from pptx.enum.shapes import MSO_SHAPE

    shape = one.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_emu(box))
    shape.fill.solid()
    shape.fill.fore_color.rgb = _rgb(colour)
    shape.line.fill.background()
    shape.shadow.inherit = False
    shape.name = "Decoration"


def _notes(one: Any, paragraphs: list[str]) -> None:
    one.notes_slide.notes_text_frame.text = legible("\n".join(p for p in paragraphs if p))


def _alt(shape: Any, said: str) -> None:
    shape._element.xpath("./p:nvGraphicFramePr/p:cNvPr")[0].set("descr", legible(said))


def _emu(box: _Box) -> tuple[int, int, int, int]:
    return tuple(int(x * _EMU) for x in (box.left, box.top, box.width, box.height))


def _pt(size: float) -> int:
    return int(size * _EMU)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.removeprefix("#"))
