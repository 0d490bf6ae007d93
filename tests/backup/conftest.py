"""A published release with its root, on a database of its own, and three places to back it up to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.databases import Copy
from tests.make import Cast, make_published_release, make_rows
from uploads.models import Release
from uploads.oversight.roots import store_root


@pytest.fixture
def places(tmp_path: Path) -> Iterator[list[Path]]:
    """Three folders such as mounted media are."""
    made = [tmp_path / name for name in ("server-disk", "medium-1", "medium-2")]
    for place in made:
        place.mkdir()
    saved = settings.BACKUP_PLACES
    settings.BACKUP_PLACES = made
    yield made
    settings.BACKUP_PLACES = saved


@pytest.fixture
def release(fresh_database: Copy, places: list[Path]) -> Release:
    """Published, with its root, and due to be backed up."""
    made = make_published_release(Cast(), rows=make_rows(20))
    assert made.publication_id is not None, made.publication_problem
    store_root(made.publication_id)
    return made
