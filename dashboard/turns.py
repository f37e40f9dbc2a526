"""One run of a page after another: what was pressed is done once, and what was drawn is sent.

Four holes of Streamlit 1.67 are closed here and nowhere else. In all of them a press meets a run
that comes by itself, the look of a story at what others do; a busy machine only makes it likelier.

*   Both runs are over before anything was sent. Where the look's run begins, Streamlit takes the
    look's own part out of what the page's run has to send. The browser, told at the end of the
    page's run that it holds the whole page, lets the look's old part go, all beneath it moves up
    by one, and the look is drawn over the first slide: saved, and not to be seen.
*   The page's run has ended, what it drew stands in the event loop's queue, and the look's request
    overtakes it. Streamlit begins another run and throws away all that comes from the one before.
*   The browser keeps a press for a moment before it is sent. A look that is due in that moment
    sends it along, and it was done twice.
*   A request for the whole page ends the run before it at once, be it that what was pressed there
    is not done yet, or half done: of two quick presses the first was forgotten.
"""

from collections import deque

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import (
    ScriptRequestType,
    _has_active_trigger_value,
)
from streamlit.runtime.scriptrunner_utils.script_run_context_attr import (
    SCRIPT_RUN_CONTEXT_ATTR_NAME,
)

# Seconds until a request that waits is looked at again. What it waits for is over in a few.
_AGAIN = 0.005

# Where a session keeps the requests that wait.
_WAITING = "_onesource_waiting"

_request_rerun = AppSession.request_rerun
_clear_queue = AppSession._clear_queue


def keep() -> None:
    """From now on, all sessions of this process take turns."""
    AppSession.request_rerun = _take_turns
    AppSession._clear_queue = _forget_unsent


def _forget_unsent(session: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
    """In the place of `AppSession._clear_queue`: a run begins, and what is unsent is out of date.

    All of it where the whole page is drawn anew; nothing where a part is, which the browser has to
    be told after the rest, and not instead of it.
    """
    if fragment_ids_this_run:
        # Else an element would take the place, in the run before, of the one that it replaces.
        session._browser_queue._delta_index_map = {}
    else:
        _clear_queue(session)


def _take_turns(session: AppSession, asked: ClientState | None) -> None:
    """In the place of `AppSession.request_rerun`; called on the session's event loop alone."""
    if asked is not None and asked.is_auto_rerun:
        # Nobody pressed a timer: whatever is pressed comes with a request of its own.
        pressed = [w for w in asked.widget_states.widgets if _has_active_trigger_value(w)]
        for one in pressed:
            asked.widget_states.widgets.remove(one)
    waiting: deque = session.__dict__.setdefault(_WAITING, deque())
    waiting.append(asked)
    # Else those before are looked at again anyway, and none overtakes another.
    if len(waiting) == 1:
        _let_go(session, waiting)


def _let_go(session: AppSession, waiting: deque) -> None:
    while waiting:
        if not _is_its_turn(session._scriptrunner, waiting[0]):
            session._event_loop.call_later(_AGAIN, _let_go, session, waiting)
            return
        _request_rerun(session, waiting.popleft())


def _is_its_turn(runner: ScriptRunner | None, asked: ClientState | None) -> bool:
    if runner is None:
        return True
    has_ended = runner._requests._state is ScriptRequestType.STOP
    if asked is not None and asked.fragment_id:
        # Taken in by a run that goes on. One that has ended is still the session's own until its
        # last event was handled.
        return not has_ended
    return has_ended or _has_done_what_was_pressed(runner)


def _has_done_what_was_pressed(runner: ScriptRunner) -> bool:
    """Whether a run is past its callbacks and in the page itself, with no other press to come."""
    if runner._requests._state is not ScriptRequestType.CONTINUE:
        return False
    about = getattr(runner._script_thread, SCRIPT_RUN_CONTEXT_ATTR_NAME, None)
    return runner._execing and about is not None and about.has_script_started
