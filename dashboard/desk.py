"""The data officer's desk: try files, load them, take an empty export, go back to a version.

The only place on screen from which data changes. Everything it does, the command line does too.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard import reading, settings, startup, uploads, warehouse, words
from dashboard.load import intake, older_versions, told, versions
from dashboard.load.contract import ContractError
from dashboard.load.publish import LoadRefused, LoadReport
from dashboard.load.versions import LoadFailed
from dashboard.render.screen import say
from dashboard.render.text import as_label

_TRIED = "desk-tried"
_SAID = "desk-said"
# What became of a load, until the page is drawn again.
_DONE = "desk-done"
_AUTO = "By its header"

_WRONG = (intake.NotPlaced, ContractError, LoadFailed, LoadRefused)


def at_the_start() -> None:
    """What stood in the way when the server started, where anything did."""
    if problem := startup.prepare():
        said = (
            "The exports could not be loaded when the server started; the last good data is shown."
        )
        say(f"{said} {problem}", "error")


def template(resource: str, header: str) -> None:
    """An empty export to fill in: the header that the contract asks for."""
    st.download_button(
        f"Empty export of {as_label(resource.replace('_', ' '))}",
        header,
        file_name=f"{resource}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="template",
    )


def restore() -> None:
    """Serve a version that is kept, after a second look."""
    now = reading.current().version
    older = [v for v in warehouse.kept() if v != now]
    if not settings.data_may_change() or not older:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Version to serve again", older, key="restore-to", width=260)
        st.button(
            "Serve it",
            icon=":material/history:",
            key="restore",
            on_click=_serve,
            args=(chosen, now),
        )
    _say()


def _serve(chosen: str, now: str) -> None:
    try:
        warehouse.restore(chosen)
    except (LoadFailed, versions.UnknownVersion) as error:
        st.session_state[_SAID] = ("error", str(error.args[0]))
    else:
        st.session_state[_SAID] = (
            "success",
            f"Data version {chosen} is served now, until the exports change. "
            f"{now} is kept and can be served again.{_withheld(chosen)}",
        )


def _withheld(version: str) -> str:
    """Which waves of the survey this version does not show, and what to do about it."""
    waves = older_versions.withheld(settings.workspace().warehouse, version)
    if not waves:
        return ""
    return (
        f" It shows nothing of the survey of {words.listing([words.month(m) for m in waves])}, "
        "which a later version gives otherwise: the two together would tell what few people said. "
        "Send that survey's file again to have it shown."
    )


def upload(resources: list[str]) -> None:
    """Take files, say what would become of them, and load them once that was seen."""
    st.html(
        '<h2 class="os-finding">Send exports</h2><p class="os-subtitle">Nothing is loaded before '
        "you have seen what would become of every row.</p>"
    )
    if not settings.data_may_change():
        st.info("Uploads are switched off here (UPLOADS=off).", icon=":material/lock:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        feed = st.selectbox("What they are", [_AUTO, *resources], key="upload-feed", width=260)
    _take_in()
    # The number in the key empties the uploader once its files are loaded.
    turn = st.session_state.setdefault("upload-turn", 0)
    sent = st.file_uploader(
        f"Files, up to {settings.UPLOAD_MEGABYTES} MB each and "
        f"{settings.SESSION_UPLOAD_MEGABYTES} MB together",
        accept_multiple_files=True,
        max_upload_size=settings.UPLOAD_MEGABYTES,
        key=f"upload-{turn}",
    )
    context = get_script_run_ctx()
    if context and (refused := uploads.refusal(context.session_id)):
        say(f"A file was not taken. {refused}", "error")
    of = None if feed == _AUTO else feed
    if sent and st.button("Try them", icon=":material/fact_check:", key="try"):
        st.session_state[_TRIED] = _try(sent, of)
    tried = st.session_state.get(_TRIED)
    if tried and sent and tried["files"] == _named(sent) and tried["feed"] == of:
        _show(tried, sent, of)
    elif tried:
        del st.session_state[_TRIED]
    _say()


# What the uploader holds.
_Sent = list[UploadedFile]


def _named(sent: _Sent) -> list[tuple[str, str]]:
    return [(f.name, f.file_id) for f in sent]


def _uploads(sent: _Sent) -> list[intake.Upload]:
    # The very bytes that are held: `getbuffer` would make a copy, which stays with the reader.
    return [intake.Upload(f.name, f.getvalue()) for f in sent]


def _try(sent: _Sent, feed: str | None) -> dict:
    tried: dict = {"files": _named(sent), "feed": feed, "error": None}
    try:
        with st.spinner("Reading them against the contract and all that is loaded"):
            tried["report"], tried["names"] = intake.try_uploads(
                settings.workspace(), _uploads(sent), feed
            )
    except _WRONG as error:
        tried["error"] = str(error)
    return tried


def _show(tried: dict, sent: _Sent, feed: str | None) -> None:
    if tried["error"]:
        say(tried["error"], "error")
        return
    report: LoadReport = tried["report"]
    mine = [f for f in report.files if f.file in tried["names"]]
    refused = [f for f in report.files if f.refused]
    loaded, aside = sum(f.loaded for f in mine), sum(f.set_aside for f in mine)
    if refused:
        say("Nothing can be loaded: a file is refused.", "error")
    elif aside:
        say(f"{words.count(loaded, 'row')} would be loaded and {aside:,} set aside.", "warning")
    else:
        say(f"All {loaded:,} rows would be loaded.", "success")
    names = {*tried["names"], *(f.file for f in refused)}
    st.code("\n".join(told.as_lines(report, names)), language=None, wrap_lines=True)
    if not refused and st.button(
        f"Load {'it' if len(sent) == 1 else 'them'} now",
        icon=":material/publish:",
        type="primary",
        key="accept",
    ):
        _accept(sent, feed)


def _accept(sent: _Sent, feed: str | None) -> None:
    # Held from before: a run that another press ends meanwhile may not write into the session any
    # more, but what became of the load is told all the same.
    done: list[tuple[str, str]] = st.session_state.setdefault(_DONE, [])
    context = get_script_run_ctx()
    with st.spinner("Loading"):
        try:
            report = intake.accept(settings.workspace(), _uploads(sent), feed)
        except _WRONG as error:
            done.append(("error", f"Nothing was loaded: {error}"))
        else:
            done.append(("success", f"Loaded: data version {report.version} is served."))
            if context:
                uploads.let_go(context.session_id, [f.file_id for f in sent])
    st.rerun()


def _take_in() -> None:
    """What became of a load: to be said, and where it went well, the uploader is emptied."""
    # Emptied and not taken away: whoever loads may still hold it.
    if done := st.session_state.get(_DONE):
        kind, said = done.pop()
        st.session_state[_SAID] = (kind, said)
        if kind == "success":
            st.session_state["upload-turn"] += 1
            st.session_state.pop(_TRIED, None)


def _say() -> None:
    """What the last action came to, once."""
    if _SAID in st.session_state:
        kind, message = st.session_state.pop(_SAID)
        say(message, kind)
