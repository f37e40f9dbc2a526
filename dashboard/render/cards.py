"""Stories and their slides in lists, as HTML."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlencode

from dashboard import words
from dashboard.exhibits import foot
from dashboard.exhibits.exhibit import Exhibit
from dashboard.exhibits.story import Report, Slide, Story
from dashboard.render import kinds, text
from dashboard.render.html import Markup, html, joined

# As much of a long text as says which it is.
_SHOWN = 180


def address_of(story_id: str) -> str:
    """Where a story is arranged, from the app's own address on."""
    return f"stories?{urlencode({'story': story_id})}"


def pinned(story_id: str, title: str, number: int) -> Markup:
    """What became of a pin, with the way to the story."""
    return html(
        '<p class="os-said" role="status">Pinned to <a href="%s" target="_self">%s</a> as slide '
        "%s.</p>",
        *(address_of(story_id), title, number),
    )


def quoted(said: str) -> Markup:
    """A text as it stands."""
    return html('<p class="os-subtitle">“%s”</p>', said)


def story(one: Story, now: datetime) -> Markup:
    """A story in the list of stories: title, slides, data version, when it was changed."""
    return html(
        '<h2 class="os-finding"><a href="%s" target="_self">%s</a></h2>'
        '<p class="os-subtitle">%s</p>',
        *(address_of(one.story_id), one.title, _facts(one, now)),
    )


def about(one: Story, now: datetime) -> Markup:
    """Beneath the title of a story that is open, and the way back to all of them."""
    return html(
        '<p class="os-subtitle"><a href="stories" target="_self">All stories</a> · %s</p>',
        _facts(one, now),
    )


def present(one: Story) -> Markup:
    """The way to the screen that the room sees."""
    return html(
        '<a class="os-button" href="present/%s" target="_blank" rel="noopener">Present</a>',
        quote(one.story_id),
    )


def slide(one: Slide, number: int, news: str, *, is_deleted: bool = False) -> Markup:
    """A slide in the order of its story: what it says, what of, and what today's data would do."""
    exhibit = one.exhibit
    page, _, asked = one.address.partition("?")
    parts = [
        f"{_page(page)} page" if exhibit.name else "",
        _kind(exhibit),
        foot.chosen(exhibit) if exhibit.name else "",
        f"data version {exhibit.data_version}" if exhibit.data_version else "",
    ]
    said = [
        html('<p class="os-number" aria-hidden="true">%s</p>', "–" if is_deleted else number),
        html('<h2 class="os-finding">%s</h2>', one.title),
    ]
    # What it is of; a headline of somebody's own stands above the finding.
    of = f"{exhibit.title} ({exhibit.subtitle})" if one.headline else exhibit.subtitle
    if of:
        said.append(html('<p class="os-subtitle">%s</p>', _cut(of)))
    if one.question:
        said.append(html('<p class="os-asked"><b>Asked first:</b> %s</p>', one.question))
    if one.notes:
        said.append(html('<p class="os-subtitle"><b>Notes:</b> %s</p>', _cut(one.notes)))
    source = joined((p for p in parts if p), " · ")
    if exhibit.name:
        # The page's own words for its filters never leave our own pages.
        source += html(
            ' · <a href="%s" target="_self" aria-label="Explore slide %s on its page">Explore</a>',
            *(text.inside(page, asked), number),
        )
    said.append(html('<p class="os-source">%s</p>', source))
    if news:
        said.append(html('<p class="os-news">%s</p>', news))
    return html('<div class="os-slide">%s</div>', joined(said))


def contents(report: Report) -> Markup:
    """What a report says: its parts, and the finding of each exhibit in them."""
    parts = []
    for section in report.sections:
        said = joined(
            html("<li>%s</li>", f"{e.title}: {e.empty}" if e.empty else e.title)
            for e in section.exhibits
        )
        listed = html("<ul>%s</ul>", said) if said else ""
        parts.append(html("<h2>%s</h2>%s", section.title, listed))
    every = [e for section in report.sections for e in section.exhibits]
    said = "Each part says where its figures come from."
    return html(
        '<h2 class="os-finding">%s</h2>%s<div class="os-contents">%s</div>',
        report.subtitle,
        text.source(said, any(map(foot.is_illustrative, every))),
        joined(parts),
    )


def log(changes: Iterable[tuple[str, str, str, str]]) -> Markup:
    """What was done, newest first: when, who, what, and the text that was replaced."""
    before = '<br><span class="os-source">Before: “%s”</span>'
    rows = joined(
        html("<li><b>%s</b> %s, %s%s</li>", who, said, when, html(before, was) if was else "")
        for when, who, said, was in changes
    )
    return html('<ul class="os-log">%s</ul>', rows)


def meanwhile(said: Iterable[str]) -> Markup:
    """What others did while this reader looks, said to a screen reader too."""
    rows = joined(html("<li>%s</li>", one) for one in said)
    listed = html("<ul class=os-log>%s</ul>", rows) if rows else ""
    return html('<div role="status">%s</div>', listed)


def both(theirs: str, mine: str, who: str) -> Markup:
    """Two texts for one place."""
    return html(
        '<dl class="os-both"><dt>%s wrote</dt><dd>%s</dd><dt>You wrote</dt><dd>%s</dd></dl>',
        *(who, theirs or "(nothing)", mine or "(nothing)"),
    )


def _cut(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN].rsplit(' ', 1)[0]} …"


def _facts(one: Story, now: datetime) -> str:
    parts = [words.count(len(one.slides), "slide")]
    versions = list(one.data_versions)
    if len(versions) > 2:
        parts.append(f"{len(versions)} data versions")
    elif versions:
        parts.append(f"data version{'s' * (len(versions) > 1)} {words.listing(versions)}")
    parts.append(f"changed {words.ago(one.changed_at, now)}")
    return " · ".join(parts)


def _page(page: str) -> str:
    return page.replace("_", " ").capitalize() or "Overview"


def _kind(exhibit: Exhibit) -> str:
    """What it is, for those who look for one in a list."""
    return kinds.of(exhibit).name or ("Table" if exhibit.table else "")
