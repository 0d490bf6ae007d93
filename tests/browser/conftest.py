"""A Chromium for each browser test, and a worker for those that wait for one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find_or_install
from tests.databases import Copy
from tests.workers import PATIENCE, start_worker


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
    process = start_worker(fresh_database)
    yield
    process.terminate()
    process.wait(PATIENCE)
