"""A security key is registered, opens the site beside the password, and is removed, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Account, account_of, sign_in
from tests.databases import Copy
from tests.make import make_actor
from tests.people.make import PASSWORD, shown_by
from uploads.models import Capacity


@pytest.fixture
def account(fresh_database: Copy) -> Account:
    assert fresh_database
    return account_of(make_actor(Capacity.DEPUTY_DIRECTOR))


def give_key(page: Page) -> None:
    """Plug a key into the browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def show_password(page: Page, site: str, account: Account) -> None:
    page.goto(f"{site}/staff/login/")
    page.get_by_label("工号").fill(account.staff_number)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()


def test_a_key_is_registered_logs_in_and_is_removed(running_site: str, account: Account, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    give_key(page)
    sign_in(page, running_site, account)
    page.goto(f"{running_site}/staff/account/keys/")
    page.get_by_label("密钥的名称").fill("蓝色密钥")
    page.get_by_label("动态码").fill(shown_by(account.key, steps=1))
    page.get_by_role("button", name="登记安全密钥").click()
    expect(page.get_by_text("“蓝色密钥”已登记")).to_be_visible()

    page.get_by_role("button", name="退出", exact=True).click()
    show_password(page, running_site, account)
    page.get_by_role("button", name="用安全密钥登录").click()
    expect(page.get_by_role("button", name="退出", exact=True)).to_be_visible()
    page.goto(f"{running_site}/staff/account/keys/")
    expect(page.get_by_text("最后一次使用")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not complaints


def test_somebody_elses_key_opens_nothing_and_the_code_still_does(
    running_site: str, account: Account, browser: Browser
) -> None:
    own = browser.new_context().new_page()
    give_key(own)
    sign_in(own, running_site, account)
    own.goto(f"{running_site}/staff/account/keys/")
    own.get_by_label("密钥的名称").fill("蓝色密钥")
    own.get_by_label("动态码").fill(shown_by(account.key, steps=1))
    own.get_by_role("button", name="登记安全密钥").click()
    expect(own.get_by_text("“蓝色密钥”已登记")).to_be_visible()

    other = browser.new_context().new_page()
    give_key(other)
    show_password(other, running_site, account)
    # Nothing is said of a key before one was asked for.
    expect(other.get_by_text("没有收到安全密钥的回答")).to_be_hidden()
    other.get_by_role("button", name="用安全密钥登录").click()
    expect(other.get_by_text("没有收到安全密钥的回答")).to_be_visible()
    expect(other.get_by_role("button", name="登录", exact=True)).to_be_visible()
