"""The whole way in a real browser: a new file, six people in turn, the worker, and the holder finds the certificate."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from certlookup.postgres.keeper import die_with_parent
from tests.browser.test_public_pages import RULES
from tests.browser.test_staff_batches import PATIENCE, Account, account_of, sign_in
from tests.databases import PROJECT, Copy
from tests.make import Cast, make_actor, make_extension, make_period, make_rows, make_workbook
from tests.people.make import shown_by
from uploads.intake.periods import fix_period
from uploads.models import Capacity
from uploads.release.assemble import order_publication

PUBLISHED_AND_BACKED_UP = 120_000


@dataclass(frozen=True, slots=True)
class Six:
    """The people, the file that the first of them sends, and the holder's two numbers."""

    operator: Account
    director: Account
    provincial_operator: Account
    department_head: Account
    deputy_director: Account
    network_administrator: Account
    auditor: Account
    file: Path
    id_number: str
    certificate_number: str


@pytest.fixture
def six(fresh_database: Copy, tmp_path: Path) -> Six:
    """Everybody can sign in; leave to submit and to publish today is given."""
    cast = Cast()
    make_extension(by=cast.department_head)
    order_publication(by=cast.deputy_director, period=fix_period(make_period()), reason="测试提前")
    rows = make_rows(12)
    file = tmp_path / "青岛.xlsx"
    file.write_bytes(make_workbook(rows))
    return Six(
        operator=account_of(cast.operator),
        director=account_of(cast.director),
        provincial_operator=account_of(cast.provincial_operator),
        department_head=account_of(cast.department_head),
        deputy_director=account_of(cast.deputy_director),
        network_administrator=account_of(cast.network_administrator),
        auditor=account_of(make_actor(Capacity.AUDIT_ADMINISTRATOR)),
        file=file,
        id_number=str(rows[4]["证件号码"]),
        certificate_number=str(rows[4]["证书编号"]),
    )


@pytest.fixture
def worker(fresh_database: Copy) -> Iterator[None]:
    end = die_with_parent(signal.SIGTERM)
    command = [sys.executable, "manage.py", "work"]
    process = subprocess.Popen(command, cwd=PROJECT, env=fresh_database.environment(), preexec_fn=end)  # noqa: PLW1509 - as it must be
    yield
    process.kill()
    process.wait()


def signed_in(browser: Browser, site: str, account: Account) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    sign_in(page, site, account)
    return page


def confirm(page: Page, account: Account, button: str) -> None:
    """The code of the next half minute: the one of now was spent on signing in."""
    page.locator("#id_otp").fill(shown_by(account.key, 1))
    page.get_by_role("button", name=re.compile(f"^{button}")).click()


def has_no_barrier(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width}"


def test_a_new_file_goes_through_six_people_and_its_certificates_are_found(
    running_site: str, six: Six, worker: None, browser: Browser
) -> None:
    page = signed_in(browser, running_site, six.operator)
    page.goto(f"{running_site}/staff/batches/upload/")
    page.locator("[name=file]").set_input_files(six.file)
    page.get_by_label("考务系统生成").check()
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("读取 12 = 合格 12 + 不合格 0")).to_be_visible(timeout=PATIENCE)
    batch = page.url
    confirm(page, six.operator, "签字")
    expect(page.get_by_text("已签字")).to_be_visible()

    page = signed_in(browser, running_site, six.director)
    page.goto(batch)
    confirm(page, six.director, "签字")
    expect(page.get_by_text("已签字并上报省中心")).to_be_visible()

    administrator = signed_in(browser, running_site, six.network_administrator)
    administrator.goto(f"{running_site}/staff/releases/")
    has_no_barrier(administrator)
    administrator.get_by_role("link", name="汇总本期批次").click()
    has_no_barrier(administrator)
    administrator.get_by_role("button", name="汇总勾选的批次").click()
    release = administrator.url
    assert re.search(r"/staff/releases/\d+/$", release)

    for account in (six.provincial_operator, six.department_head, six.deputy_director):
        page = signed_in(browser, running_site, account)
        page.goto(release)
        has_no_barrier(page)
        confirm(page, account, "签字")
        expect(page.get_by_text("已签字。")).to_be_visible()

    administrator.goto(release)
    expect(administrator.get_by_text("将把 12 条证书公布上网")).to_be_visible()
    has_no_barrier(administrator)
    confirm(administrator, six.network_administrator, "上传上网")
    expect(administrator.get_by_text("各数一致")).to_be_visible(timeout=PATIENCE)
    expect(administrator.get_by_text("3 / 3 份已核对")).to_be_visible(timeout=PUBLISHED_AND_BACKED_UP)
    for path in (release, "/staff/backups/", "/staff/calendar/", f"{release}summary/", f"{release}return/"):
        administrator.goto(path if path.startswith("http") else running_site + path)
        has_no_barrier(administrator)

    auditor = signed_in(browser, running_site, six.auditor)
    auditor.goto(f"{running_site}/staff/audit/?action=公布上网")
    expect(auditor.get_by_role("rowheader", name="公布上网")).to_be_visible()
    has_no_barrier(auditor)

    holder = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    holder.goto(running_site)
    holder.locator("[name=id_number]").fill(six.id_number)
    holder.locator("[name=certificate_number]").fill(six.certificate_number)
    holder.get_by_role("button", name="查询").click()
    expect(holder.locator("main")).to_have_attribute("data-outcome", "found")
