"""gunicorn for one of the measured sites, and the CPU time that it and PostgreSQL spend."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import family
from tests.bench.site import PROJECT, BenchSite

_START_SECONDS = 30
_IDLE_SECONDS, _LOOK_EVERY_SECONDS = 0.02, 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
# No address and no number is anywhere near its limit: each request is another visitor's, and all are counted.
_ENVIRONMENT = {"SITE": "public", "TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "WARNING"}


@dataclass(frozen=True, slots=True)
class Served:
    """A site that answers."""

    url: str
    pid: int
    database_pid: int

    def cpu_seconds(self) -> float:
        """What all processes of the site and of PostgreSQL have spent so far."""
        pids = {*family(self.pid), *family(self.database_pid)}
        return sum(spent(pid) for pid in pids)


@contextmanager
def serving(site: BenchSite, settings: str, *, workers: int, threads: int) -> Iterator[Served]:
    """gunicorn with the shipped settings file, for a Django project named by its settings."""
    port = _free_port()
    environment = site.environment | _ENVIRONMENT | {
        "DJANGO_SETTINGS_MODULE": settings, "PORT": str(port), "HOST": "127.0.0.1", "WEB_WORKERS": str(workers),
        "WEB_THREADS": str(threads),
    }  # fmt: skip
    application = "certlookup.wsgi" if settings == "certlookup.settings" else "django.core.wsgi:get_wsgi_application()"
    command = [sys.executable, "-m", "gunicorn", "-c", "python:certlookup.gunicorn", application]
    with subprocess.Popen(command, cwd=PROJECT, env=environment) as process:
        try:
            _wait_for(port, process)
            _wait_until_loaded(process.pid)
            yield Served(f"http://127.0.0.1:{port}", process.pid, site.running.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise SystemExit("gunicorn ended while it started; what it said stands above.")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("gunicorn doesn't listen.")


def _wait_until_loaded(pid: int) -> None:
    """Until no process works any more. wrk keeps the connections that it begins with: one that is still loading then takes
    none of them, and half of the server stands by for the whole turn.
    """
    ends = time.monotonic() + _START_SECONDS
    before = -1.0
    while time.monotonic() < ends:
        now = sum(spent(one) for one in family(pid))
        if now - before < _IDLE_SECONDS:
            return
        before = now
        time.sleep(_LOOK_EVERY_SECONDS)
    raise SystemExit("gunicorn's processes don't come to rest.")


def spent(pid: int) -> float:
    """A process's CPU seconds, and those of its children that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS
