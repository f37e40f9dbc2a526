"""Paths and limits, each with its reason. Read from the environment when asked, never at import."""

import functools
import hashlib
import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUERIES = ROOT / "queries"

# DuckDB may use this much for one process. Half of a small server's 4 GB: sorting ten million
# ledger lines needs about 1 GB, and the web server must live beside it.
MEMORY_LIMIT = "2GB"

# Files that are read with care are text in DuckDB first. Of so many bytes and more together, that
# text may take no more memory than this, so that a folder of ten years takes what a month does.
MUCH_TEXT_BYTES = 64_000_000
MEMORY_LIMIT_OF_TEXT = "256MB"

# Threads a reader's query may use. Pages read rollups of a few thousand rows, where a second
# thread costs more than it saves and fifty readers would fight over the cores.
READER_THREADS = 2

# How a snapshot is opened for reading. One place, because DuckDB refuses to open a file twice in a
# process with settings that differ. Nothing that a reader types can reach files or the network.
READER_CONFIG = {
    "memory_limit": MEMORY_LIMIT,
    "threads": READER_THREADS,
    "enable_external_access": "false",
    "lock_configuration": "true",
}

# Answers, exhibits and what was drawn of them that are kept in memory, together. A view of a page
# takes some 300 kB, so this holds several hundred: fifty readers look at a few each.
REMEMBERED_BYTES = 96_000_000

# Snapshots kept beside the current one, so that readers on the old one finish
# and a bad load can be undone.
SNAPSHOTS_KEPT = 5

# … and the last of each of the newest days on which something was loaded: two weeks, in which
# whoever is away comes back and finds what was right before.
DAYS_KEPT = 14

# A file with more than this share of its rows wrong is refused whole: it is more likely a wrong
# file, or a contract that no longer fits it, than so many slips. Fewer bad rows than the second
# number never refuse a file, since of ten rows three may be slips.
BAD_SHARE = 0.25
BAD_ROWS_AT_LEAST = 5

# A contract's pattern may take so long over the distinct texts of a column: usual ones take
# milliseconds.
PATTERN_SECONDS = 5

# A second load waits this long for one that is at work: ten million lines take some seconds.
LOAD_WAIT_SECONDS = 600

# A file that is still being copied changes while it is read; after so many tries, say so.
TRIES_WHILE_FILES_CHANGE = 3

# A name given by a browser is cut to this; file systems allow 255 bytes with what is added.
LONGEST_FILE_NAME = 120

# Rows of a table on screen: what a reader scrolls through. The download has up to the second
# number; a file of more bad rows than that wants mending as a whole.
ROWS_SHOWN = 100
ROWS_TO_DOWNLOAD = 20_000

# Characters of a row's own text that a cell shows; the download has all of it.
ROW_TEXT_SHOWN = 160

# An upload is held in memory while it is tried. The largest monthly export seen has 80 MB.
UPLOAD_MEGABYTES = 200

# … by one reader together, and by all of them.
SESSION_UPLOAD_MEGABYTES = 400
ALL_UPLOADS_MEGABYTES = 800

# A story file holds its exhibits whole: a dozen slides come to one megabyte.
STORY_FILE_MEGABYTES = 20

# How long a file that was sent may wait for its load before it counts as left behind.
UPLOAD_HELD_SECONDS = 6 * 3600

# A resource whose files come to this much is first offered to DuckDB's own typed reader, which
# reads clean files some fifty times faster; below it the careful reader takes a second at most.
FAST_READER_BYTES = 5_000_000

# Results from fewer people than this are hidden (Analysis Function guidance on small numbers).
SMALLEST_GROUP = 10

# What a reader can work out of a hidden count is an interval at least so wide: of how many are not
# satisfied and of each answer, and of how many are satisfied (dashboard/load/suppression.py).
PROTECTED_COUNT = 2
PROTECTED_PEOPLE = 5

# Settings that decide what a snapshot holds, and so are part of its version: with another of them
# the same exports are loaded anew. The others decide how fast, how much or where.
DECIDE_WHAT_IS_LOADED = (
    *("BAD_SHARE", "BAD_ROWS_AT_LEAST", "PATTERN_SECONDS"),
    *("SMALLEST_GROUP", "PROTECTED_COUNT", "PROTECTED_PEOPLE"),
)

# A trend drawn for more councils than this shows all in grey and colours only those chosen:
# the Analysis Function's palette has six colours that can be told apart.
COLOURED_COUNCILS = 6

# Panels of a figure that a wide screen sets in two columns: eight rows of it.
PANELS_SIDE_BY_SIDE = 16

# Panels of one figure. Twelve fill four phone screens; more is a list, not a picture.
PANELS_A_FIGURE = 12

# How often a page that shows a story asks whether someone changed it: soon enough that two people
# do not talk past each other, and one read of a row each time.
STORY_LOOK_SECONDS = 3

# A writer waits this long for another's transaction; each takes some milliseconds.
STORIES_WAIT_SECONDS = 10

# Changes of a story that its page lists; the store keeps all.
STORY_CHANGES_SHOWN = 50


# Causes of a bridge, and rows of bars, that are drawn: two phone screens. The others are drawn
# together, or stand in the table.
ROWS_DRAWN = 15


@dataclass(frozen=True)
class Workspace:
    """A folder of exports, the contract that explains them, and where its snapshots live."""

    data: Path
    contract: Path
    warehouse: Path


def workspace(
    data: str | Path | None = None,
    contract: str | Path | None = None,
    warehouse: str | Path | None = None,
) -> Workspace:
    """The workspace named by the arguments, else by DATA, CONTRACT and WAREHOUSE, else `data/`.

    A workspace other than the shipped one gets a folder of snapshots of its own, so that two
    of them never overwrite each other.
    """
    return _resolved(
        str(data or os.environ.get("DATA") or ROOT / "data"),
        str(contract or os.environ.get("CONTRACT") or ""),
        str(warehouse or os.environ.get("WAREHOUSE") or ""),
    )


# Asked by every fetch; finding out where a path really leads takes longer than most answers.
@functools.lru_cache(maxsize=64)
def _resolved(data: str, contract: str, chosen: str) -> Workspace:
    data_path = Path(data).resolve()
    contract_path = Path(contract or data_path / "datapackage.json").resolve()
    if chosen:
        return Workspace(data_path, contract_path, Path(chosen).resolve())
    place = f"{data_path}\n{contract_path}".encode()
    name = f"{data_path.name}-{hashlib.blake2b(place, digest_size=4).hexdigest()}"
    return Workspace(data_path, contract_path, ROOT / "warehouse" / name)


def without_paths(said: str) -> str:
    """A message as readers may see it: files by their names, not by where they are kept."""
    found = workspace()
    places = {found.data, found.contract.parent, found.warehouse, ROOT, Path(tempfile.gettempdir())}
    for place in sorted(map(str, places), key=len, reverse=True):
        said = said.replace(f"{place}{os.sep}", "").replace(place, Path(place).name)
    return said


def data_may_change() -> bool:
    """False where UPLOADS=off: readers then can look at the Data page and change nothing."""
    return os.environ.get("UPLOADS", "on").lower() not in ("off", "0", "no", "false")


def stories_may_change() -> bool:
    """False where STORIES=off: readers then can open, present and take stories, and change none."""
    return os.environ.get("STORIES", "on").lower() not in ("off", "0", "no", "false")


def stories_database() -> str:
    """Where stories are kept, as an SQLAlchemy address: STORIES_DATABASE, else a file of SQLite's.

    The setting may stand in the environment or, as it may hold a password, in
    `.streamlit/secrets.toml`, which is never committed. The file lies beside the snapshots: that is
    the folder a deployment makes writable and keeps, and each workspace has one of its own.
    """
    if chosen := os.environ.get("STORIES_DATABASE") or _secret("STORIES_DATABASE"):
        return chosen
    return f"sqlite:///{(workspace().warehouse / 'stories.sqlite').as_posix()}"


# Read once: asked by every rerun of a page that shows stories.
@functools.cache
def _secret(name: str) -> str:
    try:
        text = (ROOT / ".streamlit" / "secrets.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return str(tomllib.loads(text).get(name, ""))


def static_copies(streamlit_version: str) -> Path:
    """Where compressed copies of Streamlit's own files are kept, so that a restart costs nothing.

    Beside the snapshots, as that is the folder a deployment makes writable. A folder a version:
    about 13 MB once every file was asked for in both encodings. It may be deleted at any time.
    """
    warehouse = Path(os.environ.get("WAREHOUSE") or ROOT / "warehouse").resolve()
    return warehouse / f"static-{streamlit_version}"
