"""Behind the shipped nginx file: too many visitors, and visitors who are endlessly slow, keep nobody else from an answer."""

import contextlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.databases import Copy
from tests.deployment.processes import running_gunicorn, variables_of
from tests.deployment.webserver import OFFICE, PUBLIC_HOST, STAFF_HOST, WebServer, running_nginx
from tests.load.overload import UNLIMITED, overload, require_grace
from tests.load.traffic import Pair

LOGIN = "/staff/login/"
SLOW, EVERY_SECONDS, LONG_SECONDS = 500, 10, 25


@contextlib.contextmanager
def running_server(copy: Copy, folder: Path, **changes: str) -> Iterator[WebServer]:
    more = UNLIMITED | {"ALLOWED_HOSTS": f"{PUBLIC_HOST},{STAFF_HOST}"}
    with (
        running_gunicorn(variables_of(copy, "public", WEB_THREADS="4", **more)) as public,
        running_gunicorn(variables_of(copy, "staff", **more)) as staff,
        running_nginx(folder, public=public, staff=staff, changes=changes) as nginx,
    ):
        yield nginx


def test_nginx_turns_away_whoever_is_too_many(fresh_database: Copy, pairs: list[Pair], tmp_path: Path) -> None:
    # What one visitor may do is tried elsewhere: here a connection stands for very many of them.
    with running_server(fresh_database, tmp_path, **{"rate=20r/s": "rate=5000r/s"}) as nginx:
        rounds = overload(
            nginx.load_port,
            pairs,
            ask_staff=lambda: nginx.ask(STAFF_HOST, LOGIN, source=OFFICE).status,
            headers=[f"Host: {PUBLIC_HOST}"],
            own_addresses=True,
            connections=1500,
        )
        require_grace(rounds)
        log = (tmp_path / "certlookup-public.log").read_text().splitlines()
    assert sum(line.split()[1] == "503" for line in log) >= sum(one.meanwhile.count("503") for one in rounds)


class SlowClient:
    """Somebody who sends a byte every ten seconds: of a request's head, or of a form."""

    def __init__(self, nginx: WebServer, place: int) -> None:
        self.socket: ssl.SSLSocket = nginx.connect(PUBLIC_HOST, f"127.2.{place // 200}.{place % 200 + 1}")
        head = f"POST /lookup/ HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\nContent-Length: 100\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        self.with_body = place % 2 == 0
        if self.with_body:
            self.socket.sendall(head.encode("ascii"))
        self._rest = iter(b"id_number=1234567890" if self.with_body else head.encode("ascii"))
        self._due = 0.0

    def send_a_byte_when_due(self) -> None:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY_SECONDS
            with contextlib.suppress(OSError):
                self.socket.sendall(bytes([next(self._rest)]))

    def is_listened_to(self) -> bool:
        """Whether the server has neither answered nor hung up."""
        self.socket.settimeout(0)
        try:
            self.socket.recv(1)
        except ssl.SSLWantReadError:
            return True
        except OSError:
            pass
        return False


def test_five_hundred_slow_clients_are_in_nobodys_way(fresh_database: Copy, pairs: list[Pair], tmp_path: Path) -> None:
    pair = pairs[0]
    body = f"id_number={pair.id_number}&certificate_number={pair.certificate_number}"
    with contextlib.ExitStack() as stack:
        nginx = stack.enter_context(running_server(fresh_database, tmp_path))
        slow: list[SlowClient] = []
        for place in range(SLOW):
            slow.append(SlowClient(nginx, place))
            stack.callback(slow[-1].socket.close)
            for one in slow:
                one.send_a_byte_when_due()
        looked_up: list[float] = []
        staff: list[float] = []
        ends_at = time.monotonic() + LONG_SECONDS
        while time.monotonic() < ends_at:
            for one in slow:
                one.send_a_byte_when_due()
            for times, host, path, source, form in (
                (looked_up, PUBLIC_HOST, "/lookup/", "127.0.0.1", body),
                (staff, STAFF_HOST, LOGIN, OFFICE, None),
            ):
                asked_at = time.monotonic()
                assert nginx.ask(host, path, source=source, body=form).status == 200
                times.append(time.monotonic() - asked_at)
            time.sleep(0.1)
        heads = sum(one.is_listened_to() for one in slow if not one.with_body)
        bodies = sum(one.is_listened_to() for one in slow if one.with_body)
    print(
        f"{len(looked_up)} lookups, median {median(looked_up) * 1e3:.0f} ms, at most {max(looked_up) * 1e3:.0f} ms; staff "
        f"{median(staff) * 1e3:.0f} ms, at most {max(staff) * 1e3:.0f} ms; still listened to: {heads} "
        f"slow heads, {bodies} slow bodies"
    )
    assert heads == 0, "a head has fifteen seconds in all"
    assert bodies == SLOW // 2, "a slow form goes on: they were really there until the end"
    assert len(looked_up) > LONG_SECONDS
    assert median(looked_up) < 0.5
    assert max(looked_up) < 3
