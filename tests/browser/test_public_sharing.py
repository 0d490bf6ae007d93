"""Codes, 'when will mine be online', enquiries and reports in a real browser: without JavaScript, with axe, on paper."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_public_pages import assert_accessible, expect_outcome, look_up
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, publish
from tests.databases import Copy
from tests.make import make_row


@pytest.fixture(scope="module", autouse=True)
def pair(common_database: Copy) -> Pair:
    """One published certificate."""
    [published] = publish(make_row(seed=7))
    return published


def make_slip(page: Page, site: str, pair: Pair) -> str:
    """The code on a new slip."""
    page.goto(site)
    look_up(page, pair.id_number, pair.certificate_number)
    page.get_by_role("button", name="生成或撤回核验码").click()
    page.get_by_label("90 天").check()
    page.get_by_role("button", name="生成核验码和核验单").click()
    return page.locator("[data-field=code]").inner_text()


def assert_one_printed_page(page: Page, site: str) -> None:
    """The slip on paper: the domain in large type, the QR code, and nothing around them."""
    page.emulate_media(media="print")
    host = page.locator(".slip-host")
    expect(host).to_have_text(site.removeprefix("http://"))
    assert float(host.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) > 25
    expect(page.locator("svg.qr")).to_be_visible()
    expect(page.get_by_text("也可以直接把这个网址发给对方：")).to_be_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="screen")


def leave_enquiry(page: Page, site: str) -> str:
    """From not found to the receipt number."""
    page.goto(site)
    look_up(page, ABSENT_ID, ABSENT_NUMBER)
    page.get_by_label("日期", exact=True).fill("2026-11")
    page.get_by_role("button", name="算一算").click()
    expect(page.get_by_role("status")).to_contain_text("30 天")
    page.get_by_role("button", name="登记查不到的证书").click()
    for label, text in {"姓名": "王登记", "领到证书的日期": "2026-10-01", "联系方式": "13800138000"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="登记", exact=True).click()
    expect_outcome(page, "enquiry-left")
    return page.locator("[data-field=receipt]").inner_text()


def test_all_of_it_works_without_javascript(common_site: str, pair: Pair, common_browser: Browser) -> None:
    page = common_browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800}).new_page()
    code = make_slip(page, common_site, pair)
    page.goto(f"{common_site}/codes/")
    page.get_by_label("核验码", exact=True).fill(code.lower())
    page.get_by_role("button", name="查看", exact=True).click()
    assert page.url == f"{common_site}/codes/{code}/"
    page.get_by_label("您手头的证件号码").fill(pair.id_number)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("证件号码一致")

    page.goto(common_site)
    page.get_by_label("证件号码").fill(pair.id_number)
    page.get_by_label("证书编号").fill(pair.certificate_number)
    page.get_by_role("button", name="查询", exact=True).click()
    page.get_by_role("button", name="生成或撤回核验码").click()
    page.get_by_role("button", name=re.compile("^撤回")).click()
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    page.goto(f"{common_site}/codes/{code}/")
    expect(page.get_by_role("heading", name="核验码已撤回")).to_be_visible()

    page.goto(f"{common_site}/reports/")
    page.get_by_label("证书编号").fill("0815012003400009")
    page.get_by_label("证书上印的发证机关").fill("某局")
    page.get_by_role("button", name="提交举报").click()
    expect(page.get_by_role("heading", name="举报已收到")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    common_site: str, pair: Pair, common_browser: Browser, width: int
) -> None:
    page = common_browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True).new_page()

    def look(outcome: str | None = None) -> None:
        if outcome:
            expect(page.locator("main")).to_have_attribute("data-outcome", outcome)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert_accessible(page)

    code = make_slip(page, common_site, pair)
    look()
    assert_one_printed_page(page, common_site)
    page.get_by_role("button", name="查看和撤回我的核验码").click()
    look()
    page.goto(f"{common_site}/en/codes/{code}/")
    look("found")
    page.goto(f"{common_site}/codes/none/")
    look("code-unknown")
    receipt = leave_enquiry(page, common_site)
    look("enquiry-left")
    for path in ("/codes/", "/when/", "/reports/", "/en/enquiries/"):
        page.goto(common_site + path)
        look()
    page.locator("#id_progress_receipt").fill(receipt)
    page.locator("#id_progress_id_number").fill(ABSENT_ID)
    page.get_by_role("button", name="See the answer").click()
    look("enquiry-waiting")
    page.goto(f"{common_site}/enquiries/")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    look()
