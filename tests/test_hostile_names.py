"""Every text of an export is a label: no Markdown, HTML or address in one does anything."""

import ast
import csv
import json
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dashboard import settings
from dashboard.load.publish import load
from dashboard.render import text
from dashboard.settings import Workspace
from tests.test_accessibility import PAGES

EVIL = "evil.example"
HOSTILE = (
    f"![i](http://{EVIL}/i.png) <img src=http://{EVIL}/h.png> [l](http://{EVIL}/l) "
    f"**b** :red[r] $x^2$ www.{EVIL} http://{EVIL}/u"
)

# What stands for itself in these columns is compared with something; all else is somebody's words.
_MEANS_SOMETHING = {
    *("service_id", "council_id", "measure_id", "period", "year", "date", "from", "to", "kind"),
    *("good_direction", "frequency", "rule", "status", "feed", "budget_block", "next_review"),
}
# … and these words, in columns that take any.
_KNOWN_WORDS = ("true", "false", "yes", "no", "number", "£m")


def _made_hostile(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        for column, value in row.items():
            is_words = any(c.isalpha() for c in value) and value not in _KNOWN_WORDS
            if column not in _MEANS_SOMETHING and is_words:
                row[column] = f"{value} {HOSTILE}"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Workspace:
    """The shipped exports of two years with hostile words in every text."""
    place = tmp_path_factory.mktemp("hostile")
    data = place / "data"
    kept = ("2016", "2017", "2018", "201[678]")
    for path in sorted((settings.ROOT / "data").rglob("*.csv")):
        dated = path.stem.split("-")[1:2]
        if dated and dated[0] not in kept:
            continue
        target = data / path.relative_to(settings.ROOT / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        _made_hostile(target)
    for path in (settings.ROOT / "data" / "stories").glob("*.json"):
        story = json.loads(path.read_text("utf-8"))
        story["title"] = HOSTILE[:100]
        for slide in story["slides"]:
            slide |= dict.fromkeys(("headline", "question", "notes"), HOSTILE)
        (data / "stories").mkdir()
        (data / "stories" / path.name).write_text(json.dumps(story), encoding="utf-8")
    contract = json.loads((settings.ROOT / "data" / "datapackage.json").read_text("utf-8"))
    contract["title"] += HOSTILE
    contract["description"] += HOSTILE
    contract["licenses"] = [{"title": HOSTILE}]
    for resource in contract["resources"]:
        for source in resource.get("sources", []):
            source["title"] += HOSTILE
    (data / "datapackage.json").write_text(json.dumps(contract), encoding="utf-8")
    workspace = Workspace(data, data / "datapackage.json", place / "warehouse")
    report = load(workspace)
    assert report.published
    return workspace


# Whatever in the page would fetch from or lead to the hostile address, or was made of its marks.
_DONE = f"""() => [...document.querySelectorAll('[src], [href], [action], .katex')]
  .filter(e => e.matches('.katex') || [e.src, e.href, e.action].some(to => {{
    try {{ return new URL(to).hostname.includes('{EVIL}'); }} catch {{ return false; }}
  }}))
  .map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def served(hostile, tmp_path_factory):
    from tests.conftest import _start

    address, process = _start(hostile, tmp_path_factory.mktemp("log") / "log.txt")
    yield address
    process.terminate()
    process.wait(timeout=20)


# With a council chosen it stands on a chip too, and in what is said of a choice.
CHOSEN = urlencode({"councils": f"Bexley {HOSTILE}", "service": f"ICT {HOSTILE}"})
ADDRESSES = (
    *(a for a in PAGES if "?story" not in a),
    f"costs?{CHOSEN}",
    f"service?{CHOSEN}",
    f"spending?{CHOSEN}",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_name_does_anything_on_any_page(served, page, settle, address):
    """Nothing but this server is asked for anything, and no name has become an element."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/{address}")
    settle(page)
    for folded in page.get_by_test_id("stExpander").all()[:3]:
        folded.locator("summary").click()
        settle(page)
    foreign = [u for u in asked if not u.startswith((served, "data:", "blob:"))]
    assert foreign == []
    assert page.evaluate(_DONE) == []
    # They are there, as words.
    assert HOSTILE[:8] in page.locator("body").inner_text()


def test_no_word_of_a_story_does_anything_arranged_or_presented(served, page, settle):
    page.goto(f"{served}/stories")
    settle(page)
    arranged = page.locator('a[href*="story="]').first.get_attribute("href")
    story_id = arranged.rpartition("story=")[2]
    for address in (f"stories?story={story_id}", f"present/{story_id}"):
        asked: list[str] = []
        page.on("request", lambda request, to=asked: to.append(request.url))
        page.goto(f"{served}/{address}")
        page.get_by_text(HOSTILE[:8]).first.wait_for(state="attached")
        assert [u for u in asked if not u.startswith((served, "data:", "blob:"))] == []
        assert page.evaluate(_DONE) == []


def test_the_policy_of_a_page_lets_nothing_else_be_fetched(served, page, settle):
    """The second lock: were a name to become an element after all, the browser would not ask."""
    page.goto(served)
    settle(page)
    blocked = page.evaluate(
        f"""() => new Promise(done => {{
          document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
          document.body.append(Object.assign(new Image(), {{src: 'http://{EVIL}/x.png'}}));
        }})"""
    )
    assert blocked == "img-src"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Havering", "Havering"),
        ("King's Lynn & West Norfolk", "King's Lynn & West Norfolk"),
        ("Bath-and-North East", "Bath-and-North East"),
        ("![a](b)", r"\!\[a\]\(b\)"),
        ("*Bexley*", r"\*Bexley\*"),
        ("a &lt; b", r"a \&lt\; b"),
        ("- Newham", r"\- Newham"),
        ("see www.a.example", "see www\u2060\\.a\\.example"),
        (":red[Newham]", r"\:red\[Newham\]"),
    ],
)
def test_a_choice_keeps_its_name_unless_the_name_means_more(name, shown):
    assert text.as_option(name) == shown


# Streamlit's calls that read Markdown in what they are given first.
_READS_MARKDOWN = {
    *("error", "info", "warning", "success", "toast", "markdown", "write", "caption", "title"),
    *("header", "subheader", "button", "download_button", "form_submit_button", "link_button"),
    *("expander", "popover", "status", "spinner", "progress", "pills", "segmented_control"),
    *("radio", "checkbox", "toggle", "metric", "tabs", "badge", "selectbox", "multiselect"),
    *("text_input", "text_area", "file_uploader", "number_input", "slider", "date_input"),
}
# Words of our own that are put together: by file, what is given.
_OUR_OWN = {
    "pages/stories.py: title: rostrum.heading(story)",
    "dashboard/filters.py: selectbox: label",
    "dashboard/rostrum.py: button: label",
    "dashboard/rostrum.py: button: name",
    "dashboard/rostrum.py: button: f'Duplicate{name}'",
    "dashboard/rostrum.py: button: f'Delete{name}'",
    "dashboard/rostrum.py: download_button: f'Save the {name} ({_size(len(done))})'",
}


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_plain(body) and _is_plain(orelse)
        case ast.JoinedStr(values=values):
            return all(_is_plain(v) for v in values)
        case ast.FormattedValue(value=value, format_spec=spec):
            is_number = spec is not None or (isinstance(value, ast.Name) and value.id == "count")
            return is_number or _is_plain(value)
        case ast.Attribute(value=ast.Name(id="settings")):
            return True
        case ast.Call(func=called):
            return ast.unparse(called) in ("as_label", "text.as_label", "words.count")
    return False


def test_words_reach_streamlit_as_labels_alone():
    """Whoever gives Streamlit words that may be of an export has to say so, or it is found here."""
    found = set()
    for path in [settings.ROOT / "app.py", *settings.ROOT.glob("pages/*.py"),
                 *(settings.ROOT / "dashboard").rglob("*.py")]:  # fmt: skip
        name = path.relative_to(settings.ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _READS_MARKDOWN
                and ast.unparse(node.func.value) in ("st", "place", "opened")
                and node.args
                and not _is_plain(node.args[0])
            ):
                found.add(f"{name}: {node.func.attr}: {ast.unparse(node.args[0])}")
    assert found == _OUR_OWN
