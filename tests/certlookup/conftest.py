from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certlookup.machine import open_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter; a server started in it is to be stopped by the test."""
    with open_folder() as made:
        yield made
