"""A visitor looks a certificate up in a real browser: on a phone and a desktop, without JavaScript, by keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, publish
from tests.databases import Copy
from tests.make import make_row

WIDTHS = [360, 1280]
# What WCAG 2.2 AA comes to, in axe's words.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # A list of all the elements that are as they should be takes as long as looking for those that aren't.
    "resultTypes": ["violations"],
}


# Sixty characters, as many as a name may have.
LONG_NAME = (
    "阿卜杜热西提江·买买提明吐尔逊·古丽米热艾比布力帕提古丽·阿不都克里木热合曼·居马洪托乎提巴拉提·麦·麦麦提敏江伊敏阿不"
)
LINES_THAT_BEGIN_WITH_A_DOT = """() => {
    const walker = document.createTreeWalker(document.querySelector("[data-field=holder_name]"), NodeFilter.SHOW_TEXT);
    let found = 0, before = null;
    while (walker.nextNode()) {
        for (let place = 0; place < walker.currentNode.length; place++) {
            const range = document.createRange();
            range.setStart(walker.currentNode, place);
            range.setEnd(walker.currentNode, place + 1);
            const top = range.getBoundingClientRect().top;
            if (walker.currentNode.data[place] === "·" && before !== null && top > before + 5) found++;
            before = top;
        }
    }
    return found;
}"""


@pytest.fixture(scope="module", autouse=True)
def pairs(common_database: Copy) -> list[Pair]:
    """Two published certificates, the second of the longest name."""
    return publish(make_row(seed=7), make_row(seed=8, 姓名=LONG_NAME))


@pytest.fixture(scope="module")
def pair(pairs: list[Pair]) -> Pair:
    """The first of them."""
    return pairs[0]


def fill(page: Page, id_number: str, certificate_number: str) -> None:
    page.get_by_label("证件号码").fill(id_number)
    page.get_by_label("证书编号").fill(certificate_number)


def look_up(page: Page, id_number: str, certificate_number: str) -> None:
    fill(page, id_number, certificate_number)
    page.get_by_role("button", name="查询", exact=True).click()


def expect_outcome(page: Page, outcome: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-outcome", outcome)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{outcome} is wider than the screen"


def complaints_of(page: Page) -> list[str]:
    """What the console says from now on: a breach of the content policy stands there too."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def assert_nothing_is_kept(context: BrowserContext, page: Page) -> None:
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_from_home_to_the_result_and_to_not_found(
    common_site: str, pair: Pair, common_browser: Browser, width: int
) -> None:
    context = common_browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(common_site)
    expect(page.get_by_role("heading", name="查一张证书")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    look_up(page, pair.id_number.lower(), pair.certificate_number)
    expect_outcome(page, "found")
    expect(page.locator(".verdict")).to_have_text("✓有效")
    expect(page.locator("[data-field=holder_name]")).to_have_text("古丽米热·艾比布力")
    assert page.url == f"{common_site}/lookup/"
    assert pair.id_number not in page.content()
    assert pair.id_number[:6] not in page.title()

    page.get_by_role("link", name="再查一张").click()
    look_up(page, ABSENT_ID, ABSENT_NUMBER)
    expect_outcome(page, "not-found")
    page.get_by_role("button", name="修改后再查").click()
    expect(page.get_by_label("证件号码")).to_have_value(ABSENT_ID)
    look_up(page, pair.id_number, pair.certificate_number)
    expect_outcome(page, "found")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".verdict")).to_have_text("✓Valid")
    assert page.url == f"{common_site}/en/lookup/"
    assert_nothing_is_kept(context, page)
    assert not complaints


def test_all_of_it_works_without_javascript(common_site: str, pair: Pair, common_browser: Browser) -> None:
    page = common_browser.new_context(java_script_enabled=False).new_page()
    page.goto(common_site)
    look_up(page, ABSENT_NUMBER, ABSENT_ID)
    expect(page.locator("main")).to_have_attribute("data-outcome", "invalid")
    expect(page.get_by_label("证书编号")).to_have_value(ABSENT_ID)
    look_up(page, ABSENT_ID, ABSENT_NUMBER)
    expect(page.locator("main")).to_have_attribute("data-outcome", "not-found")
    page.get_by_role("button", name="修改后再查").click()
    look_up(page, pair.id_number, pair.certificate_number)
    expect(page.locator("main")).to_have_attribute("data-outcome", "found")


def test_all_of_it_works_by_keyboard(common_site: str, pair: Pair, common_browser: Browser) -> None:
    page = common_browser.new_page()
    page.goto(common_site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("证件号码")).to_be_focused()
    page.keyboard.type(ABSENT_ID[:-1])
    page.keyboard.press("Tab")
    page.keyboard.type(pair.certificate_number)
    page.keyboard.press("Enter")

    expect_outcome(page, "invalid")
    expect(page).to_have_title(re.compile("^错误："))
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("证件号码")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(pair.id_number)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="查询", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect_outcome(page, "found")


def test_the_focus_can_be_seen(common_site: str, common_browser: Browser) -> None:
    page = common_browser.new_page()
    page.goto(common_site)
    for _ in range(7):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "3px" in outline
        assert "solid" in outline


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("", ["查询结果", "有效", "国家职业资格证书", "姓名 古丽米热· 艾比布力", "性别", "发证日期", "证书编号", "{number}",
              "证件号码", "379 （后面各位已隐去）", "职业（工种）", "三级 / 高级工", "鉴定机构", "发证机关", "上网的数据为准", "查询时间：", "信息有误？", "给别人核验",
              "留存查询结果", "再查一张"]),
        ("/en", ["Result", "Valid", "National Vocational Qualification Certificate", "Name 古丽米热· 艾比布力", "Sex",
                 "Date of issue", "Certificate number", "{number}", "ID number",
                 "379 (the rest is hidden)", "Occupation", "Level 3 / Advanced skilled worker",
                 "Assessment body", "Issuing authority", "As published on", "Looked up:", "Is something wrong?",
                 "Let somebody else verify", "Keep this result", "Look up another"]),
    ],
)  # fmt: skip
def test_a_screen_reader_hears_the_verdict_first_and_numbers_by_fours(
    common_site: str, pair: Pair, common_browser: Browser, prefix: str, said: list[str]
) -> None:
    page = common_browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    page.goto(f"{common_site}{prefix}/")
    page.locator("#id_id_number").fill(pair.id_number)
    page.locator("#id_certificate_number").fill(pair.certificate_number)
    page.locator("main form button").first.click()
    expect_outcome(page, "found")
    heard = page.locator("main").aria_snapshot()
    place = 0
    for words in said:
        sought = words.replace("{number}", " ".join(re.findall("....", pair.certificate_number)))
        assert sought in heard[place:], f"{sought} isn't said after what stands before it:\n{heard}"
        place = heard.index(sought, place) + len(sought)
    assert re.findall(r"heading .*level=(\d)", heard) == ["1", "2", "2", "2"]
    assert "✓" not in heard, "marks are for the eye"
    assert "*" not in heard, "what is hidden is said in words"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing(common_site: str, pair: Pair, common_browser: Browser, width: int, scheme: str) -> None:
    # axe is put into the page by the test, which the site's own policy would forbid.
    context = common_browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True  # type: ignore[arg-type]
    )  # fmt: skip
    page = context.new_page()
    lookups = {
        "found": (pair.id_number, pair.certificate_number),
        "not-found": (ABSENT_ID, ABSENT_NUMBER),
        "invalid": ("12", ABSENT_ID),
    }
    for language in ("", "/en"):
        page.goto(f"{common_site}{language}/")
        assert_accessible(page)
        for outcome, numbers in lookups.items():
            page.goto(f"{common_site}{language}/")
            page.locator("#id_id_number").fill(numbers[0])
            page.locator("#id_certificate_number").fill(numbers[1])
            page.locator("form.sheet button").click()
            expect_outcome(page, outcome)
            for details in page.locator("summary").all():
                details.click()
            assert_accessible(page)
        page.goto(f"{common_site}{language}/no/such/page")
        assert_accessible(page)


def assert_accessible(page: Page) -> None:
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def test_a_page_fits_at_four_times_its_size(common_site: str, pair: Pair, common_browser: Browser) -> None:
    # Zooming a 1280 pixel screen to 400 % leaves 320.
    page = common_browser.new_context(viewport={"width": 320, "height": 256}).new_page()
    page.goto(common_site)
    look_up(page, pair.id_number, pair.certificate_number)
    expect_outcome(page, "found")
    page.get_by_role("button", name="English").click()
    expect_outcome(page, "found")


def test_a_long_name_goes_on_after_a_separator(common_site: str, pairs: list[Pair], common_browser: Browser) -> None:
    page = common_browser.new_page()
    page.goto(common_site)
    look_up(page, pairs[1].id_number, pairs[1].certificate_number)
    expect(page.locator("[data-field=holder_name]")).to_have_text(LONG_NAME)
    assert len(LONG_NAME) == 60
    for width in range(320, 700, 11):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(LINES_THAT_BEGIN_WITH_A_DOT) == 0, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_result_is_printed_on_one_page(common_site: str, pair: Pair, common_browser: Browser) -> None:
    page = common_browser.new_page()
    page.goto(common_site)
    look_up(page, pair.id_number, pair.certificate_number)
    expect_outcome(page, "found")
    page.emulate_media(media="print")
    expect(page.get_by_text("打印件仅供参考，以网上查询结果为准。")).to_be_visible()
    expect(page.get_by_text("查询网站：localhost:")).to_be_visible()
    expect(page.get_by_role("link", name="再查一张")).to_be_hidden()
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert pages == 1
