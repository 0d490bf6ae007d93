"""How much each process has to do is known to all of them, and a process that is behind sends new work elsewhere."""

import os
import re
import socket
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from certlookup.sharing import Loads
from tests.conftest import serving
from tests.databases import PROJECT, Copy
from tests.load.answers import answer_to
from tests.load.holders import holders

# Long enough for a request to reach the queue, on a busy machine too.
ARRIVES = 0.7


def test_the_fewest_are_seen_from_every_process() -> None:
    loads = Loads()
    mine, theirs = loads.take_place(), loads.take_place()
    assert mine != theirs
    assert loads.fewest() == 0
    loads.tell(mine, 7)
    if not (child := os.fork()):
        loads.tell(theirs, 3)
        os._exit(0)
    os.waitpid(child, 0)
    assert loads.fewest() == 3
    loads.give_back(theirs)
    assert loads.fewest() == 7, "who has ended does nothing any more, and has nothing to spare"
    loads.tell(mine, 100_000)
    assert loads.fewest() == 254


def test_processes_without_a_place_are_left_out() -> None:
    loads = Loads(1)
    assert loads.take_place() == 0
    loads.tell(0, 5)
    nobodys = loads.take_place()
    assert nobodys is None
    loads.tell(nobodys, 1)
    loads.give_back(nobodys)
    assert loads.fewest() == 5
    loads.give_back(0)
    assert loads.take_place() == 0


def test_nginx_lets_in_no_more_than_half_of_what_the_processes_let_wait() -> None:
    let_in = re.search(r"max_conns=(\d+)", (PROJECT / "docs/deploy/nginx/certlookup.conf").read_text())
    wait = re.search(r'"WEB_QUEUE", "(\d+)"', (PROJECT / "certlookup/gunicorn.py").read_text())
    processes = re.search(r"^WEB_WORKERS=(\d+)$", (PROJECT / "docs/deploy/env/public.env").read_text(), re.MULTILINE)
    assert let_in
    assert wait
    assert processes
    # Half, for one process may have more of them than another.
    assert int(let_in[1]) * 2 <= int(wait[1]) * int(processes[1])


@pytest.fixture
def narrow_site(fresh_database: Copy) -> Iterator[tuple[str, int]]:
    with serving(fresh_database, WEB_WORKERS="2", WEB_THREADS="1", WEB_QUEUE="1") as address:
        place = urlsplit(address)
        assert place.hostname
        assert place.port
        yield place.hostname, place.port


def head(path: str, *, body: int = 0) -> bytes:
    length = f"Content-Length: {body}\r\nContent-Type: application/x-www-form-urlencoded\r\n" if body else ""
    return f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode()


@pytest.mark.parametrize(("path", "first_status"), [("/healthz", 200), ("/codes/", 503)])
def test_a_process_that_is_behind_closes_what_it_answered(
    narrow_site: tuple[str, int], path: str, first_status: int
) -> None:
    with ExitStack() as stack:

        def connect() -> socket.socket:
            return stack.enter_context(socket.create_connection(narrow_site, timeout=30))

        # Kept connections of one process, as those of a proxy may be: all are asked at once, one endlessly slowly.
        kept: defaultdict[int, list[socket.socket]] = defaultdict(list)
        while len(of_one := max(kept.values(), key=len, default=[])) < 5:
            made = connect()
            made.sendall(head("/healthz"))
            assert answer_to(made).status == 200
            (holder,) = holders(narrow_site[1], {made.getsockname()[1]})
            kept[holder].append(made)
        slow, *waiting = of_one
        slow.sendall(head("/lookup/", body=10))
        time.sleep(ARRIVES)
        for one in waiting:
            one.sendall(head(path))
        time.sleep(ARRIVES)
        slow.sendall(b"0123456789")
        first, *_, last = [answer_to(one) for one in waiting]
        assert first.status == first_status
        assert first.getheader("Connection") == "close", "others are behind it, and the other process has nothing to do"
        assert last.getheader("Connection") == "keep-alive", "nobody is behind it"
