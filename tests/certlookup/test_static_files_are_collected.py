"""Static files stand under names with their digest, and nobody has to remember to collect them."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from certlookup.staticstorage import are_current, require_static_files
from tests.databases import PROJECT

HASHED = re.compile(r"/static/css/site\.[0-9a-f]{12}\.css")


@pytest.fixture
def empty(settings: object, tmp_path: Path) -> Path:
    """A deployment that has collected nothing yet."""
    settings.STATIC_ROOT = tmp_path / "static"  # type: ignore[attr-defined]
    return tmp_path / "static"


def test_a_start_collects_what_is_missing_and_leaves_what_is_there(empty: Path) -> None:
    assert not are_current()
    require_static_files()
    assert are_current()
    address = staticfiles_storage.url("css/site.css")
    assert HASHED.fullmatch(address)
    made = empty / address.removeprefix("/static/")
    assert made.with_name(f"{made.name}.gz").stat().st_size < made.stat().st_size / 3
    assert made.stat().st_mode & 0o777 == 0o644
    before = made.stat().st_mtime_ns
    require_static_files()
    assert made.stat().st_mtime_ns == before


def test_a_new_version_is_collected_even_if_its_files_bear_older_dates(
    empty: Path, settings: object, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    (program / "css").mkdir(parents=True)
    (program / "css" / "site.css").write_text("a { color: red }\n")
    settings.STATICFILES_DIRS = [program]  # type: ignore[attr-defined]
    require_static_files()
    first = staticfiles_storage.url("css/site.css")
    (program / "css" / "site.css").write_text("a { color: tan }\n")
    os.utime(program / "css" / "site.css", (0, 0))
    assert not are_current()
    require_static_files()
    second = staticfiles_storage.url("css/site.css")
    assert second != first
    assert (empty / second.removeprefix("/static/")).read_text() == "a { color: tan }\n"
    assert (empty / first.removeprefix("/static/")).exists(), "pages that are open still ask for it"


def test_where_they_cannot_be_written_the_start_says_what_to_do(empty: Path) -> None:
    empty.write_text("no folder")
    with pytest.raises(ImproperlyConfigured, match="collectstatic --no-input as the user they belong to"):
        require_static_files()


def test_an_address_is_worked_out_once_until_they_are_collected_again(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert staticfiles_storage.url("css/site.css") == "/static/css/site.css", "without collected files, the plain one"
    call_command("collectstatic", interactive=False, verbosity=0)
    address = staticfiles_storage.url("css/site.css")
    assert HASHED.fullmatch(address)
    monkeypatch.setattr(StaticFilesStorage, "url", None)
    assert staticfiles_storage.url("css/site.css") == address


def test_every_static_file_that_a_template_names_exists() -> None:
    named = {
        (template.name, name)
        for template in (PROJECT / "templates").rglob("*.html")
        for name in re.findall(r"""{% static ['"]([^'"]+)['"] %}""", template.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert [pair for pair in sorted(named) if not (PROJECT / "static" / pair[1]).is_file()] == []
