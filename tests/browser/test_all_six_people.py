"""The main job, end to end, in a real browser: two files, seven people, a publication, and a holder who finds it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from certlookup.calendar.periods import Period
from tests.browser.people import PATIENCE, Account, account_of, sign_in
from tests.browser.test_public_pages import RULES
from tests.databases import Copy
from tests.make import (
    PNG,
    Cast,
    make_actor,
    make_extension,
    make_period,
    make_row,
    make_rows,
    make_workbook,
)
from tests.people.make import shown_by
from uploads.intake.periods import fix_period
from uploads.models import Capacity
from uploads.release.assemble import order_publication


@dataclass(frozen=True, slots=True)
class Province:
    """Everyone on the way, and both cities' files."""

    operator: Account
    director: Account
    importer: Account
    provincial_operator: Account
    department_head: Account
    deputy_director: Account
    network_administrator: Account
    audit_administrator: Account
    file: Path
    paper_file: Path
    scan: Path
    period: Period
    holders: tuple[dict[str, object], ...]


@pytest.fixture
def province(fresh_database: Copy, tmp_path: Path) -> Province:
    cast = Cast()
    make_extension(by=cast.department_head)
    order_publication(by=cast.deputy_director, period=fix_period(make_period()), reason="测试提前")
    file, paper_file, scan = tmp_path / "青岛.xlsx", tmp_path / "济南.xlsx", tmp_path / "审签表.png"
    file.write_bytes(make_workbook(make_rows(5)))
    paper_file.write_bytes(make_workbook(make_rows(3, first=100)))
    scan.write_bytes(PNG)
    return Province(
        *(account_of(actor) for actor in (cast.operator, cast.director, make_actor(Capacity.PROVINCIAL_OPERATOR))),
        *(account_of(actor) for actor in cast.release_signers),
        account_of(cast.network_administrator),
        account_of(make_actor(Capacity.AUDIT_ADMINISTRATOR)),
        file,
        paper_file,
        scan,
        make_period(),
        tuple(make_row(seed=seed) for seed in (2, 101)),
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """Opens a browser of its own for each person who comes."""

    browser: Browser
    site: str

    def of(self, account: Account) -> Page:
        # axe is put into the page by the test, which the site's own policy would forbid.
        page = self.browser.new_context(locale="zh-CN", bypass_csp=True).new_page()
        sign_in(page, self.site, account)
        return page


def has_no_barrier(page: Page) -> None:
    """axe finds nothing, and the page fits a phone and a desk."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width}"


def confirm(page: Page, account: Account, button: str) -> None:
    """Type the next code beside the button and press it."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    form.get_by_label("动态码").fill(shown_by(account.key, 1))
    form.get_by_role("button", name=button).click()


def send_by_account(desk: Desk, province: Province) -> None:
    page = desk.of(province.operator)
    page.goto(f"{desk.site}/staff/batches/upload/")
    page.get_by_label("上报文件").set_input_files(province.file)
    page.get_by_label("考务系统生成").check()
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("读取 5 = 合格 5 + 不合格 0")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="开始核对").click()
    expect(page.get_by_text("系统随机抽取了")).to_be_visible()
    has_no_barrier(page)
    page.get_by_role("button", name="全部一致").click()
    expect(page.get_by_text("抽取的 5 条与档案一致")).to_be_visible()
    confirm(page, province.operator, "签字")
    expect(page.get_by_text("已签字。下一步：主任审核签字。")).to_be_visible()
    address = page.url
    page = desk.of(province.director)
    page.goto(address)
    confirm(page, province.director, "签字")
    expect(page.get_by_text("已签字并上报省中心。")).to_be_visible()


def send_on_paper(desk: Desk, province: Province) -> Page:
    page = desk.of(province.importer)
    page.goto(f"{desk.site}/staff/batches/paper/")
    page.get_by_label("上报单位").select_option(label="济南市")
    page.get_by_label("上报文件").set_input_files(province.paper_file)
    page.get_by_label("考务系统生成").check()
    for who, name, number in (("经办人", "李纸签", "370191"), ("主任", "周纸签", "370192")):
        page.get_by_label(f"{who}姓名").fill(name)
        page.get_by_label(f"{who}工号").fill(number)
    page.locator("[name=signed_on]").fill(province.period.first_day.isoformat())
    page.locator("[name=stated_count]").fill("3")
    page.get_by_label("审签表上注明：经办人已抽样与档案核对，一致").check()
    page.locator("[name=scan]").set_input_files(province.scan)
    page.get_by_role("button", name="导入并检查").click()
    expect(page.get_by_text("读取 3 = 合格 3 + 不合格 0")).to_be_visible(timeout=PATIENCE)
    confirm(page, province.importer, "提交")
    expect(page.locator("main")).to_contain_text("已上报")
    return page


def test_two_ways_in_one_release_three_signatures_and_a_holder_who_finds_his_certificate(
    running_site: str, province: Province, worker: None, browser: Browser
) -> None:
    desk = Desk(browser, running_site)
    send_by_account(desk, province)
    importer = send_on_paper(desk, province)

    administrator = desk.of(province.network_administrator)
    administrator.goto(f"{running_site}/staff/releases/new/?period={province.period.code}")
    has_no_barrier(administrator)
    administrator.get_by_role("button", name="汇总勾选的批次").click()
    expect(administrator.locator("main")).to_contain_text("8 条")
    release = administrator.url

    importer.goto(release)
    expect(importer.get_by_role("button", name="签字")).to_have_count(0)

    for account in (province.provincial_operator, province.department_head, province.deputy_director):
        page = desk.of(account)
        page.goto(release)
        has_no_barrier(page)
        confirm(page, account, "签字")
        expect(page.get_by_role("button", name="签字")).to_have_count(0)

    administrator.goto(release)
    has_no_barrier(administrator)
    confirm(administrator, province.network_administrator, "上传上网（8 条）")
    for _ in range(60):
        if "3 / 3 份已核对" in administrator.inner_text("main"):
            break
        administrator.wait_for_timeout(500)
        administrator.goto(release)
    expect(administrator.locator("main")).to_contain_text("3 / 3 份已核对")
    expect(administrator.locator("main")).to_contain_text("各数一致")

    staff = f"{running_site}/staff/"
    for path in (release, f"{release}summary/", f"{staff}releases/", f"{staff}backups/", f"{staff}calendar/", staff):
        administrator.goto(path)
        has_no_barrier(administrator)
    auditor = desk.of(province.audit_administrator)
    auditor.goto(f"{running_site}/staff/audit/?action=公布上网")
    expect(auditor.get_by_role("rowheader", name="公布上网")).to_be_visible()
    has_no_barrier(auditor)

    holder = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    for row in province.holders:
        holder.goto(running_site)
        holder.get_by_label("证件号码").fill(str(row["证件号码"]))
        holder.get_by_label("证书编号").fill(str(row["证书编号"]))
        holder.get_by_role("button", name="查询").click()
        expect(holder.locator("main")).to_have_attribute("data-outcome", "found")
        expect(holder.locator("[data-field=holder_name]")).to_have_text(str(row["姓名"]))

    visitor = browser.new_context(locale="zh-CN", bypass_csp=True).new_page()
    visitor.goto(f"{running_site}/bulletins/")
    visitor.locator("main a[href*='/bulletins/']").first.click()
    expect(visitor.get_by_role("rowheader", name="青岛市")).to_be_visible()
    has_no_barrier(visitor)
    visitor.goto(visitor.url.replace("/bulletins/", "/en/bulletins/"))
    has_no_barrier(visitor)
