"""Axe-core on every page of the shipped workspace: WCAG 2.0 to 2.2, levels A and AA."""

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = (
    *("", "exceptions", "council", "service", "measure"),
    *(
        "costs",
        "spending",
        "true_cost",
        "satisfaction",
        "value",
        "committee",
        "stories",
        "stories?story=where-we-stand-april-2018",
        "data",
    ),
)
SCREENS = ("page", "phone")

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
GRAVE = ("serious", "critical")

# The narrowest screen on which WCAG asks for reading without scrolling sideways (1.4.10).
NARROWEST = {"width": 320, "height": 640}


@dataclass(frozen=True)
class Known:
    """A violation in elements that Streamlit makes, whatever we write."""

    rule: str
    selector: str
    reason: str


STREAMLITS_OWN = (
    Known(
        "list",
        "ul[data-testid=stSidebarNavItems]",
        "Streamlit sets each section of the page list in a <div> straight within its <ul>",
    ),
    Known(
        "listitem",
        "ul[data-testid=stSidebarNavItems] > div > li",
        "the same <div> stands between the list and its items",
    ),
)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("address", PAGES)
def test_no_page_keeps_anyone_out(request, visit, settle, address, screen):
    tab = request.getfixturevalue(screen)
    visit(tab, address)
    _open_a_table(tab, settle)
    assert grave_violations(tab) == []
    levels = tab.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "headings => headings.map(heading => heading.tagName)"
    )
    assert levels[0] == "H1"
    assert set(levels[1:]) <= {"H2"}


def test_chips_and_an_open_list_of_choices_keep_nobody_out(page, visit):
    visit(page, "?councils=Bexley&councils=Havering&period=2017/18")
    expect(page.get_by_role("button", name="Remove filter: ")).to_have_count(3)
    page.get_by_role("combobox", name="Period").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert grave_violations(page) == []


def test_pinning_and_an_open_slide_keep_nobody_out(stranger, visit, settle):
    page = stranger
    visit(page, "satisfaction")
    page.get_by_role("button", name="Pin to a story “Satisfaction with each").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert grave_violations(page) == []
    visit(page, "stories?story=where-we-stand-april-2018")
    page.get_by_role("button", name="Edit slide 1:").click()
    expect(page.get_by_role("textbox", name="Headline")).to_be_visible()
    settle(page)
    assert grave_violations(page) == []


def test_the_list_of_pages_on_a_phone_keeps_nobody_out(phone, visit):
    visit(phone)
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.get_by_role("link", name="Costs")).to_be_in_viewport()
    assert grave_violations(phone) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_read_on_the_narrowest_screen_without_scrolling_sideways(phone, visit, address):
    phone.set_viewport_size(NARROWEST)
    visit(phone, address)
    width = phone.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, innerWidth]")
    assert width == [NARROWEST["width"]] * 2


def grave_violations(tab: Page) -> list[str]:
    """Serious and critical violations, but for Streamlit's own: rule, help and element."""
    found = Axe().run(tab, options={"runOnly": RULES, "resultTypes": ["violations"]}).response
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
        if not _is_streamlits(tab, violation["id"], node["target"])
    ]


def _is_streamlits(tab: Page, rule: str, target: list[str]) -> bool:
    """Whether an element is a known one and not within markup of ours."""
    known = ", ".join(k.selector for k in STREAMLITS_OWN if k.rule == rule)
    if not known:
        return False
    return tab.locator(target[-1]).first.evaluate(
        "(element, known) => element.matches(known) && !element.closest('[data-testid=stHtml]')",
        known,
    )


def _open_a_table(tab: Page, settle) -> None:
    beneath = tab.locator("summary", has_text="Table and download")
    if beneath.count():
        beneath.first.click()
        expect(tab.locator(".os-scrolls").first).to_be_visible()
        settle(tab)
