"""系统检查: one line per matter that has to be well for the site to be trusted; what can't be checked is never called well."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.checks import messages as check_levels
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from certificates.keycheck import KeysDoNotFit, require_fitting_keys
from certificates.models import KeyFingerprint
from certlookup.checks import TAG
from certlookup.roles import Login
from uploads.backup.places import require_own_device
from uploads.backup.tools import BackupError
from uploads.models import Release, VerificationKind
from uploads.models.release import ReleaseState
from uploads.oversight.entitlements import differences
from uploads.oversight.verifying import newest

VERIFIED_AT_LEAST_EVERY = timedelta(days=2)
BACKED_UP_WITHIN = timedelta(hours=6)
WORKER_SILENT_FOR = timedelta(seconds=60)
JOBS_WAIT_AT_MOST = timedelta(minutes=15)
CLOCKS_DIFFER_AT_MOST = timedelta(seconds=2)
LEAST_FREE_BYTES = 2 * 1024**3
NAMED_AT_MOST = 20
_ALIASES = {"owner": "owner", "staff": "default", "public": "public", "rekey": "rekey", "backup": "backup"}


class Condition(StrEnum):
    """How a matter stands, from well to failure."""

    WELL = "well"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One matter: its name in English and Chinese, how it stands, and what was seen, in English."""

    name: str
    label: str
    condition: Condition
    seen: str


Seen = tuple[Condition, str]


def check_system() -> Iterator[Finding]:
    """Look at every matter, in order; one that can't be looked at is a failure with the reason. Reads, writes nothing."""
    for name, label, look in _MATTERS:
        try:
            condition, seen = look()
        except (DatabaseError, OSError) as error:
            condition, seen = Condition.FAILURE, f"can't be looked at: {str(error).splitlines()[0]}"
        yield Finding(name, label, condition, seen)


def worst(findings: "list[Finding]") -> Condition:
    """The gravest condition among them."""
    order = list(Condition)
    return max((finding.condition for finding in findings), key=order.index, default=Condition.WELL)


def _settings() -> Seen:
    found = run_checks(tags=[TAG])
    serious = [message for message in found if message.level >= check_levels.ERROR]
    if found:
        return (Condition.FAILURE if serious else Condition.WARNING), "; ".join(_told(message) for message in found)
    return Condition.WELL, "every setting that has to be there is there"


def _told(message: CheckMessage) -> str:
    return f"{message.id} {message.msg}"


def _migrations() -> Seen:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing)
        return Condition.FAILURE, f"not applied: {names}; run manage.py set_up_database"
    return Condition.WELL, "all are applied"


def _rights() -> Seen:
    logins = {
        work: Login(str(settings.DATABASES[alias]["USER"]), "")
        for work, alias in _ALIASES.items()
        if alias in settings.DATABASES
    }
    found = differences(logins)
    if found:
        more = f"; and {len(found) - NAMED_AT_MOST} more" if len(found) > NAMED_AT_MOST else ""
        return Condition.FAILURE, "; ".join(found[:NAMED_AT_MOST]) + more
    absent = sorted(_ALIASES.keys() - logins.keys())
    if absent:
        return Condition.WARNING, f"as written, but nothing is known here of the roles {', '.join(absent)}"
    return Condition.WELL, "rights, roles, functions and triggers are as written"


def _verification(kind: VerificationKind) -> Seen:
    run = newest().get(kind)
    if run is None:
        return Condition.WARNING, f"never verified; run manage.py verify_{kind}"
    when = f"{timezone.localtime(run.ended_at):%Y-%m-%d %H:%M}"
    if not run.is_clean:
        return Condition.FAILURE, f"{run.difference_count} differences at {when}; publications are stopped"
    if timezone.now() - run.ended_at > VERIFIED_AT_LEAST_EVERY:
        return Condition.WARNING, f"last verified at {when}"
    return Condition.WELL, f"no differences in {run.row_count} rows at {when}"


def _keys() -> Seen:
    try:
        require_fitting_keys()
    except KeysDoNotFit as error:
        return Condition.FAILURE, str(error)
    used = list(KeyFingerprint.objects.filter(retired_at=None).values_list("version", flat=True))
    if len(used) > 1:
        versions = ", ".join(map(str, used))
        return Condition.WARNING, f"ID numbers may be sealed under versions {versions}; run manage.py rotate_keys"
    return Condition.WELL, f"version {used[0]}" if used else "none is noted yet"


def _worker() -> Seen:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat), clock_timestamp() FROM procrastinate_workers")
        heard, now = cursor.fetchone()
    if heard is None or now - heard > WORKER_SILENT_FOR:
        return Condition.FAILURE, "no worker is running; start manage.py work"
    return Condition.WELL, f"heard {(now - heard).total_seconds():.0f} s ago"


def _queue() -> Seen:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE j.status = 'failed'), count(*) FILTER (WHERE j.status = 'todo'), "
            "count(*) FILTER (WHERE j.status = 'todo' AND greatest(j.scheduled_at, e.at) "
            "< clock_timestamp() - make_interval(secs => %s)) FROM procrastinate_jobs j LEFT JOIN "
            "(SELECT job_id, max(at) AS at FROM procrastinate_events GROUP BY job_id) e ON e.job_id = j.id",
            [JOBS_WAIT_AT_MOST.total_seconds()],
        )
        failed, waiting, late = cursor.fetchone()
    if failed or late:
        minutes = JOBS_WAIT_AT_MOST.total_seconds() // 60
        return Condition.WARNING, f"{failed} jobs failed for good, {late} wait for more than {minutes:.0f} minutes"
    return Condition.WELL, f"{waiting} jobs wait"


def _backups() -> Seen:
    due = Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("state_since")
    oldest = due.first()
    if oldest is None:
        return Condition.WELL, "every publication is backed up and proven"
    late = timezone.now() - oldest.state_since > BACKED_UP_WITHIN
    numbers = ", ".join(release.number for release in due)
    return (Condition.FAILURE if late else Condition.WARNING), f"copies are due of {numbers}"


def _places() -> Seen:
    wrong = [problem for place in settings.BACKUP_PLACES if (problem := _problem_of(Path(place)))]
    if wrong:
        return Condition.FAILURE, "; ".join(wrong)
    return Condition.WELL, f"{len(settings.BACKUP_PLACES)} places can be written to"


def _problem_of(place: Path) -> str:
    if not place.is_dir():
        return f"{place} is not there"
    if not os.access(place, os.W_OK):
        return f"{place} can't be written to"
    try:
        require_own_device(place)
    except BackupError:
        return f"{place} is not on a device of its own (BACKUP_SAME_DEVICE=1 permits it)"
    return _too_full(place)


def _disk() -> Seen:
    problem = _too_full(settings.UPLOADS_DIR if settings.UPLOADS_DIR.is_dir() else settings.VAR)
    return (Condition.WARNING, problem) if problem else (Condition.WELL, "there is room for files")


def _too_full(place: Path) -> str:
    free = shutil.disk_usage(place).free
    return f"{place} has {free // 1024**2} MiB left" if free < LEAST_FREE_BYTES else ""


def _clock() -> Seen:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    differ = max(before - theirs, theirs - timezone.now(), timedelta())
    if differ > CLOCKS_DIFFER_AT_MOST:
        return Condition.WARNING, f"the database's clock differs by {differ.total_seconds():.1f} s"
    return Condition.WELL, "this machine and the database agree"


def _register() -> Seen:
    return _verification(VerificationKind.REGISTER)


def _audit() -> Seen:
    return _verification(VerificationKind.AUDIT)


_MATTERS: tuple[tuple[str, str, Callable[[], Seen]], ...] = (
    ("settings", "设置", _settings),
    ("migrations", "数据库结构", _migrations),
    ("rights", "数据库权限、函数与触发器", _rights),
    ("register", "证书库核对", _register),
    ("audit", "审计链核对", _audit),
    ("keys", "密钥", _keys),
    ("worker", "后台任务程序", _worker),
    ("queue", "任务队列", _queue),
    ("backups", "备份", _backups),
    ("backup_places", "备份位置", _places),
    ("disk", "磁盘空间", _disk),
    ("clock", "时钟", _clock),
)
