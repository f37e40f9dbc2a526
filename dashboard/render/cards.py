"""Stories and their slides in lists, as HTML. Everything is escaped here."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.parse import quote, urlencode

from dashboard import words
from dashboard.exhibits.exhibit import Exhibit
from dashboard.render import kinds, text
from dashboard.stories import foot
from dashboard.stories.committee import Report
from dashboard.stories.story import Slide, Story

# As much of a long text as says which it is.
_SHOWN = 180


def address_of(story_id: str) -> str:
    """Where a story is arranged, from the app's own address on."""
    return f"stories?{urlencode({'story': story_id})}"


def pinned(story_id: str, title: str, number: int) -> str:
    """What became of a pin, with the way to the story."""
    return (
        '<p class="os-said" role="status">'
        f'Pinned to <a href="{escape(address_of(story_id))}" target="_self">{escape(title)}</a> '
        f"as slide {number}.</p>"
    )


def quoted(said: str) -> str:
    """A text as it stands."""
    return f'<p class="os-subtitle">“{escape(said)}”</p>'


def story(one: Story, now: datetime) -> str:
    """A story in the list of stories: title, slides, data version, when it was changed."""
    return (
        f'<h2 class="os-finding"><a href="{escape(address_of(one.story_id))}" target="_self">'
        f'{escape(one.title)}</a></h2><p class="os-subtitle">{_facts(one, now)}</p>'
    )


def about(one: Story, now: datetime) -> str:
    """Beneath the title of a story that is open, and the way back to all of them."""
    return (
        '<p class="os-subtitle"><a href="stories" target="_self">All stories</a> · '
        f"{_facts(one, now)}</p>"
    )


def present(one: Story) -> str:
    """The way to the screen that the room sees."""
    return (
        f'<a class="os-button" href="present/{quote(one.story_id)}" target="_blank" '
        'rel="noopener">Present</a>'
    )


def slide(one: Slide, number: int, news: str, *, is_deleted: bool = False) -> str:
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
        f'<p class="os-number" aria-hidden="true">{"–" if is_deleted else number}</p>',
        f'<h2 class="os-finding">{escape(one.title)}</h2>',
    ]
    # What it is of; a headline of somebody's own stands above the finding.
    of = f"{exhibit.title} ({exhibit.subtitle})" if one.headline else exhibit.subtitle
    if of:
        said.append(f'<p class="os-subtitle">{escape(_cut(of))}</p>')
    if one.question:
        said.append(f'<p class="os-asked"><b>Asked first:</b> {escape(one.question)}</p>')
    if one.notes:
        said.append(f'<p class="os-subtitle"><b>Notes:</b> {escape(_cut(one.notes))}</p>')
    source = escape(" · ".join(p for p in parts if p))
    if exhibit.name:
        # The page's own words for its filters never leave our own pages.
        source += (
            f' · <a href="{escape(text.inside(page, asked))}" target="_self" '
            f'aria-label="Explore slide {number} on its page">Explore</a>'
        )
    said.append(f'<p class="os-source">{source}</p>')
    if news:
        said.append(f'<p class="os-news">{escape(news)}</p>')
    return f'<div class="os-slide">{"".join(said)}</div>'


def contents(report: Report) -> str:
    """What a report says: its parts, and the finding of each exhibit in them."""
    parts = []
    for section in report.sections:
        said = "".join(
            f"<li>{escape(f'{e.title}: {e.empty}' if e.empty else e.title)}</li>"
            for e in section.exhibits
        )
        parts.append(f"<h2>{escape(section.title)}</h2>{f'<ul>{said}</ul>' if said else ''}")
    every = [e for section in report.sections for e in section.exhibits]
    badge = '<span class="os-badge">Illustrative</span> ' * any(map(foot.is_illustrative, every))
    return (
        f'<h2 class="os-finding">{escape(report.subtitle)}</h2>'
        f'<p class="os-source">{badge}Each part says where its figures come from.</p>'
        f'<div class="os-contents">{"".join(parts)}</div>'
    )


def log(changes: Iterable[tuple[str, str, str, str]]) -> str:
    """What was done, newest first: when, who, what, and the text that was replaced."""
    rows = "".join(
        f"<li><b>{escape(who)}</b> {escape(said)}, {escape(when)}"
        + (f'<br><span class="os-source">Before: “{escape(was)}”</span>' if was else "")
        + "</li>"
        for when, who, said, was in changes
    )
    return f'<ul class="os-log">{rows}</ul>'


def meanwhile(said: Iterable[str]) -> str:
    """What others did while this reader looks, said to a screen reader too."""
    rows = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f'<div role="status">{f"<ul class=os-log>{rows}</ul>" if rows else ""}</div>'


def both(theirs: str, mine: str, who: str) -> str:
    """Two texts for one place."""
    return (
        f'<dl class="os-both"><dt>{escape(who)} wrote</dt><dd>{escape(theirs) or "(nothing)"}</dd>'
        f"<dt>You wrote</dt><dd>{escape(mine) or '(nothing)'}</dd></dl>"
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
    return escape(" · ".join(parts))


def _page(page: str) -> str:
    return page.replace("_", " ").capitalize() or "Overview"


def _kind(exhibit: Exhibit) -> str:
    """What it is, for those who look for one in a list."""
    if kind := kinds.of(exhibit):
        return kind.name
    return "Table" if exhibit.table else ""
