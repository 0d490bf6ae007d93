"""Connections that come at once and are kept are shared out among the processes of the site."""

import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.conftest import serving
from tests.databases import Copy
from tests.load.holders import holders

CONNECTIONS, ROUNDS, AT_MOST = 32, 4, 24


@pytest.fixture
def wide_site(fresh_database: Copy) -> Iterator[str]:
    with serving(fresh_database, WEB_WORKERS="2", WEB_THREADS="4") as address:
        yield address


def ask(connections: Sequence[socket.socket]) -> None:
    """One request on each, all at once, and its answer."""
    for one in connections:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for one in connections:
        assert one.recv(65536).startswith(b"HTTP/1.1 200")


def test_no_process_has_most_of_the_connections(wide_site: str) -> None:
    place = urlsplit(wide_site)
    assert place.hostname is not None
    assert place.port is not None
    shares = []
    for _ in range(ROUNDS):
        with ExitStack() as stack:
            connections = [
                stack.enter_context(socket.create_connection((place.hostname, place.port), timeout=30))
                for _ in range(CONNECTIONS)
            ]
            ask(connections)
            held = holders(place.port, {one.getsockname()[1] for one in connections})
            # A process that has more to do than another closes a few after their answers.
            assert len(held) >= CONNECTIONS * 3 / 4
            shares.append(max(Counter(held).values()))
        # Closing them is work, too, and is to be over before the next ones come.
        time.sleep(0.5)
    assert max(shares) <= AT_MOST, f"the larger shares of {CONNECTIONS}: {shares}"
