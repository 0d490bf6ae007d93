"""The bench's load at a set rate hides no waiting: a stall is felt by everybody who would have come meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bench.load import missing, pace
from tests.bench.serving import Served

RATE, SECONDS = 200, 2
# More than the bench's connections can bring: 32 requests wait on them, the rest hasn't been sent yet.
STALL_AT, STALL_SECONDS = 150, 0.5
PAIRS = [(f"37990119700101{place:04d}", f"0715010001{place:06d}") for place in range(50)]


class Answers(BaseHTTPRequestHandler):
    """Answers every lookup at once, but for one stall that holds all of them up, or drops what it is told to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lock = threading.Lock()
    seen: list[str]
    stalls: bool
    lost: frozenset[int]

    def do_GET(self) -> None:
        """What opens a connection; nothing of it is counted."""
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.lock:
            self.seen.append(f"{body} {self.headers['X-Forwarded-For']}")
            place = len(self.seen)
            if self.stalls and place == STALL_AT:
                time.sleep(STALL_SECONDS)
        page = b"" if place in self.lost else b'<main data-outcome="found">'
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def answering(*, stalls: bool = False, lost: frozenset[int] = frozenset()) -> Iterator[tuple[Served, list[str]]]:
    seen: list[str] = []
    handler = type("Handler", (Answers,), {"seen": seen, "stalls": stalls, "lost": lost})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_address[1]}", pid=0, database_pid=0), seen
    finally:
        server.shutdown()
        server.server_close()


def test_every_request_is_sent_once_for_the_pair_whose_turn_it_is() -> None:
    with answering() as (served, seen):
        waits = pace(served, "/lookup/", PAIRS, rate=RATE, seconds=SECONDS)
    assert len(waits) == len(seen) == RATE * SECONDS
    assert missing(waits) == 0
    assert len({request.rsplit(" ", 1)[1] for request in seen}) == RATE * SECONDS, "each is another visitor's"
    for person, number in PAIRS:
        assert sum(f"id_number={person}&certificate_number={number}" in request for request in seen) == 8


def test_a_stall_is_felt_by_all_who_were_due_meanwhile() -> None:
    with answering(stalls=True) as (served, _):
        waits = pace(served, "/lookup/", PAIRS, rate=RATE, seconds=SECONDS)
    late = sum(wait > 50 for wait in waits)
    assert late >= 0.8 * RATE * (STALL_SECONDS - 0.05)
    assert 400 < max(waits) < 1500


def test_an_answer_that_is_not_right_is_missing() -> None:
    with answering(lost=frozenset({10, 60, 200})) as (served, _):
        waits = pace(served, "/lookup/", PAIRS, rate=RATE, seconds=SECONDS)
    assert missing(waits) == 3
