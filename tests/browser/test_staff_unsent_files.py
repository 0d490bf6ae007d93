"""In a real browser, with a real worker: a file pre-checked and its sheet printed; three paper files imported together."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PATIENCE, Account, account_of, sign_in
from tests.browser.test_all_six_people import confirm, has_no_barrier
from tests.databases import Copy
from tests.make import PNG, Cast, make_extension, make_period, make_rows, make_workbook


@dataclass(frozen=True, slots=True)
class Desk:
    """Two people, and what they have on their disks."""

    operator: Account
    importer: Account
    files: tuple[Path, ...]
    signed_on: str


@pytest.fixture
def desk(fresh_database: Copy, tmp_path: Path) -> Desk:
    cast = Cast()
    make_extension(by=cast.department_head)
    contents = {
        "青岛市上报.xlsx": make_workbook(make_rows(40)),
        "淄博市上报.xlsx": make_workbook(make_rows(3, first=100))[:2000],
        "枣庄市上报.xlsx": make_workbook(make_rows(5, first=200)),
        "青岛市审签表.png": PNG,
        "淄博市审签表.png": PNG + b" ",
        "枣庄市审签表.png": PNG + b"  ",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return Desk(
        account_of(cast.operator),
        account_of(cast.provincial_operator),
        tuple(tmp_path / name for name in contents),
        make_period().first_day.isoformat(),
    )


def without_script(browser: Browser) -> Page:
    return browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()


def test_a_file_is_prechecked_and_its_sheet_fits_one_page(
    running_site: str, desk: Desk, worker: None, browser: Browser
) -> None:
    page = browser.new_context(locale="zh-CN", bypass_csp=True).new_page()
    sign_in(page, running_site, desk.operator)
    page.get_by_role("link", name="预检").first.click()
    has_no_barrier(page)
    page.get_by_label("要检查的文件").set_input_files(desk.files[0])
    page.get_by_role("button", name="检查文件").click()
    expect(page.get_by_text("可以上报：40 条全部合格")).to_be_visible(timeout=PATIENCE)
    has_no_barrier(page)
    page.get_by_role("link", name="打印审签表").click()
    has_no_barrier(page)
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1


def fill_in(page: Page, file: str, operator: str, count: str, signed_on: str) -> None:
    block = page.get_by_role("region", name=file)
    block.get_by_label("文件来源").select_option(label="考务系统生成")
    for who, number in (("经办人", f"{operator}1"), ("主任", f"{operator}2")):
        block.get_by_label(f"{who}姓名").fill(f"{who}{operator}")
        block.get_by_label(f"{who}工号").fill(number)
    block.get_by_label("签字日期").fill(signed_on)
    block.get_by_label("审签表上的记录数").fill(count)
    block.get_by_role("checkbox").check()


def test_three_paper_files_one_broken_are_imported_together_and_two_submitted_by_one_code_without_a_script(
    running_site: str, desk: Desk, worker: None, browser: Browser
) -> None:
    page = without_script(browser)
    sign_in(page, running_site, desk.importer)
    page.get_by_role("link", name="批量导入").click()
    page.get_by_label("数据文件和审签表扫描件").set_input_files(list(desk.files))
    page.get_by_role("button", name="放入", exact=True).click()
    expect(page.get_by_role("heading", name="二、逐份写明（3 份）")).to_be_visible()
    fill_in(page, "青岛市上报.xlsx", "3702", "40", desk.signed_on)
    fill_in(page, "淄博市上报.xlsx", "3703", "3", desk.signed_on)
    fill_in(page, "枣庄市上报.xlsx", "3704", "五", desk.signed_on)
    page.get_by_role("button", name="导入以上 3 份文件").click()
    expect(page.get_by_role("alert")).to_contain_text("枣庄市上报.xlsx：记录数是一个整数")
    expect(page.get_by_text("2 份文件已导入")).to_be_visible()
    page.get_by_label("审签表上的记录数").fill("5")
    page.get_by_role("button", name="导入以上 1 份文件").click()
    expect(page.get_by_role("heading", name="批量导入的结果")).to_be_visible()
    expect(page.get_by_role("row", name="淄博市上报.xlsx")).to_contain_text("文件无法读取，不能提交", timeout=PATIENCE)
    expect(page.get_by_role("button", name="提交勾选的批次")).to_be_visible(timeout=PATIENCE)
    for office, rows in (("青岛市", "40"), ("枣庄市", "5")):
        expect(page.get_by_label(f"{office} ", exact=False).first).to_be_checked(timeout=PATIENCE)
        expect(page.get_by_text(f"，{rows} 条")).to_be_visible()
    confirm(page, desk.importer, "提交勾选的批次")
    expect(page.get_by_text("已提交，等待网络管理专员汇总。")).to_have_count(2)
    expect(page.get_by_role("button", name="提交勾选的批次")).to_have_count(0)


def test_axe_finds_nothing_on_the_pages_of_many_files(running_site: str, desk: Desk, browser: Browser) -> None:
    page = browser.new_context(locale="zh-CN", bypass_csp=True).new_page()
    sign_in(page, running_site, desk.importer)
    page.goto(f"{running_site}/staff/batches/papers/")
    has_no_barrier(page)
    page.get_by_label("数据文件和审签表扫描件").set_input_files(list(desk.files))
    page.get_by_role("button", name="放入", exact=True).click()
    has_no_barrier(page)
    page.get_by_role("button", name="导入以上 3 份文件").click()
    expect(page.get_by_role("alert")).to_be_visible()
    has_no_barrier(page)
    page.goto(f"{running_site}/staff/batches/papers/results/")
    has_no_barrier(page)
