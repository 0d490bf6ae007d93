"""The files that were sent: encrypted beside every dump, once each, verified by the private key, put back by a restore."""

import json
from pathlib import Path

from django.conf import settings

from tests.backup.test_a_copy_is_restored_by_order import IDENTITY, ORDER, make_later_publication
from tests.commands import manage
from tests.databases import Copy
from uploads.backup.copies import back_up
from uploads.intake.storage import path_of
from uploads.models import Attempt, BackupCopy, Release
from uploads.oversight.matters.work import look_at_files


def kept(place: Path) -> list[Path]:
    return sorted((place / "certlookup-files").iterdir())


def sent() -> list[Path]:
    """In the order in which they came."""
    return [path_of(attempt.stored_name) for attempt in Attempt.objects.order_by("id")]


def manifest_in(place: Path) -> dict[str, list[object]]:
    (file,) = place.glob("*.json")
    found: dict[str, list[object]] = json.loads(file.read_text())
    return found


def test_each_file_is_kept_once_encrypted_and_only_new_ones_are_added(release: Release, places: list[Path]) -> None:
    back_up(release.id)
    (file,) = sent()
    for place in places:
        (copy,) = kept(place)
        assert copy.name.startswith(f"{file.name}-")
        assert copy.read_bytes().startswith(b"age-encryption.org/v1")
        assert copy.stat().st_mode & 0o777 == 0o600
    first = kept(places[0])[0].read_bytes()
    back_up(make_later_publication().id)
    assert BackupCopy.objects.filter(state="verified").count() == 6
    for place in places:
        copies = {copy.name[:32]: copy.read_bytes() for copy in kept(place)}
        assert set(copies) == {path.name for path in sent()}
        assert copies[file.name] == first, "it is not written a second time"


def test_a_medium_that_was_away_gets_the_earlier_files_too(release: Release, places: list[Path]) -> None:
    places[2].rmdir()
    back_up(release.id)
    places[2].mkdir()
    back_up(make_later_publication().id)
    assert [copy.read_bytes() for copy in kept(places[2])] == [copy.read_bytes() for copy in kept(places[0])]


def test_a_file_that_rotted_everywhere_is_encrypted_anew(release: Release, places: list[Path]) -> None:
    places[2].rmdir()
    back_up(release.id)
    for place in places[:2]:
        kept(place)[0].write_bytes(bytes(kept(place)[0].stat().st_size))
    places[2].mkdir()
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    assert "不完整" in BackupCopy.objects.get(state="due").problem
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "backed_up"
    assert kept(places[2])[0].read_bytes().startswith(b"age-encryption.org/v1")


def test_verify_backup_opens_each_file_and_names_what_is_lost_or_damaged(
    fresh_database: Copy, release: Release, places: list[Path]
) -> None:
    back_up(release.id)
    (backup,) = places[2].glob("*.age")
    answer = manage(fresh_database.environment(), "verify_backup", backup, "--identity", IDENTITY)
    assert (answer.returncode, "1 uploaded files: no differences" in answer.stdout) == (0, True), answer.stdout
    (copy,) = kept(places[2])
    copy.write_bytes(copy.read_bytes()[:-1])
    answer = manage(fresh_database.environment(), "verify_backup", backup, "--identity", IDENTITY)
    assert (answer.returncode, f"{copy.name[:32]} is missing or damaged" in answer.stdout) == (1, True)


def test_a_restore_puts_back_what_is_gone_or_damaged_and_leaves_the_rest(
    fresh_database: Copy, release: Release, places: list[Path]
) -> None:
    back_up(release.id)
    back_up(make_later_publication().id)
    backup = max(places[2].glob("*.age"), key=lambda file: file.stat().st_mtime)
    gone, damaged = sent()
    contents = [gone.read_bytes(), damaged.read_bytes()]
    gone.unlink()
    damaged.write_bytes(b"something else")
    other = settings.UPLOADS_DIR / ("f" * 32)
    other.write_bytes(b"of another state")
    with fresh_database.connect("owner") as owner:
        owner.execute("DROP SCHEMA certlookup CASCADE")
    answer = manage(fresh_database.environment(), "restore_backup", backup, "--identity", IDENTITY, "--order", ORDER)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "2; 2 were put back" in answer.stdout
    assert [gone.read_bytes(), damaged.read_bytes()] == contents
    assert gone.stat().st_mode & 0o777 == 0o600
    assert other.read_bytes() == b"of another state"
    other.unlink()


def test_a_lost_file_is_named_and_holds_up_no_backup(release: Release, places: list[Path]) -> None:
    (file,) = sent()
    file.unlink()
    assert look_at_files().condition == "failure"
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "backed_up"
    assert manifest_in(places[0])["files_lost"] == [file.name]
