"""Comparing, signing several, withdrawing, hiding a certificate: axe on each page, on a phone and at a desk."""

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.people import Account, account_of, sign_in
from tests.browser.test_public_pages import RULES
from tests.databases import Copy
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_change_attempt,
    make_checked_batch,
    make_correction,
    make_published_release,
    make_release,
    make_row,
    make_rows,
)
from uploads.models import BatchKind, Capacity, ReviewOrder
from uploads.release.reviews import confirm_review, lift_review, order_review
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release


@dataclass(frozen=True, slots=True)
class Work:
    """Who looks, and at which pages."""

    account: Account
    pages: tuple[str, ...]


@pytest.fixture
def works(fresh_database: Copy) -> tuple[Work, ...]:
    cast, other = Cast(), Cast("3703")
    make_published_release(cast, rows=make_rows(6))
    uncompared = make_attempt(by=other.operator, office="3703", rows=make_rows(40, first=100), compared=False).batch
    row = make_correction(str(make_row(seed=1)["证书编号"]), 姓名="李更正")
    correction = make_change_attempt(by=cast.operator, kind=BatchKind.CORRECTION, rows=[row]).batch
    regular = make_checked_batch(by=cast.operator, rows=make_rows(30, first=200))
    for batch in (correction, regular):
        sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    release = make_release(Cast("3704"), rows=make_rows(3, first=300))
    sign_release(by=cast.provincial_operator, release=release, digest=digest_of_release(release))
    numbers = [str(make_row(seed=seed)["证书编号"]) for seed in (2, 3, 4)]
    leader = cast.deputy_director
    orders = [
        order_review(by=leader, certificate_number=number, reason="有人举报成绩造假", document="鲁鉴查〔2026〕1号")
        for number in numbers
    ]
    confirm_review(by=leader, order=ReviewOrder.objects.get(id=orders[1]), reason="查实")
    lift_review(by=leader, order=ReviewOrder.objects.get(id=orders[2]), reason="查无此事")
    make_actor(Capacity.CITY_DIRECTOR, "3703", person=cast.director.person)
    compared = f"/staff/batches/{regular.id}/"
    return (
        Work(
            account_of(other.operator),
            (f"/staff/batches/{uncompared.id}/", f"/staff/batches/{uncompared.id}/comparison/", "/staff/signing/"),
        ),
        Work(account_of(cast.operator), (f"{compared}withdraw/", f"{compared}comparison/")),
        Work(account_of(cast.director), ("/staff/signing/", compared)),
        Work(account_of(cast.provincial_operator), (f"/staff/releases/{release.id}/withdraw/",)),
        Work(account_of(leader), ("/staff/", "/staff/reviews/", "/staff/reviews/new/", f"/staff/reviews/{orders[0]}/")),
    )


def test_axe_finds_nothing_on_the_pages_of_signing(
    running_site: str, works: tuple[Work, ...], browser: Browser
) -> None:
    for work in works:
        # axe is put into the page by the test, which the site's own policy would forbid.
        page = browser.new_context(bypass_csp=True).new_page()
        sign_in(page, running_site, work.account)
        for path in work.pages:
            page.set_viewport_size({"width": 360, "height": 800})
            answer = page.goto(running_site + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{path} is wider than the screen"
            )
            page.set_viewport_size({"width": 1280, "height": 800})
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
