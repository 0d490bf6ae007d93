"""manage.py restore_backup: over live data by a leader's order only, whole or not at all, nothing lost without a word."""

import io
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connections

from certificates.models import Certificate, Publication
from certlookup.roles import logins
from tests.cases import KILLS
from tests.commands import manage
from tests.databases import PROJECT, Copy
from tests.incidents.make import Watch, make_incident
from tests.make import Cast, make_actor, make_published_change, make_revocation, make_row
from tests.staff.make import confirmation, sign_in, text_of
from uploads.backup.copies import back_up
from uploads.backup.restores import decide_restore
from uploads.models import AuditEntry, BatchKind, Capacity, Incident, Release, Restoration, RestoreRequest
from uploads.oversight.auditchain import verify_audit
from uploads.oversight.entitlements import differences
from uploads.oversight.incidents import acknowledge_incident, close_incident
from uploads.oversight.roots import store_root
from uploads.oversight.verification import open_connection, verify_register

IDENTITY = settings.KEYS_DIR / "backup_identity"
ORDER = "鲁人社办〔2026〕12号"


@pytest.fixture
def backup(release: Release, places: list[Path]) -> Path:
    """A copy of the register with its first publication, on the second medium."""
    back_up(release.id)
    (file,) = places[2].glob("*.age")
    return file


def restore(file: Path, order: str = ORDER) -> tuple[int, str, str]:
    """The command in this process: its exit status, and what it says on both ways."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("restore_backup", str(file), identity=IDENTITY, order=order, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return 1, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def settle(restoration: Restoration, *arguments: str) -> str:
    """What settle_restore refuses, or nothing."""
    try:
        call_command("settle_restore", str(restoration.pk), *arguments, stdout=io.StringIO())
    except CommandError as error:
        return str(error)
    return ""


def published() -> list[str]:
    connections["default"].close()
    return list(Publication.objects.order_by("id").values_list("number", flat=True))


def make_later_publication() -> Release:
    """One certificate of the first publication is revoked."""
    later = make_published_change(Cast(), BatchKind.REVOCATION, [make_revocation(str(make_row(seed=3)["证书编号"]))])
    assert later.publication_id is not None, later.publication_problem
    store_root(later.publication_id)
    return later


def close_incident_of(watch: Watch) -> None:
    incident = Incident.objects.get(account=watch.account)
    acknowledge_incident(by=watch.deputy, incident=incident)
    close_incident(by=watch.security, incident=incident, report="查明")


def test_live_data_are_replaced_by_the_deputy_directors_order_kept_aside_and_removed_once_confirmed(
    fresh_database: Copy, release: Release, backup: Path
) -> None:
    later = make_later_publication()
    both = published()
    assert len(both) == 2
    deputy = make_actor(Capacity.DEPUTY_DIRECTOR)
    client = sign_in(deputy)

    # An older state: everything that would be lost is listed, nothing is changed.
    status, said, why = restore(backup)
    assert status == 1, said + why
    assert f"publication {both[1]}" in said
    assert "1 times release.published" in said
    assert "request" in why
    assert published() == both
    asked = RestoreRequest.objects.get()
    assert (asked.is_older, asked.approved) == (True, None)
    assert "恢复待决定" in text_of(client.get("/staff/"))

    # The order has to say that an older state is meant.
    page = f"/staff/backups/restores/{asked.pk}/"
    assert both[1] in text_of(client.get(page))
    refused = client.post(page, confirmation(deputy, decision="approve", remark="批示"))
    assert "请勾选" in text_of(refused)
    answer = client.post(page, confirmation(deputy, decision="approve", remark="批示", allows_loss="on"), follow=True)
    assert "已批准" in text_of(answer)
    # Another order, or the same one after something was added, is not what was ordered.
    assert restore(backup, "别的指示")[0] == 1
    assert published() == both

    status, said, why = restore(backup)
    assert status == 0, said + why
    assert published() == both[:1]
    assert Certificate.objects.get(certificate_number=make_row(seed=3)["证书编号"]).revision_number == 1
    assert Session.objects.count() == 0
    done = Restoration.objects.get()
    assert done.losses["publications"] == [both[1]]
    assert deputy.person.name in done.ordered_by
    entry = AuditEntry.objects.get(action="restore.done")
    assert entry.detail["lost"]["publications"] == [both[1]]
    with fresh_database.connect("owner") as owner:
        begun = owner.execute(
            f"SELECT count(*) FROM {done.aside}.audit_entry WHERE action = 'restore.begun'"
        ).fetchone()
        assert begun == (1,)
    with fresh_database.connect("staff") as staff, pytest.raises(Exception, match="permission denied"):
        staff.execute(f"SELECT count(*) FROM {done.aside}.person")
    with open_connection("default") as connection:
        assert verify_register(connection, unseal=True) + verify_audit(connection) == ()
    assert differences(logins()) == []
    # Run again, it has nothing to do.
    assert restore(backup)[0] == 0
    assert Restoration.objects.count() == 1

    # Put aside until it is confirmed; the leader is among those who were there before.
    assert "confirmed" in settle(done, "--remove")
    successor = make_actor(Capacity.DEPUTY_DIRECTOR)
    client = sign_in(successor)
    answer = client.post(
        f"/staff/backups/restorations/{done.pk}/", confirmation(successor, remark="核对一致"), follow=True
    )
    assert "已确认" in text_of(answer)
    make_incident(watch := Watch(), suspected_crime=True)
    assert "deletions_are_suspended" in settle(done, "--remove")
    close_incident_of(watch)
    assert settle(done, "--remove") == ""
    with fresh_database.connect("owner") as owner:
        assert owner.execute("SELECT to_regnamespace(%s)", [done.aside]).fetchone() == (None,)
    assert later.publication_id is not None


def test_a_restore_that_is_killed_leaves_one_state_or_the_other_and_is_finished_by_the_next(
    fresh_database: Copy, release: Release, backup: Path
) -> None:
    make_later_publication()
    both = published()
    assert restore(backup)[0] == 1
    asked = RestoreRequest.objects.get()
    decide_restore(
        by=make_actor(Capacity.DEPUTY_DIRECTOR), request=asked, approve=True, allows_loss=True, remark="批示"
    )
    # Giving somebody a capacity is grave: what was ordered is no longer all that would be lost.
    assert restore(backup)[0] == 1
    deputy = make_actor(Capacity.DEPUTY_DIRECTOR)
    assert restore(backup)[0] == 1
    asked = RestoreRequest.objects.first()
    assert asked is not None
    decide_restore(by=deputy, request=asked, approve=True, allows_loss=True, remark="批示")
    command = [
        sys.executable,
        "manage.py",
        "restore_backup",
        str(backup),
        "--identity",
        str(IDENTITY),
        "--order",
        ORDER,
    ]
    for seed in range(KILLS):
        process = subprocess.Popen(
            command, cwd=PROJECT, env=fresh_database.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        process.stdout.readline()
        # From the first line on it works, for about a second.
        time.sleep(random.Random(seed).uniform(0, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        there = published()
        assert there in (both, both[:1])
        with open_connection("default") as connection:
            assert verify_register(connection, unseal=False) + verify_audit(connection) == ()
    status, said, why = restore(backup)
    assert status == 0, said + why
    assert published() == both[:1]
    assert AuditEntry.objects.filter(action="restore.done").count() == 1

    # Destroyed: nothing of ours is left, so the order's words are enough.
    connections["default"].close()
    with fresh_database.connect("owner") as owner:
        owner.execute("DROP SCHEMA certlookup CASCADE")
    status, said, why = restore(backup)
    assert status == 0, said + why
    assert published() == both[:1]


def test_a_damaged_copy_changes_nothing(fresh_database: Copy, release: Release, backup: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.age"
    damaged.write_bytes(backup.read_bytes()[:-20])
    answer = manage(fresh_database.environment(), "restore_backup", damaged, "--identity", IDENTITY, "--order", ORDER)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert len(published()) == 1


def test_before_it_is_confirmed_the_former_state_is_put_back_with_what_it_had(
    fresh_database: Copy, release: Release, backup: Path
) -> None:
    """Nothing grave was done since: no older state, and still the leader decides."""
    deputy = make_actor(Capacity.DEPUTY_DIRECTOR)
    with fresh_database.connect("owner") as owner:
        # As where only what runs by itself came after the backup.
        owner.execute("SELECT record(NULL, '', '', 'login', '', '', 'done', '{}')")
    assert restore(backup)[0] == 1
    asked = RestoreRequest.objects.get()
    decide_restore(by=deputy, request=asked, approve=True, allows_loss=asked.is_older, remark="演练")
    status, said, why = restore(backup)
    assert status == 0, said + why
    done = Restoration.objects.get()
    assert AuditEntry.objects.filter(action="login").count() == 0
    assert settle(done, "--return", "--order", ORDER) == ""
    connections["default"].close()
    assert AuditEntry.objects.filter(action="login").count() == 1
    assert AuditEntry.objects.get(action="restore.returned").detail["restored_file"] == bytes(done.file_digest).hex()
    with open_connection("default") as connection:
        assert verify_audit(connection) == ()
