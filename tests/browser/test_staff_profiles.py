"""An import profile made from an odd sample in a real browser, without a script, and used; and axe on every page of it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PATIENCE, Account, account_of, sign_in
from tests.browser.test_public_pages import RULES
from tests.databases import Copy
from tests.make import Cast
from tests.staff.oddsample import make_odd_sample

COLUMNS = {
    "B列": "证书编号", "C列": "证件号码", "D列": "姓名", "E列": "性别", "F列": "出生日期", "G列": "职业(工种)", "H列": "等级",
    "I列": "发证日期", "J列": "理论知识考试成绩", "K列": "操作技能考核成绩",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Makers:
    """Who makes a profile, who uploads by it, and a file in a layout that nobody has seen."""

    provincial_operator: Account
    city_operator: Account
    sample: Path


@pytest.fixture
def makers(fresh_database: Copy, tmp_path: Path) -> Makers:
    cast = Cast()
    sample = tmp_path / "某市导出.xlsx"
    sample.write_bytes(make_odd_sample())
    return Makers(account_of(cast.provincial_operator), account_of(cast.operator), sample)


def try_out(page: Page) -> None:
    page.get_by_role("button", name="按以上设置试读").click()


def upload_sample(page: Page, makers: Makers) -> None:
    page.get_by_role("navigation").get_by_text("更多").click()
    page.get_by_role("link", name="导入方案", exact=True).click()
    page.get_by_role("link", name="用样表新建方案").click()
    page.get_by_label("样表").set_input_files(makers.sample)
    page.get_by_role("button", name="上传并试读").click()


def make_profile(page: Page) -> None:
    """From the sample's first page to a preview in which every row is acceptable."""
    expect(page.get_by_text("没有找到表头。请对照")).to_be_visible()
    page.get_by_label("表头所在行").select_option("第 3 行")
    try_out(page)
    for letter, field in COLUMNS.items():
        page.locator("tr", has=page.get_by_role("cell", name=letter[0], exact=True)).get_by_role(
            "combobox"
        ).first.select_option(field)
    page.get_by_label("证件类型", exact=True).select_option("{按证件号码}")
    page.get_by_label("发证机关", exact=True).fill("{发证机关}")
    page.get_by_label("鉴定机构", exact=True).fill("{上报单位}")
    page.get_by_label("DD/MM/YYYY", exact=True).check()
    try_out(page)
    expect(page.get_by_text("不在导入方案").first).to_be_hidden()
    page.get_by_label("性别第 1 项读作").select_option("男")
    page.get_by_label("等级第 1 项读作").select_option("三级")
    try_out(page)
    expect(page.get_by_text("试读 3 行：合格 3 行")).to_be_visible()


def test_a_profile_is_made_from_an_odd_sample_and_a_file_read_by_it(
    running_site: str, makers: Makers, worker: None, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(page, running_site, makers.provincial_operator)
    upload_sample(page, makers)
    make_profile(page)
    page.get_by_label("方案名称").fill("某市导出")
    page.get_by_label("方案代号").fill("odd-city")
    page.get_by_role("button", name="保存方案").click()
    expect(page.get_by_text("导入方案“某市导出”第 1 版已保存")).to_be_visible()

    city = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(city, running_site, makers.city_operator)
    city.get_by_role("link", name="上传文件").first.click()
    city.get_by_label("导入方案").select_option("某市导出（第 1 版）")
    city.get_by_label("上报文件").set_input_files(makers.sample)
    city.get_by_label("考务系统生成").check()
    city.get_by_role("button", name="上传并检查").click()
    expect(city.get_by_text("读取 3 = 合格 3 + 不合格 0")).to_be_visible(timeout=PATIENCE)
    expect(city.get_by_role("link", name="某市导出", exact=True)).to_be_visible()


def test_axe_finds_nothing_on_the_pages_of_profiles(running_site: str, makers: Makers, browser: Browser) -> None:
    # axe is put into the page by the test, which the site's own policy would forbid.
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in(page, running_site, makers.provincial_operator)
    upload_sample(page, makers)
    trial = page.url.removeprefix(running_site)
    make_profile(page)
    pages = ("/staff/profiles/", "/staff/profiles/new/", "/staff/profiles/exam-system/1/", trial)
    for path in (*pages, "/staff/profiles/exam-system/1/retire/"):
        page.set_viewport_size({"width": 360, "height": 800})
        answer = page.goto(running_site + path)
        assert answer is not None
        assert answer.status == 200
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{path}, {scheme}: {found.generate_report()}"
