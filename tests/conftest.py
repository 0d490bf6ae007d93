"""Databases for the tests (tests/databases.py tells how): `db` for one transaction, `fresh_database` for a whole copy."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from certlookup import env
from certlookup.databases import in_public_site
from certlookup.postgres.keeper import die_with_parent
from tests.databases import (
    PROJECT,
    Copy,
    collect_static_files,
    create_copy,
    drop,
    running_server,
    switch_role,
    worker_name,
)
from tests.order import long_files_first
from tests.switching import close_all, working_on

READY_SECONDS = 60
# Of this process; servers and commands that tests start hash as everywhere else.
settings.PASSWORD_HASHERS = ["tests.quickhashes.QuickArgon2"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--print-budgets", action="store_true", help="write docs/budgets.md anew")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two test processes are done at about the same time if what takes long was begun first."""
    long_files_first(items)


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each request says its language; after one in English the thread stays in it, for whatever test comes next."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """This process's copy of the template, behind one connection that takes the role of whoever acts."""
    running = running_server()
    name = worker_name()
    drop(name)
    create_copy(name)
    described = settings.DATABASES["default"]
    described |= env.database(running.url_for("postgres", name), name="DATABASE_URL")
    connections["default"].execute_wrappers.append(switch_role(in_public_site))
    yield
    with django_db_blocker.unblock():
        close_all()
    drop(name)


@pytest.fixture
def fresh_database(django_db_blocker: DjangoDbBlocker) -> Iterator[Copy]:
    """A copy of the template for this test alone; Django, in every thread, works on it under the real logins.

    Nothing is rolled back: this is for tests of concurrency, of the worker, of kills and of browsers.
    """
    with _fresh(django_db_blocker) as copy:
        yield copy


@pytest.fixture(scope="module")
def common_database(django_db_blocker: DjangoDbBlocker) -> Iterator[Copy]:
    """The same for all tests of a module, which leave it as they find it."""
    with _fresh(django_db_blocker) as copy:
        yield copy


@contextmanager
def _fresh(django_db_blocker: DjangoDbBlocker) -> Iterator[Copy]:
    copy = Copy()
    try:
        with working_on(copy), django_db_blocker.unblock():
            yield copy
    finally:
        drop(copy.name)


@pytest.fixture
def running_site(fresh_database: Copy) -> Iterator[str]:
    """The address of a gunicorn that serves both sites on this test's own copy, for browsers and other clients."""
    with serving(fresh_database) as address:
        yield address


@pytest.fixture(scope="module")
def common_site(common_database: Copy) -> Iterator[str]:
    """A gunicorn on the module's copy; its tests together ask more often than one visitor may."""
    with serving(common_database, RATE_ADDRESS="9000/d", RATE_ID="900/d", RATE_CERTIFICATE="900/d") as address:
        yield address


@contextmanager
def serving(copy: Copy, **variables: str) -> Iterator[str]:
    """A gunicorn on a copy, with more variables of its own; yields the address at which it listens."""
    collect_static_files()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = copy.environment() | {"PORT": str(port), "SITE_ADDRESS": address, "WEB_WORKERS": "1"} | variables
    command = [sys.executable, "-m", "gunicorn", "-c", "python:certlookup.gunicorn", "certlookup.wsgi"]
    end = die_with_parent(signal.SIGTERM)
    server = subprocess.Popen(command, cwd=PROJECT, env=environment, preexec_fn=end)  # noqa: PLW1509 - as it must be
    try:
        _wait_until_it_answers(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(READY_SECONDS)


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + READY_SECONDS
    while time.monotonic() < patience:
        assert server.poll() is None, "gunicorn ended while starting; what it said stands above"
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{address} did not answer within {READY_SECONDS} seconds")
