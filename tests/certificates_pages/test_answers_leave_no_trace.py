"""An answer sets no cookie, opens no session, is kept by no cache, and holds no ID number anywhere."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from certificates.models import RateCounter
from tests.certificates_pages.reading import (
    ABSENT_ID,
    ABSENT_NUMBER,
    Pair,
    change_published,
    look_up,
    publish,
    read,
    value_of,
)

pytestmark = pytest.mark.django_db


def everything(response: HttpResponse) -> str:
    return response.content.decode() + "\n".join(f"{name}: {value}" for name, value in response.items())


def answers(client: Client, pair: Pair) -> list[HttpResponse]:
    """Found, not found, and (changed meanwhile) revoked and under review."""
    collected = [
        look_up(client, pair.id_number, pair.certificate_number),
        look_up(client, pair.id_number, ABSENT_NUMBER),
    ]
    for changes in (
        "kind = 'revoked', change_reason = '错误核发', document_number = '1'",
        "under_review_since = now()",
    ):
        change_published(pair, changes)
        collected.append(look_up(client, pair.id_number, pair.certificate_number))
    return collected


def test_no_answer_holds_the_id_number(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    [pair] = publish()
    caplog.clear()
    pages = answers(client, pair)
    assert [read(page).outcome for page in pages] == ["found", "not-found", "revoked", "under-review"]
    old = pair.id_number[:6] + pair.id_number[8:17]
    for page in pages:
        for hidden in (pair.id_number, pair.id_number.lower(), old, pair.id_number[6:14], pair.id_number[-8:]):
            assert hidden not in everything(page)
        assert read(page).fields.get("id_number", "379***************") == "379***************"
    logged = "\n".join(
        f"{record.getMessage()} {record.args}" for record in caplog.records if record.name != "django.db.backends"
    )
    assert pair.id_number not in logged


def test_no_page_sets_a_cookie_or_opens_a_session(client: Client) -> None:
    [pair] = publish()
    before = Session.objects.count()
    pages = [client.get("/"), client.get("/en/"), client.get("/no/such/page"), look_up(client, "", "")]
    for page in [*pages, *answers(client, pair)]:
        assert not page.cookies
        assert "Set-Cookie" not in page
        assert "Cookie" not in page.get("Vary", "")
    assert Session.objects.count() == before


def test_every_page_forbids_what_it_does_not_need(client: Client) -> None:
    [pair] = publish()
    for page in [client.get("/"), client.get("/no/such/page"), *answers(client, pair)]:
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert page["X-Frame-Options"] == "DENY"
        assert page["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = page["Content-Security-Policy"]
        for directive in ("default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
            assert directive in policy
        assert "unsafe" not in policy


def test_no_page_has_style_or_script_within(client: Client) -> None:
    [pair] = publish()
    for page in [client.get("/"), look_up(client, "", ""), *answers(client, pair)]:
        text = page.content.decode()
        assert not re.search(r'<script(?! src="/static/)', text)
        assert "<style" not in text
        assert " style=" not in text
        assert " on" not in text.split("<body")[1].split("<main")[0].replace(" on ", "")


def test_answers_are_not_for_search_engines(client: Client) -> None:
    [pair] = publish()
    for page in answers(client, pair):
        assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert "noindex" not in client.get("/").content.decode()


def test_a_sealed_query_is_good_for_fifteen_minutes(client: Client) -> None:
    start = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        token = value_of(look_up(client, ABSENT_ID, ABSENT_NUMBER), "query")
        clock.shift(timedelta(minutes=15))
        assert value_of(client.post("/lookup/", {"query": token, "edit": "1"}), "id_number") == ABSENT_ID
        clock.shift(timedelta(seconds=1))
        late = client.post("/lookup/", {"query": token, "edit": "1"})
    assert value_of(late, "id_number") == ""
    assert "只保留 15 分钟" in read(late).text


def test_no_counter_names_a_person(client: Client) -> None:
    [pair] = publish()
    look_up(client, pair.id_number, pair.certificate_number)
    with_names = [counter.key for counter in _counters() if pair.id_number in counter.key]
    assert not with_names
    assert _counters()


def _counters() -> list[RateCounter]:
    return list(RateCounter.objects.all())
