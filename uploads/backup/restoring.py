"""Restoring a copy over what is there: verified beside it, ordered by a leader, exchanged in one transaction (R13).

A kill at any moment leaves the state before or the state after, whole; the same command, run again, goes on from there.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from certlookup.databases import as_owner
from certlookup.roles import SCHEMA, WORKING_ROLES, apply_rights, logins
from uploads.backup.files import KeptFiles, named, sent_files
from uploads.backup.losses import Losses, compare, is_empty
from uploads.backup.places import FILES, digest_of
from uploads.backup.proof import MANIFEST_SUFFIX, read_manifest
from uploads.backup.restore import identities_in
from uploads.backup.restores import REQUEST_LASTS
from uploads.backup.scratch import workshop
from uploads.backup.staged import (
    ADVISORY_CLASS,
    OWNER,
    STAGING,
    forget_staged,
    gather_statistics,
    owner_connection,
    stage,
    verify_staged,
)
from uploads.backup.tools import BackupError, find_tools
from uploads.models import Restoration, RestoreRequest
from uploads.oversight.audit import record
from uploads.worker import ADVISORY_CLASS as WORKER_LOCK

ASIDE = f"{SCHEMA}_aside_"
LOCK_SECONDS = 60
# Whoever only reads goes on meanwhile; counters of lookups and the queue's heartbeats may be written.
_NOT_LOCKED = ("rate_counter", "procrastinate_events", "procrastinate_workers", "procrastinate_periodic_defers")
LONGEST_ORDER = 500
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Copy:
    """The file that is restored, by its name and SHA-256, and the order under which it is."""

    name: str
    digest: bytes
    order: str


class NotOrdered(Exception):
    """The leader has still to decide, or has declined; the sentence says which."""


def restore_backup(file: Path, identity_file: Path, order: str, say: Say) -> None:
    """Put the copy in the place of the live data. Raises BackupError (nothing was changed) or NotOrdered (nor was it)."""
    order = order.strip()
    if not order or len(order) > LONGEST_ORDER:
        raise BackupError(f"--order names the leader's order, in 1 to {LONGEST_ORDER} characters.")
    with _alone():
        try:
            copy = Copy(file.name[:120], digest_of(file), order)
        except OSError as error:
            raise BackupError(f"{file} can't be read: {error.strerror}.") from error
        if _is_done(copy):
            say("This copy has been restored under this order already.")
            return
        _stage_and_verify(file, identity_file, copy, say)
        gather_statistics()
        with owner_connection(SCHEMA) as connection:
            live_is_empty = is_empty(connection, SCHEMA)
            losses = None if live_is_empty else compare(connection, live=SCHEMA, copy=STAGING)
        if losses is None:
            say("There are no live data here.")
        else:
            for line in losses.lines():
                say(line)
        request = _require_order(copy, losses) if losses else None
        # Before the exchange: whoever is killed in between runs it again, and nothing is taken from the live data.
        _put_files_back(file, identity_file, say)
        _exchange(copy, losses, request, say)


@contextmanager
def _alone() -> Iterator[None]:
    """One restore at a time; held as long as this process lives."""
    with owner_connection(SCHEMA) as connection:
        (got,) = connection.execute("SELECT pg_try_advisory_lock(%s, 0)", [ADVISORY_CLASS]).fetchone() or (False,)
        if not got:
            raise BackupError("Another restore is running; wait for its end.")
        yield


def _has_table(name: str) -> bool:
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.{name}"])
        return bool(cursor.fetchone()[0])


def _is_done(copy: Copy) -> bool:
    """Whether a run that ended before it could say so, or an earlier one, has done it."""
    if not _has_table("restoration"):
        return False
    done = Restoration.objects.using(OWNER).filter(file_digest=copy.digest, order_text=copy.order)
    return done.exists()


def _stage_and_verify(file: Path, identity_file: Path, copy: Copy, say: Say) -> None:
    manifest = file.with_name(file.name + MANIFEST_SUFFIX)
    stated = read_manifest(manifest) if manifest.exists() else None
    if stated is None:
        say("There is no manifest beside the file: it is compared with nothing but itself.")
    elif stated[0] != copy.digest.hex():
        raise BackupError(f"{file.name}: the SHA-256 is not the one in the manifest.")
    with workshop() as shop:
        dump = shop.folder / "register.dump"
        say("Decrypting ...")
        try:
            pyrage.decrypt_file(str(file), str(dump), identities_in(identity_file))
        except OSError as error:
            raise BackupError(f"{file} can't be read to its end: {error.strerror or error}.") from error
        except pyrage.DecryptError as error:
            raise BackupError(f"{file} does not open with this key, or was damaged: {error}.") from error
        say("Restoring beside the live data ...")
        stage(find_tools(shop.connection.info.server_version), dump, copy.digest)
    say("Recomputing register and audit trail ...")
    try:
        verify_staged(stated[1] if stated else None)
    except BackupError:
        forget_staged()
        raise


def _put_files_back(file: Path, identity_file: Path, say: Say) -> None:
    """The uploaded files that the copy's rows name and that aren't on this server, from beside the copy."""
    with owner_connection(STAGING) as connection:
        files = sent_files(connection.cursor())
    put, missing = KeptFiles(file, identities_in(identity_file)).put_back(files)
    say(
        f"Uploaded files of that state: {len(files)}; {put} were put back, {len(files) - put - len(missing)} were here."
    )
    if missing:
        say(
            f"{len(missing)} of them are neither here nor whole in {file.parent / FILES}: {named(missing)}. "
            "Their rows are all restored; the pages say that the file is missing."
        )


def _require_order(copy: Copy, losses: Losses) -> RestoreRequest:
    """The deputy director's order for exactly this: this file, these words, these losses. Raises NotOrdered, BackupError."""
    if not _has_table("restore_request"):
        raise BackupError("The live database is of an older version; run manage.py set_up_database first.")
    since = timezone.now() - REQUEST_LASTS
    asked = (
        RestoreRequest.objects.using(OWNER)
        .filter(file_digest=copy.digest, order_text=copy.order, losses_digest=losses.digest(), used_at=None)
        .filter(requested_at__gt=since)
        .order_by("-id")
        .first()
    )
    if asked is not None and asked.approved:
        return asked
    if asked is not None and asked.approved is False:
        raise NotOrdered(f"The deputy director has declined request {asked.pk}: {asked.remark}")
    if asked is None:
        with as_owner(), transaction.atomic(using=OWNER):
            asked = RestoreRequest.objects.create(
                file_name=copy.name,
                file_digest=copy.digest,
                order_text=copy.order,
                is_older=losses.is_older,
                losses=losses.as_json(),
                losses_digest=losses.digest(),
                requested_at=timezone.now(),
            )
            record(
                by=None,
                action="restore.requested",
                subject_kind="restore",
                subject_id=str(asked.pk),
                detail={"file": copy.digest.hex(), "order": copy.order, "is_older": losses.is_older},
            )
    raise NotOrdered(
        f"Live data are only replaced by the deputy director's order: it waits as request {asked.pk} on the page "
        "备份 → 恢复. When it is given, run the same command again."
    )


def _exchange(copy: Copy, losses: Losses | None, request: RestoreRequest | None, say: Say) -> None:
    """One transaction: the live schema steps aside, the staged one takes its name, rights and entry with it."""
    if request is not None:
        _note_beginning(copy, request)
    aside = f"{ASIDE}{timezone.now():%Y%m%d%H%M%S}"
    ordered_by = ""
    if request is not None and request.decided_by is not None:
        ordered_by = f"{request.decided_by.name}（{request.decided_by.staff_number}）"
    patience = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with as_owner(), transaction.atomic(using=OWNER):
                _hold_writers_off()
                now = _losses_now(losses)
                if request is not None:
                    RestoreRequest.objects.filter(pk=request.pk).update(used_at=timezone.now())
                kept = rename_schemas(SCHEMA, aside, STAGING)
                _note_restored(copy, now, ordered_by, aside if kept else "")
            break
        except _WorkerIsBusy:
            if time.monotonic() > patience:
                raise BackupError(
                    "The worker is in the middle of a job; stop it, or wait, and run this again."
                ) from None
            time.sleep(1)
        except DatabaseError as error:
            # Somebody who writes held us up, or we them: one of the two gives way, and nothing was changed.
            if time.monotonic() > patience or getattr(error.__cause__, "sqlstate", "") not in {"40P01", "55P03"}:
                raise BackupError(f"The exchange did not come about: {str(error).splitlines()[0]}") from error
    connections[OWNER].close()
    say("Restored." + (f" The state before lies in the schema {aside}; manage.py settle_restore." if kept else ""))


class _WorkerIsBusy(Exception):
    """A job runs that would go on writing into another state."""


def _note_beginning(copy: Copy, request: RestoreRequest) -> None:
    """In the trail that steps aside."""
    with as_owner(), transaction.atomic(using=OWNER):
        record(
            by=None,
            action="restore.begun",
            subject_kind="restore",
            subject_id=str(request.pk),
            detail={"file": copy.digest.hex(), "order": copy.order},
        )


def _hold_writers_off() -> None:
    """Nobody writes from here to the end of the transaction; raises _WorkerIsBusy."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' ORDER BY relname",
            [SCHEMA],
        )
        names = [f'{SCHEMA}."{name}"' for (name,) in cursor.fetchall() if name not in _NOT_LOCKED]
        if not names:
            return
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'doing') AND EXISTS (SELECT FROM pg_locks "
            "WHERE locktype = 'advisory' AND classid = %s AND granted AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()))",
            [WORKER_LOCK],
        )
        if cursor.fetchone()[0]:
            raise _WorkerIsBusy


def _losses_now(ordered: Losses | None) -> Losses | None:
    """Once more, now that nobody writes; raises BackupError if something grave was added since the order."""
    connection = connections[OWNER].connection
    if ordered is None:
        if not is_empty(connection, SCHEMA):
            raise BackupError("There are live data now; run this again.")
        return None
    now = compare(connection, live=SCHEMA, copy=STAGING)
    if now.digest() != ordered.digest():
        raise BackupError("Something was added to the live data meanwhile; run this again for a new order.")
    return now


def rename_schemas(present: str, aside: str, successor: str) -> bool:
    """The present schema (whether there was one) is called `aside`, for the owner alone; the successor gets name and rights."""
    wanted = logins()
    roles = ", ".join('"' + wanted[work].name.replace('"', '""') + '"' for work in WORKING_ROLES)
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [present])
        kept = bool(cursor.fetchone()[0])
        if kept:
            cursor.execute(f"ALTER SCHEMA {present} RENAME TO {aside}")
            cursor.execute(f"REVOKE ALL ON SCHEMA {aside} FROM PUBLIC, {roles}")
        cursor.execute(f"ALTER SCHEMA {successor} RENAME TO {SCHEMA}")
        cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS NULL")
    apply_rights(connections[OWNER], wanted)
    return kept


def _note_restored(copy: Copy, losses: Losses | None, ordered_by: str, aside: str) -> None:
    """In the restored state: everybody logs in anew, and the trail goes on with what was done and what was lost."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    lost = losses.as_json() if losses else {}
    if _has_table("restoration"):
        Restoration.objects.create(
            order_text=copy.order,
            ordered_by=ordered_by,
            file_name=copy.name,
            file_digest=copy.digest,
            restored_at=timezone.now(),
            aside=aside,
            losses=lost,
        )
    record(
        by=None,
        action="restore.done",
        subject_kind="restore",
        subject_id=aside[:40],
        detail={"file": copy.digest.hex(), "order": copy.order, "ordered_by": ordered_by, "lost": lost},
    )


def remove_aside(restoration_id: int) -> str:
    """Drop the state that a confirmed restore put aside; its schema's name. Raises BackupError, Refusal."""
    with as_owner(), transaction.atomic(using=OWNER):
        done = _restoration(restoration_id)
        if done.confirmed_at is None:
            raise BackupError("The deputy director hasn't confirmed this restore yet (备份 → 恢复).")
        # Refused by the database while an incident may be a crime.
        Restoration.objects.filter(pk=done.pk).update(aside_removed_at=timezone.now())
        with connections[OWNER].cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {done.aside} CASCADE")
        record(by=None, action="restore.aside_removed", subject_kind="restore", subject_id=done.aside[:40])
        return done.aside


def return_aside(restoration_id: int, order: str) -> str:
    """Before it is confirmed: put the former state back; where the restored one lies then. Raises BackupError."""
    aside = f"{SCHEMA}_undone_{timezone.now():%Y%m%d%H%M%S}"
    with as_owner(), transaction.atomic(using=OWNER):
        done = _restoration(restoration_id)
        if done.confirmed_at is not None:
            raise BackupError("This restore is confirmed; the way back is another restore.")
        _hold_writers_off()
        losses = compare(connections[OWNER].connection, live=SCHEMA, copy=done.aside)
        rename_schemas(SCHEMA, aside, done.aside)
        with connections[OWNER].cursor() as cursor:
            cursor.execute("DELETE FROM django_session")
        record(
            by=None,
            action="restore.returned",
            subject_kind="restore",
            subject_id=aside[:40],
            detail={"order": order, "restored_file": bytes(done.file_digest).hex(), "lost": losses.as_json()},
        )
    connections[OWNER].close()
    return aside


def _restoration(restoration_id: int) -> Restoration:
    done = Restoration.objects.filter(pk=restoration_id).first() if _has_table("restoration") else None
    if done is None:
        raise BackupError(f"There is no restore {restoration_id} in the live data.")
    if not done.aside or done.aside_removed_at is not None or not done.aside.startswith(ASIDE):
        raise BackupError("Nothing lies aside of this restore any more.")
    return done
