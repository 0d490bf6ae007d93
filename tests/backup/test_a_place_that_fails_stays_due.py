"""A missing, read-only or damaged place: the publication stands, its copy is due with the reason, and can be retried."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from tests.backup.leftovers import left_behind
from tests.databases import Copy
from uploads.backup.copies import back_up, backup_state
from uploads.backup.places import write_copy
from uploads.backup.tools import BackupError
from uploads.models import AuditEntry, BackupCopy, BackupProof, Release

# Part of the kernel: nobody, root neither, makes files there.
READ_ONLY = Path("/sys/kernel")


def verified() -> list[str]:
    return [Path(place).name for place in BackupCopy.objects.filter(state="verified").values_list("place", flat=True)]


def test_a_missing_medium_is_not_made_and_its_copy_stays_due_until_it_is_there(
    fresh_database: Copy, release: Release, places: list[Path]
) -> None:
    places[2].rmdir()
    back_up(release.id)
    release.refresh_from_db()
    assert (release.state, verified()) == ("published", ["server-disk", "medium-1"])
    due = BackupCopy.objects.get(state="due")
    assert (due.place, due.problem) == (str(places[2]), "位置不存在，介质可能没有接上。")
    assert not places[2].exists()
    assert AuditEntry.objects.filter(action="release.backed_up", outcome="refused").count() == 1
    assert not backup_state(release).complete

    places[2].mkdir()
    back_up(release.id)
    release.refresh_from_db()
    assert (release.state, BackupCopy.objects.filter(state="due").count()) == ("backed_up", 0)
    # The same proven file as in the other places, not another dump.
    assert BackupProof.objects.count() == 1
    contents = [[file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()] for place in places]
    assert contents[0] == contents[1] == contents[2]
    assert left_behind(fresh_database, places) == []


def test_a_read_only_place_is_named_as_such(release: Release, places: list[Path]) -> None:
    settings.BACKUP_PLACES = [*places[:2], READ_ONLY]
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    due = BackupCopy.objects.get(state="due")
    assert due.place == str(READ_ONLY)
    assert "只读" in due.problem


def test_a_file_where_a_folder_should_be_is_named_as_such(release: Release, places: list[Path]) -> None:
    places[1].rmdir()
    places[1].write_text("")
    back_up(release.id)
    assert BackupCopy.objects.get(state="due").problem == "位置不是文件夹。"
    assert verified() == ["server-disk", "medium-2"]


def test_when_the_first_copies_are_damaged_the_retry_makes_and_proves_a_new_backup(
    release: Release, places: list[Path]
) -> None:
    places[2].rmdir()
    back_up(release.id)
    for place in places[:2]:
        for file in place.glob("*.age"):
            whole = file.read_bytes()
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    places[2].mkdir()
    back_up(release.id)
    assert BackupProof.objects.count() == 2
    (file,) = places[2].glob("*.age")
    assert file.name == BackupProof.objects.order_by("-id")[0].file_name


def test_older_copies_are_untouched(release: Release, places: list[Path]) -> None:
    older = places[0] / "certlookup-2020-01-A-20200115T000000000000Z.age"
    older.write_bytes(b"older")
    back_up(release.id)
    assert older.read_bytes() == b"older"


def test_a_copy_that_reads_back_differently_is_removed_and_refused(tmp_path: Path) -> None:
    source = tmp_path / "certlookup-x.age"
    source.write_bytes(b"content")
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(BackupError, match="不一致"):
        write_copy(source, place, digest=bytes(32))
    assert list(place.iterdir()) == []


def test_a_part_that_a_killed_run_left_is_removed_by_the_next(release: Release, places: list[Path]) -> None:
    part = places[1] / ".certlookup-2020-01-A.age.part"
    part.write_bytes(b"half")
    back_up(release.id)
    assert not part.exists()


def test_default_places_below_var_are_made(release: Release, places: list[Path]) -> None:
    below = settings.VAR / "backups-of-a-test"
    settings.BACKUP_PLACES = [below / name for name in ("a", "b", "c")]
    try:
        back_up(release.id)
        release.refresh_from_db()
        assert release.state == "backed_up"
    finally:
        shutil.rmtree(below)
