"""People of the staff site as a browser meets them: what they type, and how they sign in."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.people.make import PASSWORD, open_account, shown_by
from uploads.actor import Actor
from uploads.people.twofactor import confirmed_device

PATIENCE = 30_000


@dataclass(frozen=True, slots=True)
class Account:
    """What one needs to sign in."""

    staff_number: str
    key: bytes


def account_of(actor: Actor) -> Account:
    open_account(actor.person)
    device = confirmed_device(actor.person)
    assert device is not None
    return Account(actor.person.staff_number, device.bin_key)


def sign_in(page: Page, site: str, account: Account) -> None:
    page.goto(f"{site}/staff/login/")
    page.get_by_label("工号").fill(account.staff_number)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="输入动态码")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("动态码").fill(shown_by(account.key))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()
