"""Retention: by age and number, never the last good one, never what isn't ours, never while a crime is suspected."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tests.databases import acting_as
from tests.incidents.make import Watch, make_incident
from tests.make import Cast, make_published_release
from uploads.backup.retention import remove_outdated
from uploads.models import AuditEntry, BackupCopy, BackupProof, Release
from uploads.refusals import Refusal, refusals

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2000)


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Four verified copies in one place, oldest first."""
    monkeypatch.setattr(settings, "BACKUP_PLACES", [tmp_path])
    monkeypatch.setattr(settings, "BACKUP_KEEP_COPIES", 2)
    first = make_published_release(Cast())
    made = []
    with acting_as("owner"):
        releases = [first]
        for place in range(3):
            other = Release.objects.get(id=first.pk)
            other.pk, other.number, other.publication_id, other.kind = None, f"X-{place}", None, "supplementary"
            other.state = "assembled"
            other.save(force_insert=True)
            releases.append(other)
    for release in releases:
        file = tmp_path / f"certlookup-{release.number}.age"
        file.write_bytes(release.number.encode())
        file.with_name(file.name + ".json").write_text("{}")
        proof = make_proof(release, file)
        BackupCopy.objects.create(release=release, place=str(tmp_path), state="verified", proof=proof)
        made.append(file)
    return made


def make_proof(release: Release, file: Path) -> BackupProof:
    digest = sha256(file.read_bytes()).digest()
    return BackupProof.objects.create(
        release=release, file_name=file.name, proven_at=timezone.now(), seconds=1, certificate_count=1,
        publication_count=1, root=b"r", audit_number=1, audit_hash=b"h", encrypted_digest=digest, byte_count=1,
    )  # fmt: skip


def test_the_newest_stay_and_of_the_others_those_whose_time_is_over_go(copies: list[Path]) -> None:
    stranger = copies[0].with_name("certlookup-2019.age")
    stranger.write_bytes(b"not of this database")
    assert remove_outdated() == 0
    assert remove_outdated(now=timezone.now() + LATER) == 2
    assert [file.exists() for file in copies] == [False, False, True, True]
    assert [file.with_name(file.name + ".json").exists() for file in copies] == [False, False, True, True]
    assert stranger.exists()
    assert BackupCopy.objects.filter(state="removed", removed_at__isnull=False).count() == 2
    assert AuditEntry.objects.filter(action="backup.removed").count() == 2


def test_nothing_goes_while_the_newest_is_not_whole(copies: list[Path]) -> None:
    copies[-1].write_bytes(b"damaged")
    assert remove_outdated(now=timezone.now() + LATER) == 0
    assert all(file.exists() for file in copies)


def test_nothing_goes_while_a_crime_is_suspected_and_the_database_says_so_too(copies: list[Path]) -> None:
    make_incident(Watch(), suspected_crime=True)
    assert remove_outdated(now=timezone.now() + LATER) == 0
    assert all(file.exists() for file in copies)
    assert refusal_of("UPDATE backup_copy SET state = 'removed' WHERE id = (SELECT min(id) FROM backup_copy)") == (
        "deletions_are_suspended"
    )


def test_the_last_good_copy_is_not_taken_off_the_record(copies: list[Path]) -> None:
    assert refusal_of("UPDATE backup_copy SET state = 'removed'") == "backup_copy_is_the_last"
    assert refusal_of("DELETE FROM backup_copy", "owner") == "backup_copy_never_changes"


def refusal_of(statement: str, role: str = "staff") -> str:
    with (
        acting_as(role),
        connection.cursor() as cursor,
        pytest.raises(Refusal) as refusal,
        refusals(),
        transaction.atomic(),
    ):
        cursor.execute(statement)
    return refusal.value.key
