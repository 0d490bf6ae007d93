"""Connections that say nothing, more than the site has threads, are in nobody's way; whoever speaks at last is answered."""

import socket
import time
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER
from tests.conftest import serving
from tests.databases import Copy
from tests.load.answers import answer_to

PAIR = f"id_number={ABSENT_ID}&certificate_number={ABSENT_NUMBER}".encode()
SILENT = 20


def test_a_lookup_is_answered_though_more_are_silent_than_there_are_threads(fresh_database: Copy) -> None:
    with serving(fresh_database, WEB_WORKERS="1", WEB_THREADS="2") as address, ExitStack() as stack:
        place = urlsplit(address).hostname, urlsplit(address).port
        urllib.request.urlopen(f"{address}/lookup/", PAIR, timeout=30).close()
        silent = [stack.enter_context(socket.create_connection(place, timeout=30)) for _ in range(SILENT)]
        time.sleep(0.3)
        asked_at = time.monotonic()
        with urllib.request.urlopen(f"{address}/lookup/", PAIR, timeout=30) as answer:
            assert b'data-outcome="not-found"' in answer.read()
        # A thread that waits for a silent one does so for five seconds.
        assert time.monotonic() - asked_at < 3

        silent[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer_to(silent[0]).status == 200, "who speaks at last is answered"
        silent[1].close()
        assert silent[2].recv(1) == b"", "who never does is hung up on"
