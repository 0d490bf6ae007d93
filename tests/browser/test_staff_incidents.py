"""In a real browser: an incident reported, handled and its evidence taken, on a phone and on a desk."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Account, account_of, sign_in
from tests.browser.test_all_six_people import has_no_barrier
from tests.databases import Copy
from tests.incidents.make import Watch
from tests.make import Cast, make_checked_batch
from tests.people.make import shown_by


@dataclass(frozen=True, slots=True)
class Desk:
    security: Account
    auditor: Account
    lost: str


@pytest.fixture
def desk(fresh_database: Copy) -> Desk:
    cast = Cast()
    make_checked_batch(by=cast.operator)
    watch = Watch(account=cast.operator.person)
    return Desk(account_of(watch.security), account_of(watch.auditor), watch.account.staff_number)


def test_an_account_is_reported_lost_and_its_evidence_taken(running_site: str, desk: Desk, browser: Browser) -> None:
    page = browser.new_context(locale="zh-CN", bypass_csp=True).new_page()
    sign_in(page, running_site, desk.security)
    page.goto(f"{running_site}/staff/incidents/new/")
    has_no_barrier(page)
    page.get_by_label("涉及的账号").fill(desk.lost)
    page.get_by_label("涉嫌违法").check()
    page.get_by_label("情况说明").fill("手机遗失，怀疑有人用过。")
    page.get_by_label("动态码").fill(shown_by(desk.security.key, 1))
    page.get_by_role("button", name="报告事件").click()
    expect(page.get_by_text("账号已冻结")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="上传文件").first).to_be_visible()
    has_no_barrier(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载证据包").click()
    assert coming.value.suggested_filename.endswith(".zip")
    page.get_by_role("button", name="记录阅知").click()
    page.goto(f"{running_site}/staff/")
    expect(page.get_by_role("alert")).to_contain_text("涉嫌违法")
    has_no_barrier(page)
    page.goto(f"{running_site}/staff/incidents/")
    has_no_barrier(page)
    page.get_by_role("link", name="事件 1", exact=True).click()
    page.get_by_role("link", name="办结").click()
    has_no_barrier(page)
