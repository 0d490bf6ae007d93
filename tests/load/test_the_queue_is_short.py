"""A process with one thread and a queue of two: what waits, what is turned away, and what that answer says."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPMessage
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django.fixtures import Settings

from certlookup.shedding import WAITED_AT_MOST_SECONDS, ShedAnswer
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER
from tests.conftest import serving
from tests.databases import Copy
from tests.load.answers import answer_to

PAIR = f"id_number={ABSENT_ID}&certificate_number={ABSENT_NUMBER}".encode()
# Long enough for a request to reach the queue, on a busy machine too.
ARRIVES = 0.15


def _unavailable(request: HttpRequest) -> HttpResponse:
    raise OperationalError


urlpatterns = [path("", _unavailable)]


class Asked(threading.Thread):
    """A request under way."""

    def __init__(self, address: str, body: bytes | None = PAIR) -> None:
        super().__init__()
        self.request = urllib.request.Request(address, data=body)
        self.status, self.text, self.headers = 0, "", HTTPMessage()
        self.start()

    def run(self) -> None:
        try:
            with urllib.request.urlopen(self.request, timeout=30) as answer:
                self.status, self.text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            self.status, self.text, self.headers = error.code, error.read().decode(), error.headers


def hold_up(connection: psycopg.Connection, address: str) -> Asked:
    """A lookup that is under way until the connection's transaction ends: the site's only thread waits with it."""
    connection.execute("LOCK TABLE certificate IN ACCESS EXCLUSIVE MODE")
    asked = Asked(address)
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'certificate'::regclass AND NOT granted"
    patience = time.monotonic() + 30
    while connection.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < patience, "the lookup did not come to the certificates"
        time.sleep(0.01)
    return asked


def come(*asked: tuple[str, bytes | None]) -> list[Asked]:
    """All of these wait in the queue, in any order."""
    came = [Asked(address, body) for address, body in asked]
    time.sleep(ARRIVES)
    return came


def statuses(requests: list[Asked]) -> list[int]:
    for request in requests:
        request.join(30)
    return [request.status for request in requests]


@pytest.fixture
def narrow_site(fresh_database: Copy) -> Iterator[str]:
    with serving(fresh_database, WEB_WORKERS="1", WEB_THREADS="1", WEB_QUEUE="2") as address:
        urllib.request.urlopen(f"{address}/lookup/", PAIR, timeout=30).close()
        yield address


def test_only_those_who_came_last_are_answered_and_none_who_waited_long(narrow_site: str, fresh_database: Copy) -> None:
    lookup = f"{narrow_site}/lookup/"
    with fresh_database.connect("superuser") as connection:
        came = [hold_up(connection, lookup)]
        came += come((f"{narrow_site}/healthz", None), (f"{narrow_site}/staff/login/", None))
        came += come((lookup, PAIR))
        came += come(*[(lookup, PAIR)] * 3)
    # Whoever watches, and staff, are never turned away; behind the next one wait three, and so few are left then.
    assert statuses(came) == [200, 200, 200, 503, 200, 200, 200]
    turned_away = came[3]
    assert turned_away.headers["Retry-After"] == "60"
    assert '<main id="main" data-outcome="unavailable">' in turned_away.text
    assert "不表示未查询到证书" in turned_away.text

    with fresh_database.connect("superuser") as connection:
        came = [hold_up(connection, lookup), *come((lookup, PAIR))]
        time.sleep(WAITED_AT_MOST_SECONDS)
        came += come((lookup, PAIR))
    assert statuses(came) == [200, 503, 200], "the second waited too long, though nobody was behind it"
    assert statuses([Asked(lookup)]) == [200]


def test_whoever_was_turned_away_asks_again_on_the_same_connection(narrow_site: str, fresh_database: Copy) -> None:
    place = urlsplit(narrow_site).hostname, urlsplit(narrow_site).port
    plain = b"POST /lookup/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    plain += b"Content-Length: %d\r\n\r\n%s" % (len(PAIR), PAIR)
    look = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        new, kept, two, slow, head = (
            stack.enter_context(socket.create_connection(place, timeout=30)) for _ in range(5)
        )
        kept.sendall(plain)
        assert answer_to(kept).status == 200
        with fresh_database.connect("superuser") as connection:
            behind = [hold_up(connection, f"{narrow_site}/lookup/")]
            for sender, sent in ((new, plain), (kept, plain), (two, plain + look), (slow, plain[:-1])):
                sender.sendall(sent)
            head.sendall(look.replace(b"GET", b"HEAD"))
            time.sleep(ARRIVES)
            behind += come(*[(f"{narrow_site}/lookup/", PAIR)] * 3)
        for waiting in (new, kept, two, slow, head):
            answer = answer_to(waiting, "HEAD" if waiting is head else "POST")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
            assert answer.headers["Connection"] == "keep-alive"
            if waiting is slow:
                slow.sendall(plain[-1:])
        assert statuses(behind[:1]) == [200]
        assert answer_to(two).status == 200, "the second of two that came together"
        statuses(behind)
        for again in (new, kept, slow, head):
            again.sendall(plain)
            assert answer_to(again).status == 200


@pytest.mark.django_db
@pytest.mark.urls("tests.load.test_the_queue_is_short")
@pytest.mark.parametrize("secure", [False, True])
def test_the_answer_has_the_headers_that_django_sends(client: Client, settings: Settings, secure: bool) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000 if secure else 0
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = secure
    usual = client.get("/", secure=secure)
    assert usual.status_code == 503
    head, _, page = ShedAnswer(secure=secure).bytes(body=True, keep=True).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    sent = dict(line.split(": ", 1) for line in lines)
    assert first == "HTTP/1.1 503 Service Unavailable"
    assert page == usual.content
    assert sent.pop("Connection") == "keep-alive"
    assert sent.pop("Content-Length") == str(len(usual.content))
    policy, allowed = sent.pop("Content-Security-Policy"), usual["Content-Security-Policy"]
    assert {part.split(" ")[0] for part in policy.split("; ") if "'none'" not in part} == {"img-src", "style-src"}
    assert policy.split("style-src ")[1].split(";")[0] in allowed, "the same style"
    assert sent == {name: value for name, value in usual.headers.items() if name != "Content-Security-Policy"}
    assert ShedAnswer(secure=secure).bytes(body=False, keep=False).endswith(b"Connection: close\r\n\r\n")
