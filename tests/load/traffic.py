"""Visitors in a process of their own: lookups that are due at a set rate, whether earlier ones are answered or not.

    python -m tests.load.traffic PLAN    reads a Plan as JSON, writes a Record as JSON to its `out`

A wait counts from the moment at which its request was due. Each answer is looked at: a certificate that is to be found has to
be there with its holder's name, one that isn't has to be 'not found'. Each request comes from another visitor (X-Forwarded-For,
or the connection's own address), and connections stay open as a proxy's do. One thread and epoll, for the machine's cores are
the site's. (The bench asks by wrk, which costs less still, but judges no name and tells nothing by the second.)
"""

from __future__ import annotations

import json
import random
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

# An answer later than this isn't one.
_TIMEOUT_SECONDS = 10.0
# A connection that nothing went through for so long is left: the server may be about to close it.
_IDLE_SECONDS = 1.0
# Going through all connections is work that the site would be kept from.
_LOOKS_EVERY_SECONDS = 0.5
_TOLD_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """Numbers to look up, and the holder's name that has to stand in the answer; without one it isn't there.

    `watched`: every answer about it is recorded with its time, for it changes while the visitors come.
    """

    id_number: str
    certificate_number: str
    holder_name: str = ""
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask where, how often and how long. `begins_at` is on the monotonic clock that all processes share.

    At rate 0 each connection asks again as soon as it is answered: as many as go.
    """

    port: int
    pairs: Sequence[Pair]
    rate: float
    seconds: float
    begins_at: float
    out: str
    # More than a site lets wait (twice WEB_QUEUE), so that nobody waits here instead.
    connections: int = 600
    headers: Sequence[str] = ()
    own_addresses: bool = False
    seed: int = 1


@dataclass(slots=True)
class Record:
    """What came of it. Times are on the monotonic clock."""

    # Of each whole second since the beginning: how many of each outcome were due in it.
    seconds: list[dict[str, int]] = field(default_factory=list)
    # Waits in milliseconds, of right answers and of those that were turned away.
    waits: list[float] = field(default_factory=list)
    shed_waits: list[float] = field(default_factory=list)
    # When sent, when answered, outcome, and for whom.
    watched: list[tuple[float, float, str, str]] = field(default_factory=list)
    # What was neither right nor 503: when sent, when ended, what.
    failures: list[tuple[float, float, str]] = field(default_factory=list)
    unavailable_at: list[float] = field(default_factory=list)
    # Of this process: it mustn't be what limits the rate.
    cpu_seconds: float = 0.0

    def count(self, outcome: str, first: int = 0, last: int | None = None) -> int:
        """How many of an outcome were due in those seconds."""
        return sum(second.get(outcome, 0) for second in self.seconds[first:last])


@dataclass(slots=True)
class _Open:
    """A connection: idle, or with a request under way."""

    socket: socket.socket
    pair: Pair | None = None
    due: float = 0.0
    sent: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    used_at: float = 0.0


class Visitors:
    """All of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.record = plan, Record(seconds=[{} for _ in range(int(plan.seconds) + 1)])
        self._random = random.Random(plan.seed)
        # Each as often as any other: some numbers asked for too often would meet a challenge.
        self._pairs, self._asked = self._random.sample(plan.pairs, len(plan.pairs)), 0
        self._poll = select.epoll()
        self._open: dict[int, _Open] = {}
        self._idle: deque[_Open] = deque()
        # Due, but no connection is free.
        self._late: deque[float] = deque()
        self._addresses = 0
        self._looks_again_at = 0.0

    def come(self) -> Record:
        """From the first request to the last answer."""
        plan = self.plan
        if not plan.rate:
            return self._come_as_fast_as_it_goes()
        count, sent = int(plan.rate * plan.seconds), 0
        while sent < count or self._late or len(self._open) > len(self._idle):
            now = time.monotonic()
            while self._late and self._send(self._late[0]):
                self._late.popleft()
            while sent < count and (due := plan.begins_at + sent / plan.rate) <= now:
                sent += 1
                if self._late or not self._send(due):
                    self._late.append(due)
            pause = max(0.0, plan.begins_at + sent / plan.rate - time.monotonic()) if sent < count else 0.1
            self._look(min(pause, 0.1))
        self.record.cpu_seconds = time.process_time()
        return self.record

    def _come_as_fast_as_it_goes(self) -> Record:
        begins_at, ends_at = self.plan.begins_at, self.plan.begins_at + self.plan.seconds
        time.sleep(max(0.0, begins_at - time.monotonic()))
        while (now := time.monotonic()) < ends_at or len(self._open) > len(self._idle):
            while now < ends_at and self._send(now):
                pass
            self._look(0.1)
        self.record.cpu_seconds = time.process_time()
        return self.record

    def _look(self, seconds: float) -> None:
        """Wait so long for answers, and take what is there."""
        for number, _ in self._poll.poll(seconds):
            self._receive(self._open[number])
        self._leave()

    def _send(self, due: float) -> bool:
        """Give a request that was due to a free connection; False where there is none."""
        reused = bool(self._idle)
        if reused:
            connection = self._idle.pop()
        elif len(self._open) < self.plan.connections:
            made = self._connect()
            if made is None:
                self._note(due, due, "refused")
                return True
            connection = made
        else:
            return False
        pair = self._pairs[self._asked % len(self._pairs)]
        self._asked += 1
        connection.pair, connection.due, connection.sent = pair, due, time.monotonic()
        try:
            connection.socket.send(self._request(pair))
        except OSError as error:
            self._end(connection, f"{type(error).__name__} while sending")
        return True

    def _connect(self) -> _Open | None:
        made = socket.socket()
        if self.plan.own_addresses:
            self._addresses += 1
            made.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
            made.bind((f"127.1.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}", 0))
        # On the loopback a connection is there at once, or refused; the server needn't have accepted it.
        made.settimeout(_TIMEOUT_SECONDS)
        try:
            made.connect(("127.0.0.1", self.plan.port))
        except OSError:
            made.close()
            return None
        made.settimeout(0)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._open[made.fileno()] = _Open(made)
        self._poll.register(made.fileno(), select.EPOLLIN)
        return connection

    def _request(self, pair: Pair) -> bytes:
        body = f"id_number={pair.id_number}&certificate_number={pair.certificate_number}"
        visitor = self._random.getrandbits(24)
        lines = [
            "POST /lookup/ HTTP/1.1",
            "Host: localhost" if not any(line.startswith("Host:") for line in self.plan.headers) else "",
            f"X-Forwarded-For: 10.{visitor >> 16}.{visitor >> 8 & 255}.{visitor & 255}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            *self.plan.headers,
        ]
        return ("\r\n".join(line for line in lines if line) + "\r\n\r\n" + body).encode("ascii")

    def _receive(self, connection: _Open) -> None:
        try:
            received = connection.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(connection, type(error).__name__)
            return
        if not received:
            self._end(connection, "closed without an answer")
            return
        connection.received += received
        head, found, body = bytes(connection.received).partition(b"\r\n\r\n")
        if found and _complete(head, body):
            self._judge(connection, head, body)
            connection.received.clear()
            connection.pair, connection.used_at = None, time.monotonic()
            if b"\r\nconnection: close" in head.lower():
                self._drop(connection)
            else:
                self._idle.append(connection)

    def _judge(self, connection: _Open, head: bytes, body: bytes) -> None:
        pair, now = connection.pair, time.monotonic()
        assert pair is not None, "an answer that nobody asked for"
        wait, status = (now - connection.due) * 1e3, int(head[9:12])
        if status == 503 and b"\r\nretry-after: " in head.lower() and b'data-outcome="unavailable"' in body:
            outcome = "503"
            self.record.shed_waits.append(wait)
            self.record.unavailable_at.append(now)
        elif status == 200 and b'data-outcome="found"' in body:
            right = pair.holder_name and f">{pair.holder_name}<".encode() in body
            outcome = "found" if right else "wrongly found"
        elif status == 200 and b'data-outcome="not-found"' in body:
            outcome = "absent" if pair.watched or not pair.holder_name else "wrongly absent"
        else:
            said = body.partition(b'data-outcome="')[2][:20].partition(b'"')[0].decode("ascii", "replace")
            outcome = f"status {status} {said}".strip()
        if outcome in ("found", "absent"):
            self.record.waits.append(wait)
        if pair.watched:
            self.record.watched.append((connection.sent, now, outcome, pair.certificate_number))
        self._note(connection.due, now, outcome)

    def _note(self, due: float, ended: float, outcome: str) -> None:
        counts = self.record.seconds[int(due - self.plan.begins_at)]
        known = outcome in ("found", "absent", "503")
        counts[outcome if known else "failed"] = counts.get(outcome if known else "failed", 0) + 1
        if not known and len(self.record.failures) < _TOLD_AT_MOST:
            self.record.failures.append((due, ended, outcome))

    def _end(self, connection: _Open, why: str) -> None:
        """A connection that broke: with a request under way that is a failure, without one it isn't."""
        if connection.pair is not None:
            self._note(connection.due, time.monotonic(), why)
        self._drop(connection)

    def _drop(self, connection: _Open) -> None:
        number = connection.socket.fileno()
        self._poll.unregister(number)
        del self._open[number]
        if connection in self._idle:
            self._idle.remove(connection)
        connection.socket.close()

    def _leave(self) -> None:
        """Close what was idle for long, and give up what isn't answered."""
        now = time.monotonic()
        while self._idle and now - self._idle[0].used_at > _IDLE_SECONDS:
            self._drop(self._idle[0])
        if now < self._looks_again_at:
            return
        self._looks_again_at = now + _LOOKS_EVERY_SECONDS
        late = [one for one in self._open.values() if one.pair is not None and now - one.sent > _TIMEOUT_SECONDS]
        for connection in late:
            self._end(connection, f"no answer within {_TIMEOUT_SECONDS:.0f} s")


def _complete(head: bytes, body: bytes) -> bool:
    """Whether a whole answer is there."""
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        return body.endswith(b"0\r\n\r\n")
    length = lower.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length or b"0")


def main(plan_file: str) -> None:
    """Read, come, write."""
    read = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    plan = Plan(**read | {"pairs": [Pair(**pair) for pair in read["pairs"]]})
    record = Visitors(plan).come()
    Path(plan.out).write_text(json.dumps(asdict(record)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
