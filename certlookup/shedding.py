"""gunicorn's threaded worker with a short queue: whoever would wait too long is told at once to come again (503).

A worker accepts more than its threads can answer, and the rest waits for a thread. Without an end to that queue everybody
waits longer and longer, until answers come when nobody wants them any more. So whoever's turn it is, is answered only if
not too many wait behind (WEB_QUEUE), and if it hasn't waited too long itself: behind threads that wait for a database that
hangs, say. The others get the bytes of static/errors/503.html before Django is asked anything, and most of them before gunicorn
reads their request, for a fraction of what a lookup costs. So those who came last are answered: they are still there.

In front of it nginx lets only so many requests in at once (max_conns in docs/deploy/nginx) and answers the others itself.

Work is also shared out (sharing.py): a process that has more to do than another leaves new connections to that one for a moment,
and closes some of its own after their answers, so that whoever keeps connections (nginx) opens them anew, there.
"""

from __future__ import annotations

import base64
import hashlib
import os
import selectors
import socket
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gunicorn.workers.gthread import TConn, ThreadWorker

from certlookup import gunicorn as configured
from certlookup.plainrequest import PlainRequest, read_plain
from certlookup.sharing import loads

if TYPE_CHECKING:
    from concurrent.futures import Future

    from gunicorn.http.message import Request

RETRY_AFTER_SECONDS = 60
# With what an answer may wait for its database (patience.py), not much more than three seconds.
WAITED_AT_MOST_SECONDS = 1.0
_SAY_AGAIN_SECONDS = 60
# As long as it takes to wake another process, the longer the less it has to do; then the connection is taken after all.
_LATER_PER_REQUEST, _LATER_AT_MOST = 0.000_1, 0.001
# So many requests are much to do for a process: no other waits for it any more.
_MUCH, _TAKEN_AT_ONCE = 32, 64
# More than a question with all its fields; whoever sends more is read by gunicorn.
_PLAIN_BYTES = 8192
# Staff at work, who ask seldom; style and script of pages that were answered; whoever watches the process.
_KEPT = ("/staff/", "/static/", "/healthz", "/readyz")
_PAGE = Path(__file__).resolve().parent.parent / "static" / "errors" / "503.html"
# What the middleware sets (a test compares); the page needs its own style and a picture, and no more.
_HEAD = """HTTP/1.1 503 Service Unavailable
Content-Type: text/html; charset=utf-8
Content-Length: {length}
Retry-After: {retry_after}
Cache-Control: no-store
Content-Security-Policy: default-src 'none'; img-src 'self'; style-src 'sha256-{style}'; form-action 'none'; \
base-uri 'none'; frame-ancestors 'none'
Cross-Origin-Opener-Policy: same-origin
Cross-Origin-Resource-Policy: same-origin
Permissions-Policy: accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
microphone=(), payment=(), usb=()
Referrer-Policy: no-referrer
X-Content-Type-Options: nosniff
X-Frame-Options: DENY
"""
_HSTS = "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\n"


def _says_nothing(connection: socket.socket) -> bool:
    try:
        connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    except OSError:
        # Broken already: whoever reads it next sees that, and closes it.
        pass
    return False


class ShedAnswer:
    """The answer's bytes, made once."""

    def __init__(self, *, secure: bool) -> None:
        self._page = _PAGE.read_bytes()
        style = self._page.split(b"<style>")[1].split(b"</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
        head = _HEAD.format(length=len(self._page), retry_after=RETRY_AFTER_SECONDS, style=digest)
        self._head = (head + (_HSTS if secure else "")).replace("\n", "\r\n").encode("ascii")

    def bytes(self, *, body: bool, keep: bool) -> bytes:
        """The whole answer; without its body to a HEAD, and saying whether the connection stays open."""
        connection = b"Connection: keep-alive\r\n\r\n" if keep else b"Connection: close\r\n\r\n"
        return self._head + connection + (self._page if body else b"")


class SheddingWorker(ThreadWorker):  # type: ignore[misc]
    """What gunicorn.py names as worker_class."""

    # Among the loads; given by the parent (gunicorn.py).
    place: int | None = None

    def init_process(self) -> None:
        """Make the answer before the first request."""
        self._answer = ShedAnswer(secure=os.environ.get("SITE_ADDRESS", "").startswith("https://"))
        self._shed, self._say_again_at = 0, 0.0
        self._busy = 0
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """In the accepting thread: take new connections; first wait a moment for a process that has less to do.

        Whoever is awake would take most of them: of 32 connections that came at once one process of two was seen with 27.
        Where all have much to do, several are taken: who isn't can't be told to come again, and waits without an end.
        """
        fewest, load, taken = loads.fewest(), self._load(), 0
        if fewest < _MUCH and load > fewest:
            time.sleep(min((load - fewest) * _LATER_PER_REQUEST, _LATER_AT_MOST))
        while taken < (1 if fewest < _MUCH else _TAKEN_AT_ONCE):
            before = self.nr_conns
            super().accept(listener)
            if self.nr_conns == before:
                break
            taken += 1

    def enqueue_req(self, conn: TConn) -> None:
        """In the accepting thread: a connection with a request begins to wait for a thread; one that says nothing yet doesn't.

        gunicorn would have a thread wait for the first byte, for five seconds: as many silent connections as threads, and
        nobody was answered.
        """
        if not conn.initialized and not conn.data_ready and _says_nothing(conn.sock):
            conn.sock.settimeout(0)
            conn.set_timeout()
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
            loads.tell(self.place, self._load())
            return
        conn.waits_since = time.monotonic()
        self._busy += 1
        loads.tell(self.place, self._load())
        super().enqueue_req(conn)

    def murder_pending(self) -> None:
        """In the accepting thread, again and again: hang up on who has said nothing for long."""
        super().murder_pending()
        loads.tell(self.place, self._load())

    def _load(self) -> int:
        """How much there is to do: requests that are answered or wait, and connections that are about to bring one."""
        return int(self._busy + len(self.pending_conns))

    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        """In the accepting thread: an answer is given."""
        self._busy -= 1
        loads.tell(self.place, self._load())
        super().finish_request(conn, fs)

    def handle(self, conn: TConn) -> object:
        """In one of the threads: a connection whose turn it is. Whether it stays open, or what else gunicorn makes of it."""
        crowd = self._crowd(conn)
        if crowd and not self.cfg.is_ssl:
            conn.init()
            request = self._take_plain(conn)
            if request:
                # Another that has less than half as much to do gets the next request; of two that are full neither closes.
                keep = crowd[0] <= 2 * loads.fewest()
                return self._turn_away(conn, crowd, body=request.method != "HEAD", keep=keep)
        return super().handle(conn)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """In one of the threads: a request that was read. Whether the connection stays open."""
        waiting = self.tpool._work_queue.qsize()
        if waiting and waiting > loads.fewest():
            # More wait here than another process has to do at all: the next request of this connection is for that one.
            req.force_close()
        crowd = self._crowd(conn)
        if crowd is None or req.path.startswith(_KEPT):
            return bool(super().handle_request(req, conn))
        return self._turn_away(conn, crowd, body=req.method != "HEAD", keep=not req.should_close())

    def _crowd(self, conn: TConn) -> tuple[int, float] | None:
        """How many wait behind a connection, and for how many seconds it has waited itself, where either is too much."""
        waiting, waited = self.tpool._work_queue.qsize(), time.monotonic() - conn.waits_since
        too_much = waiting > configured.waiting_at_most or waited > WAITED_AT_MOST_SECONDS
        return (waiting, waited) if too_much else None

    @staticmethod
    def _take_plain(conn: TConn) -> PlainRequest | None:
        """The request that a connection brought, taken from it, if it is whole, plain and nobody's who is always answered."""
        if conn.parser.unreader.buf.getvalue():
            # Begun to be read with the one before.
            return None
        try:
            said = conn.sock.recv(_PLAIN_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            # Broken, or nothing there: gunicorn closes it, or waits.
            return None
        request = read_plain(said)
        if request is None or request.path.startswith(_KEPT):
            return None
        conn.sock.recv(len(said))
        return request

    def _turn_away(self, conn: TConn, crowd: tuple[int, float], *, body: bool, keep: bool) -> bool:
        """Tell whoever comes at a bad time; whether the connection stays open."""
        self._tell_of(*crowd)
        keep = keep and self.alive and len(self.keepalived_conns) < self.max_keepalived
        answer = self._answer.bytes(body=body, keep=keep)
        # No thread waits for somebody who reads no answers.
        return conn.sock.send(answer, socket.MSG_DONTWAIT) == len(answer) and keep

    def _tell_of(self, waiting: int, waited: float) -> None:
        """Count, and write a line a minute at most: an overload is no time for long logs."""
        configured.count_shed()
        self._shed += 1
        now = time.monotonic()
        if now >= self._say_again_at:
            self._say_again_at, shed, self._shed = now + _SAY_AGAIN_SECONDS, self._shed, 0
            self.log.warning(
                "Too many requests at once: %d answered by 503 without being looked at (%d wait here, this one waited"
                " %.1f s). docs/operations.md says what to do.",
                shed,
                waiting,
                waited,
            )
