"""A Chromium for each browser test, and a worker for those that wait for one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import running_chromium
from tests.databases import Copy
from tests.workers import PATIENCE, start_worker


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A fresh browser; contexts of it have their own cookies.

    While it runs, an event loop runs in this thread, and Django keeps the database from the test: prepare what the
    pages need in fixtures named before this one.
    """
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for all tests of a module; what these need of the database is made by fixtures of the module with autouse."""
    with running_chromium() as started:
        yield started


@pytest.fixture
def common_browser(chromium: Browser) -> Iterator[Browser]:
    """The module's browser, without what the test before opened."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def worker(fresh_database: Copy) -> Iterator[None]:
    """A worker on this test's copy."""
    process = start_worker(fresh_database)
    yield
    process.terminate()
    process.wait(PATIENCE)
