"""manage.py check_system: one line per matter, and an exit status that says how bad the worst of them is."""

import json
import secrets
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.commands import manage
from tests.databases import ROLES, Copy
from tests.make import Cast, make_published_release, make_rows
from tests.oversight.scanner import running_clamd
from uploads.models import BackupProof, VerificationKind
from uploads.oversight.matters.work import look_at_places
from uploads.oversight.roots import store_root
from uploads.oversight.verifying import verify_and_note

MATTERS = [
    "settings", "database", "migrations", "rights", "replication", "counters", "register", "audit", "keys",
    "second_factors", "worker", "queue", "backups", "proofs", "backup_places", "files", "disk", "clock", "holidays",
    "scanner", "hazards",
    "lookups",
]  # fmt: skip


def environment(copy: Copy, places: Path) -> dict[str, str]:
    folders = [places / name for name in ("server-disk", "medium-1", "medium-2")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    return copy.environment() | {"BACKUP_PLACES": ",".join(map(str, folders))}


def look(variables: dict[str, str]) -> tuple[int, dict[str, tuple[str, str]]]:
    answer = manage(variables, "check_system", "--json")
    told: dict[str, Any] = json.loads(answer.stdout)
    return answer.returncode, {check["name"]: (check["condition"], check["seen"]) for check in told["checks"]}


def hear_a_worker(copy: Copy) -> None:
    """What a worker that runs leaves in the queue's table."""
    with copy.connect("staff") as connection:
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")


def test_every_matter_is_looked_at_and_what_is_missing_is_never_called_well(
    fresh_database: Copy, tmp_path: Path
) -> None:
    status, found = look(environment(fresh_database, tmp_path))
    assert list(found) == MATTERS
    assert status == 2
    assert found["worker"] == ("failure", "no worker is running; start manage.py work")
    assert {found[name][0] for name in ("register", "audit")} == {"warning"}
    assert {found[name][0] for name in ("database", "migrations", "rights", "keys", "backup_places", "clock")} == {
        "well"
    }
    assert found["scanner"] == ("warning", "not configured: uploaded files are not scanned")


def test_all_well_is_status_0_and_a_backup_that_is_due_is_a_warning(fresh_database: Copy, tmp_path: Path) -> None:
    hear_a_worker(fresh_database)
    for kind in VerificationKind:
        verify_and_note(kind)
    with running_clamd() as clamd:
        variables = environment(fresh_database, tmp_path) | {"CLAMD_ADDRESS": clamd.address}
        status, found = look(variables)
        # The days off of next year are announced in November; until then that one line is a warning.
        assert {name for name, (condition, _) in found.items() if condition != "well"} <= {"holidays"}
        assert status == (found["holidays"][0] != "well")
    assert look(variables)[1]["scanner"][0] == "failure"
    variables = environment(fresh_database, tmp_path)
    release = make_published_release(Cast(), rows=make_rows(2))
    assert release.publication_id is not None
    store_root(release.publication_id)
    status, found = look(variables)
    assert (status, found["backups"][0]) == (1, "warning")
    assert release.number in found["backups"][1]


def test_a_right_that_was_granted_by_hand_a_row_that_was_altered_and_a_place_that_is_gone_are_failures(
    fresh_database: Copy, tmp_path: Path
) -> None:
    hear_a_worker(fresh_database)
    release = make_published_release(Cast(), rows=make_rows(2))
    assert release.publication_id is not None
    store_root(release.publication_id)
    with fresh_database.connect("superuser") as connection:
        connection.execute(f"GRANT DELETE ON certificate TO {ROLES['staff']}")
        connection.execute("ALTER TABLE certificate DISABLE TRIGGER USER")
        connection.execute("UPDATE certificate SET level = 1 WHERE position = 0")
        connection.execute("ALTER TABLE certificate ENABLE TRIGGER USER")
    assert manage(fresh_database.environment(), "verify_register").returncode == 1
    variables = environment(fresh_database, tmp_path)
    (tmp_path / "medium-2").rmdir()
    status, found = look(variables)
    assert status == 2
    assert "staff may DELETE certificate" in found["rights"][1]
    assert "publications are stopped" in found["register"][1]
    assert "medium-2 is not there" in found["backup_places"][1]


def test_a_wrong_key_is_a_failure_and_the_rest_is_looked_at_all_the_same(fresh_database: Copy, tmp_path: Path) -> None:
    wrong = {"CERTLOOKUP_KEYS": f"1:sm:{secrets.token_hex(32)}"}
    status, found = look(environment(fresh_database, tmp_path) | wrong)
    assert status == 2
    assert "not the key" in found["keys"][1]
    assert found["rights"][0] == "well"
    assert list(found) == MATTERS


def test_on_the_terminal_it_is_one_line_each(fresh_database: Copy, tmp_path: Path) -> None:
    answer = manage(environment(fresh_database, tmp_path), "check_system")
    assert [line.split()[1] for line in answer.stdout.splitlines()] == MATTERS


@pytest.mark.django_db
def test_a_place_needs_room_for_the_next_backup_and_should_have_it_for_two(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_PLACES, settings.BACKUP_SAME_DEVICE = [tmp_path], True
    assert look_at_places().condition == "well"
    release = make_published_release(Cast(), rows=make_rows(2))
    free = shutil.disk_usage(tmp_path).free
    for size, condition, said in (
        (free // 1000, "well", "空间够再备份 2 次"),
        (free * 2 // 3, "warning", "请尽快更换或腾出空间"),
        (free * 2, "failure", "下一次备份放不下"),
    ):
        BackupProof.objects.create(
            release=release, file_name=f"{size}.age", proven_at=timezone.now(), seconds=1, certificate_count=2,
            publication_count=1, root=bytes(32), audit_number=1, audit_hash=bytes(32), encrypted_digest=bytes(32),
            byte_count=size,
        )  # fmt: skip
        seen = look_at_places()
        assert (seen.condition, said in seen.chinese) == (condition, True), seen
