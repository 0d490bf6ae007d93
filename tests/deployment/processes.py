"""gunicorns as a deployment runs them: one site each, with the variables of its own environment only."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from certlookup.postgres.keeper import die_with_parent
from tests.databases import PROJECT, ROLE_VARIABLES, Copy

PATIENCE = 60
# A session's niceness: each step is a quarter more.
THREE_TIMES_THE_WEIGHT = -5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def variables_of(copy: Copy, site: str, **more: str) -> dict[str, str]:
    """The environment of one site's process: the public one holds its own role's URL alone."""
    environment = copy.environment()
    kept = {"DATABASE_PUBLIC_URL"} | (set() if site == "public" else {"DATABASE_URL"})
    for variable in ROLE_VARIABLES:
        if variable not in kept:
            environment.pop(variable, None)
    return environment | {"SITE": site, "WEB_WORKERS": "2", "WEB_THREADS": "2"} | more


def ask(address: str, *, host: str = "", body: bytes | None = None) -> tuple[int, str]:
    """Status and text; redirections are not followed."""

    class Still(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    request = urllib.request.Request(address, data=body, headers={"Host": host} if host else {})
    try:
        with urllib.request.build_opener(Still).open(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def running_gunicorn(variables: Mapping[str, str]) -> Iterator[int]:
    """A gunicorn on a free port, until the end of the block."""
    with gunicorn_process(variables) as (port, _):
        yield port


@contextmanager
def gunicorn_process(variables: Mapping[str, str], *, as_a_service: bool = False) -> Iterator[tuple[int, int]]:
    """The same, and its first process's id.

    `as_a_service`: with the weight that docs/deploy/systemd gives it (CPUWeight=300), so far as this user may. Without systemd
    Linux gives each session its part of the processors, and each of PostgreSQL's processes has one.
    """
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:certlookup.gunicorn", "certlookup.wsgi"],
        cwd=PROJECT,
        env=dict(variables) | {"PORT": str(port)},
        start_new_session=as_a_service,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no lock of another thread is needed there
    )
    if as_a_service:
        with suppress(OSError):
            Path(f"/proc/{process.pid}/autogroup").write_text(str(THREE_TIMES_THE_WEIGHT), encoding="ascii")
    try:
        patience = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, "gunicorn ended while starting; what it said stands above"
            assert time.monotonic() < patience, "gunicorn did not answer"
            try:
                ask(f"http://127.0.0.1:{port}/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)
