"""An exhibit's words and table as HTML, and its figures as CSV. Everything is escaped here."""

import csv
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from dashboard import theme, words
from dashboard.exhibits.exhibit import (
    Bars,
    Bridge,
    Cell,
    Dots,
    Exhibit,
    Funnel,
    Link,
    Quadrants,
    Stack,
    Table,
    Trend,
)
from dashboard.memory import remembered
from dashboard.render import shares
from dashboard.render.figure import colour_of, lettered, style_of

_MARKS = {
    **theme.VERDICTS,
    **theme.SIGNALS,
    **theme.MONEY,
}

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
    parts = [beneath(exhibit)]
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


def beneath(exhibit: Exhibit) -> str:
    """The events lettered in the chart, or what lies in each of its quadrants."""
    parts = []
    if isinstance(exhibit.chart, Trend) and (events := lettered(exhibit.chart)):
        parts.append(
            '<ul class="os-events">'
            + "".join(
                f"<li><b>{letter}</b> {month:%B %Y}: {escape(title)}</li>"
                for letter, month, title in events
            )
            + "</ul>"
        )
    if isinstance(exhibit.chart, Quadrants):
        parts.append(
            '<ul class="os-quadrants">'
            + "".join(f"<li>{escape(said)}</li>" for said in exhibit.chart.sentences)
            + "</ul>"
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


def mark(name: str) -> tuple[str, str, str]:
    """A mark's colour, shape and words."""
    return _MARKS[name]


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
    items: dict[str, str] = {}
    if isinstance(exhibit.chart, Trend):
        items = _key_of_lines(exhibit.chart)
    elif isinstance(exhibit.chart, Bridge):
        marks = {step.mark for step in exhibit.chart.steps}
        items = {said: _shape(mark) for mark, (_, _, said) in theme.MONEY.items() if mark in marks}
    elif isinstance(exhibit.chart, Funnel):
        items = _key_of_funnel(exhibit.chart)
    elif isinstance(exhibit.chart, Quadrants):
        items = _key_of_quadrants(exhibit.chart)
    elif isinstance(exhibit.chart, Bars):
        for bar in exhibit.chart.bars:
            if bar.is_mark:
                shape = "┃" if bar.role == "budget" else "◇"
                items[bar.name] = f'<span aria-hidden="true">{shape}</span>'
            else:
                items[bar.name] = _swatch(colour_of(bar), "solid")
    elif isinstance(exhibit.chart, Dots | Stack):
        items = shares.key(exhibit.chart)
    if len(items) < 2 and "Each council" not in items:
        return ""
    return (
        '<ul class="os-key">'
        + "".join(f"<li>{mark} {escape(name)}</li>" for name, mark in items.items())
        + "</ul>"
    )


def _key_of_lines(chart: Trend) -> dict[str, str]:
    items: dict[str, str] = {}
    lines = [x for p in chart.panels for x in p.lines]
    for line in lines:
        if line.role == "context":
            items.setdefault("Each council", _swatch(theme.CONTEXT, "solid"))
            continue
        style = style_of(line, chart.council_order)
        if line.role == "series":
            items.setdefault(
                line.name,
                f'<span aria-hidden="true" style="color:{style["color"]}">━●━</span>',
            )
            continue
        drawn = _band if line.role in ("limit", "trial limit") else _swatch
        items.setdefault(line.name, drawn(style["color"], style.get("dash", "solid")))
    marks = {mark or "usual variation" for x in lines for mark in x.marks}
    for mark, (_, _, said) in theme.SIGNALS.items():
        if mark in marks:
            items[said] = _shape(mark)
    if any(any(x.provisional) for x in lines):
        items["Provisional"] = '<span class="os-hollow" aria-hidden="true"></span>'
    return items


def _key_of_funnel(chart: Funnel) -> dict[str, str]:
    ink = f'<span aria-hidden="true" style="color:{theme.INK}">'
    items = {
        f"All councils together, {words.figure(chart.centre, 'share')}": _swatch(
            theme.WHOLE, "solid"
        ),
        "95% limits": _band(theme.QUIET, "dot"),
        "99.8% limits": _band(theme.QUIET, "solid", theme.SURFACE),
    }
    if any(not p.is_outside for p in chart.places):
        items["Within the 99.8% limits"] = f"{ink}●</span>"
    if any(p.is_outside for p in chart.places):
        items["Outside them: more than chance"] = f"{ink}◆</span>"
    if any(p.role == "context" for p in chart.places):
        items["Other councils"] = f'<span aria-hidden="true" style="color:{theme.QUIET}">○</span>'
    return items


def _key_of_quadrants(chart: Quadrants) -> dict[str, str]:
    ink = f'<span aria-hidden="true" style="color:{theme.WHOLE}">'
    items = {}
    if any(s.before for s in chart.spots):
        items["A year before"] = f"{ink}○</span>"
    items["Now"] = f"{ink}●</span>"
    for mark, said in (("improvement", "Now, really better"), ("concern", "Now, really worse")):
        if any(s.mark == mark for s in chart.spots):
            items[said] = _shape(mark)
    return items


def _shape(mark: str) -> str:
    colour, shape, _ = _MARKS[mark]
    return f'<span aria-hidden="true" style="color:{colour}">{shape}</span>'


def _band(colour: str, dash: str, fill: str = theme.BAND) -> str:
    line = {"solid": "solid", "dot": "dotted"}.get(dash, "dashed")
    return (
        '<span class="os-band" aria-hidden="true" '
        f'style="border-color:{colour};border-style:{line} none;background:{fill}"></span>'
    )


def _swatch(colour: str, dash: str) -> str:
    line = {"solid": "solid", "dot": "dotted"}.get(dash, "dashed")
    return (
        f'<span class="os-swatch" aria-hidden="true" style="border-top:3px {line} {colour}"></span>'
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
    return f"{_shape(mark)} {escape(text)}"


def _parts(parts: tuple[tuple[str, int], ...]) -> str:
    """A bar of how many are on target, close and off; the words beside it say the same."""
    whole = sum(n for _, n in parts)
    if not whole:
        return ""
    return (
        '<span class="os-parts" aria-hidden="true">'
        + "".join(
            f'<span style="width:{n / whole:.1%};background:{_MARKS[verdict][0]}"></span>'
            for verdict, n in parts
            if n
        )
        + "</span>"
    )
