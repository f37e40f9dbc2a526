"""A story as one web page that needs nothing else: read, presented full screen, or printed.

The same page is what the dashboard's own server shows to present a story, so what works in the
room works from a memory stick too.
"""

import base64
import functools
import gzip
import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import plotly

from dashboard import policy, theme, words
from dashboard.exhibits.exhibit import Exhibit, Table
from dashboard.render import kinds, text
from dashboard.stories import foot
from dashboard.stories.story import Slide, Story, Told, in_turn, silently

_HERE = Path(__file__).parent
_PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
# 4.8 MB to 1.4 MB in 0.3 s; the best level takes a second for 1% less.
_LEVEL = 6

# Letters of a subtitle's first sentences on a slide: two lines of it.
_SUBTITLE = 190

_KEYS = (
    ("→ or space", "next"),
    ("←", "back"),
    ("Home, End", "first slide, last slide"),
    ("G", "go to a slide"),
    ("B", "black screen"),
    ("N", "notes and next slide, in a second window"),
    ("E", "explore this slide in the dashboard"),
    ("D", "dark or light"),
    ("F", "full screen"),
    ("Esc", "leave"),
)


def write(story: Story, told: Told = silently) -> bytes:
    """The page to take home, in UTF-8. It leads nowhere; notes stand in it, to present it by."""
    return page(story, told=told).encode("utf-8")


def page(story: Story, *, app: str = "", is_presented: bool = False, told: Told = silently) -> str:
    """The whole page as HTML.

    app: the address of the dashboard, ending in a slash, which slides then lead back to; without
    it they lead nowhere, as a file that is taken home should. is_presented: it opens presenting.
    """
    drawn = [_drawn(slide) for slide in in_turn(story.slides, told)]
    return "".join(
        (
            '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{may_load()}">',
            f"<title>{escape(story.title)}</title>",
            f"<style>{_file('style.css')}{_file('webpage.css')}</style></head>",
            f'<body data-start="{"present" if is_presented else "read"}">',
            '<div class="w-page">',
            _front(story),
            "<main>",
            *(
                _section(nth, slide, shown, app, story)
                for nth, (slide, (shown, _)) in enumerate(zip(story.slides, drawn, strict=True), 1)
            ),
            "</main></div>",
            _controls(story),
            _presenter_view(),
            f'<script type="application/octet-stream" id="w-library">{_library()}</script>',
            '<script type="application/octet-stream" id="w-charts">',
            _packed(json.dumps([charts for _, charts in drawn], separators=(",", ":")).encode()),
            "</script>",
            f'<script type="application/json" id="w-dark">{json.dumps(theme.DARK)}</script>',
            f"<script>{_file('webpage.js')}</script></body></html>",
        )
    )


@functools.cache
def may_load() -> str:
    """The page's policy: its own script and the drawing library run, whatever a story says."""
    return policy.of_whole_page([_file("webpage.js"), _PLOTLY.read_text(encoding="utf-8")])


def _drawn(slide: Slide) -> tuple[Exhibit, dict[str, list]]:
    """The exhibit under the slide's own headline, and its charts for reading and for a slide."""
    exhibit = slide.exhibit
    # What is remembered of an exhibit goes by its name: this one's words are the slide's.
    shown = replace(
        exhibit,
        title=slide.title,
        subtitle=_in_two(exhibit.subtitle)[0],
        table=exhibit.table and _leading_nowhere(exhibit.table),
        read_from=f"{slide.slide_id} {slide.title}",
    )
    if exhibit.empty or not exhibit.chart:
        return shown, {"page": [], "slide": []}
    return shown, {"page": list(kinds.figures(shown)), "slide": kinds.parts(shown)}


def _leading_nowhere(table: Table) -> Table:
    """A table without links: they are addresses from the dashboard’s pages on, not from here."""
    rows = tuple(tuple(replace(cell, link=None) for cell in row) for row in table.rows)
    return replace(table, rows=rows)


def _front(story: Story) -> str:
    versions = words.listing(list(story.data_versions))
    made = f"Data version {versions}" if story.slides else "No slides"
    illustrative = any(s.exhibit.provenance and s.exhibit.provenance.is_illustrative
                       for s in story.slides)  # fmt: skip
    badge = '<span class="os-badge">Illustrative</span> ' * illustrative
    links = "".join(
        f'<li><a href="#slide-{nth}">{escape(s.title)}</a></li>'
        for nth, s in enumerate(story.slides, 1)
    )
    return (
        f'<header class="w-front"><h1>{escape(story.title)}</h1>'
        f'<p class="w-made">{badge}{escape(made)} · {words.count(len(story.slides), "slide")} · '
        f"changed {foot.day(story.changed_at.date())}</p>"
        '<p class="w-actions"><button type="button" data-do="present">Present</button>'
        '<button type="button" data-do="print">Print</button>'
        '<button type="button" data-do="look">Dark or light</button>'
        '<button type="button" data-do="help">Keys</button></p>'
        f'<nav aria-label="Slides"><ol class="w-contents">{links}</ol></nav></header>'
    )


def _section(nth: int, slide: Slide, shown: Exhibit, app: str, story: Story) -> str:
    exhibit = slide.exhibit
    explore = ""
    if app and exhibit.name:
        page, _, asked = slide.address.partition("?")
        back = urlencode({"presenting": f"{story.story_id}.{nth}"})
        explore = app + text.inside(page, f"{asked}&{back}" if asked else back)
    kind = kinds.of(exhibit)
    look = f" {kind.look}" if kind and kind.look else ""
    rest = _in_two(exhibit.subtitle)[1]
    more = f'<p class="os-subtitle w-more">{escape(rest)}</p>' if rest else ""
    question = f'<p class="w-question">{escape(slide.question)}</p>' if slide.question else ""
    notes = (
        f'<aside class="w-notes" aria-label="Notes">{escape(slide.notes)}</aside>'
        if slide.notes
        else ""
    )
    return (
        f'<section class="w-slide{look}" id="slide-{nth}" aria-roledescription="slide" '
        f'aria-label="Slide {nth} of {len(story.slides)}" data-explore="{escape(explore)}">'
        f'<p class="w-number">Slide {nth} of {len(story.slides)}</p>{question}'
        f'<div class="w-body">{text.head(shown)}{more}{_shown(exhibit, shown)}'
        f'<div class="w-foot"><p class="w-part" hidden></p>{_foot(shown, story)}</div></div>'
        f"{notes}</section>"
    )


def _in_two(subtitle: str) -> tuple[str, str]:
    """The first sentences, which a slide has room for, and what is left to those who read."""
    sentences = re.split(r"(?<=[.;]) ", subtitle)
    held = 1
    while held < len(sentences) and len(" ".join(sentences[: held + 1])) <= _SUBTITLE:
        held += 1
    return " ".join(sentences[:held]), " ".join(sentences[held:])


def _foot(shown: Exhibit, story: Story) -> str:
    said = foot.foot(shown, story.changed_at.date()).removeprefix("Illustrative data · ")
    badge = '<span class="os-badge">Illustrative</span> ' * foot.is_illustrative(shown)
    return f'{kinds.beneath(shown)}<p class="os-source">{badge}{escape(said)}</p>'


def _shown(exhibit: Exhibit, shown: Exhibit) -> str:
    if exhibit.empty:
        return f'<p class="w-empty">{escape(exhibit.empty)}</p>'
    parts_ = []
    # Behind a fold nothing is seen of a table that is all there is.
    is_open = exhibit.table_first or not exhibit.chart
    if is_open and exhibit.table:
        parts_.append(f'<div class="w-open-table">{text.table(shown)}</div>')
    if exhibit.chart:
        parts_.append(f'<div class="w-charts" role="img" aria-label="{escape(exhibit.alt)}"></div>')
    if exhibit.table and not is_open:
        parts_.append(f"<details><summary>Table</summary>{text.table(shown)}</details>")
    return "".join(parts_)


def _controls(story: Story) -> str:
    slides = "".join(
        f'<li><a href="#{nth + 1}" data-to="{nth}">{escape(s.title)}</a></li>'
        for nth, s in enumerate(story.slides)
    )
    keys = "".join(f"<li><kbd>{key}</kbd> {does}</li>" for key, does in _KEYS)
    close = '<form method="dialog"><button>Close</button></form>'
    buttons = (
        ("back", "Back"),
        ("next", "Next"),
        ("jump", "Go to"),
        ("notes", "Notes"),
        ("look", "Dark or light"),
        ("full", "Full screen"),
        ("help", "Keys"),
        ("leave", "Leave"),
    )
    return (
        '<div class="w-controls" role="toolbar" aria-label="Presenting">'
        + "".join(f'<button type="button" data-do="{do}">{name}</button>' for do, name in buttons)
        + '<a class="w-button w-explore" hidden>Explore from here</a>'
        '<span class="w-count"></span></div><div class="w-progress"></div>'
        '<p id="w-said" aria-live="polite" style="position:absolute;left:-999em"></p>'
        f'<dialog id="w-jump" aria-label="Go to a slide"><ol>{slides}</ol>{close}</dialog>'
        f'<dialog id="w-help" aria-label="Keys"><ul>{keys}</ul>{close}</dialog>'
    )


def _presenter_view() -> str:
    return (
        '<div class="w-presenter-view"><div><h2>Now</h2><p class="w-title"></p>'
        '<h2>Notes</h2><p class="w-said"></p></div><div><p class="w-clock"></p>'
        '<p class="w-where"></p><h2>Next</h2><p class="w-next"></p><p class="w-buttons">'
        '<button type="button" data-do="back">Back</button>'
        '<button type="button" data-do="next">Next</button>'
        '<button type="button" data-do="black">Black</button></p></div></div>'
    )


@functools.cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@functools.cache
def _library() -> str:
    return _packed(_PLOTLY.read_bytes())


def _packed(plain: bytes) -> str:
    """Compressed, and in letters that no page can take for an end of its script."""
    return base64.b64encode(gzip.compress(plain, _LEVEL, mtime=0)).decode("ascii")
