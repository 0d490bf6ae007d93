import os

import pytest

from tests.databases import Copy, collect_static_files
from tests.load.published import absent_pairs, make_named_rows, pair_of
from tests.load.traffic import Pair
from tests.make import Cast, make_published_release

# What presses a site to its limits takes minutes, and the machine for itself: `make pressure`, a part of make test-full.
_PRESSURE = [
    "test_processes_have_as_many_connections.py",
    "test_too_many_visitors.py",
    "test_nginx_keeps_the_door.py",
    "test_a_long_day.py",
]
collect_ignore = [] if os.environ.get("TEST_PRESSURE") else _PRESSURE
if not os.environ.get("TEST_LOAD"):
    # It needs wrk, which make test-full installs.
    collect_ignore.append("test_waiting_counts_from_when_it_was_due.py")


@pytest.fixture
def pairs(fresh_database: Copy) -> list[Pair]:
    """A hundred certificates that are published, and forty that aren't."""
    collect_static_files()
    rows = make_named_rows(100)
    make_published_release(Cast(), rows=rows)
    return [pair_of(row) for row in rows] + absent_pairs(40, first=1000)
