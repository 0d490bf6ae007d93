"""A register that can't be read is said to be so, at once, and never 'not found'."""

import os
import signal
import time
import urllib.error
import urllib.request
from http.client import HTTPMessage

import pytest

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER
from tests.databases import Copy, drop

PAIR = f"id_number={ABSENT_ID}&certificate_number={ABSENT_NUMBER}".encode()


def ask(address: str, body: bytes | None = None) -> tuple[int, HTTPMessage, str, float]:
    """Status, headers, text, and how many seconds it took."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=30) as response:
            answer = response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        answer = error.code, error.headers, error.read().decode()
    return *answer, time.monotonic() - began


@pytest.mark.parametrize("path", ["/lookup/", "/en/lookup/"])
def test_a_lookup_says_that_it_was_not_answered(running_site: str, fresh_database: Copy, path: str) -> None:
    assert ask(running_site + path, PAIR)[0] == 200
    drop(fresh_database.name)
    status, headers, page, seconds = ask(running_site + path, PAIR)
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert headers["Cache-Control"] == "no-store"
    assert '<main id="main" data-outcome="unavailable">' in page
    assert "不表示未查询到证书" in page
    assert ABSENT_ID not in page
    assert seconds < 3


def test_the_process_lives_but_is_not_ready(running_site: str, fresh_database: Copy) -> None:
    assert [ask(running_site + path)[0] for path in ("/healthz", "/readyz")] == [200, 200]
    drop(fresh_database.name)
    assert [ask(running_site + path)[0] for path in ("/", "/healthz", "/readyz")] == [503, 200, 503]


def test_a_database_that_is_back_is_used_at_once(running_site: str, fresh_database: Copy) -> None:
    assert [ask(f"{running_site}/lookup/", PAIR)[0] for _ in range(8)] == [200] * 8
    with fresh_database.connect("superuser", autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename LIKE '%public'"
        ).fetchone()
    assert ended is not None
    assert ended[0] > 0, "the site keeps its connections between requests"
    assert [ask(f"{running_site}/lookup/", PAIR)[0] for _ in range(8)] == [200] * 8


def test_a_database_that_hangs_is_not_waited_for(running_site: str, fresh_database: Copy) -> None:
    assert [ask(f"{running_site}/lookup/", PAIR)[0] for _ in range(4)] == [200] * 4
    with fresh_database.connect("superuser", autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE '%public'"
        ).fetchall()
    assert found, "the site keeps its connections between requests"
    try:
        for (pid,) in found:
            os.kill(pid, signal.SIGSTOP)
        status, headers, page, seconds = ask(running_site + "/lookup/", PAIR)
    finally:
        for (pid,) in found:
            os.kill(pid, signal.SIGCONT)
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert "不表示未查询到证书" in page
    assert "stylesheet" not in page, "the page needs nothing but itself"
    assert "style-src 'self' 'sha256-" in headers["Content-Security-Policy"]
    assert seconds < 3
    assert ask(running_site + "/lookup/", PAIR)[0] == 200


def test_a_register_that_is_locked_is_not_waited_for(running_site: str, fresh_database: Copy) -> None:
    assert ask(running_site + "/lookup/", PAIR)[0] == 200
    with fresh_database.connect("superuser") as connection:
        connection.execute("LOCK TABLE certificate IN ACCESS EXCLUSIVE MODE")
        status, _, page, seconds = ask(running_site + "/lookup/", PAIR)
    assert status == 503
    assert 'data-outcome="unavailable"' in page
    assert seconds < 3
    assert ask(running_site + "/lookup/", PAIR)[0] == 200
