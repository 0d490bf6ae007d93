"""manage.py verify_backup: the file and the private key, nothing else; and verify_register and verify_audit's answers."""

import json
from pathlib import Path

import pyrage
import pytest
from django.conf import settings

from certificates.models import Certificate
from tests.backup.leftovers import left_behind
from tests.commands import manage
from tests.databases import Copy
from uploads.backup.copies import back_up
from uploads.models import AuditEntry, Release

IDENTITY = settings.KEYS_DIR / "backup_identity"


@pytest.fixture
def backup(release: Release, places: list[Path]) -> Path:
    back_up(release.id)
    (file,) = places[2].glob("*.age")
    return file


def test_a_whole_copy_is_found_good(fresh_database: Copy, backup: Path, places: list[Path]) -> None:
    answer = manage(fresh_database.environment(), "verify_backup", backup, "--identity", IDENTITY)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "20 certificates, 1 publications" in answer.stdout
    assert "no differences" in answer.stdout
    assert left_behind(fresh_database, places) == []
    assert AuditEntry.objects.latest("number").action == "backup.verified"


def test_a_damaged_copy_another_key_and_a_missing_file_are_refused_in_one_sentence(
    fresh_database: Copy, backup: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text(f"# another key\n{pyrage.x25519.Identity.generate()}\n")
    damaged = tmp_path / "damaged.age"
    damaged.write_bytes(backup.read_bytes()[:-20])
    for file, identity in ((backup, other), (damaged, IDENTITY), (tmp_path / "none.age", IDENTITY), (backup, backup)):
        answer = manage(fresh_database.environment(), "verify_backup", file, "--identity", identity)
        assert answer.returncode == 1
        assert "Traceback" not in answer.stderr
        assert "AGE-SECRET-KEY" not in answer.stderr + answer.stdout


def test_a_manifest_that_states_something_else_is_found(fresh_database: Copy, backup: Path) -> None:
    manifest = backup.with_name(backup.name + ".json")
    content = json.loads(manifest.read_text())
    content["state"]["tables"]["certificate"]["rows"] = 21
    manifest.write_text(json.dumps(content))
    answer = manage(fresh_database.environment(), "verify_backup", backup, "--identity", IDENTITY)
    assert answer.returncode == 1
    assert "manifest" in answer.stdout


def test_register_and_trail_are_verified_by_commands_with_their_exit_statuses(
    fresh_database: Copy, release: Release
) -> None:
    for command in ("verify_register", "verify_audit"):
        answer = manage(fresh_database.environment(), command)
        assert (answer.returncode, "no differences" in answer.stdout) == (0, True), answer.stdout + answer.stderr
    number = Certificate.objects.earliest("certificate_number").pk
    assert manage(fresh_database.environment(), "prove", number).returncode == 0
    asked = (
        AuditEntry.objects.filter(person_id=None, outcome="done").order_by("number").values_list("action", "subject_id")
    )
    assert list(asked)[-1] == ("certificate.proven", number)
    assert [action for action, _ in asked].count("verification.made") == 2
    with fresh_database.connect("superuser") as connection:
        connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        connection.execute("UPDATE audit_entry SET address = '10.9.8.7' WHERE number = 3")
        row = connection.execute(
            "UPDATE certificate SET level = 1 WHERE position = 7 RETURNING certificate_number"
        ).fetchone()
    assert row is not None
    answer = manage(fresh_database.environment(), "verify_register")
    assert (answer.returncode, f"{row[0]}: differs" in answer.stdout) == (1, True)
    answer = manage(fresh_database.environment(), "verify_audit")
    assert (answer.returncode, "entry 3:" in answer.stdout) == (1, True)
