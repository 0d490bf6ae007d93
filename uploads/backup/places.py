"""One copy in one place: whole, on the medium, read back and equal, or not there."""

import contextlib
import errno
import fcntl
import hashlib
import os
from pathlib import Path

from django.conf import settings

from uploads.backup.devices import disks_of
from uploads.backup.tools import BackupError

CHUNK_BYTES = 1 << 20
PART = ".part"
# In every place: the files that were sent, for all backups there.
FILES = "certlookup-files"

_PROBLEMS = {
    errno.ENOENT: "位置不存在，介质可能没有接上。",
    errno.ENOTDIR: "位置不是文件夹。",
    errno.EROFS: "介质是只读的。",
    errno.EACCES: "没有写入权限，或介质是只读的。",
    errno.EPERM: "没有写入权限，或介质是只读的。",
    errno.ENOSPC: "空间不足。",
    errno.EDQUOT: "超出空间配额。",
    errno.EFBIG: "文件超过介质允许的大小。",
    errno.EIO: "读写出错，介质可能已损坏或被拔出。",
    errno.ENODEV: "介质已被拔出。",
    errno.ESTALE: "网络位置已断开。",
}


def problem(error: OSError) -> str:
    """What the network administrator reads about a place that failed."""
    return _PROBLEMS.get(error.errno or 0, f"写入没有成功：{error.strerror or type(error).__name__}。")


def place_name(place: Path | str) -> str:
    """What a place is called on pages: the server's disk, or which medium's place by its folder's own name."""
    places = [Path(known) for known in settings.BACKUP_PLACES]
    place = Path(place)
    if place in places[:1]:
        return "服务器磁盘"
    return f"介质位置 {places.index(place)}（{place.name}）" if place in places else f"原位置（{place.name}）"


def prepare(place: Path) -> None:
    """Make a place of our own below var/; a medium that isn't there is never made, as it would be its mount point.

    Raises OSError, or BackupError if a medium's place is on a disk that isn't the medium's own.
    """
    if place.is_relative_to(settings.VAR):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not place.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    require_own_device(place)
    _remove_parts(place)


def require_own_device(place: Path) -> None:
    """Every place but the first is a medium: another device than the server's disks and the media named before it.

    A mount point whose medium was taken away lies on the server's disk, which is noticed here. Raises BackupError.
    """
    before = settings.BACKUP_PLACES[: settings.BACKUP_PLACES.index(place)] if place in settings.BACKUP_PLACES else []
    if settings.BACKUP_SAME_DEVICE or not before:
        return
    disks = disks_of(place)
    for ours in (Path("/"), settings.VAR, before[0]):
        if ours.exists() and disks & disks_of(ours):
            raise BackupError("位置在服务器自己的磁盘上：介质可能没有接上，或没有挂载到这里。")
    for other in before[1:]:
        if other.exists() and disks & disks_of(other):
            raise BackupError(f"与{place_name(other)}在同一个设备上，两份介质须是不同的设备。")


def write_copy(source: Path, place: Path, *, digest: bytes) -> None:
    """Copy `source` into the place under its own name and compare what the medium gives back with `digest` (SHA-256).

    Temp name, fsync, rename, fsync of the folder: under its own name stands the whole file or none. Raises OSError,
    or BackupError if the medium gives back something else, which is then removed.
    """
    target = place / source.name
    part = place / f".{source.name}{PART}"
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written, source.open("rb") as read:
            # Tells others that this part isn't one that a killed run left behind.
            fcntl.flock(written, fcntl.LOCK_EX)
            while chunk := read.read(CHUNK_BYTES):
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
            part.rename(target)
        sync_folder(place)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    if digest_of(target) != digest:
        with contextlib.suppress(OSError):
            target.unlink()
        raise BackupError("读回的内容与写入的不一致，介质可能已损坏。")


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file as the medium has it: what the system still remembers of it is forgotten first."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.digest()


def sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_parts(place: Path) -> None:
    """Remove parts that nobody is writing any more."""
    for part in (*place.glob(f".certlookup-*{PART}"), *(place / FILES).glob(f".*{PART}")):
        with contextlib.suppress(OSError), part.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
