"""A story, or the report to the Joint Committee, as a Word document with native tables."""

import io
from datetime import date
from typing import TYPE_CHECKING, Any

from dashboard import theme
from dashboard.exhibits import foot
from dashboard.exhibits.exhibit import Cell, Exhibit, Table
from dashboard.exhibits.story import Report, Story, Told, in_turn, silently
from dashboard.render import signs
from dashboard.render.lettering import legible
from dashboard.render.text import without_picture

if TYPE_CHECKING:
    from docx.document import Document

_FONT, _SIZE = "Arial", 11
_TABLE_SIZE, _FOOT_SIZE = 9, 9
# A table of more rows is for the workbook: on paper it would be a dozen pages.
MOST_ROWS = 120


def write(story: Story, told: Told = silently) -> bytes:
    """The story as a .docx file: each slide's headline, question, table, foot and notes."""
    document = _empty(story.title)
    document.add_heading(legible(story.title), 0)
    for slide in in_turn(story.slides, told):
        _exhibit(document, slide.exhibit, slide.title, 1)
        if slide.question:
            document.add_paragraph().add_run(legible(slide.question)).bold = True
        if slide.notes:
            document.add_paragraph(legible(slide.notes))
        document.add_paragraph(legible(foot.foot(slide.exhibit, story.changed_at.date())), "Source")
    return _saved(document)


def write_report(report: Report, on: date) -> bytes:
    """The committee's report as a .docx file; `on` is the date it bears."""
    document = _empty(report.title)
    document.add_heading(legible(report.title), 0)
    document.add_paragraph(legible(report.subtitle), "Subtitle")
    document.add_paragraph(foot.day(on))
    for section in report.sections:
        document.add_heading(legible(section.title), 2 if "." in section.title[:3] else 1)
        for exhibit in section.exhibits:
            _exhibit(document, exhibit, exhibit.title, 3, section.to_fill)
            if exhibit.provenance:
                document.add_paragraph(legible(exhibit.provenance.sentence()), "Source")
    return _saved(document)


def _empty(title: str) -> "Document":
    """A landscape A4 document in our look. Imports python-docx, which no page needs."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt, RGBColor

    document = docx.Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(16)
    ink = RGBColor.from_string(theme.PALETTE[0][1:])
    for name, size in (("Normal", _SIZE), ("Title", 24), ("Subtitle", 14), ("Heading 1", 18),
                       ("Heading 2", 15), ("Heading 3", 12)):  # fmt: skip
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        # Word takes the theme's font for headings unless each of its four is named.
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(f"{{{fonts.nsmap['w']}}}{script}", None)
        if name != "Normal":
            style.font.color.rgb = ink
            style.font.italic = False
    source = document.styles.add_style("Source", WD_STYLE_TYPE.PARAGRAPH)
    source.base_style = document.styles["Normal"]
    source.font.size = Pt(_FOOT_SIZE)
    source.font.color.rgb = RGBColor.from_string(theme.QUIET[1:])
    document.core_properties.title = legible(title)
    document.core_properties.author = "oneSource"
    document.core_properties.language = "en-GB"
    return document


def _saved(document: "Document") -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _exhibit(
    document: "Document", exhibit: Exhibit, title: str, level: int, to_fill: str = ""
) -> None:
    document.add_heading(legible(title), level)
    # A document has tables and no charts.
    if below := without_picture(exhibit.subtitle):
        document.add_paragraph(legible(below), "Source")
    if exhibit.empty or exhibit.table is None:
        document.add_paragraph(legible(exhibit.empty or exhibit.alt))
        return
    _table(document, exhibit.table, to_fill)


def _table(document: "Document", table: Table, to_fill: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    shown = table.rows[:MOST_ROWS]
    heads = (*table.columns, to_fill) if to_fill else table.columns
    grid = document.add_table(1, len(heads), "Table Grid")
    for cell, name in zip(grid.rows[0].cells, heads, strict=True):
        run = cell.paragraphs[0].add_run(legible(name))
        run.bold, run.font.size = True, Pt(_TABLE_SIZE)
    _repeats(grid.rows[0])
    for row in shown:
        for i, (cell, given) in enumerate(zip(grid.add_row().cells, row, strict=False)):
            paragraph = cell.paragraphs[0]
            if i in table.figures:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for nth, (text, mark) in enumerate(_lines(given)):
                if nth:
                    paragraph.add_run().add_break()
                if mark:
                    colour, shape, _ = signs.of(mark)
                    run = paragraph.add_run(f"{shape} ")
                    run.font.size = Pt(_TABLE_SIZE)
                    run.font.color.rgb = RGBColor.from_string(colour[1:])
                paragraph.add_run(legible(text)).font.size = Pt(_TABLE_SIZE)
    _describe(grid, table.caption)
    if len(table.rows) > len(shown):
        document.add_paragraph(
            f"The first {len(shown)} of {len(table.rows):,} rows; the workbook has all.", "Source"
        )


def _lines(cell: Cell) -> list[tuple[str, str | None]]:
    return [(text, mark) for text, mark in cell.lines if text] or [("", None)]


def _repeats(row: Any) -> None:
    """The header stands again at the top of each page."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))


def _describe(grid: Any, caption: str) -> None:
    """The table's alternative text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    described = OxmlElement("w:tblDescription")
    described.set(qn("w:val"), legible(caption))
    grid._tbl.tblPr.append(described)
