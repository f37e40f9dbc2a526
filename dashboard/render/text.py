"""An exhibit's words and table as HTML, and its figures as CSV."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dashboard import words
from dashboard.exhibits.exhibit import Cell, Exhibit, Link, Table
from dashboard.memory import remembered
from dashboard.render import kinds, signs
from dashboard.render.html import Markup, html, joined

# Shown where there is a mouse. Nothing can be chosen in a chart that the filters can't choose.
HINT = Markup(
    '<p class="os-source os-hint">Drag across a chart to choose months, or click a point for the '
    "twelve months to it (and its council); the filters above do the same.</p>"
)


_NOTHING = Markup()


def about(workspace: dict[str, Any]) -> Markup:
    """Which data a page shows: title, newest month, version; what its measures lack."""
    newest = workspace["newest_month"]
    parts = [workspace["title"]]
    if newest:
        parts.append(f"newest figures {words.month(newest)}")
    parts.append(f"data version {workspace['data_version']}")
    waived = [w.replace("_", " ") for w in workspace["waived"].split(", ") if w]
    if waived:
        parts.append(f"these measures come without {words.listing(waived)}")
    return html('<p class="os-source">%s</p>', " · ".join(parts))


def back_to_story(asked: str) -> Markup:
    """The way back to the slide that somebody came from, as a link; nothing for any other word."""
    story_id, _, number = asked.rpartition(".")
    if not (story_id and number.isdecimal() and number.isascii()):
        return _NOTHING
    return html(
        '<p class="os-trail"><a href="%s" target="_self">Back to slide %s of the story</a></p>',
        f"present/{quote(story_id, safe='')}#{number}",
        number,
    )


@remembered
def head(exhibit: Exhibit) -> Markup:
    """The finding as a heading, what it is of, and the key to its lines."""
    parts = [html('<h2 class="os-finding">%s</h2>', exhibit.title)]
    if exhibit.subtitle:
        parts.append(html('<p class="os-subtitle">%s</p>', exhibit.subtitle))
    if exhibit.chart:
        parts.append(_key(exhibit))
    return joined(parts)


@remembered
def foot(exhibit: Exhibit) -> Markup:
    """What is said beneath the chart, and where the figures come from."""
    parts = [kinds.beneath(exhibit)]
    if exhibit.provenance:
        said = exhibit.provenance.sentence().removeprefix("Illustrative data · ")
        parts.append(source(said, exhibit.provenance.is_illustrative))
    if exhibit.chart:
        # The browser draws it (picture.js): no server has the fonts and the sizes that are seen.
        parts.append(
            html(
                '<button type="button" class="os-quiet" data-png="%s-%s">Download as PNG'
                '<span class="os-unseen"> “%s”</span></button>',
                exhibit.slot,
                exhibit.data_version,
                exhibit.title,
            )
        )
    return joined(parts)


def source(said: str, is_illustrative: bool) -> Markup:
    """Where figures come from, marked where they are made up."""
    return html('<p class="os-source">%s%s</p>', badge(is_illustrative), said)


def badge(is_illustrative: bool) -> Markup:
    """What stands before figures that are made up."""
    return Markup('<span class="os-badge">Illustrative</span> ') * is_illustrative


@remembered
def table(exhibit: Exhibit) -> Markup:
    """The exhibit's table, in a region that scrolls by keyboard where it is wide or long."""
    assert exhibit.table is not None
    return _table(exhibit.table, scrolls=not exhibit.table_first)


@remembered
def csv_bytes(exhibit: Exhibit) -> bytes:
    """The exhibit's rows as CSV for a spreadsheet: UTF-8 with its mark, and no live formula.

    Ends with lines that say what it is, where from, and which data version.
    """
    assert exhibit.table is not None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_inert(c) for c in exhibit.table.raw_columns])
    every_row = exhibit.table.every_row
    for row in every_row() if every_row else exhibit.table.raw_rows:
        writer.writerow([_inert(v) for v in row])
    writer.writerow([])
    writer.writerow([_inert(exhibit.title)])
    if exhibit.provenance:
        writer.writerow([_inert(exhibit.provenance.sentence())])
    return out.getvalue().encode("utf-8-sig")


# Words of a subtitle that are of the picture alone.
_OF_PICTURE = re.compile(r"\b(drawn|[Dd]ashed|[Dd]otted|in grey|Left is cheaper)\b")


def without_picture(subtitle: str) -> str:
    """A subtitle for a rendering that has no chart: without what it says of the drawing."""
    sentences = []
    for sentence in re.split(r"(?<=\.) ", subtitle):
        clauses = [c for c in sentence.split("; ") if not _OF_PICTURE.search(c)]
        if clauses:
            sentences.append("; ".join(clauses).removesuffix(".") + "." * sentence.endswith("."))
    return " ".join(sentences)


def href(link: Link) -> str:
    """Where a link leads: a page and its filters in the address."""
    return inside(link.page, urlencode(link.filters))


def inside(page: str, asked: str) -> str:
    """An address of ours, whatever an imported file said: a page's name and what it is asked."""
    name = "".join(c for c in page if c.isalnum() or c in "_-")
    return f"{name or '.'}?{asked}" if asked else name or "."


def trail(steps: Sequence[tuple[str, Link | None]]) -> Markup:
    """The way back up, step by step; the last is where the reader is, and leads nowhere."""
    items = [
        html('<li><a href="%s" target="_self">%s</a></li>', href(link), said)
        if link
        else html('<li aria-current="page">%s</li>', said)
        for said, link in steps
    ]
    return html('<nav class="os-trail" aria-label="Where you are"><ol>%s</ol></nav>', joined(items))


# Where Streamlit looks for addresses in words, after what was escaped is itself again.
_ADDRESS = re.compile(
    r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=\w)(?=@)", re.IGNORECASE
)
# Nothing that is seen, and no line is broken there.
_WORD_JOINER = "\u2060"


def as_label(said: str) -> str:
    """Words of anyone's as they are, where Streamlit would read Markdown: every sign escaped, and
    no address led to."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", _ADDRESS.sub(_WORD_JOINER, said))


# What Streamlit would make something of: Markdown, its own directives, addresses and HTML.
_MEANS_MORE = re.compile(
    r"[\\`*_~#<>|$\[\]!:]|&#?\w+;|^\s*(?:[-+]|\d+[.)])(?:\s|$)|www\.|@\w", re.IGNORECASE
)


def as_option(said: str) -> str:
    """A name that stands among choices, as it is. Few names hold a sign that means more to
    Streamlit; the others are left alone, because the words of a choice are those of the address."""
    return as_label(said) if _MEANS_MORE.search(said) else said


# What begins a formula, as it is or as wide as East Asian signs are; and what a spreadsheet leaves
# out before it.
_BEGINS_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")


def _inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return "'" + value
    return value


def _key(exhibit: Exhibit) -> Markup:
    """Which line is whose, with the dash as well as the colour."""
    items = kinds.key(exhibit)
    if len(items) < 2 and "Each council" not in items:
        return _NOTHING
    rows = (html("<li>%s %s</li>", sign, name) for name, sign in items.items())
    return html('<ul class="os-key">%s</ul>', joined(rows))


def _table(shown: Table, scrolls: bool) -> Markup:
    columns = [(_kind(shown, i), name) for i, name in enumerate(shown.columns)]
    heads = (html('<th scope="col"%s>%s</th>', *one) for one in columns)
    # How the cells of a column begin; the first names its row.
    begins = [html('<td%s data-label="%s">', *one) for one in columns]
    return html(
        '<div class="%s" role="region" tabindex="0" aria-label="%s"><table><caption>%s</caption>'
        "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>",
        "os-table os-scrolls" if scrolls else "os-table",
        shown.caption,
        shown.caption,
        joined(heads),
        joined(_row(shown, row, begins) for row in shown.rows),
    )


def _row(shown: Table, row: tuple[Cell, ...], begins: list[Markup]) -> Markup:
    first, *others = (_cell(cell, shown, i, row) for i, cell in enumerate(row))
    cells = joined(html("%s%s</td>", *one) for one in zip(begins[1:], others, strict=False))
    return html('<tr><th scope="row">%s</th>%s</tr>', first, cells)


def _kind(shown: Table, i: int) -> Markup:
    kind = "os-sentence" if i in shown.sentences else "os-figure" if i in shown.figures else ""
    return html(' class="%s"', kind) if kind else _NOTHING


def _cell(cell: Cell, shown: Table, i: int, row: tuple[Cell, ...]) -> Markup:
    said = joined((_line(*line) for line in cell.lines if line[0]), "<br>")
    if cell.parts:
        said = _parts(cell.parts) + said
    if not cell.link:
        return said
    # A cell's link says where it leads even when it is read out of its table.
    where = f"{_plain(row[0])}, {shown.columns[i]}: {_plain(cell)}"
    label = html(' aria-label="%s"', where) if i else _NOTHING
    return html('<a href="%s" target="_self"%s>%s</a>', href(cell.link), label, said)


def _plain(cell: Cell) -> str:
    return "; ".join(text for text, _ in cell.lines)


# A word longer than this (a row of an export as it came, a path) may break anywhere.
_LONGEST_WORD = 40


def _line(text: str, mark: str | None) -> Markup | str:
    if mark is None:
        long = max(map(len, text.split()), default=0) > _LONGEST_WORD
        return html('<span class="os-long">%s</span>', text) if long else text
    return html("%s %s", signs.shape(mark), text)


def _parts(parts: tuple[tuple[str, int], ...]) -> Markup:
    """A bar of how many are on target, close and off; the words beside it say the same."""
    whole = sum(n for _, n in parts)
    if not whole:
        return _NOTHING
    spans = (
        html('<span style="width:%s;background:%s"></span>', f"{n / whole:.1%}", signs.of(name)[0])
        for name, n in parts
        if n
    )
    return html('<span class="os-parts" aria-hidden="true">%s</span>', joined(spans))
