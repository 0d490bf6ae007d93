"""Which registered medium lies in a place: a small file on it says so, written when a copy first goes there."""

import os
from pathlib import Path

from uploads.backup.places import sync_folder
from uploads.backup.tools import BackupError
from uploads.models import Medium

MARK = "certlookup-medium.txt"
_LONGEST = 100


def medium_at(place: Path) -> Medium | None:
    """The medium in this place, marked if it wasn't; none where none is registered, as on the server's disk.

    Raises BackupError if another one lies here than is recorded, or a lost or retired one; OSError if it can't be read.
    """
    recorded = Medium.objects.filter(place=str(place), lost_at=None, retired_at=None).first()
    number = _read_mark(place)
    if not number:
        if recorded is not None:
            _write_mark(place, recorded.number)
        return recorded
    present = Medium.objects.filter(number=number).first()
    if present is None:
        # Of another installation, or of a state that a restore took back: not ours to write on without being told.
        raise BackupError(f"这里的介质标记为 {number}，本系统没有登记。请核对介质，登记后删去其中的 {MARK}。")
    if not present.is_in_use:
        raise BackupError(f"这里的介质 {number} 已登记为遗失或停用，请先在“介质保管”中办理。")
    if recorded is not None and recorded != present:
        raise BackupError(f"这里的介质是 {number}，登记在这里的是 {recorded.number}。请更换介质，或更正登记。")
    return present


def _read_mark(place: Path) -> str:
    try:
        with (place / MARK).open(encoding="utf-8") as file:
            return file.read(_LONGEST).strip()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise BackupError(f"介质上的标记文件 {MARK} 无法读取。") from error


def _write_mark(place: Path, number: str) -> None:
    part = place / f".{MARK}.part"
    with part.open("w", encoding="utf-8") as file:
        file.write(number + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(place / MARK)
    sync_folder(place)
