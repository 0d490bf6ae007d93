"""The people of the drill, each in a browser, at the real staff site: password, authenticator, and what they press."""

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django_otp.oath import totp
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import running_chromium

PUBLIC, STAFF = "https://zs.example.cn", "https://zsgl.example.cn"
PASSWORD = "vier-nasse-laternen-7"
STEP = 30
PATIENCE = 60_000


@dataclass(slots=True)
class Person:
    """Who one is, what the authenticator was given, and the last of its half minutes that was used."""

    staff_number: str
    link: str = ""
    secret: str = ""
    used: int = 0

    def code(self) -> str:
        """A code that has not been used; waits for the next one if it has."""
        step = max(int(time.time()) // STEP, self.used + 1)
        # One half minute ahead is accepted, as clocks differ.
        time.sleep(max(0.0, (step - 1) * STEP - time.time() + 0.5))
        self.used = step
        return f"{totp(_key(self.secret), t0=-STEP * (step - int(time.time()) // STEP)):06d}"


def _key(secret: str) -> bytes:
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


class Everybody:
    """All of them, kept in a file between the steps of the drill."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.people = {name: Person(**said) for name, said in json.loads(file.read_text()).items()}

    def __getitem__(self, capacity: str) -> Person:
        return self.people[capacity]

    def keep(self) -> None:
        self.file.write_text(json.dumps({name: asdict(person) for name, person in self.people.items()}))


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that finds the machine's two names at its loopback; certificates are those of the trial."""
    names = ",".join(f"MAP {site.removeprefix('https://')} 127.0.0.1" for site in (PUBLIC, STAFF))
    with running_chromium(f"--host-resolver-rules={names}") as chromium:
        yield chromium


def own_window(chromium: Browser, **options: object) -> BrowserContext:
    """Cookies of its own."""
    made = chromium.new_context(locale="zh-CN", ignore_https_errors=True, accept_downloads=True, **options)  # type: ignore[arg-type]
    made.set_default_timeout(PATIENCE)
    return made


def open_account(chromium: Browser, person: Person) -> None:
    """By the link of the invitation."""
    page = own_window(chromium).new_page()
    page.goto(person.link)
    shown = re.search(r"密钥\s*((?:[A-Z2-7]{4}\s*)+)", page.inner_text("main"))
    assert shown is not None, page.inner_text("main")
    person.secret = re.sub(r"\s", "", shown[1])
    page.locator("[name=otp]").fill(person.code())
    page.locator("[name=new_password]").fill(PASSWORD)
    page.locator("[name=new_password_again]").fill(PASSWORD)
    page.get_by_role("button", name="开通账号").click()
    expect(page.locator(".error-summary")).to_have_count(0)


def sign_in(chromium: Browser, person: Person) -> Page:
    """Both steps of the login."""
    page = own_window(chromium).new_page()
    page.goto(f"{STAFF}/staff/login/")
    page.get_by_label("工号").fill(person.staff_number)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("动态码").fill(person.code())
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出")).to_be_visible(timeout=PATIENCE)
    return page


def confirm(page: Page, person: Person, button: str) -> None:
    """Type a code beside the button and press it."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    form.get_by_label("动态码").fill(person.code())
    form.get_by_role("button", name=button).click()
    expect(page.locator(".error-summary")).to_have_count(0)
