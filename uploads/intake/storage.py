"""Files as they came, under generated names in var/uploads; the sender's name is kept in the database only."""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from uploads.actor import Actor
from uploads.intake.scanning import require_clean

LARGEST_FILE = 200 * 1024 * 1024


class FileTooLarge(Exception):
    """The file is larger than LARGEST_FILE bytes."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as stored: its generated name, SHA-256 and size in bytes."""

    name: str
    digest: bytes
    byte_count: int


def path_of(stored_name: str, folder: Path | None = None) -> Path:
    """Where a stored file lies, in UPLOADS_DIR or the folder given; refuses a name that isn't one of ours."""
    if not re.fullmatch(r"[0-9a-f]{32}", stored_name):
        raise ValueError("This is not the name of a stored file.")
    return (folder or settings.UPLOADS_DIR) / stored_name


def store(chunks: Iterable[bytes], folder: Path | None = None, *, by: Actor | None = None) -> StoredFile:
    """Write the bytes durably under a new name, in UPLOADS_DIR or the folder given.

    Scanned first, where a clamd is configured; by is who brings it, for the audit. Raises FileTooLarge and Refusal, and
    leaves nothing behind then.
    """
    folder = folder or settings.UPLOADS_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    name = secrets.token_hex(16)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix="incoming-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise FileTooLarge  # noqa: TRY301 - the temporary file goes below
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        require_clean(Path(temporary), by=by)
        Path(temporary).rename(folder / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
    return StoredFile(name, digest.digest(), size)


@contextmanager
def discarded_on_error(*stored: StoredFile, folder: Path | None = None) -> Iterator[None]:
    """Remove the stored files again if what they came for doesn't come about."""
    try:
        yield
    except BaseException:
        for file in stored:
            path_of(file.name, folder).unlink(missing_ok=True)
        raise


def shown_name(name: str) -> str:
    """The sender's file name, fit to be shown: without folders and control characters, at most 200 characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in bare if character.isprintable())[-200:] or "未命名"
