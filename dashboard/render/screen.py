"""Exhibits on screen, by Streamlit. How a chart reaches the browser changes in `_draw` alone."""

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from types import ModuleType

import plotly.graph_objects as go
import streamlit as st

from dashboard import memory, reading, settings
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Exhibit, Link
from dashboard.memory import remembered
from dashboard.render import kinds, text

# Kept here, because an icon by name is fetched from the internet.
ICON = Path(__file__).parent / "favicon.svg"

_is_hinted: ContextVar[bool] = ContextVar("is_hinted", default=False)

_CHART_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}

# Streamlit's own page links drop filters from the address on the way, and "back" then lands on a
# page without them. Where the address has filters, a link is therefore followed as a plain link,
# with the filters that it does not change itself. One action may set several filters, each of which
# Streamlit makes a step of its own in the history: they are made one.
_NAVIGATION = """
export default function () {
  if (window.oneSourceNavigation) return;
  window.oneSourceNavigation = true;
  keepPresses();
  let shown = location.pathname;
  let isOneStep = false;
  const push = history.pushState.bind(history);
  history.pushState = (...step) => {
    if (isOneStep) return history.replaceState(...step);
    isOneStep = true;
    push(...step);
  };
  for (const action of ["pointerdown", "keydown", "popstate"])
    addEventListener(action, () => { isOneStep = false; }, true);
  const CARRIED = ["councils", "period", "from", "to", "presenting"];
  document.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const ours = ".os-table a[href], .os-trail a[href]";
    const link = event.target.closest?.(`[data-testid=stSidebarNav] a[href], ${ours}`);
    if (!link) return;
    const to = new URL(link.href);
    const inTable = link.matches(ours);
    if (!inTable && !location.search) { shown = to.pathname; return; }
    const now = new URLSearchParams(location.search);
    for (const name of inTable ? CARRIED : now.keys()) {
      if (name === "story") continue;
      if (to.searchParams.has(name)) continue;
      for (const value of now.getAll(name)) to.searchParams.append(name, value);
    }
    event.preventDefault();
    event.stopPropagation();
    location.assign(to);
  }, true);
  window.addEventListener("popstate", (event) => {
    if (location.pathname === shown) return;
    event.stopImmediatePropagation();
    location.reload();
  }, true);
}
"""


@functools.cache
def _style() -> str:
    return f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"


# What is chosen in a chart: its first month, None for the twelve to the last; its last; a council.
Choose = Callable[[date | None, date, str | None], None]


def begin(choose: Choose) -> None:
    """What every page needs once: the look of tables, links that keep their filters, and charts
    that months and councils can be chosen from; `choose` is told which."""
    st.html(_style())
    _navigation()(key="navigation", height=1)
    _charts()(key="charts", height=1, on_chosen_change=functools.partial(chosen, choose))
    _is_hinted.set(False)


def chosen(choose: Choose) -> None:
    """Pass on what the browser sent, if it is what charts.js sends."""
    match st.session_state["charts"].get("chosen"):
        case {"from": str() | None as first, "to": str(last), "council": str() | None as council}:
            try:
                months = first and date.fromisoformat(first), date.fromisoformat(last)
            except ValueError:
                return
            choose(*months, council)


@st.cache_resource
def _navigation():
    files = (Path(__file__).parent / name for name in ("picture.js", "press.js"))
    code = "\n".join(file.read_text(encoding="utf-8") for file in files) + _NAVIGATION
    return st.components.v2.component("navigation", html="<span hidden></span>", js=code)


@st.cache_resource
def _charts():
    code = (Path(__file__).parent / "charts.js").read_text(encoding="utf-8")
    return st.components.v2.component("charts", html="<span hidden></span>", js=code)


def about() -> None:
    """Which data this is: the workspace, its newest month, and what is waived of its measures."""
    if back := text.back_to_story(st.query_params.get("presenting", "")):
        st.html(back)
    st.html(text.about(reference.workspace()))


_ICONS = {"info": "info", "success": "check_circle", "warning": "warning", "error": "error"}


def say(message: str, kind: str = "info") -> None:
    """Something a reader should know: info · success · warning · error.

    The only door for such words, because names in exports and in links stand in them, which
    Streamlit would read as Markdown, and in messages of errors where this machine keeps its files.
    """
    said = text.as_label(settings.without_paths(message))
    getattr(st, kind)(said, icon=f":material/{_ICONS[kind]}:")


def trail(steps: Sequence[tuple[str, Link | None]]) -> None:
    """The way back up from where a reader is, as links."""
    st.html(text.trail(steps))


def show(*exhibits: Exhibit) -> None:
    """Each exhibit: finding, chart, origin, and its table with a download beneath."""
    for exhibit in exhibits:
        _show(exhibit)


def side_by_side(*exhibits: Exhibit) -> None:
    """Exhibits to be compared: in columns on a wide screen, beneath each other on a phone."""
    for place, exhibit in zip(st.columns(len(exhibits), gap="large"), exhibits, strict=True):
        with place:
            _show(exhibit)


def _show(exhibit: Exhibit) -> None:
    with st.container(key=exhibit.slot, gap="small"):
        st.html(text.head(exhibit))
        if exhibit.empty:
            say(exhibit.empty)
            return
        if exhibit.table_first:
            st.html(text.table(exhibit))
        if exhibit.chart:
            _hint(exhibit)
            _draw(exhibit)
        st.html(text.foot(exhibit))
        _beneath(exhibit)


def _hint(exhibit: Exhibit) -> None:
    """Once a page, over its first chart of time: that it can be chosen from."""
    if kinds.of(exhibit).can_be_chosen_from and not _is_hinted.get():
        _is_hinted.set(True)
        st.html(text.HINT)


def _draw(exhibit: Exhibit) -> None:
    drawn = _checked(exhibit)
    places = st.columns(len(drawn)) if len(drawn) > 1 else [st.container()]
    for nth, (place, one) in enumerate(zip(places, drawn, strict=True)):
        place.plotly_chart(
            one,
            theme=None,
            config=_CHART_CONFIG,
            alt=exhibit.alt if len(drawn) == 1 else f"{exhibit.alt} Part {nth + 1}.",
            key=f"chart-{nth}-{exhibit.slot}",
        )


# Streamlit checks a plain figure against Plotly's schema in every rerun (4 to 12 ms a chart), but
# takes a Figure as it is (1 to 2 ms): checked once, and kept while it is likely to be asked again.
@remembered(size=lambda checked: 3 * sum(memory.size_of(f.to_dict()) for f in checked))
def _checked(exhibit: Exhibit) -> tuple[go.Figure, ...]:
    return tuple(go.Figure(one) for one in kinds.figures(exhibit))


def _beneath(exhibit: Exhibit) -> None:
    """What can be done with an exhibit: its table, its download, and pinning it to a story."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if exhibit.table and exhibit.table_first:
            _download(exhibit)
        elif exhibit.table:
            _table(exhibit)
        if settings.stories_may_change():
            _pin(exhibit)
    if st.session_state.get("pinned", {}).get("exhibit") == exhibit:
        _pinning().show(exhibit)
    if st.session_state.get("pin-asked") == exhibit:
        _pinning().choose(exhibit)


def _table(exhibit: Exhibit) -> None:
    """The table beneath a chart, made only when it is opened; and the download."""
    opened = st.expander(
        "Table and download",
        icon=":material/table:",
        expanded=exhibit.table_open,
        on_change="rerun",
        key=f"beneath-{exhibit.slot}",
    )
    if opened.open:
        with opened:
            st.html(text.table(exhibit))
            _download(exhibit)


def _pin(exhibit: Exhibit) -> None:
    # What stands in emphasis is said and not shown: which of a page's exhibits this would pin.
    st.button(
        f"Pin to a story *“{text.as_label(exhibit.title)}”*",
        icon=":material/push_pin:",
        type="tertiary",
        key=f"pin-{exhibit.slot}",
        # Before the page is drawn: who pins the next exhibit at once ends the drawing.
        on_click=_begin_to_pin,
        args=(exhibit,),
    )


def _begin_to_pin(exhibit: Exhibit) -> None:
    _pinning().begin(exhibit)


def _pinning() -> ModuleType:
    # Only now: the store's library takes a third of a second to import.
    from dashboard import pin

    return pin


def _download(exhibit: Exhibit) -> None:
    st.download_button(
        "Download as CSV",
        # Made when it is clicked, and of what this page shows.
        reading.held(functools.partial(text.csv_bytes, exhibit)),
        file_name=f"{exhibit.slot}-{exhibit.data_version}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"csv-{exhibit.slot}",
    )
