"""The files that were sent, beside the dump: each encrypted once, never overwritten, only what is new since the last backup.

A dump names the files that belong to its rows, with their SHA-256. In every place they lie in one folder for all backups
there, so that each publication adds its own and nothing is written twice.
"""

import contextlib
import errno
import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyrage
from django.conf import settings
from django.db.backends.utils import CursorWrapper

from uploads.backup.places import FILES, digest_of, sync_folder, write_copy
from uploads.backup.tools import BackupError
from uploads.intake.storage import path_of

logger = logging.getLogger(__name__)

SUFFIX = ".age"
DAMAGED = ".damaged"
# Enough of the encrypted file's own digest to tell two encryptions of one file apart.
_MARK = 16
_NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a row of the database names: its generated name and its SHA-256."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A sent file as it lies in every place: encrypted, under a name that holds the beginning of its own SHA-256."""

    name: str
    copy: str
    sha256: str
    bytes: int

    def lies_in(self, place: Path) -> bool:
        """Whether it is there and as long as it was when it was read back and compared."""
        with contextlib.suppress(OSError):
            return (place / FILES / self.copy).stat().st_size == self.bytes
        return False


def sent_files(cursor: psycopg.Cursor[Any] | CursorWrapper) -> tuple[SentFile, ...]:
    """Every file that the cursor's database says was sent: spreadsheets, and scans of what was signed on paper."""
    cursor.execute(
        "SELECT stored_name, encode(file_digest, 'hex') FROM attempt WHERE stored_name <> '' "
        "UNION SELECT scan_stored_name, encode(scan_digest, 'hex') FROM paper_sheet WHERE scan_stored_name <> '' "
        "ORDER BY 1"
    )
    return tuple(SentFile(name, digest) for name, digest in cursor.fetchall())


def encrypt_new(
    files: Iterable[SentFile], known: Mapping[str, FileCopy], folder: Path, recipient: pyrage.x25519.Recipient
) -> tuple[list[FileCopy], list[str]]:
    """All files as copies: the known ones as they are, the others encrypted into the folder; and the names of those lost.

    A file that is gone or was changed is not what somebody signed; it is named, and holds up nobody.
    """
    copies, lost = [], []
    folder.mkdir(exist_ok=True)
    for file in files:
        if file.name in known:
            copies.append(known[file.name])
            continue
        source = path_of(file.name)
        try:
            if digest_of(source).hex() != file.digest:
                raise BackupError(file.name)  # noqa: TRY301 - the same as a missing one
            encrypted = folder / file.name
            pyrage.encrypt_file(str(source), str(encrypted), [recipient])
        except (OSError, BackupError) as error:
            logger.warning("The uploaded file %s is missing or was changed: %s", file.name, error)
            lost.append(file.name)
            continue
        digest = digest_of(encrypted).hex()
        made = FileCopy(file.name, f"{file.name}-{digest[:_MARK]}{SUFFIX}", digest, encrypted.stat().st_size)
        encrypted.rename(folder / made.copy)
        copies.append(made)
    return copies, lost


def write_files(copies: Sequence[FileCopy], place: Path, sources: Sequence[Path], written: list[Path]) -> None:
    """Bring what isn't in the place yet, from the first source that has it whole; what was written is added to `written`.

    Raises OSError, and BackupError where no source has it; what was damaged there has then stepped aside, so that the
    next run encrypts it anew.
    """
    missing = [copy for copy in copies if not copy.lies_in(place)]
    if not missing:
        return
    target = place / FILES
    target.mkdir(mode=0o700, exist_ok=True)
    for copy in missing:
        found = [folder / copy.copy for folder in sources if (folder / copy.copy).exists()]
        source = next((path for path in found if digest_of(path).hex() == copy.sha256), None)
        if source is None:
            for path in found:
                with contextlib.suppress(OSError):
                    path.rename(path.with_name(path.name + DAMAGED))
            raise BackupError(f"上报文件 {copy.name} 的加密副本在各处都不完整，下一次重新制作。")
        write_copy(source, target, digest=bytes.fromhex(copy.sha256))
        written.append(target / copy.copy)
    sync_folder(place)


class KeptFiles:
    """The folder of files beside a backup, opened with the private key."""

    def __init__(self, backup: Path, identities: Sequence[pyrage.x25519.Identity]) -> None:
        self.folder = backup.parent / FILES
        self.identities = list(identities)

    def problems(self, files: Iterable[SentFile], work: Path) -> list[str]:
        """What is wrong about the files that a backup needs, each decrypted and compared with what the rows say."""
        opened = work / "opened"
        lost = [file.name for file in files if not self._open(file, opened)]
        opened.unlink(missing_ok=True)
        return [f"the uploaded file {name} is missing or damaged in {self.folder}" for name in lost]

    def put_back(self, files: Iterable[SentFile]) -> tuple[int, list[str]]:
        """Put every file that isn't on the server, or is damaged there, in its place; how many, and which stay missing."""
        put, missing = 0, []
        settings.UPLOADS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.UPLOADS_DIR, prefix="incoming-") as folder:
            opened = Path(folder) / "opened"
            for file in files:
                target = path_of(file.name)
                if target.is_file() and digest_of(target).hex() == file.digest:
                    continue
                if not self._open(file, opened):
                    missing.append(file.name)
                    continue
                opened.chmod(0o600)
                with opened.open("rb") as written:
                    os.fsync(written.fileno())
                opened.rename(target)
                put += 1
        sync_folder(settings.UPLOADS_DIR)
        return put, missing

    def _open(self, file: SentFile, opened: Path) -> bool:
        """Write the file's content to `opened`, if one of its copies opens and is what the rows say."""
        for copy in sorted(self.folder.glob(f"{file.name}-*{SUFFIX}")):
            try:
                pyrage.decrypt_file(str(copy), str(opened), self.identities)
                if digest_of(opened).hex() == file.digest:
                    return True
            except pyrage.DecryptError:
                continue
            except OSError as error:
                # No room here says nothing about the copy.
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise
        return False


def named(names: Sequence[str]) -> str:
    """Some of the names, and how many more there are."""
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
