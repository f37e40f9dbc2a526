"""What a page of ours may load: its Content-Security-Policy.

An address that stands in an export's text then fetches nothing, wherever the text gets to.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

# No other site may show a page of ours within its own. (A page cannot say this of itself.)
NOT_FRAMED = "frame-ancestors 'self'"

# A page of words alone loads nothing.
NOTHING = f"default-src 'none'; {NOT_FRAMED}"


def of_streamlit(page: str) -> str:
    """For the pages that Streamlit draws, `page` being its HTML.

    Streamlit sets styles as it draws, and runs our own scripts from blobs; Plotly makes pictures
    as blobs and data. Nothing comes from elsewhere.
    """
    scripts = _listed(re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    return (
        f"default-src 'self'; script-src 'self' blob: {scripts}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; frame-src 'none'; object-src 'none'; "
        f"base-uri 'self'; form-action 'self'; {NOT_FRAMED}"
    )


def of_whole_page(scripts: Iterable[str]) -> str:
    """For a page that has all it needs within it: these scripts run, and nothing is fetched."""
    return (
        f"default-src 'none'; script-src {_listed(scripts)}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _listed(scripts: Iterable[str]) -> str:
    hashed = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    return " ".join(f"'sha256-{one}'" for one in hashed)
