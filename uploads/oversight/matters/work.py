"""The work behind the pages: verifications, worker, queue, backups and their proof, disks."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from uploads.backup.files import named, sent_files
from uploads.backup.places import require_own_device
from uploads.backup.tools import BackupError
from uploads.intake.storage import path_of
from uploads.models import Attempt, BackupCopy, BackupProof, Release, VerificationKind
from uploads.models.backup import CopyState
from uploads.models.release import ReleaseState
from uploads.oversight.matters import Condition, Seen, failure, moment, warning, well
from uploads.oversight.verifying import newest

VERIFIED_AT_LEAST_EVERY = timedelta(days=2)
BACKED_UP_WITHIN = timedelta(hours=6)
# A publication is due every half-month; holidays move it by a week or so.
OLDEST_BACKUP = timedelta(days=30)
OLDEST_PROOF = timedelta(days=30)
WORKER_SILENT_FOR = timedelta(seconds=60)
JOBS_WAIT_AT_MOST = timedelta(minutes=15)
LEAST_FREE_BYTES = 2 * 1024**3
# In a place for copies: so many more like the newest one, and before there is one, or while they are small, this much.
ROOM_FOR_BACKUPS = 2
ROOM_AT_LEAST = 256 * 1024**2


def _look_at_verification(kind: VerificationKind) -> Seen:
    run = newest().get(kind)
    if run is None:
        return warning(f"never verified; run manage.py verify_{kind}", f"从未核对；请运行 manage.py verify_{kind}")
    when = moment(run.ended_at)
    if not run.is_clean:
        return failure(
            f"{run.difference_count} differences at {when}; publications are stopped",
            f"{when} 核对有 {run.difference_count} 处不一致，已停止上网",
        )
    if timezone.now() - run.ended_at > VERIFIED_AT_LEAST_EVERY:
        return warning(f"last verified at {when}", f"上一次核对是 {when}，已超过 {VERIFIED_AT_LEAST_EVERY.days} 天")
    return well(f"no differences in {run.row_count} rows at {when}", f"{when} 核对 {run.row_count} 条，没有不一致")


def look_at_register() -> Seen:
    """The newest full recomputation of the register."""
    return _look_at_verification(VerificationKind.REGISTER)


def look_at_audit() -> Seen:
    """The newest full recomputation of the audit trail."""
    return _look_at_verification(VerificationKind.AUDIT)


def look_at_worker() -> Seen:
    """Whether somebody does the jobs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat), clock_timestamp() FROM procrastinate_workers")
        heard, now = cursor.fetchone()
    if heard is None or now - heard > WORKER_SILENT_FOR:
        return failure("no worker is running; start manage.py work", "后台任务程序没有运行；请启动 manage.py work")
    seconds = (now - heard).total_seconds()
    return well(f"heard {seconds:.0f} s ago", f"{seconds:.0f} 秒前有响应")


def look_at_queue() -> Seen:
    """Jobs that failed for good, and jobs that nobody takes up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE j.status = 'failed'), count(*) FILTER (WHERE j.status = 'todo'), "
            "count(*) FILTER (WHERE j.status = 'todo' AND greatest(j.scheduled_at, e.at) "
            "< clock_timestamp() - make_interval(secs => %s)), "
            "max(clock_timestamp() - greatest(j.scheduled_at, e.at)) FILTER (WHERE j.status = 'todo' "
            "AND greatest(j.scheduled_at, e.at) < clock_timestamp()) FROM procrastinate_jobs j LEFT JOIN "
            "(SELECT job_id, max(at) AS at FROM procrastinate_events GROUP BY job_id) e ON e.job_id = j.id",
            [JOBS_WAIT_AT_MOST.total_seconds()],
        )
        failed, waiting, late, oldest = cursor.fetchone()
    if failed or late:
        minutes = JOBS_WAIT_AT_MOST.total_seconds() // 60
        return warning(
            f"{failed} jobs failed for good, {late} wait for more than {minutes:.0f} minutes",
            f"{failed} 个任务最终失败，{late} 个任务等待超过 {minutes:.0f} 分钟",
        )
    seconds = oldest.total_seconds() if oldest else 0
    return well(
        f"{waiting} jobs wait, the oldest that is due for {seconds:.0f} s",
        f"{waiting} 个任务等待，到期的最久等了 {seconds:.0f} 秒",
    )


def look_at_backups() -> Seen:
    """What is published and not yet backed up, and how old the newest verified copies are."""
    due = Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("state_since")
    oldest = due.first()
    if oldest is not None:
        late = timezone.now() - oldest.state_since > BACKED_UP_WITHIN
        numbers = ", ".join(release.number for release in due)
        return (failure if late else warning)(f"copies are due of {numbers}", f"{numbers} 的备份还没有做完")
    copy = BackupCopy.objects.filter(state=CopyState.VERIFIED).order_by("-written_at").first()
    if copy is None or copy.written_at is None:
        return well("nothing is published that would have to be backed up", "还没有上网的数据需要备份")
    if timezone.now() - copy.written_at > OLDEST_BACKUP:
        return warning(f"the newest copies are of {moment(copy.written_at)}", f"最近的备份是 {moment(copy.written_at)}")
    return well(
        f"every publication is backed up and proven, the newest copy of {moment(copy.written_at)}",
        f"每次上网都已备份并核验，最近的备份是 {moment(copy.written_at)}",
    )


def look_at_proofs() -> Seen:
    """How long ago a backup was last proven by restoring it."""
    proof = BackupProof.objects.order_by("-proven_at").first()
    if proof is None:
        if Release.objects.filter(state=ReleaseState.BACKED_UP).exists():
            return failure("no backup was ever restored to prove it", "还没有以恢复核验过备份")
        if Release.objects.filter(state=ReleaseState.PUBLISHED).exists():
            return warning("the first backup isn't proven yet", "第一份备份还没有核验")
        return well("nothing is published that would have to be proven", "还没有上网的数据需要核验")
    when, seconds = moment(proof.proven_at), proof.seconds
    if timezone.now() - proof.proven_at > OLDEST_PROOF:
        return warning(
            f"last restored to prove it at {when}", f"上一次恢复核验是 {when}，已超过 {OLDEST_PROOF.days} 天"
        )
    return well(f"restored and compared at {when} in {seconds:.0f} s", f"{when} 恢复并核验，用时 {seconds:.0f} 秒")


def look_at_places() -> Seen:
    """Whether every place for copies can be written to, and has room for the next and the one after."""
    needed = _next_backup_bytes()
    seen = [_look_at_place(Path(place), needed) for place in settings.BACKUP_PLACES]
    wrong = [found for found in seen if found.condition != Condition.WELL]
    if wrong:
        told = "; ".join(found.english for found in wrong), "；".join(found.chinese for found in wrong)
        return (failure if Condition.FAILURE in {found.condition for found in wrong} else warning)(*told)
    count = len(seen)
    return well(
        f"{count} places can be written to and have room for {ROOM_FOR_BACKUPS} more backups",
        f"{count} 处都可以写入，空间够再备份 {ROOM_FOR_BACKUPS} 次",
    )


def _next_backup_bytes() -> int:
    """What the next publication will bring to each place, if it is like the newest: the dump, and the files sent for it."""
    proof = BackupProof.objects.order_by("-proven_at").first()
    if proof is None:
        return 0
    files = Attempt.objects.filter(batch__release_items__release=proof.release_id, batch__release_items__left_at=None)
    return proof.byte_count + int(files.aggregate(all=Sum("byte_count", default=0))["all"])


def _look_at_place(place: Path, needed: int) -> Seen:
    problem = _problem_of(place)
    if problem is not None:
        return failure(*problem)
    free = shutil.disk_usage(place).free
    if free >= max(ROOM_FOR_BACKUPS * needed, ROOM_AT_LEAST):
        return well(f"{place} has {_mib(free)} left", f"{place} 剩 {_mib(free)}")
    told = f"{place} has {_mib(free)} left, and a backup takes about {_mib(needed)}"
    said = f"{place} 只剩 {_mib(free)}，每次备份约需 {_mib(needed)}"
    if free < needed:
        return failure(f"{told}: the next one won't fit", f"{said}，下一次备份放不下")
    return warning(f"{told}: exchange it or make room soon", f"{said}，请尽快更换或腾出空间")


def _mib(count: int) -> str:
    """Rounded up: whatever there is takes a MiB at least."""
    return f"{-(-count // 1024**2)} MiB"


def _problem_of(place: Path) -> tuple[str, str] | None:
    if not place.is_dir():
        return f"{place} is not there", f"{place} 不在"
    if not os.access(place, os.W_OK):
        return f"{place} can't be written to", f"{place} 不能写入"
    try:
        require_own_device(place)
    except BackupError:
        return (
            f"{place} is not on a device of its own (BACKUP_SAME_DEVICE=1 permits it)",
            f"{place} 不在单独的设备上（BACKUP_SAME_DEVICE=1 表示允许）",
        )
    return None


def look_at_files() -> Seen:
    """Whether every file that was sent lies on the server; what is lost comes back with restore_backup."""
    with connection.cursor() as cursor:
        names = [file.name for file in sent_files(cursor)]
    lost = [name for name in names if not path_of(name).is_file()]
    if lost:
        return failure(
            f"{len(lost)} of {len(names)} uploaded files are missing: {named(lost)}",
            f"{len(names)} 个上报文件中缺少 {len(lost)} 个：{named(lost)}",
        )
    return well(f"all {len(names)} uploaded files are there", f"{len(names)} 个上报文件都在")


def look_at_disk() -> Seen:
    """Room for files."""
    place = settings.UPLOADS_DIR if settings.UPLOADS_DIR.is_dir() else settings.VAR
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        return warning(f"{place} has {_mib(free)} left", f"{place} 只剩 {_mib(free)}")
    return well(f"{_mib(free)} are free for files", f"文件可用空间 {_mib(free)}")
