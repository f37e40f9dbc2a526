"""Pin an exhibit to a story: one click for the story used last, a dialog for another.

Imported when somebody pins, and not before: the store's library takes a third of a second.
"""

from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit import config

from dashboard.exhibits.exhibit import Exhibit
from dashboard.render import cards, screen
from dashboard.stories import shelf
from dashboard.stories.store import LONGEST, NoSuchSlide, NoSuchStory, StoreFailed, TooLong

# The story that this reader used last.
_LAST = "pin-last"
# What was pinned last, where and as what; or what stood in the way.
_PINNED = "pinned"
# The exhibit for which a story is to be chosen.
_ASKED = "pin-asked"
# The same for the browser: a link that reloads the page begins a session of Streamlit's anew. It
# holds a story's id and nothing about anybody.
_COOKIE = "story-used-last"
_REMEMBER = """
export default function ({ data }) {
  const name = encodeURIComponent(data.story);
  document.cookie = `story-used-last=${name}; path=/; max-age=2592000; SameSite=Lax`;
}
"""
# Of the address, what is no filter of the page.
_NO_FILTER = "story"


def who() -> str:
    """Who is at the screen, as the log of changes names them; nobody signs in so far."""
    # Streamlit knows a user only where signing in is set up.
    return str(st.user.get("name") or st.user.get("email") or "Someone")


def begin(exhibit: Exhibit) -> None:
    """Pin to the story used last; where there is none, have one asked for. A button's callback."""
    try:
        last = _last()
        if not last or shelf.opened().revision(last) is None:
            _ask(exhibit)
            return
        _pin(exhibit, last, address())
    except (StoreFailed, NoSuchStory) as error:
        st.session_state[_PINNED] = {"exhibit": exhibit, "error": str(error)}


def choose(exhibit: Exhibit) -> None:
    """Ask for the story to pin it to."""
    # Once: a dialog that was closed is not to come again.
    del st.session_state[_ASKED]
    _choose(exhibit, address())


def remember(story_id: str) -> None:
    """The story to pin to from now on without asking."""
    st.session_state[_LAST] = story_id
    _remembering()(key="remember", data={"story": story_id}, height=1)


@st.cache_resource
def _remembering():
    return st.components.v2.component("remember", html="<span hidden></span>", js=_REMEMBER)


def _last() -> str:
    return st.session_state.get(_LAST) or st.context.cookies.get(_COOKIE, "")


def show(exhibit: Exhibit) -> None:
    """What became of it, beneath the exhibit; and what else may be done."""
    pinned = st.session_state[_PINNED]
    with st.container(horizontal=True, vertical_alignment="center", key=f"pinned-{exhibit.slot}"):
        if pinned["error"]:
            screen.say(pinned["error"], "error")
            return
        remember(pinned["story_id"])
        st.html(
            cards.pinned(pinned["story_id"], pinned["title"], pinned["number"]), width="content"
        )
        st.button(
            "Take it out again",
            icon=":material/undo:",
            type="tertiary",
            key=f"unpin-{exhibit.slot}",
            on_click=_undo,
        )
        st.button(
            "Pin to another story",
            icon=":material/push_pin:",
            type="tertiary",
            key=f"pin-other-{exhibit.slot}",
            on_click=_ask,
            args=(exhibit,),
        )


def _ask(exhibit: Exhibit) -> None:
    st.session_state[_ASKED] = exhibit


def address() -> str:
    """The page with its filters, from the app's own address on: "costs?service=ICT"."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    path = urlsplit(st.context.url or "").path.strip("/")
    page = path.removeprefix(base).strip("/") if base else path
    asked = [
        (name, value)
        for name in st.query_params
        if name != _NO_FILTER
        for value in st.query_params.get_all(name)
    ]
    return f"{page}?{urlencode(asked)}" if asked else page


@st.dialog("Pin to a story", icon=":material/push_pin:")
def _choose(exhibit: Exhibit, where: str) -> None:
    st.html(cards.quoted(exhibit.title))
    try:
        stories = {s.story_id: s.title for s in shelf.opened().stories()}
        last = _last()
        with st.form("pin-form", border=False):
            chosen = None
            if stories:
                ids = list(stories)
                chosen = st.selectbox(
                    "Story",
                    ids,
                    index=ids.index(last) if last in stories else 0,
                    format_func=stories.get,
                    key="pin-story",
                )
            title = st.text_input(
                "Or the title of a new story" if stories else "Title of a new story",
                max_chars=LONGEST["title"],
                key="pin-title",
            )
            if not st.form_submit_button("Pin", type="primary", icon=":material/push_pin:"):
                return
        if chosen is None or title.strip():
            chosen = shelf.opened().create(title, who=who())
        _pin(exhibit, chosen, where)
    except (StoreFailed, TooLong, NoSuchStory) as error:
        screen.say(str(error), "error")
        return
    st.rerun()


def _pin(exhibit: Exhibit, story_id: str, where: str) -> None:
    store = shelf.opened()
    slide_id, number = store.pin(story_id, exhibit, address=where, who=who())
    st.session_state[_PINNED] = {
        "exhibit": exhibit,
        "story_id": story_id,
        "title": store.story(story_id).title,
        "slide_id": slide_id,
        "number": number,
        "error": "",
    }


def _undo() -> None:
    pinned = st.session_state.pop(_PINNED, None)
    if pinned is None:
        return
    try:
        shelf.opened().delete_slide(pinned["slide_id"], who=who())
    except (StoreFailed, NoSuchSlide, NoSuchStory) as error:
        st.session_state[_PINNED] = {**pinned, "error": str(error)}
