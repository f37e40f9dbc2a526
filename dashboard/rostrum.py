"""The rostrum: where stories are made, arranged, opened to several editors, and sent away.

The only place on screen from which stories change, but for pinning (`pin`). What is typed and not
saved yet stays in the browser: nothing here ever writes into an open form unless its owner asks,
whatever others do meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from dashboard import pin, reading, settings, words
from dashboard.exhibits import reference
from dashboard.exhibits.catalogue import CannotBeMade
from dashboard.exhibits.exhibit import Exhibit
from dashboard.exhibits.story import Slide, Story
from dashboard.render import cards, screen
from dashboard.render.text import as_label
from dashboard.stories import file, formats, today
from dashboard.stories import shelf as stories
from dashboard.stories.committee import report
from dashboard.stories.file import NotAStory
from dashboard.stories.store import (
    LONGEST,
    Change,
    Conflict,
    Draft,
    NoSuchSlide,
    NoSuchStory,
    StoreFailed,
    TooLong,
)

_WRONG = (StoreFailed, NoSuchStory, NoSuchSlide, TooLong, CannotBeMade)

# Of this reader's session: what was last said, the story and the slide that were deleted last,
# revisions of their own making, open editors, the revision that the page shows and the one it was
# opened at, a file that was made, and the title that is being changed.
_SAID, _UNDO, _GONE = "story-said", "story-undo", "story-slide-gone"
_MINE, _OPEN = "story-mine", "story-open"
_SHOWN, _SINCE, _MADE, _RENAMING = "story-shown", "story-since", "story-made", "story-renaming"

# How often a slide was moved to a chosen place, which empties the choice; and the place before all.
_PLACED, _FRONT = "story-placed", ""

# The report that was made last, and of what.
_REPORTED = "committee-made"

# What others did is told beside the slides for so long; the list of changes keeps all of it.
_TOLD_FOR = timedelta(minutes=15)
_TOLD_AT_MOST = 3

_FIELDS = {
    "headline": "Headline",
    "question": "Question asked before the exhibit is shown",
    "notes": "Notes for who presents",
}


# What a story can be taken home as: documents, and the file that brings it in elsewhere.
_STORY_FILE = "json"


def chosen() -> Draft | None:
    """The story that the address names, by id or title; None for the list of all."""
    word = st.query_params.get("story", "")
    try:
        found = stories.opened().find(word) if word else None
        if word and not found:
            _say("info", "That story is not here; it may have been deleted. These are here.")
        return stories.opened().draft(found) if found else None
    except NoSuchStory:
        return None
    except StoreFailed as error:
        _say("error", str(error))
        return None


def heading(draft: Draft | None) -> str:
    """The page's title."""
    return as_label(draft.story.title) if draft else "Stories"


def shelf() -> None:
    """Every story, and how another is made."""
    st.html(
        '<p class="os-subtitle">A story is exhibits in an order, to be presented and taken '
        "home. Each slide keeps the figures of the day it was pinned.</p>"
    )
    _tell()
    with _told():
        _undo()
        found = stories.opened().stories()
        may = settings.stories_may_change()
        if not found:
            st.html('<h2 class="os-finding">No story yet</h2>')
            screen.say("“Pin to a story” beneath any exhibit begins one.")
        for one in found:
            with st.container(border=True, gap="small", key=f"story-{one.story_id}"):
                st.html(cards.story(one, _now()))
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.html(cards.present(one), width="content")
                    if may:
                        _copy_or_delete(one)
        if may:
            _begin()
            _bring_in()
            _bring_back()


def committee(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> None:
    """What the report to the Joint Committee says, part by part, and the report as a document."""
    if reference.workspace()["newest_month"] is None:
        screen.say("Nothing was loaded yet: send exports on the Data page.")
        return
    asked = {"council_ids": council_ids, "from_month": from_month, "to_month": to_month}
    found = report(**asked)
    made = st.session_state.get(_REPORTED)
    key = (*asked.values(), reading.current())
    with st.container(horizontal=True):
        if made and made["of"] == key:
            _offer("Word document", made["bytes"], found.subtitle, "docx")
        elif st.button("Make the Word document", icon=":material/description:", key="report"):
            with st.status("Writing the report"):
                done = formats.write_report(found, reference.workspace()["as_of"] or _now().date())
            st.session_state[_REPORTED] = {"of": key, "bytes": done}
            st.rerun()
    st.html(cards.contents(found))


def arrange(draft: Draft) -> None:
    """One story: its slides in order, their texts, and what others do meanwhile."""
    story, may = draft.story, settings.stories_may_change()
    st.session_state[_SHOWN] = {story.story_id: draft.revision}
    if story.story_id not in st.session_state.setdefault(_SINCE, {}):
        st.session_state[_SINCE][story.story_id] = draft.revision
    if may:
        pin.remember(story.story_id)
    st.html(cards.about(story, _now()))
    with _told():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(cards.present(story), width="content")
            _take_home(story)
            if may:
                _rename(draft)
                _copy_or_delete(story)
        _meanwhile(story.story_id)
        _tell()
        news = _news(draft)
        if may:
            _update_all(draft, news)
        _slides(draft, news)
        _changes(story.story_id)


# The list of stories


def _copy_or_delete(one: Story) -> None:
    name = f" *{as_label(one.title)}*"
    st.button(
        f"Duplicate{name}",
        icon=":material/content_copy:",
        type="tertiary",
        key=f"duplicate-{one.story_id}",
        on_click=_act,
        args=(_duplicate, one),
    )
    st.button(
        f"Delete{name}",
        icon=":material/delete:",
        type="tertiary",
        key=f"delete-{one.story_id}",
        on_click=_act,
        args=(_delete, one),
    )


def _duplicate(one: Story) -> None:
    stories.opened().duplicate(one.story_id, who=pin.who())
    _say("success", f"“{one.title}” was copied; the copy is in the list of stories.")


def _delete(one: Story) -> None:
    stories.opened().delete(one.story_id, who=pin.who())
    st.session_state[_UNDO] = (f"“{one.title}” was deleted.", one.story_id)
    st.query_params.pop("story", None)


def _begin() -> None:
    with st.form("new-story", clear_on_submit=True, border=False), _row():
        st.text_input("A new story", max_chars=LONGEST["title"], key="new-title", width=360)
        st.form_submit_button(
            "Make it", icon=":material/add:", on_click=_act, args=(_make,), key="make"
        )


def _make() -> None:
    title = st.session_state["new-title"]
    if title.strip():
        st.query_params["story"] = stories.opened().create(title, who=pin.who())


def _bring_in() -> None:
    with st.expander("Bring in a story from a file", icon=":material/upload:"):
        # The number in the key empties the uploader once its file is in.
        turn = st.session_state.setdefault("story-turn", 0)
        sent = st.file_uploader(
            "A story file (.json) that was taken home from a dashboard like this",
            type="json",
            max_upload_size=settings.STORY_FILE_MEGABYTES,
            key=f"story-file-{turn}",
        )
        if not sent or not st.button("Bring it in", icon=":material/upload:", key="bring-in"):
            return
        try:
            story = file.from_text(sent.getvalue().decode("utf-8"))
        except (NotAStory, UnicodeDecodeError) as error:
            screen.say(f"{sent.name} was not brought in: {error}", "error")
            return
        st.query_params["story"] = stories.opened().keep(story, who=pin.who())
        st.session_state["story-turn"] += 1
        st.rerun()


def _bring_back() -> None:
    opened = st.expander(
        "Deleted stories", icon=":material/delete:", on_change="rerun", key="deleted-stories"
    )
    if not opened.open:
        return
    with opened:
        gone = stories.opened().stories(deleted=True)
        if not gone:
            st.text("None was deleted.")
        for one in gone:
            _button(
                f"Bring “{as_label(one.title)}” back",
                "undo",
                f"back-{one.story_id}",
                _restore,
                one.story_id,
            )


def _restore(story_id: str) -> None:
    stories.opened().restore(story_id, who=pin.who())
    st.session_state.pop(_UNDO, None)


# One story


def _rename(draft: Draft) -> None:
    place = st.popover(
        "Rename", icon=":material/edit:", type="tertiary", on_change="rerun", key="rename"
    )
    if not place.open:
        st.session_state.pop(_RENAMING, None)
        return
    # The title as it was when this was opened, so that another's meanwhile is not overwritten.
    was, revision = st.session_state.setdefault(_RENAMING, (draft.story.title, draft.revision))
    key = f"title-{draft.story.story_id}-{revision}"
    with place, st.form("rename-form", border=False):
        st.text_input("Title", was, max_chars=LONGEST["title"], key=key)
        st.form_submit_button(
            "Save", type="primary", on_click=_act, args=(_save_title, draft.story.story_id, key)
        )


def _save_title(story_id: str, key: str) -> None:
    was, revision = st.session_state.pop(_RENAMING)
    title = st.session_state[key]
    st.session_state["rename"] = False
    if not title.strip() or title == was:
        return
    try:
        _mine(stories.opened().rename(story_id, title, made_from=revision, who=pin.who()))
    except Conflict as clash:
        _say("error", f"{clash}: it is “{clash.theirs}” now. Yours was “{clash.mine}”.")


def _take_home(story: Story) -> None:
    place = st.popover(
        "Take home", icon=":material/download:", type="tertiary", on_change="rerun", key="take-home"
    )
    if not place.open:
        return
    with place:
        for ending, one in formats.FORMATS.items():
            _taken(story, one.name, ending)
        _taken(story, "Story file, to bring in elsewhere", _STORY_FILE)


def _taken(story: Story, name: str, ending: str) -> None:
    """One form of a story: made when it is asked for, and then there to be saved."""
    made = st.session_state.get(_MADE)
    if made and made["of"] == (story, ending):
        _offer(name.partition(",")[0], made["bytes"], story.title, ending)
    elif st.button(name, key=f"take-{ending}", type="tertiary"):
        with st.status(f"Making {words.count(len(story.slides), 'slide')} ready"):
            so_far = st.progress(0.0)
            # Pressing anything ends the run at its next word to the screen: at the next slide.
            st.button("Cancel", key="take-cancel")

            def told(count: int) -> None:
                so_far.progress(count / len(story.slides), f"{count} of {len(story.slides)}")

            done = (
                file.to_text(story).encode()
                if ending == _STORY_FILE
                else formats.write(story, ending, told)
            )
        st.session_state[_MADE] = {"of": (story, ending), "bytes": done}
        st.rerun()


def _offer(name: str, done: bytes, title: str, ending: str) -> None:
    known = formats.FORMATS.get(ending)
    st.download_button(
        f"Save the {name} ({_size(len(done))})",
        done,
        file_name=f"{_file_name(title)}.{ending}",
        mime=known.mime if known else "application/json",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        key=f"save-{ending}",
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _file_name(title: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in title)
    return "-".join(part for part in kept.split("-") if part)[:80] or "story"


@st.fragment(run_every=settings.STORY_LOOK_SECONDS)
def _meanwhile(story_id: str) -> None:
    """What others did. One read of one row each time, until somebody did something.

    Nothing moves because of it while this reader aims or presses: the page is drawn anew when they
    ask for it, and the browser asks for them as soon as their hand rests (render/press.js).
    """
    with _told():
        store = stories.opened()
        now, shown = store.revision(story_id), st.session_state[_SHOWN].get(story_id)
        if now != shown and st.button("Show what others did", key="story-news", type="primary"):
            st.rerun()
        since = st.session_state[_SINCE][story_id]
        mine = {at for story, at in st.session_state.get(_MINE, ()) if story == story_id}
        others: list[Change] = []
        if now is not None and shown > since:
            found = store.changes(story_id, since=since)
            others = [c for c in found if c.revision <= shown and c.revision not in mine]
        recent = [c for c in others if _now() - c.at < _TOLD_FOR][:_TOLD_AT_MOST]
        st.html(cards.meanwhile(f"{c.who} {c.said}, {words.ago(c.at, _now())}" for c in recent))


def _undo() -> None:
    """The story that this reader deleted last, and the way back."""
    if _UNDO in st.session_state:
        said, story_id = st.session_state[_UNDO]
        with st.container(horizontal=True, vertical_alignment="center", key="undo"):
            st.text(said)
            _button("Undo", "undo", "undo-button", _restore, story_id)


def _restore_slide(slide_id: str) -> None:
    _mine(stories.opened().restore_slide(slide_id, who=pin.who()))


def _news(draft: Draft) -> dict[str, tuple[str, Exhibit | None]]:
    """What today's data would do to each slide: words, and the exhibit made anew where it would."""
    found: dict[str, tuple[str, Exhibit | None]] = {}
    for slide in draft.story.slides:
        try:
            now = today.made_anew(slide)
        except CannotBeMade as error:
            found[slide.slide_id] = (f"Can’t be brought up to date: {error.args[0]}", None)
            continue
        if today.differs(slide.exhibit, now):
            said = (
                f"Today’s data would change this slide. It would say: {now.title}"
                if now.title != slide.exhibit.title
                else "Today’s data would change the figures of this slide."
            )
            found[slide.slide_id] = (said, now)
    return found


def _update_all(draft: Draft, news: dict[str, tuple[str, Exhibit | None]]) -> None:
    newer = {slide_id: now for slide_id, (_, now) in news.items() if now}
    if newer:
        with st.container(horizontal=True, vertical_alignment="center", key="update-all"):
            st.text(f"Today’s data would change {words.count(len(newer), 'slide')}.")
            _button("Update all", "update", "update-all-button", _update, newer)


def _update(newer: dict[str, Exhibit]) -> None:
    for slide_id, exhibit in newer.items():
        _mine(stories.opened().refresh(slide_id, exhibit, who=pin.who()))


def _slides(draft: Draft, news: dict[str, tuple[str, Exhibit | None]]) -> None:
    if not draft.story.slides:
        screen.say("No slide yet: “Pin to a story” beneath any exhibit adds one.")
    editors = st.session_state.setdefault(_OPEN, {})
    number = 0
    for slide in draft.slides:
        gone = slide.slide_id in draft.deleted
        if gone and slide.slide_id not in editors:
            if slide.slide_id == st.session_state.get(_GONE):
                # Where it stood, as that is where the reader looks.
                with st.container(horizontal=True, vertical_alignment="center", key="undo"):
                    st.text(f"“{slide.title}” was deleted.")
                    _button("Undo", "undo", "undo-button", _restore_slide, slide.slide_id)
            continue
        number += not gone
        with st.container(border=True, gap="small", key=f"slide-{slide.slide_id}"):
            said, now = news.get(slide.slide_id, ("", None))
            st.html(cards.slide(slide, number, said, is_deleted=gone))
            if settings.stories_may_change():
                _controls(draft, slide, number, now, gone)
                if slide.slide_id in editors:
                    _editor(draft, slide)
    if draft.deleted and settings.stories_may_change():
        with st.expander("Deleted slides", icon=":material/delete:", key="deleted-slides"):
            for slide in draft.slides:
                if slide.slide_id in draft.deleted:
                    i, name = slide.slide_id, as_label(slide.title)
                    _button(f"Bring “{name}” back", "undo", f"back-{i}", _restore_slide, i)


def _controls(
    draft: Draft, slide: Slide, number: int, now: Exhibit | None, is_deleted: bool
) -> None:
    i, name = slide.slide_id, f" *slide {number}: {as_label(slide.title)}*"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_deleted:
            st.text("Somebody deleted this slide. What you typed is still here.")
            _button("Bring it back", "undo", f"back-here-{i}", _restore_slide, i)
            return
        if i not in st.session_state[_OPEN]:
            _button(f"Edit{name}", "edit", f"edit-{i}", _open, slide, draft.revision)
        _button(f"Up{name}", "arrow_upward", f"up-{i}", _move, i, -1, disabled=number == 1)
        last = number == len(draft.story.slides)
        _button(f"Down{name}", "arrow_downward", f"down-{i}", _move, i, 1, disabled=last)
        if now:
            _button(f"Update{name}", "update", f"update-{i}", _update, {i: now})
        _button(f"Delete{name}", "delete", f"delete-{i}", _delete_slide, slide)


def _move(slide_id: str, by: int) -> None:
    _mine(stories.opened().move(slide_id, by, who=pin.who()))


def _delete_slide(slide: Slide) -> None:
    _mine(stories.opened().delete_slide(slide.slide_id, who=pin.who()))
    st.session_state[_OPEN].pop(slide.slide_id, None)
    st.session_state[_GONE] = slide.slide_id


# The editor of a slide's texts. It keeps what each text was when it was opened, and at which
# revision, so only what its owner changed is sent, and says what it was made from.


@dataclass
class _Field:
    """One text in an open editor. shown: what it was filled with; turn: how often it was."""

    was: str
    revision: int
    shown: str
    turn: int = 0
    clash: Conflict | None = None


def _open(slide: Slide, revision: int) -> None:
    st.session_state[_OPEN][slide.slide_id] = {
        what: _Field(text, revision, text)
        for what, text in ((what, getattr(slide, what)) for what in _FIELDS)
    }


def _close(slide_id: str) -> None:
    st.session_state[_OPEN].pop(slide_id, None)


def _key(what: str, slide_id: str) -> str:
    # The same for as long as nobody asks for another text here, and so is what is typed.
    return f"{what}-{slide_id}-{st.session_state[_OPEN][slide_id][what].turn}"


def _editor(draft: Draft, slide: Slide) -> None:
    i, opened = slide.slide_id, st.session_state[_OPEN][slide.slide_id]
    for field in opened.values():
        if field.clash:
            _settle(i, field.clash)
    with st.form(f"form-{i}", border=False):
        for what, label in _FIELDS.items():
            kind = st.text_area if what == "notes" else st.text_input
            kind(
                label,
                opened[what].shown,
                max_chars=LONGEST[what],
                key=_key(what, i),
                placeholder=slide.exhibit.title if what == "headline" else None,
            )
        with _row():
            st.form_submit_button(
                "Save", type="primary", on_click=_act, args=(_save, i), key=f"save-{i}"
            )
            st.form_submit_button("Close", on_click=_act, args=(_close, i), key=f"close-{i}")
    if i not in draft.deleted:
        _place(draft, i)


def _place(draft: Draft, slide_id: str) -> None:
    """Move a slide a long way at once."""
    after = {s.slide_id: f"After “{s.title}”" for s in draft.story.slides if s.slide_id != slide_id}
    # The same until a place was chosen here, whatever others do, or the choice would go astray.
    key = f"place-{slide_id}-{st.session_state.setdefault(_PLACED, 0)}"
    st.selectbox(
        "Move to",
        [_FRONT, *after],
        index=None,
        placeholder="Choose a place",
        format_func=lambda chosen: after.get(chosen, "The front"),
        key=key,
        on_change=_act,
        args=(_move_to, slide_id, key),
        width=420,
    )


def _move_to(slide_id: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        st.session_state[_PLACED] += 1
        _move_after(slide_id, None if chosen == _FRONT else chosen)


def _move_after(slide_id: str, after: str | None) -> None:
    _mine(stories.opened().move_after(slide_id, after, who=pin.who()))


def _save(slide_id: str) -> None:
    opened = st.session_state[_OPEN][slide_id]
    for what, field in opened.items():
        text, field.clash = st.session_state[_key(what, slide_id)], None
        if text != field.was:
            _send(slide_id, what, text, field)
    if not any(field.clash for field in opened.values()):
        _close(slide_id)
        _say("success", "Saved.")


def _send(slide_id: str, what: str, text: str, field: _Field) -> None:
    store = stories.opened()
    try:
        made = store.edit(slide_id, what, text, made_from=field.revision, who=pin.who())
    except Conflict as clash:
        field.clash = clash
        return
    _mine(made)
    field.was, field.revision = text, made


def _settle(slide_id: str, clash: Conflict) -> None:
    """Somebody else's text and this reader's for the same place: which shall it be?"""
    with st.container(border=True, key=f"clash-{clash.what}-{slide_id}"):
        screen.say(f"{clash}. Nothing was overwritten: which shall it be?", "warning")
        st.html(cards.both(clash.theirs, clash.mine, clash.who))
        with _row():
            for label, choice in (
                ("Keep theirs", "theirs"),
                ("Use mine", "mine"),
                ("Put both together", "both"),
            ):
                key = f"{choice}-{clash.what}-{slide_id}"
                _button(f"{label} *{clash.what}*", "", key, _choose, slide_id, clash, choice)


def _choose(slide_id: str, clash: Conflict, choice: str) -> None:
    field = st.session_state[_OPEN][slide_id][clash.what]
    # Whatever is chosen, it is chosen knowing theirs.
    field.was, field.revision, field.clash = clash.theirs, clash.at, None
    if choice == "mine":
        _send(slide_id, clash.what, clash.mine, field)
        return
    between = "\n\n" if clash.what == "notes" else " / "
    texts = (clash.theirs,) if choice == "theirs" else (clash.theirs, clash.mine)
    field.shown, field.turn = between.join(t for t in texts if t), field.turn + 1


def _changes(story_id: str) -> None:
    opened = st.expander(
        "What was changed, and by whom",
        icon=":material/history:",
        on_change="rerun",
        key="story-changes",
    )
    if opened.open:
        found = stories.opened().changes(story_id)
        with opened:
            st.html(cards.log((words.ago(c.at, _now()), c.who, c.said, c.was) for c in found))


# What all of it shares


def _button(
    label: str, icon: str, key: str, do: Callable[..., None], *given: object, disabled: bool = False
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:" if icon else None,
        type="tertiary",
        key=key,
        on_click=_act,
        args=(do, *given),
        disabled=disabled,
    )


def _act(do: Callable[..., None], *given: object) -> None:
    """Do what a click asks for, before the page is drawn again; or say why it was not done."""
    try:
        do(*given)
    except _WRONG as error:
        _say("error", str(error.args[0]))


def _mine(revision: int) -> None:
    """Note a revision of the story that the page shows as made here."""
    for story_id in st.session_state[_SHOWN]:
        st.session_state.setdefault(_MINE, set()).add((story_id, revision))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _WRONG as error:
        screen.say(str(error.args[0]), "error")


@contextmanager
def _row() -> Iterator[None]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        yield


def _say(kind: str, said: str) -> None:
    st.session_state[_SAID] = (kind, said)


def _tell() -> None:
    """What the last action came to, once."""
    if _SAID in st.session_state:
        kind, said = st.session_state.pop(_SAID)
        # What went well needs no room, wherever on the page it was.
        if kind == "success":
            st.toast(as_label(said))
        else:
            screen.say(said, kind)


def _now() -> datetime:
    return datetime.now(UTC)
