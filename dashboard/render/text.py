"""An exhibit's words and table as HTML, and its figures as CSV. Everything is escaped here."""

import csv
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from dashboard import words
from dashboard.exhibits.exhibit import Cell, Exhibit, Link, Table
from dashboard.memory import remembered
from dashboard.render import kinds, signs

# Shown where there is a mouse. Nothing can be chosen in a chart that the filters can't choose.
HINT = (
    '<p class="os-source os-hint">Drag across a chart to choose months, or click a point for the '
    "twelve months to it (and its council); the filters above do the same.</p>"
)


def about(workspace: dict[str, Any]) -> str:
    """Which data a page shows: title, newest month, version; what its measures lack."""
    newest = workspace["newest_month"]
    parts = [workspace["title"]]
    if newest:
        parts.append(f"newest figures {words.month(newest)}")
    parts.append(f"data version {workspace['data_version']}")
    waived = [w.replace("_", " ") for w in workspace["waived"].split(", ") if w]
    if waived:
        parts.append(f"these measures come without {words.listing(waived)}")
    return f'<p class="os-source">{escape(" · ".join(parts))}</p>'


def back_to_story(asked: str) -> str:
    """The way back to the slide that somebody came from, as a link; nothing for any other word."""
    story_id, _, number = asked.rpartition(".")
    if not (story_id and number.isdecimal() and number.isascii()):
        return ""
    to = f"present/{quote(story_id, safe='')}#{number}"
    return (
        f'<p class="os-trail"><a href="{escape(to)}" target="_self">Back to slide {number} of the '
        "story</a></p>"
    )


@remembered
def head(exhibit: Exhibit) -> str:
    """The finding as a heading, what it is of, and the key to its lines."""
    parts = [f'<h2 class="os-finding">{escape(exhibit.title)}</h2>']
    if exhibit.subtitle:
        parts.append(f'<p class="os-subtitle">{escape(exhibit.subtitle)}</p>')
    if exhibit.chart:
        parts.append(_key(exhibit))
    return "".join(parts)


@remembered
def foot(exhibit: Exhibit) -> str:
    """What is said beneath the chart, and where the figures come from."""
    parts = [kinds.beneath(exhibit)]
    if exhibit.provenance:
        badge = '<span class="os-badge">Illustrative</span> ' * exhibit.provenance.is_illustrative
        said = exhibit.provenance.sentence().removeprefix("Illustrative data · ")
        parts.append(f'<p class="os-source">{badge}{escape(said)}</p>')
    if exhibit.chart:
        # The browser draws it (picture.js): no server has the fonts and the sizes that are seen.
        parts.append(
            f'<button type="button" class="os-quiet" data-png="{escape(exhibit.slot)}-'
            f'{escape(exhibit.data_version)}">Download as PNG<span class="os-unseen"> '
            f"“{escape(exhibit.title)}”</span></button>"
        )
    return "".join(parts)


@remembered
def table(exhibit: Exhibit) -> str:
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


def trail(steps: Sequence[tuple[str, Link | None]]) -> str:
    """The way back up, step by step; the last is where the reader is, and leads nowhere."""
    items = [
        f'<li><a href="{escape(href(link))}" target="_self">{escape(said)}</a></li>'
        if link
        else f'<li aria-current="page">{escape(said)}</li>'
        for said, link in steps
    ]
    return f'<nav class="os-trail" aria-label="Where you are"><ol>{"".join(items)}</ol></nav>'


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


def _key(exhibit: Exhibit) -> str:
    """Which line is whose, with the dash as well as the colour."""
    items = kinds.key(exhibit)
    if len(items) < 2 and "Each council" not in items:
        return ""
    return (
        '<ul class="os-key">'
        + "".join(f"<li>{sign} {escape(name)}</li>" for name, sign in items.items())
        + "</ul>"
    )


def _table(shown: Table, scrolls: bool) -> str:
    heads = "".join(
        f'<th scope="col"{_kind(shown, i)}>{escape(c)}</th>' for i, c in enumerate(shown.columns)
    )
    body = "".join(_row(shown, row) for row in shown.rows)
    region = "os-table os-scrolls" if scrolls else "os-table"
    return (
        f'<div class="{region}" role="region" tabindex="0" aria-label="{escape(shown.caption)}">'
        f"<table><caption>{escape(shown.caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(shown: Table, row: tuple[Cell, ...]) -> str:
    cells = []
    for i, cell in enumerate(row):
        tag = 'th scope="row"' if i == 0 else f"td{_kind(shown, i)}"
        label = f' data-label="{escape(shown.columns[i])}"' if i else ""
        cells.append(f"<{tag}{label}>{_cell(cell, shown, i, row)}</{tag.split()[0]}>")
    return f"<tr>{''.join(cells)}</tr>"


def _kind(shown: Table, i: int) -> str:
    if i in shown.sentences:
        return ' class="os-sentence"'
    return ' class="os-figure"' if i in shown.figures else ""


def _cell(cell: Cell, shown: Table, i: int, row: tuple[Cell, ...]) -> str:
    said = "<br>".join(_line(text, mark) for text, mark in cell.lines if text)
    bar = _parts(cell.parts)
    if not cell.link:
        return bar + said
    # A cell's link says where it leads even when it is read out of its table.
    where = (
        ""
        if i == 0
        else f' aria-label="{escape(_plain(row[0]))}, '
        f'{escape(shown.columns[i])}: {escape(_plain(cell))}"'
    )
    return f'<a href="{escape(href(cell.link))}" target="_self"{where}>{bar}{said}</a>'


def _plain(cell: Cell) -> str:
    return "; ".join(text for text, _ in cell.lines)


# A word longer than this (a row of an export as it came, a path) may break anywhere.
_LONGEST_WORD = 40


def _line(text: str, mark: str | None) -> str:
    if mark is None:
        long = max(map(len, text.split()), default=0) > _LONGEST_WORD
        return f'<span class="os-long">{escape(text)}</span>' if long else escape(text)
    return f"{signs.shape(mark)} {escape(text)}"


def _parts(parts: tuple[tuple[str, int], ...]) -> str:
    """A bar of how many are on target, close and off; the words beside it say the same."""
    whole = sum(n for _, n in parts)
    if not whole:
        return ""
    return (
        '<span class="os-parts" aria-hidden="true">'
        + "".join(
            f'<span style="width:{n / whole:.1%};background:{signs.of(verdict)[0]}"></span>'
            for verdict, n in parts
            if n
        )
        + "</span>"
    )
