"""Three whole, encrypted copies with their manifests, proven by a restore, and only then 'backed up'."""

import hashlib
import json
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.backup.leftovers import left_behind
from tests.databases import Copy
from tests.make import Cast, make_actor
from uploads.backup.copies import back_up, backup_state, retry_copies
from uploads.models import AuditEntry, AuditHead, BackupCopy, BackupProof, Capacity, Release
from uploads.refusals import Refusal


def files(place: Path) -> list[Path]:
    return sorted(place.glob("certlookup-*.age"))


def test_each_place_holds_the_same_whole_copy_and_a_manifest_that_says_what_is_in_it(
    fresh_database: Copy, release: Release, places: list[Path]
) -> None:
    head = AuditHead.objects.get()
    back_up(release.id)

    release.refresh_from_db()
    assert release.state == "backed_up"
    proof = BackupProof.objects.get()
    assert (proof.certificate_count, proof.publication_count) == (20, 1)
    assert (proof.audit_number, bytes(proof.audit_hash)) == (head.number, bytes(head.hash))
    assert release.publication is not None
    release.publication.refresh_from_db()
    assert bytes(proof.root) == bytes(release.publication.root or b"")
    for place in places:
        (file,) = files(place)
        assert file.name == proof.file_name
        assert hashlib.sha256(file.read_bytes()).digest() == bytes(proof.encrypted_digest)
        manifest = json.loads(file.with_name(file.name + ".json").read_text())
        assert manifest["sha256"] == bytes(proof.encrypted_digest).hex()
        assert manifest["state"]["tables"]["certificate"]["rows"] == 20
        assert manifest["state"]["root"] == bytes(proof.root).hex()
    assert left_behind(fresh_database, places) == []
    entry = AuditEntry.objects.get(action="release.backed_up")
    assert [copy["place"] for copy in entry.detail["copies"]] == [str(place) for place in places]


def test_a_copy_does_not_show_what_is_in_it_and_only_this_user_may_read_it(
    release: Release, places: list[Path]
) -> None:
    back_up(release.id)
    (file,) = files(places[0])
    content = file.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"PGDMP" not in content
    assert file.stat().st_mode & 0o777 == 0o600


def test_backed_up_is_done_once(release: Release, places: list[Path]) -> None:
    back_up(release.id)
    back_up(release.id)
    assert (BackupProof.objects.count(), len(files(places[0]))) == (1, 1)
    assert AuditEntry.objects.filter(action="release.backed_up").count() == 1


def test_the_page_is_told_of_each_copy_and_of_the_proof(release: Release, places: list[Path]) -> None:
    back_up(release.id)
    state = backup_state(release)
    assert state.complete
    assert [copy.place for copy in state.copies] == ["服务器磁盘", "介质位置 1（medium-1）", "介质位置 2（medium-2）"]
    assert all(copy.verified and copy.written_at and copy.file_name for copy in state.copies)
    proof = BackupProof.objects.get()
    assert (state.proven_at, state.proven_in_seconds) == (proof.proven_at, proof.seconds)


def test_a_register_that_was_tampered_with_is_not_proven_and_stays_due_with_the_reason(
    fresh_database: Copy, release: Release, places: list[Path]
) -> None:
    with fresh_database.connect("superuser") as connection:
        connection.execute("UPDATE certificate SET holder_name = '李换' WHERE position = 4")
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    assert BackupProof.objects.count() == 0
    assert all("不一致" in copy.problem for copy in BackupCopy.objects.all())
    assert [files(place) for place in places] == [[], [], []]
    assert left_behind(fresh_database, places) == []


def test_the_scratch_database_is_closed_to_the_other_roles(fresh_database: Copy, release: Release) -> None:
    with fresh_database.connect("backup", autocommit=True) as connection:
        # What a run that was killed leaves.
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert oid is not None
        name = f"certlookup_scratch_{oid[0]}_feedbeef"
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(fresh_database.url("staff").replace(fresh_database.name, name))
        back_up(release.id)
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_fewer_than_three_places_never_make_a_release_backed_up(release: Release, places: list[Path]) -> None:
    settings.BACKUP_PLACES = places[:2]
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    assert all("BACKUP_PLACES" in copy.problem for copy in BackupCopy.objects.all())


def test_a_retry_can_be_ordered_only_while_copies_are_due(release: Release) -> None:
    by = make_actor(Capacity.NETWORK_ADMINISTRATOR)
    retry_copies(by=by, release_id=release.id)
    back_up(release.id)
    with pytest.raises(Refusal) as refusal:
        retry_copies(by=by, release_id=release.id)
    assert refusal.value.key == "release_is_not_to_be_backed_up"
    assert "备份" in refusal.value.sentence()
    with pytest.raises(Refusal):
        retry_copies(by=Cast("3701").operator, release_id=release.id)
