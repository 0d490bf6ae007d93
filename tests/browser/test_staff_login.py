"""An invited person opens the account, logs in, and out, in a real browser on a phone and on a desktop."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from certlookup.databases import as_owner
from tests.databases import Copy
from tests.people.make import PASSWORD, shown_by
from uploads.models import Capacity
from uploads.people.accounts import create_person
from uploads.people.capacities import grant_capacity
from uploads.people.invitations import invite
from uploads.people.twofactor import unconfirmed_device


@dataclass(frozen=True, slots=True)
class Invited:
    """A person's open invitation, and the secret of the device that goes with it."""

    path: str
    key: bytes


@pytest.fixture
def invited(fresh_database: Copy) -> Invited:
    """A deputy director to be."""
    with as_owner():
        person = create_person(staff_number="370205", name="陈静", by=None)
        grant_capacity(person=person, capacity=Capacity.DEPUTY_DIRECTOR, by=None)
        invitation = invite(person=person, by=None)
    device = unconfirmed_device(person)
    assert device is not None
    return Invited(f"/staff/invitations/{invitation.token}/", device.bin_key)


def fits_the_screen(page: Page) -> bool:
    # A click may just have led elsewhere: the new page has no element yet.
    page.wait_for_function("document.readyState === 'complete'")
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_invitation_to_the_first_login_and_out(
    running_site: str, invited: Invited, browser: Browser, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(running_site + invited.path)
    assert fits_the_screen(page)
    page.get_by_label("身份验证器上的动态码").fill(shown_by(invited.key))
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输入一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="开通账号").click()
    expect(page.get_by_text("账号已开通")).to_be_visible()

    page.get_by_label("工号").fill("370205")
    page.get_by_label("密码").fill("no-such-password-1")
    page.get_by_role("button", name="下一步").click()
    expect(page).to_have_title(re.compile("^错误：登录"))
    assert page.evaluate("document.activeElement.className") == "error-summary"
    expect(page.get_by_label("工号")).to_have_value("370205")
    assert fits_the_screen(page)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()

    assert fits_the_screen(page)
    page.get_by_label("动态码").fill(shown_by(invited.key, steps=1))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("陈静（分管领导）")).to_be_visible()
    assert {cookie["path"] for cookie in context.cookies()} == {"/staff/"}
    assert fits_the_screen(page)

    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_text("您已退出。")).to_be_visible()
    page.goto(f"{running_site}/staff/account/")
    expect(page.get_by_label("工号")).to_be_visible()
    assert not complaints
