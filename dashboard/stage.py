"""The story that the room sees: `present/<story>` on the dashboard's own server.

The page is the one that is taken home (`render/webpage.py`); here its slides lead on to the live
pages with their filters, which lead back to the same slide.
"""

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboard import policy, settings
from dashboard.render.html import html

# Nothing is kept: who presents again after an edit sees the edit.
_FRESH = {"Cache-Control": "no-store"}


async def present(request: Request) -> HTMLResponse:
    """The story by its id, opened presenting; 404 where there is none, 503 without its store."""
    # Reading and drawing take half a second, in which others are to be served.
    status, page, may_load = await anyio.to_thread.run_sync(_page, request.path_params["story_id"])
    # What the page may load; the server's own policy is for the pages that Streamlit draws.
    return HTMLResponse(page, status, {**_FRESH, "Content-Security-Policy": may_load})


def _page(story_id: str) -> tuple[int, str, str]:
    # Only who presents needs what reads and draws stories.
    from dashboard import reading
    from dashboard.render import webpage
    from dashboard.stories import shelf, store

    try:
        with reading.bound(reading.now()):
            story = shelf.opened().story(story_id)
            # One step up from present/: right wherever the dashboard is mounted.
            page = webpage.page(story, app="../", is_presented=True)
    except store.NoSuchStory:
        return 404, _instead("There is no such story: it may have been deleted."), policy.NOTHING
    except (store.StoreFailed, reading.NoSnapshot) as error:
        return 503, _instead(settings.without_paths(str(error))), policy.NOTHING
    return 200, page, f"{webpage.may_load()}; {policy.NOT_FRAMED}"


def _instead(said: str) -> str:
    return html(
        '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>No story</title>'
        '<p>%s</p><p><a href="../stories">All stories</a></p></html>',
        said,
    )
