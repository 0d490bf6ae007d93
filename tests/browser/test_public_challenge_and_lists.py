"""安全验证 and 名单核对 in a real browser: the browser does the work by itself, and without JavaScript a question serves."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_public_pages import RULES, WIDTHS, complaints_of, expect_outcome, look_up
from tests.certificates_pages.answering import answer_to
from tests.certificates_pages.reading import ABSENT_ID
from tests.databases import Copy
from tests.lists.make import listed, pasted, published


@pytest.fixture(autouse=True)
def asked_from_the_second_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the site starts: it reads its settings from the environment."""
    monkeypatch.setenv("CHALLENGE_ID", "1")
    monkeypatch.setenv("CHALLENGE_WORK", "30")


@pytest.fixture
def rows(fresh_database: Copy) -> list[dict[str, object]]:
    """Three published certificates."""
    return published(3)


def assert_sound(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is wider than the screen"
    violations = Axe().run(page, options=RULES).response["violations"]
    assert not violations, [(entry["id"], entry["nodes"][0]["html"]) for entry in violations]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_challenge_passes_with_and_without_javascript(
    rows: list[dict[str, object]], running_site: str, browser: Browser, width: int
) -> None:
    numbers = str(rows[0]["证件号码"]), str(rows[0]["证书编号"])
    plain = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False).new_page()
    for _ in range(2):
        plain.goto(running_site)
        look_up(plain, *numbers)
    assert plain.locator("main").get_attribute("data-outcome") == "challenge"
    plain.get_by_role("textbox").fill("1000")
    plain.get_by_role("button", name="继续").click()
    assert plain.title().startswith("错误：")
    plain.get_by_role("textbox").fill(answer_to(plain.locator("label").inner_text()))
    plain.get_by_role("textbox").press("Enter")
    assert plain.locator("main").get_attribute("data-outcome") == "found"

    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    complaints = complaints_of(page)
    # Somebody who answers is not interrupted when the work is done.
    page.add_init_script("window.Worker = class { postMessage() {} terminate() {} }")
    page.goto(running_site)
    look_up(page, *numbers)
    expect_outcome(page, "challenge")
    assert_sound(page)
    working = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    complaints += complaints_of(working)
    working.goto(running_site)
    look_up(working, *numbers)
    expect(working.locator("main")).to_have_attribute("data-outcome", "found", timeout=20_000)
    assert complaints == []


@pytest.fixture
def limited_from_the_third_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the site starts, too."""
    monkeypatch.setenv("RATE_ID", "2/h")


def test_beyond_the_limit_the_browsers_progress_is_small_print_and_no_headline(
    limited_from_the_third_on: None, rows: list[dict[str, object]], running_site: str, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    page.add_init_script("window.Worker = class { postMessage() {} terminate() {} }")
    for _ in range(3):
        page.goto(running_site)
        look_up(page, str(rows[0]["证件号码"]), str(rows[0]["证书编号"]))
    expect_outcome(page, "limited")
    assert_sound(page)
    progress, text = (
        page.locator(one).first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
        for one in ("[data-status]", "main p:not(.asof)")
    )
    assert progress <= text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_is_handed_in_and_its_result_read(
    rows: list[dict[str, object]], running_site: str, browser: Browser, width: int
) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    complaints = complaints_of(page)
    page.goto(f"{running_site}/lists/")
    assert_sound(page)
    given = [listed(rows[0]), listed(rows[1], 姓名="王小明", 等级="一级"), listed(rows[2], 证件号码=ABSENT_ID)]
    page.get_by_label("或者粘贴名单").fill(pasted(*given, listed(rows[2], 证件号码="123")))
    page.get_by_role("button", name="核对").click()
    expect_outcome(page, "invalid")
    assert_sound(page)
    page.get_by_label("名单中的人员都知道并同意我们查询其证书").check()
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="名单核对结果")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(5)
    assert_sound(page)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Results of the list")).to_be_visible()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("heading", name="The results are deleted")).to_be_visible()
    assert complaints == []
