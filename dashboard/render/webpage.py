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
from pathlib import Path
from urllib.parse import urlencode

import plotly

from dashboard import policy, theme, words
from dashboard.exhibits import foot
from dashboard.exhibits.exhibit import Exhibit, Table
from dashboard.exhibits.story import Slide, Story, Told, in_turn, silently
from dashboard.render import kinds, text
from dashboard.render.html import Markup, html, joined

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


def page(
    story: Story, *, app: str = "", is_presented: bool = False, told: Told = silently
) -> Markup:
    """The whole page as HTML.

    app: the address of the dashboard, ending in a slash, which slides then lead back to; without
    it they lead nowhere, as a file that is taken home should. is_presented: it opens presenting.
    """
    drawn = [_drawn(slide) for slide in in_turn(story.slides, told)]
    sections = (
        _section(nth, slide, shown, app, story)
        for nth, (slide, (shown, _)) in enumerate(zip(story.slides, drawn, strict=True), 1)
    )
    return html(
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="%s"><title>%s</title>'
        '<style>%s%s</style></head><body data-start="%s"><div class="w-page">%s<main>%s</main>'
        '</div>%s%s<script type="application/octet-stream" id="w-library">%s</script>'
        '<script type="application/octet-stream" id="w-charts">%s</script>'
        '<script type="application/json" id="w-dark">%s</script><script>%s</script></body></html>',
        Markup(may_load()),
        story.title,
        Markup(_file("style.css")),
        Markup(_file("webpage.css")),
        "present" if is_presented else "read",
        _front(story),
        joined(sections),
        _controls(story),
        _PRESENTER_VIEW,
        _library(),
        _packed(json.dumps([charts for _, charts in drawn], separators=(",", ":")).encode()),
        Markup(json.dumps(theme.DARK)),
        Markup(_file("webpage.js")),
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


def _front(story: Story) -> Markup:
    versions = words.listing(list(story.data_versions))
    made = f"Data version {versions}" if story.slides else "No slides"
    is_illustrative = any(foot.is_illustrative(s.exhibit) for s in story.slides)
    links = (
        html('<li><a href="#slide-%s">%s</a></li>', nth, s.title)
        for nth, s in enumerate(story.slides, 1)
    )
    return html(
        '<header class="w-front"><h1>%s</h1><p class="w-made">%s%s · %s · changed %s</p>'
        '<p class="w-actions"><button type="button" data-do="present">Present</button>'
        '<button type="button" data-do="print">Print</button>'
        '<button type="button" data-do="look">Dark or light</button>'
        '<button type="button" data-do="help">Keys</button></p>'
        '<nav aria-label="Slides"><ol class="w-contents">%s</ol></nav></header>',
        story.title,
        text.badge(is_illustrative),
        made,
        words.count(len(story.slides), "slide"),
        foot.day(story.changed_at.date()),
        joined(links),
    )


def _section(nth: int, slide: Slide, shown: Exhibit, app: str, story: Story) -> Markup:
    exhibit = slide.exhibit
    explore = ""
    if app and exhibit.name:
        page, _, asked = slide.address.partition("?")
        back = urlencode({"presenting": f"{story.story_id}.{nth}"})
        explore = app + text.inside(page, f"{asked}&{back}" if asked else back)
    look = kinds.of(exhibit).look
    return html(
        '<section class="w-slide%s" id="slide-%s" aria-roledescription="slide" '
        'aria-label="Slide %s of %s" data-explore="%s"><p class="w-number">Slide %s of %s</p>%s'
        '<div class="w-body">%s%s%s<div class="w-foot"><p class="w-part" hidden></p>%s</div></div>'
        "%s</section>",
        f" {look}" if look else "",
        nth,
        *(nth, len(story.slides), explore),
        *(nth, len(story.slides)),
        _if_any('<p class="w-question">%s</p>', slide.question),
        text.head(shown),
        _if_any('<p class="os-subtitle w-more">%s</p>', _in_two(exhibit.subtitle)[1]),
        _shown(exhibit, shown),
        _foot(shown, story),
        _if_any('<aside class="w-notes" aria-label="Notes">%s</aside>', slide.notes),
    )


def _if_any(template: str, said: str) -> Markup:
    return html(template, said) if said else Markup()


def _in_two(subtitle: str) -> tuple[str, str]:
    """The first sentences, which a slide has room for, and what is left to those who read."""
    sentences = re.split(r"(?<=[.;]) ", subtitle)
    held = 1
    while held < len(sentences) and len(" ".join(sentences[: held + 1])) <= _SUBTITLE:
        held += 1
    return " ".join(sentences[:held]), " ".join(sentences[held:])


def _foot(shown: Exhibit, story: Story) -> Markup:
    said = foot.foot(shown, story.changed_at.date()).removeprefix("Illustrative data · ")
    return kinds.beneath(shown) + text.source(said, foot.is_illustrative(shown))


def _shown(exhibit: Exhibit, shown: Exhibit) -> Markup:
    if exhibit.empty:
        return html('<p class="w-empty">%s</p>', exhibit.empty)
    said = Markup()
    # Behind a fold nothing is seen of a table that is all there is.
    is_open = exhibit.table_first or not exhibit.chart
    if is_open and exhibit.table:
        said += html('<div class="w-open-table">%s</div>', text.table(shown))
    if exhibit.chart:
        said += html('<div class="w-charts" role="img" aria-label="%s"></div>', exhibit.alt)
    if exhibit.table and not is_open:
        said += html("<details><summary>Table</summary>%s</details>", text.table(shown))
    return said


_BUTTONS = (
    ("back", "Back"),
    ("next", "Next"),
    ("jump", "Go to"),
    ("notes", "Notes"),
    ("look", "Dark or light"),
    ("full", "Full screen"),
    ("help", "Keys"),
    ("leave", "Leave"),
)


def _controls(story: Story) -> Markup:
    slides = (
        html('<li><a href="#%s" data-to="%s">%s</a></li>', nth + 1, nth, s.title)
        for nth, s in enumerate(story.slides)
    )
    close = Markup('<form method="dialog"><button>Close</button></form>')
    return html(
        '<div class="w-controls" role="toolbar" aria-label="Presenting">%s'
        '<a class="w-button w-explore" hidden>Explore from here</a>'
        '<span class="w-count"></span></div><div class="w-progress"></div>'
        '<p id="w-said" aria-live="polite" style="position:absolute;left:-999em"></p>'
        '<dialog id="w-jump" aria-label="Go to a slide"><ol>%s</ol>%s</dialog>'
        '<dialog id="w-help" aria-label="Keys"><ul>%s</ul>%s</dialog>',
        joined(html('<button type="button" data-do="%s">%s</button>', *one) for one in _BUTTONS),
        joined(slides),
        close,
        joined(html("<li><kbd>%s</kbd> %s</li>", *key) for key in _KEYS),
        close,
    )


_PRESENTER_VIEW = Markup(
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
def _library() -> Markup:
    return _packed(_PLOTLY.read_bytes())


def _packed(plain: bytes) -> Markup:
    """Compressed, and in letters that no page can take for an end of its script."""
    return Markup(base64.b64encode(gzip.compress(plain, _LEVEL, mtime=0)).decode("ascii"))
