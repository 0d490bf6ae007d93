"""What the processes of a web server hold in memory, looked at once a second."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

from tests.bench.measuring import family

_KIB = 1024


class MemoryWatch:
    """Looks from now on until it is stopped. A page that several processes share counts once, in parts."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        # When, and bytes by process.
        self.seen: list[tuple[float, dict[int, int]]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self.seen.append((time.monotonic(), {pid: _held(pid) for pid in family(self._pid)}))

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def total(self, first: float, last: float) -> float:
        """The mean of all processes together, between two moments."""
        sums = [sum(held.values()) for at, held in self.seen if first <= at <= last]
        return sum(sums) / len(sums)

    def processes(self) -> set[frozenset[int]]:
        """The sets of processes seen: more than one means that some ended or began."""
        return {frozenset(held) for _, held in self.seen}


def _held(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * _KIB if found else 0
