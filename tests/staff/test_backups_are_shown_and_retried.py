"""备份: every copy with its place, time and proof; what is due stands out and is tried again by whose part it is."""

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.make import Cast, make_published_release
from tests.staff.make import address, sign_in, text_of
from uploads import jobs
from uploads.models import AuditEntry, BackupCopy, BackupProof, Release
from uploads.models.backup import CopyState

pytestmark = pytest.mark.django_db
PROBLEM = "无法写入：设备上没有空间"


def make_copies(release: Release, *, due: int) -> None:
    """Three copies from one proof, the last `due` of which couldn't be written."""
    proof = BackupProof.objects.create(
        release=release,
        file_name="certlookup-1.dump.age",
        proven_at=timezone.now(),
        seconds=41.26,
        certificate_count=3,
        publication_count=1,
        root=bytes(32),
        audit_number=1,
        audit_hash=bytes(32),
        encrypted_digest=bytes(32),
        byte_count=1,
    )
    for number in range(3):
        copy = BackupCopy(release=release, place=f"/media/medium-{number}", state=CopyState.DUE, problem=PROBLEM)
        if number < 3 - due:
            copy.state, copy.problem, copy.proof, copy.written_at = CopyState.VERIFIED, "", proof, timezone.now()
        copy.save()


def forget_the_queued_work() -> None:
    """As after a run that has done what it could."""
    ProcrastinateJob.objects.filter(task_name=jobs.FINISH_PUBLICATION).delete()


def test_copies_are_shown_with_place_time_and_the_proof_by_restore() -> None:
    cast = Cast()
    release = make_published_release(cast)
    make_copies(release, due=0)
    shown = text_of(sign_in(cast.deputy_director).get("/staff/backups/"))
    assert "3 / 3 份" in shown
    assert "用时 41.3 秒" in shown
    assert "原位置（medium-2）" in shown
    assert "/media" not in shown
    page = text_of(sign_in(cast.deputy_director).get(address(release)))
    assert "原位置（medium-2）：已核对" in page
    assert "用时 41.3 秒" in page


def test_a_due_copy_stands_out_with_what_went_wrong_and_is_retried() -> None:
    cast = Cast()
    release = make_published_release(cast)
    make_copies(release, due=1)
    forget_the_queued_work()
    client = sign_in(cast.network_administrator)
    shown = text_of(client.get("/staff/backups/"))
    assert "1 次上网的备份还没有完成" in shown
    assert "2 / 3 份" in shown
    assert PROBLEM in shown
    answer = client.post(f"/staff/backups/{release.id}/retry/", follow=True)
    assert "已重新开始备份" in text_of(answer)
    assert "正在备份" in text_of(answer)
    assert jobs.is_queued(jobs.FINISH_PUBLICATION, release_id=release.id)
    assert AuditEntry.objects.filter(action="release.backup_retried", outcome="done").count() == 1


def test_only_the_network_administrator_retries() -> None:
    cast = Cast()
    release = make_published_release(cast)
    make_copies(release, due=3)
    forget_the_queued_work()
    for actor in (cast.operator, cast.provincial_operator, cast.department_head, cast.deputy_director):
        client = sign_in(actor)
        assert "/retry/" not in client.get("/staff/backups/").content.decode()
        assert client.post(f"/staff/backups/{release.id}/retry/").status_code == 403
    assert not jobs.is_queued(jobs.FINISH_PUBLICATION, release_id=release.id)


def test_the_release_says_that_a_backup_is_missing() -> None:
    cast = Cast()
    release = make_published_release(cast)
    make_copies(release, due=3)
    forget_the_queued_work()
    shown = text_of(sign_in(cast.department_head).get(address(release)))
    assert "0 / 3 份已核对" in shown
    assert PROBLEM in shown
