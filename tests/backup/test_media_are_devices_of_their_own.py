"""Two media are two devices: missing, full, read-only, taken away; real file systems where this user may mount them."""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.backup.leftovers import left_behind
from tests.backup.test_a_killed_backup_counts_for_nothing import PATIENCE, start_backup
from tests.cases import KILLS
from tests.databases import Copy
from tests.make import Cast, make_published_release, make_rows
from uploads import jobs, tasks
from uploads.backup import devices
from uploads.backup.copies import back_up, proof_age
from uploads.backup.devices import disks_of
from uploads.backup.places import require_own_device
from uploads.backup.tools import BackupError
from uploads.models import AuditEntry, BackupProof, Release
from uploads.oversight.roots import store_root

APPEARING = ("*", "certlookup-2*.age")
CASES = max(KILLS, len(APPEARING))


def mount(folder: Path, options: str) -> bool:
    """A file system of its own in the folder; whether this user may."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def take_away(folder: Path) -> None:
    """Like pulling a medium out: the folder is there, the medium isn't."""
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@pytest.fixture
def media() -> Iterator[list[Path]]:
    """Mount points of two media; tests skip nothing, they ask may_mount."""
    with tempfile.TemporaryDirectory(prefix="certlookup-media-") as parent:
        made = [Path(parent) / name for name in ("server-disk", "medium-1", "medium-2")]
        for folder in made:
            folder.mkdir()
        saved = settings.BACKUP_PLACES, settings.BACKUP_SAME_DEVICE
        settings.BACKUP_PLACES, settings.BACKUP_SAME_DEVICE = made, False
        yield made
        settings.BACKUP_PLACES, settings.BACKUP_SAME_DEVICE = saved
        for folder in made:
            while os.path.ismount(folder):
                take_away(folder)


def problems(release: Release) -> dict[str, str]:
    """What is due, by the name of its place."""
    return {Path(copy.place).name: copy.problem for copy in release.copies.filter(state="due")}


def content_of(place: Path) -> dict[str, bytes]:
    """Every file there, by its way from the place, half-written ones too."""
    return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def take_away_once(medium: Path, seen: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Pull it out at that moment of the process's work, or at its end."""
    while not seen() and process.poll() is None:
        time.sleep(0.0005)
    take_away(medium)
    process.wait(PATIENCE)


def moments(medium: Path, seed: int) -> Callable[[], bool]:
    """The first case is the appearance of anything on the medium, the second of a copy; the others are at random."""
    if seed < len(APPEARING):
        return lambda: any(medium.rglob(APPEARING[seed]))
    begun, after = time.monotonic(), random.Random(seed).uniform(0.5, 2.5)
    return lambda: time.monotonic() - begun > after


@pytest.mark.parametrize("seed", range(CASES))
def test_a_medium_that_is_pulled_out_while_it_is_written_counts_only_if_all_is_on_it(
    fresh_database: Copy, media: list[Path], seed: int
) -> None:
    release = make_published_release(Cast(), rows=make_rows(20))
    assert release.publication_id is not None
    store_root(release.publication_id)
    _disk, first, second = media
    if not (mount(first, "size=8m") and mount(second, "size=8m")):
        assert not os.environ.get("TEST_DRILL"), "make test-full needs the right to mount file systems"
        return
    # Mounted a second time, it is still to be seen after it was pulled out.
    pulled_out = media[0].parent / "pulled-out"
    pulled_out.mkdir()
    subprocess.run(["mount", "--bind", second, pulled_out], check=True)
    process = start_backup(fresh_database, media, release, BACKUP_SAME_DEVICE="0")
    try:
        take_away_once(second, moments(second, seed), process)
        assert list(second.iterdir()) == [], "nothing is written where the medium was"
        release.refresh_from_db()
        if release.state == "backed_up":
            assert content_of(pulled_out) == content_of(first), "all was on it before it was pulled out"
        else:
            assert list(problems(release)) == ["medium-2"]
            assert content_of(first) == content_of(media[0])
        subprocess.run(["mount", "--bind", pulled_out, second], check=True)
        back_up(release.id)
        release.refresh_from_db()
        assert (release.state, problems(release)) == ("backed_up", {})
        assert content_of(second) == content_of(first)
        assert left_behind(fresh_database, media) == []
    finally:
        take_away(second)
        take_away(pulled_out)


def test_media_fail_and_come_back_one_after_the_other(fresh_database: Copy, media: list[Path]) -> None:
    release = make_published_release(Cast(), rows=make_rows(20))
    assert release.publication_id is not None
    store_root(release.publication_id)
    _disk, first, second = media
    if not mount(first, "size=8m"):
        # Without the right to mount, all three lie on one disk, which is just what is refused.
        back_up(release.id)
        assert set(problems(release)) == {"medium-1", "medium-2"}
        return

    # The second medium isn't plugged in: its mount point lies on the server's own disk.
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    assert list(problems(release)) == ["medium-2"]
    assert "服务器自己的磁盘" in problems(release)["medium-2"]
    assert list(second.iterdir()) == []
    written = content_of(first)
    said = AuditEntry.objects.filter(action="release.backed_up").count()

    # The timer tries again; what stays the same is said once.
    ProcrastinateJob.objects.filter(task_name=jobs.FINISH_PUBLICATION).delete()
    tasks.retry_due_copies(timestamp=0)
    assert jobs.is_queued(jobs.FINISH_PUBLICATION, release_id=release.id)
    back_up(release.id)
    assert AuditEntry.objects.filter(action="release.backed_up").count() == said

    # Too small: nothing half-written stays, and the first copy is as it was.
    assert mount(second, "size=16k")
    back_up(release.id)
    assert problems(release) == {"medium-2": "空间不足。"}
    assert set(content_of(second)) <= {name for name in written if name.startswith("certlookup-files/")}
    take_away(second)

    # Read-only.
    assert mount(second, "size=8m,ro")
    back_up(release.id)
    assert problems(release) == {"medium-2": "介质是只读的。"}
    take_away(second)

    # There at last: the same proven file, not another dump.
    assert mount(second, "size=8m")
    back_up(release.id)
    release.refresh_from_db()
    assert (release.state, problems(release)) == ("backed_up", {})
    assert BackupProof.objects.count() == 1
    assert content_of(first) == content_of(second) == written
    assert left_behind(fresh_database, media) == []
    age = proof_age(timezone.now())
    assert age is not None
    assert (age.days, age.is_old) == (0, False)


def test_two_places_on_one_medium_are_one_medium(media: list[Path]) -> None:
    disk, first, _second = media
    if not mount(first, "size=1m"):
        with pytest.raises(BackupError):
            require_own_device(first)
        return
    inside = first / "second"
    inside.mkdir()
    settings.BACKUP_PLACES = [disk, first, inside]
    require_own_device(disk)
    require_own_device(first)
    with pytest.raises(BackupError, match="同一个设备"):
        require_own_device(inside)
    settings.BACKUP_SAME_DEVICE = True
    require_own_device(inside)


def test_partitions_and_encrypted_volumes_count_as_the_disk_below_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = os.stat(tmp_path).st_dev
    disk, partition = tmp_path / "sdb", tmp_path / "sdb" / "sdb1"
    volume = tmp_path / "dm-0"
    for folder, device in ((disk, "8:16"), (partition, "8:17"), (volume, "253:0")):
        folder.mkdir(exist_ok=True)
        (folder / "dev").write_text(device)
    (partition / "partition").write_text("1")
    (volume / "slaves").mkdir()
    (volume / "slaves" / "sdb1").symlink_to(partition)
    known = tmp_path / "known"
    known.mkdir()
    (known / f"{os.major(number)}:{os.minor(number)}").symlink_to(volume)
    (known / "8:17").symlink_to(partition)
    (known / "8:16").symlink_to(disk)
    monkeypatch.setattr(devices, "BLOCK_DEVICES", known)
    assert disks_of(tmp_path) == {"8:16"}
