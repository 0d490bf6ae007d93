"""A city's batch in a real browser: uploaded, checked by the worker, signed by two people; and axe on every page of it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PATIENCE, Account, account_of, sign_in
from tests.browser.test_public_pages import RULES
from tests.databases import Copy
from tests.make import (
    Cast,
    make_attempt,
    make_checked_batch,
    make_extension,
    make_paper,
    make_row,
    make_rows,
    make_workbook,
)
from tests.people.make import shown_by


@dataclass(frozen=True, slots=True)
class City:
    """A city's two people, a provincial operator, a file to send, and pages on which something stands."""

    operator: Account
    director: Account
    provincial_operator: Account
    file: Path
    pages: tuple[str, ...]


@pytest.fixture
def city(fresh_database: Copy, tmp_path: Path) -> City:
    cast, other, third = Cast(), Cast("3703"), Cast("3704")
    make_extension(by=cast.department_head)
    file = tmp_path / "青岛市十一月.xlsx"
    file.write_bytes(make_workbook(make_rows(40)))
    good = make_checked_batch(by=other.operator, office="3703", rows=make_rows(60, first=100))
    bad = make_attempt(by=third.operator, office="3704", rows=[make_row(seed=200 + n, 等级="六级") for n in range(60)])
    paper = make_paper(third.operator.person, third.director.person, stated_count=9)
    on_paper = make_attempt(by=cast.provincial_operator, office="3705", rows=make_rows(2, first=300), paper=paper)
    batches = f"/staff/batches/{good.id}/"
    return City(
        account_of(cast.operator),
        account_of(cast.director),
        account_of(cast.provincial_operator),
        file,
        (
            "/staff/",
            "/staff/batches/",
            "/staff/batches/upload/",
            "/staff/batches/paper/",
            "/staff/batches/no-data/",
            batches,
            f"{batches}rows/",
            f"{batches}sheet/",
            f"/staff/batches/{bad.batch_id}/",
            f"/staff/batches/{on_paper.batch_id}/",
        ),
    )


def sign(page: Page, account: Account) -> None:
    page.locator("form.sheet").get_by_label("动态码").fill(shown_by(account.key, 1))
    page.get_by_role("button", name="签字", exact=True).click()


def test_a_file_is_uploaded_checked_and_signed_by_two_people_without_a_script(
    running_site: str, city: City, worker: None, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(page, running_site, city.operator)
    page.get_by_role("link", name="上传文件").click()
    page.get_by_label("上报文件").set_input_files(city.file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择文件来源。")
    page.get_by_label("考务系统生成").check()
    page.get_by_label("上报文件").set_input_files(city.file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("读取 40 = 合格 40 + 不合格 0")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="开始核对").click()
    page.get_by_role("button", name="按勾选记录").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有核对")
    page.get_by_role("button", name="全部一致").click()
    expect(page.get_by_text("抽取的 20 条与档案一致")).to_be_visible()
    sign(page, city.operator)
    expect(page.get_by_text("已签字。下一步：主任审核签字。")).to_be_visible()
    address = page.url

    other = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(other, running_site, city.director)
    other.get_by_role("link", name="青岛市").first.click()
    assert other.url == address
    sign(other, city.director)
    expect(other.get_by_text("已签字并上报省中心。")).to_be_visible()


def test_axe_finds_nothing_on_the_pages_of_batches(running_site: str, city: City, browser: Browser) -> None:
    # axe is put into the page by the test, which the site's own policy would forbid.
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in(page, running_site, city.provincial_operator)
    for path in city.pages:
        page.set_viewport_size({"width": 360, "height": 800})
        answer = page.goto(running_site + path)
        assert answer is not None
        assert answer.status == 200
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"
        page.set_viewport_size({"width": 1280, "height": 800})
        for details in page.locator("summary").all():
            details.click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{path}, {scheme}: {found.generate_report()}"
