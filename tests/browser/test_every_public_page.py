"""Every page that a visitor can open without sending a form: on a phone and a desktop, in both languages, schemes and sizes.

What follows a form (answers, codes, lists) is walked where it is tested; a new page without a parameter comes in by itself.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.urls import URLPattern, reverse
from playwright.sync_api import Browser, Page, expect

from certificates.pages.urls import urlpatterns
from tests.browser.test_public_pages import assert_accessible, complaints_of
from tests.certificates_pages.reading import publish
from tests.databases import Copy
from tests.make import make_actor
from uploads.models import Capacity
from uploads.oversight.notices import NoticeDetails, add_notice

MOST_BYTES, MOST_REQUESTS = 60_000, 5
# What answers forms only, or isn't a page.
NO_PAGES = {"lookup", "code-new", "code-slip", "code-withdraw", "schedule-ics"}


@dataclass(frozen=True, slots=True)
class Walk:
    """The addresses to be opened, in Chinese."""

    addresses: tuple[str, ...]


def addresses() -> list[str]:
    """Every public page without a parameter."""
    names = [part.name for part in urlpatterns if isinstance(part, URLPattern) and part.name]
    plain = [name for name in names if not part_of(name).converters and name not in NO_PAGES]
    return [reverse(name) for name in plain if "(?P<" not in str(part_of(name).regex.pattern)]


def part_of(name: str) -> Any:
    """The pattern behind a name."""
    return next(part.pattern for part in urlpatterns if getattr(part, "name", None) == name)


@pytest.fixture(scope="module", autouse=True)
def walk(common_database: Copy) -> Walk:
    """A register with one publication, and a notice."""
    publish()
    writer = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
    notice = add_notice(
        by=writer, details=NoticeDetails("系统维护", "今晚维护。", "", "", date(2026, 1, 1), None, on_home=True)
    )
    return Walk((*addresses(), f"/notices/{notice.id}/", "/no/such/page"))


def open_all(page: Page, site: str, prefix: str, walk: Walk) -> None:
    for address in walk.addresses:
        page.goto(f"{site}{prefix}{address}")
        expect(page.locator("h1")).to_have_count(1)
        for details in page.locator("main summary").all():
            details.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{prefix}{address} is too wide"
        assert_accessible(page)


def test_every_page_is_accessible_on_a_phone_and_a_desktop(
    common_site: str, walk: Walk, common_browser: Browser
) -> None:
    phone = common_browser.new_context(viewport={"width": 360, "height": 800}, color_scheme="light", bypass_csp=True)
    open_all(phone.new_page(), common_site, "", walk)
    desk = common_browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark", bypass_csp=True)
    open_all(desk.new_page(), common_site, "/en", walk)
    assert not phone.cookies()


def test_large_print_fits_and_the_keyboard_leads_into_every_page(
    common_site: str, walk: Walk, common_browser: Browser
) -> None:
    page = common_browser.new_context(viewport={"width": 320, "height": 700}).new_page()
    complaints = complaints_of(page)
    for address in walk.addresses[:-1]:
        page.goto(f"{common_site}/large{address}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"/large{address} is too wide"
        page.locator(".skip").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        strays = page.eval_on_selector_all(
            "a[href^='/']",
            "links => links.filter(link => !/^.(large|static)./.test(link.pathname)).map(link => link.href)",
        )
        assert all(page.locator(f"header a[href='{stray.removeprefix(common_site)}']").count() for stray in strays)
    assert not complaints


def test_a_first_visit_is_light(common_site: str, walk: Walk, common_browser: Browser) -> None:
    page = common_browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    wire = page.context.new_cdp_session(page)
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(common_site, wait_until="networkidle")
    assert 0 < len(sizes) <= MOST_REQUESTS
    assert sum(sizes) <= MOST_BYTES, f"{sum(sizes):.0f} bytes over the wire"
    kept = [
        page.request.get(f"{common_site}{address}").headers["cache-control"]
        for address in page.eval_on_selector_all(
            "link[href], script[src]", "all => all.map(one => one.getAttribute('href') || one.src)"
        )
    ]
    assert len(kept) > 1
    assert all("immutable" in age for age in kept), "the browser asks for them once only"
