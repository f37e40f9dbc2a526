"""A story as one web page: whole without a network, legible from the back, true to the exhibits."""

import json
import re
from datetime import date, datetime
from html.parser import HTMLParser

import pytest

from dashboard.exhibits import costs, funnel, overview, satisfaction, signals, together
from dashboard.exhibits.exhibit import Cell, Exhibit, Link, Table
from dashboard.exhibits.story import Slide, Story
from dashboard.render import webpage
from dashboard.stories.file import from_text, to_text
from tests.conftest import _environment

COUNCILS = ("havering", "newham", "bexley")
MONTHS = {"from_month": date(2014, 4, 1), "to_month": date(2018, 3, 1)}
INVOICES = {"measure_id": "invoices_in_30_days", "council_ids": COUNCILS}
QUESTION = "What do you think happened to Bexley’s satisfaction?"
# 18 points on a sheet 7.5 inches high, on a projector of 720 lines.
SMALLEST = 24
PROJECTOR = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def story(workspace_of):
    """A slide of each kind of chart, a grid, and small multiples in parts."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in _environment(workspace_of("shipped")).items():
            patch.setenv(key, value)
        last = MONTHS["to_month"]
        survey = satisfaction.by_customer(service_id=None, council_ids=COUNCILS, **MONTHS)
        made = [
            Slide("a", survey, question=QUESTION, notes="Let them guess.", address="satisfaction"),
            Slide("b", costs.to_date(service_id=None, council_ids=COUNCILS, to_month=last)),
            Slide("c", signals.control(**INVOICES, **MONTHS)),
            Slide("d", funnel.compared(**INVOICES, to_month=last)),
            Slide("e", together.service(service_id="ict", council_ids=COUNCILS, **MONTHS)),
            Slide("f", overview.grid(council_ids=COUNCILS, **MONTHS), headline="The whole grid"),
        ]
        return Story("s1", "Where we stand, April 2018", tuple(made), datetime(2018, 4, 26))


@pytest.fixture(scope="module")
def opened(story, browser, tmp_path_factory):
    """The page in a browser of its own that has no network, and what went wrong in it."""
    file = tmp_path_factory.mktemp("story") / "story.html"
    file.write_text(webpage.page(story, app="http://127.0.0.1:9/"), encoding="utf-8")
    context = browser.new_context(viewport=PROJECTOR)
    context.set_offline(True)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda r: r.url.startswith("file:") or errors.append(r.url))
    tab.goto(file.as_uri())
    tab.wait_for_selector("body[data-ready]")
    yield tab, errors
    context.close()


@pytest.fixture
def reading(opened):
    tab, _ = opened
    yield tab
    if "presenting" in (tab.get_attribute("html", "class") or ""):
        tab.keyboard.press("Escape")


class _Sources(HTMLParser):
    """What a page would fetch."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [v for k, v in attrs if k in ("src", "srcset", "action") and v]


def _asked_for(page: str) -> list[str]:
    sources = _Sources()
    sources.feed(page)
    return sources.found


def at(tab) -> str:
    return tab.evaluate("location.hash")


def test_the_page_is_small_and_asks_for_nothing_else(story, opened):
    page = webpage.page(story)

    assert len(page.encode()) < 6_000_000
    assert _asked_for(page) == []
    assert not re.search(r"@import|url\(\s*['\"]?http", page)
    assert opened[1] == []


def test_whatever_is_typed_stays_text(story):
    bad = "</script><img src=x onerror=alert(1)>&\"'"
    one = story.slides[0]
    hostile = Slide(bad, one.exhibit, bad, bad, bad, 'costs?service="><script>')

    page = webpage.page(Story(bad, bad, (hostile,), story.changed_at), app="http://a/")

    assert "<img" not in page
    assert 'service="><script>' not in page
    assert page.count("<script") == webpage.page(story).count("<script")


def test_every_figure_is_drawn_with_the_exhibits_own_numbers(story, reading):
    drawn = reading.evaluate(
        "[...document.querySelectorAll('.w-slide')].map(s => "
        "[...s.querySelectorAll('.js-plotly-plot')]"
        ".flatMap(p => p.data.map(t => [t.name, t.y, t.x])))"
    )

    lines = {name: y for name, y, _ in drawn[0]}
    for line in story.slides[0].exhibit.chart.panels[0].lines:
        assert lines[line.name] == pytest.approx(list(line.values))
    bars = {name: x for name, _, x in drawn[1]}
    for bar in story.slides[1].exhibit.chart.bars:
        assert bars[bar.name] == pytest.approx(list(bar.values))
    assert all(drawn[:5])
    grid = reading.locator("#slide-6 tbody tr")
    assert grid.count() == len(story.slides[5].exhibit.table.rows)


def test_reading_shows_headline_finding_source_and_table(reading):
    assert reading.locator("#slide-6 h2").inner_text() == "The whole grid"
    assert (
        "Satisfaction, survey by survey: 82% in all" in reading.locator("#slide-1 h2").inner_text()
    )
    assert "Illustrative" in reading.locator("#slide-1 .os-source").inner_text()
    reading.locator("#slide-1 summary").click()
    assert reading.locator("#slide-1 details table").is_visible()
    reading.locator("#slide-1 summary").click()


def test_a_story_is_presented_by_keyboard(story, reading):
    reading.locator("[data-do=present]").click()
    reading.keyboard.press("Home")

    assert reading.locator(".w-now .w-question").inner_text() == QUESTION
    assert not reading.locator(".w-now h2").is_visible()
    reading.keyboard.press("Space")
    assert reading.locator(".w-now h2").is_visible()
    assert at(reading) == "#1"
    reading.keyboard.press("ArrowRight")
    assert at(reading) == "#2"
    reading.keyboard.press("ArrowLeft")
    reading.keyboard.press("ArrowLeft")
    assert at(reading) == "#1q"
    reading.keyboard.press("End")
    assert at(reading).startswith("#6")
    reading.keyboard.press("Home")
    assert at(reading) == "#1q"
    reading.keyboard.press("b")
    assert reading.locator(".w-now").evaluate("e => getComputedStyle(e).visibility") == "hidden"
    reading.keyboard.press("b")
    reading.keyboard.press("g")
    reading.locator("#w-jump a", has_text="The whole grid").click()
    assert at(reading) == "#6"
    assert reading.locator(".w-count").text_content() == "Slide 6 of 6"
    reading.keyboard.press("Escape")
    assert reading.locator("header h1").is_visible()


_MISFITS = """(smallest) => {
  const slide = document.querySelector('.w-now'), edge = slide.getBoundingClientRect(), found = [];
  const scale = edge.width / slide.offsetWidth;
  const walk = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, at = text.parentElement;
    const seen = at.checkVisibility({visibilityProperty: true});
    if (!text.data.trim() || !seen || at.closest('caption, .hoverlayer')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const size = parseFloat(getComputedStyle(at).fontSize) * scale;
    if (size < smallest - 0.5) found.push(['small', text.data]);
    const over = [edge.left - box.left, box.right - edge.right,
      edge.top - box.top, box.bottom - edge.bottom];
    if (Math.max(...over) > 1) found.push(['outside', text.data, ...over]);
  }
  const room = slide.querySelector('.w-open-table');
  const cut = room ? room.scrollHeight - room.clientHeight : 0;
  if (cut > 1) found.push(['cut', cut]);
  return found;
}"""


def test_on_a_projector_nothing_is_cut_and_nothing_is_small(reading):
    reading.locator("[data-do=present]").click()
    reading.keyboard.press("Home")
    misfits, seen = {}, []
    while not seen or at(reading) != seen[-1]:
        seen.append(at(reading))
        reading.wait_for_function(
            "document.querySelector('.w-now.w-asking') || [...document.querySelectorAll("
            "'.w-now .w-charts > div')].every(d => d.querySelector('svg.main-svg'))"
        )
        if found := reading.evaluate(_MISFITS, SMALLEST):
            misfits[seen[-1]] = found
        reading.keyboard.press("ArrowRight")

    assert misfits == {}
    assert {re.sub(r"[.q].*", "", step) for step in seen} == {f"#{n}" for n in range(1, 7)}
    assert "#5.2" in seen  # twelve panels do not fit one slide


def test_the_presenters_window_has_notes_and_steers(reading):
    reading.locator("[data-do=present]").click()
    reading.keyboard.press("Home")
    with reading.expect_popup() as popup:
        reading.keyboard.press("n")
    own = popup.value
    own.wait_for_selector("body[data-ready]")

    own.locator(".w-presenter-view .w-said", has_text="Let them guess.").wait_for()
    assert own.locator(".w-presenter-view .w-title").inner_text() == QUESTION
    assert own.locator(".w-next").inner_text().startswith("The answer: Satisfaction")
    own.keyboard.press("ArrowRight")
    own.locator(".w-presenter-view .w-title", has_text="82% in all").wait_for()
    assert at(reading) == "#1"
    own.close()


def test_dark_changes_charts_and_keys_alike(story, reading):
    reading.locator("[data-do=look]").first.click()
    colours = reading.evaluate(
        "[document.querySelector('#slide-1 .js-plotly-plot').data[0].line.color,"
        " document.querySelector('#slide-1 .os-swatch').getAttribute('style')]"
    )
    reading.locator("[data-do=look]").first.click()

    assert colours[0] == "#6BACE6"
    assert "#6BACE6" in colours[1]
    assert reading.evaluate(
        "document.querySelector('#slide-1 .js-plotly-plot').data[0].line.color"
    ) == ("#12436D")


def test_printing_gives_each_exhibit_a_page_of_its_own(story, reading):
    printed = reading.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 1 + len(story.slides)


def test_a_slide_leads_to_its_live_page_only_where_there_is_one(story):
    alone = webpage.page(story)
    served = webpage.page(story, app="/")

    assert re.findall(r'data-explore="([^"]+)"', alone) == []
    # A slide without an address is of the first page.
    assert re.findall(r'data-explore="([^"]+)"', served) == [
        "/satisfaction?presenting=s1.1",
        *(f"/.?presenting=s1.{nth}" for nth in range(2, len(story.slides) + 1)),
    ]


def test_a_table_leads_nowhere_whatever_a_story_file_says_of_its_links():
    cell = Cell.of("ICT", None, Link("javascript:alert(1)//", ()))
    grid = Table("Services", ("Service",), ((cell,),), ("service",), (("ICT",),))
    exhibit = Exhibit("x.y", (), "1", "", title="Services", table=grid, table_first=True)
    story = Story("s1", "Away day", (Slide("a", exhibit),), datetime(2018, 4, 26))

    page = webpage.page(from_text(to_text(story)), app="../", is_presented=True)

    assert re.findall(r'href="([^"]*)"', page) == ["#slide-1", "#1"]
    assert ">ICT<" in page


def test_a_story_without_slides_says_so():
    page = webpage.page(Story("s", "Empty", (), datetime(2018, 4, 26)))

    assert "No slides" in page
    assert json.loads(re.search(r'id="w-dark">(.*?)</script>', page)[1])["#FFFFFF"] == "#10151B"
