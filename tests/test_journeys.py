"""A reader's ways through the dashboard, in a real browser on a real server."""

import csv
import io
import itertools
import re
from datetime import date
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from dashboard import theme
from dashboard.exhibits import findings as what_changed
from dashboard.exhibits import measures, overview, reference, signals, spending, together
from dashboard.warehouse import fetch

PAGES = (
    *("", "exceptions", "council", "service", "measure"),
    *("costs", "spending", "true_cost", "satisfaction", "value", "committee", "stories", "data"),
)
WORKSPACES = ("shipped", "lgbf", "three_councils")

EVERYBODY = ("havering", "newham", "bexley")
YEAR_2017 = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}

# Words that no workspace knows, each a different way to go wrong.
NONSENSE = (
    "Nowhere",
    "Robert'); drop table performance; --",
    '"><script>alert(1)</script>',
    "🦆🦆",
    "x" * 5_000,
    "",
    "%00 %zz ../../etc/passwd",
)
PARAMETERS = (
    *("service", "council", "councils", "measure", "period", "from", "to", "part"),
    *("cost_type", "budget", "by", "supplier", "basis", "who", "moves", "unit", "story"),
)

# Tab presses that reach anything on a page: the sidebar, the filters and a grid of 14 services.
MOST_TABS = 120


def findings(tab: Page) -> list[str]:
    return tab.locator("h2.os-finding").all_inner_texts()


def filters(tab: Page) -> dict[str, object]:
    """What each filter shows, by its label."""
    boxes = tab.get_by_test_id("stSelectbox").get_by_role("combobox")
    shown = dict(boxes.evaluate_all("all => all.map(e => [e.ariaLabel, e.value])"))
    pressed = tab.get_by_test_id("stButtonGroup").locator("button[aria-pressed=true]")
    return shown | {"Councils": pressed.all_inner_texts()}


def view(tab: Page) -> tuple[str, list[str], dict[str, object]]:
    """All that tells one view from another: the page, its findings, its filters."""
    return tab.locator("h1").inner_text(), findings(tab), filters(tab)


def in_address(tab: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.url).query)


def choose(tab: Page, label: str, option: str) -> None:
    tab.get_by_role("combobox", name=label, exact=True).click()
    tab.get_by_role("option", name=option, exact=True).click()


def pill(tab: Page, council: str) -> Locator:
    return tab.get_by_test_id("stButtonGroup").get_by_role("button", name=council, exact=True)


def cell(tab: Page, row: str, column: str) -> Locator:
    """The link in a cell of the services' grid: its name begins with its row and column."""
    return tab.get_by_role("link", name=re.compile(f"^{re.escape(row)}, {re.escape(column)}: "))


def sidebar(tab: Page, title: str) -> Locator:
    return tab.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True)


def first_finding(tab: Page) -> Locator:
    return tab.locator("h2.os-finding").first


def heading(tab: Page) -> Locator:
    return tab.locator("h1")


@pytest.fixture
def filtered_overview(page, visit, settle) -> Page:
    """The overview for Bexley in 2017/18, filtered by hand."""
    visit(page)
    pill(page, "Bexley").click()
    expect(page).to_have_url(re.compile("councils=Bexley"))
    settle(page)
    choose(page, "Period", "2017/18")
    expect(page).to_have_url(re.compile("period=2017"))
    settle(page)
    return page


def test_the_overview_says_what_its_filters_ask_for(use, filtered_overview):
    use("shipped")
    chosen = {"council_ids": ("bexley",), **YEAR_2017}
    assert findings(filtered_overview) == [
        what_changed.changed(
            service_id=None,
            council_ids=("bexley",),
            since=date(2017, 4, 1),
            to_month=YEAR_2017["to_month"],
        ).title,
        overview.grid(**chosen).title,
    ]
    assert filters(filtered_overview) == {
        "Period": "2017/18",
        "Councils": ["Bexley"],
        "What changed": "",
    }


def test_a_view_is_found_again_by_its_address_and_by_back_and_forward(
    use, filtered_overview, settle
):
    use("shipped")
    page = filtered_overview
    the_overview = view(page)

    cell(page, "ICT", "Bexley").click()
    expect(heading(page)).to_have_text("Service")
    settle(page)
    the_service = view(page)
    assert the_service[2]["Service"] == "ICT"
    assert the_service[2]["Councils"] == ["Bexley"]

    # A measure that is not the first, so that the address has to name it.
    measure = [m["name"] for m in reference.measures().values() if m["service_id"] == "ict"][1]
    page.locator(".os-table th").get_by_role("link", name=measure).click()
    expect(heading(page)).to_have_text("Measure")
    settle(page)
    the_measure = view(page)
    assert any(finding.startswith(measure) for finding in the_measure[1])

    page.reload()
    expect(heading(page)).to_have_text("Measure")
    settle(page)
    assert view(page) == the_measure

    for go, title, expected in (
        (page.go_back, "Service", the_service),
        (page.go_back, "Where do we stand?", the_overview),
        (page.go_forward, "Service", the_service),
        (page.go_forward, "Measure", the_measure),
    ):
        go()
        expect(heading(page)).to_have_text(title)
        settle(page)
        assert view(page) == expected


def test_a_finding_leads_to_its_evidence(use, page, visit, settle):
    use("shipped")
    visit(page)
    page.get_by_role("link", name="Bexley’s satisfaction fell from 89% to 55%").click()
    expect(heading(page)).to_have_text("Satisfaction")
    settle(page)
    assert filters(page)["Councils"] == ["Bexley"]
    # The wave, how many answered, and how surely it is known.
    assert findings(page)[0] == (
        "Satisfaction: Bexley 55% (46% to 63%), 122 answers, October 2017; fell by 34 points "
        "(23 to 44), more than chance explains. All customers 82%, target of 80% met"
    )
    page.get_by_text("Table and download").first.click()
    row = page.locator(".os-scrolls tbody tr").nth(1)
    expect(row).to_contain_text("46% to 63%")
    assert row.locator("th, td").all_inner_texts()[:5] == [
        *("Bexley", "October 2017", "55%", "46% to 63%", "122")
    ]
    page.go_back()
    expect(heading(page)).to_have_text("Where do we stand?")
    settle(page)
    page.get_by_role("link", name="Bexley’s invoices paid within 30 days fell").click()
    expect(heading(page)).to_have_text("Measure")
    settle(page)
    assert filters(page)["Measure"] == "Invoices paid within 30 days"
    assert findings(page)[0].startswith("Bexley is getting worse")


def test_an_overspend_leads_to_the_lines_of_the_ledger_and_back(use, page, visit, settle):
    use("shipped")
    year = {"council_ids": EVERYBODY, **YEAR_2017}
    visit(page, "costs")
    seen = [view(page)]
    assert any("furthest over Asset Management, £3.83m" in finding for finding in seen[0][1])

    # Each step down is a link of the table in the open; the figures are those of the exhibits.
    down = [
        ("Asset Management", {"cost_type": None, "supplier": None}),
        ("Contractors and agency", {"cost_type": "Contractors and agency", "supplier": None}),
    ]
    kind = {"service_id": "asset_management", "cost_type": "Contractors and agency"}
    top = spending.suppliers(**kind, **year).table.rows[0][0].lines[0][0]
    down.append((top, {"cost_type": "Contractors and agency", "supplier": top}))
    for name, chosen in down:
        page.locator(".os-scrolls th").get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator(".os-trail li[aria-current]")).to_have_text(name)
        settle(page)
        shown = spending.down_to_lines(service_id="asset_management", **chosen, **year)
        assert findings(page) == [exhibit.title for exhibit in shown]
        assert filters(page)["Period"] == "2017/18"
        seen.append(view(page))
    rows = page.locator(".os-scrolls tbody tr")
    assert rows.count() == len(shown[0].table.rows)
    assert rows.first.locator("td").first.inner_text() == shown[0].table.rows[0][1].lines[0][0]

    page.reload()
    expect(page.locator(".os-trail li[aria-current]")).to_have_text(top)
    settle(page)
    assert view(page) == seen[-1]
    for earlier in reversed(seen[:-1]):
        page.go_back()
        expect(first_finding(page)).to_have_text(earlier[1][0])
        settle(page)
        assert view(page) == earlier

    # By keyboard, and up again by the trail.
    page.go_forward()
    expect(page.locator(".os-trail li[aria-current]")).to_have_text("Asset Management")
    settle(page)
    up = page.locator(".os-trail").get_by_role("link", name="All services")
    _tab_to(page, up)
    page.keyboard.press("Enter")
    expect(page.locator(".os-trail li[aria-current]")).to_have_text("All services")
    settle(page)
    assert filters(page) == {
        "Service": "", "Councils": [], "Period": "2017/18", "Cost type": "", "Supplier": "",
    }  # fmt: skip


def test_one_press_of_back_leaves_a_page_whose_address_named_a_default(page, visit, settle):
    # Finance and its first measure are what the pages show unasked.
    visit(page)
    before = view(page)
    page.locator(".os-table th").get_by_role("link", name="Finance", exact=True).click()
    expect(heading(page)).to_have_text("Service")
    settle(page)
    page.locator(".os-table th").get_by_role("link").first.click()
    expect(heading(page)).to_have_text("Measure")
    settle(page)
    page.go_back()
    expect(heading(page)).to_have_text("Service")
    settle(page)
    page.go_back()
    expect(heading(page)).to_have_text("Where do we stand?")
    settle(page)
    assert view(page) == before


def test_a_link_in_a_table_keeps_the_filters_that_it_does_not_change(filtered_overview, settle):
    page = filtered_overview
    cell(page, "ICT", "Bexley").click()
    expect(heading(page)).to_have_text("Service")
    settle(page)
    assert filters(page)["Period"] == "2017/18"
    page.locator(".os-table th").get_by_role("link").last.click()
    expect(heading(page)).to_have_text("Measure")
    settle(page)
    shown = filters(page)
    assert (shown["Period"], shown["Councils"]) == ("2017/18", ["Bexley"])


def test_the_sidebar_keeps_the_filters_and_back_returns_to_them(filtered_overview, settle):
    page = filtered_overview
    chosen = in_address(page)
    seen = [view(page)]
    for title in ("Costs", "Council", "Satisfaction"):
        sidebar(page, title).click()
        expect(heading(page)).to_have_text(title)
        settle(page)
        assert filters(page)["Period"] == "2017/18"
        assert chosen.items() <= in_address(page).items()
        seen.append(view(page))
    for earlier in reversed(seen[:-1]):
        page.go_back()
        expect(heading(page)).to_have_text(earlier[0])
        settle(page)
        assert view(page) == earlier


def test_changing_page_without_filters_and_going_back_shows_each_page(page, visit, settle):
    visit(page)
    before = view(page)
    for title in ("Costs", "Service"):
        sidebar(page, title).click()
        expect(heading(page)).to_have_text(title)
        settle(page)
    for title in ("Costs", "Where do we stand?"):
        page.go_back()
        expect(heading(page)).to_have_text(title)
        settle(page)
    assert view(page) == before


def test_months_dragged_across_one_panel_filter_the_page_until_their_chip_is_removed(
    use, page, visit, settle
):
    use("shipped")
    visit(page, "service?service=ICT")
    everything = view(page)
    x, y = _month_on_chart(page, "2017-04-01")
    page.mouse.move(x, y)
    expect(page.locator(".os-month")).to_have_text("April 2017")
    # One line across all panels, and a value in each that has one in the month.
    said = page.locator(".hoverlayer .hovertext").all_text_contents()
    assert any(text.startswith("Bexley: ") for text in said)
    assert any(text.startswith("Actual cost: £") for text in said)
    page.mouse.down()
    page.mouse.move(_month_on_chart(page, "2017-09-01")[0], y, steps=5)
    expect(page.locator(".os-month")).to_have_text("April to September 2017")
    page.mouse.up()
    expect(page).to_have_url(re.compile("to=September"))
    settle(page)
    chosen = view(page)
    span = {"from_month": date(2017, 4, 1), "to_month": date(2017, 9, 1)}
    of = {"service_id": "ict", "council_ids": EVERYBODY, **span}
    assert chosen[1] == [together.service(**of).title, measures.now(**of).title]
    asked = {"service": ["ICT"], "period": ["Choose months"]}
    asked |= {"from": ["April 2017"], "to": ["September 2017"]}
    assert in_address(page) == asked

    page.reload()
    settle(page)
    assert view(page) == chosen

    # A point of a council: that council, and the twelve months to it.
    page.mouse.move(*_month_on_chart(page, "2017-06-01", "bexley"))
    expect(page.locator(".os-month")).to_have_text("June 2017")
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile("councils=Bexley"))
    settle(page)
    assert filters(page)["Councils"] == ["Bexley"]
    assert (filters(page)["From"], filters(page)["To"]) == ("July 2016", "June 2017")
    page.go_back()
    expect(heading(page)).to_have_text(chosen[0])
    expect(page.locator("h2.os-finding").first).to_have_text(chosen[1][0])
    settle(page)
    assert view(page) == chosen

    chip = page.get_by_role("button", name="Remove filter: April to September 2017")
    assert chip.bounding_box()["height"] >= 24
    _tab_to(page, chip)
    page.keyboard.press("Enter")
    expect(chip).to_have_count(0)
    settle(page)
    assert view(page) == everything
    assert in_address(page) == {"service": ["ICT"]}
    page.go_back()
    expect(heading(page)).to_have_text(chosen[0])
    expect(page.locator("h2.os-finding").first).to_have_text(chosen[1][0])
    settle(page)
    assert view(page) == chosen


def _month_on_chart(tab: Page, month: str, council: str | None = None) -> tuple[float, float]:
    """Where a month stands in the first panel: on a council's line, else half-way up."""
    return tuple(
        tab.locator(".js-plotly-plot").evaluate(
            """(chart, [month, council]) => {
              const {xaxis, yaxis} = chart._fullLayout;
              const box = chart.querySelector('.main-svg').getBoundingClientRect();
              const line = chart._fullData.find(d => council && d.meta === council);
              const up = line ? yaxis.d2p(line.y[line.x.indexOf(month)]) : yaxis._length / 2;
              return [box.left + xaxis._offset + xaxis.d2p(month), box.top + yaxis._offset + up];
            }""",
            [month, council],
        )
    )


# lgbf has lists so long that these pages show a part of them.
@pytest.mark.parametrize(
    ("workspace", "address"),
    [*(("shipped", address) for address in PAGES), ("lgbf", "service"), ("lgbf", "costs")],
)
def test_a_word_that_is_not_known_falls_back_to_the_default(page, visit, workspace, address):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visit(page, address, workspace)
    default = findings(page), filters(page)
    # Each page begins with another word, so that parameters meet different ones.
    words = itertools.islice(itertools.cycle(NONSENSE), PAGES.index(address), None)
    visit(page, f"{address}?{urlencode(dict(zip(PARAMETERS, words, strict=False)))}", workspace)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert (findings(page), filters(page)) == default
    assert dialogs == []


@pytest.mark.parametrize("address", ["", "measure"])
def test_months_that_are_not_known_fall_back_to_all(page, visit, address):
    visit(page, address)
    default = findings(page)
    for first, last in itertools.pairwise(NONSENSE):
        asked = {"period": "Choose months", "from": first, "to": last}
        visit(page, f"{address}?{urlencode(asked)}")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert findings(page) == default


def test_months_in_the_wrong_order_are_still_a_stretch_of_time(use, page, visit):
    use("shipped")
    asked = {"period": "Choose months", "from": "March 2018", "to": "April 2017"}
    visit(page, f"?{urlencode(asked)}")
    assert findings(page)[1] == overview.grid(council_ids=EVERYBODY, **YEAR_2017).title


def test_a_known_council_among_unknown_ones_is_still_chosen(page, visit):
    visit(page, "?councils=Nowhere&councils=Bexley&councils=" + quote(NONSENSE[2]))
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert len(findings(page)) == 2


@pytest.mark.parametrize("screen", ["page", "phone"])
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("workspace", WORKSPACES)
def test_every_page_stands_on_every_workspace_and_screen(
    request, visit, serve, workspace, address, screen
):
    serve(workspace)
    tab = request.getfixturevalue(screen)
    elsewhere, complaints = [], []
    tab.on("request", lambda r: _outside(r.url) and elsewhere.append(r.url))
    tab.on("websocket", lambda s: _outside(s.url) and elsewhere.append(s.url))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: _is_ours(said) and complaints.append(said.text))

    visit(tab, address, workspace)

    expect(tab.get_by_test_id("stException")).to_have_count(0)
    expect(heading(tab)).to_have_count(1)
    assert all(findings(tab)), "a finding without words"
    if not findings(tab):
        # Spending and true cost are of costs; a page that has none of what it needs says so.
        needed = {"spending": "costs", "true_cost": "costs", "value": "volumes"}
        feed = reference.lacks(needed.get(address, address)).partition(".")[0]
        expect(tab.get_by_test_id("stAlert")).to_contain_text(feed)
    for chart in tab.get_by_test_id("stPlotlyChart").all():
        assert chart.get_attribute("aria-label")
    assert elsewhere == []
    assert complaints == []
    assert _too_wide(tab) == []
    assert _ill_set(tab) == []


def _outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1"


def _is_ours(said) -> bool:
    """An error, but for two of Streamlit's own: it looks for its server below a page's path."""
    path = urlsplit(said.location.get("url", "")).path
    streamlits = re.fullmatch(r"/\w+/_stcore/(host-config|health)", path)
    return said.type == "error" and not streamlits


def _too_wide(tab: Page) -> list[str]:
    """What reaches over the right edge of the document or of Streamlit's scrolling part of it."""
    return tab.evaluate(
        """() => {
          const parts = [document.documentElement, document.querySelector('[data-testid=stMain]')];
          const wide = parts.filter(e => e.scrollWidth > e.clientWidth).map(e => e.tagName);
          const edge = document.documentElement.clientWidth;
          const shown = '.os-finding, .os-subtitle, .os-source, .os-table, .svg-container';
          for (const e of document.querySelectorAll(shown))
            if (e.getBoundingClientRect().right > edge) wide.push(e.className);
          return wide;
        }"""
    )


def _ill_set(tab: Page) -> list[str]:
    """Words in charts that are cut off at the chart's edge, or that stand on their side."""
    return tab.get_by_role("figure").evaluate_all(
        """charts => charts.flatMap(chart => {
          const edge = chart.querySelector('.svg-container').getBoundingClientRect();
          const ill = text => {
            const box = text.getBoundingClientRect();
            const sticks_out = box.left < edge.left - 1 || box.right > edge.right + 1;
            const turned = /rotate\\((?!0[,)])/.test(text.getAttribute('transform') ?? '');
            return sticks_out || turned;
          };
          return [...chart.querySelectorAll('svg.main-svg text')]
            // What Plotly hides for want of room has no size.
            .filter(text => text.textContent.trim() && text.getBoundingClientRect().width)
            .filter(ill)
            .map(text => text.textContent);
        })"""
    )


@pytest.mark.parametrize(
    "address", [p for p in PAGES[1:] if p not in ("exceptions", "committee", "stories", "data")]
)
def test_every_chart_has_a_name_that_says_its_finding(page, visit, address):
    visit(page, address)
    charts = page.get_by_role("figure").evaluate_all(
        """charts => charts.map(chart => [
          chart.closest('[class*=st-key-]:has(h2.os-finding)').querySelector('h2').innerText,
          chart.ariaLabel,
        ])"""
    )
    assert charts
    assert [finding for finding, name in charts if finding not in name] == []


def test_the_table_beneath_a_chart_holds_what_fetch_answers(use, page, visit, settle):
    use("shipped")
    measure_id, measure = next(
        (i, m) for i, m in reference.measures().items() if m["service_id"] == "ict"
    )
    asked = {"service": "ICT", "measure": measure["label"], "period": "2017/18"}
    visit(page, f"measure?{urlencode(asked)}")
    exhibit = signals.control(measure_id=measure_id, council_ids=EVERYBODY, **YEAR_2017)
    expect(first_finding(page)).to_have_text(exhibit.title)

    expect(page.locator(".os-scrolls")).to_have_count(0)
    page.get_by_text("Table and download").first.click()
    table = page.locator(".os-scrolls table")
    expect(table).to_be_visible()
    settle(page)
    shown = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    assert [row[:3] for row in shown] == [
        ["; ".join(text for text, _ in c.lines) for c in row[:3]] for row in exhibit.table.rows
    ]

    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    columns, *rows = itertools.takewhile(len, csv.reader(io.StringIO(text)))
    answer = fetch("control_chart", measure_ids=(measure_id,), council_ids=EVERYBODY, **YEAR_2017)
    assert set(columns) <= set(answer.columns)
    assert sorted(rows) == sorted(
        ["" if row[c] is None else str(row[c]) for c in columns] for row in answer.rows()
    )
    assert any(row[columns.index("value")] for row in rows)

    # The picture is as wide as the exhibit at twice its pixels, and its lines are drawn in it.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as PNG").first.click()
    picture = Image.open(download.value.path()).convert("RGB")
    assert picture.width > 2 * 800
    colours = {colour for _, colour in picture.getcolors(picture.width * picture.height)}
    assert {tuple(bytes.fromhex(c[1:])) for c in (theme.WHOLE, theme.BAND)} <= colours


def test_the_keyboard_alone_reaches_filters_links_and_tables(page, visit, settle):
    visit(page)
    _tab_to(page, pill(page, "Havering"))
    page.keyboard.press("Enter")
    expect(pill(page, "Havering")).to_have_attribute("aria-pressed", "true")
    settle(page)

    _tab_to(page, page.get_by_role("combobox", name="Period"))
    page.keyboard.press("ArrowDown")
    page.keyboard.type("2016/17")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("period=2016"))
    settle(page)
    assert filters(page) == {"Period": "2016/17", "Councils": ["Havering"], "What changed": ""}

    _tab_to(page, cell(page, "ICT", "Havering"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Service")
    settle(page)

    _tab_to(page, page.locator("summary", has_text="Table and download"))
    page.keyboard.press("Enter")
    region = page.locator(".os-scrolls")
    expect(region).to_be_visible()
    settle(page)
    _tab_to(page, region)


def _tab_to(tab: Page, target: Locator) -> None:
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by {MOST_TABS} presses of Tab")
