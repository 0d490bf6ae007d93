"""A Chromium for each browser test, and a worker for those that wait for one."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from certlookup.postgres.keeper import die_with_parent
from tests.browser.chromium import find_or_install
from tests.databases import PROJECT, Copy


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A fresh browser; contexts of it have their own cookies.

    While it runs, an event loop runs in this thread, and Django keeps the database from the test: prepare what the
    pages need in fixtures named before this one.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_or_install(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def worker(fresh_database: Copy) -> Iterator[None]:
    """A worker on this test's copy."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=PROJECT,
        env=fresh_database.environment(),
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - as it must be
    )
    yield
    process.terminate()
    process.wait(30)
