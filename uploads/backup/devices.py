"""Which disks a folder lies on, so that two media are really two (R12)."""

import os
from pathlib import Path

BLOCK_DEVICES = Path("/sys/dev/block")


def disks_of(path: Path) -> frozenset[str]:
    """The devices behind a path as MAJOR:MINOR: the whole disks below partitions, encryption and volumes, where known.

    A file system without a block device (memory, network) is a device of its own.
    """
    number = path.stat().st_dev
    return frozenset(_whole_disks(f"{os.major(number)}:{os.minor(number)}"))


def _whole_disks(number: str) -> set[str]:
    described = BLOCK_DEVICES / number
    if (described / "partition").exists():
        return _whole_disks(_number_of(described.resolve().parent))
    below = described / "slaves"
    parts = [_whole_disks(_number_of(part)) for part in below.iterdir()] if below.is_dir() else []
    return set().union(*parts) if parts else {number}


def _number_of(described: Path) -> str:
    return (described / "dev").read_text(encoding="ascii").strip()
