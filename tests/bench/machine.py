"""What is measured on, and how much of it other programs took meanwhile."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.measuring import family
from tests.bench.serving import spent
from tests.bench.site import PROJECT

_TICKS = os.sysconf("SC_CLK_TCK")
# user, nice, system, irq, softirq and steal of /proc/stat's first line; what virtual machines use counts in user too.
_BUSY = (1, 2, 3, 6, 7, 8)


def machine() -> str:
    """What it is: figures of two machines are never mixed."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def revision() -> str:
    """Which state of the code is measured: the commit, with a + where files differ from it; empty without git."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


class Watch:
    """From when to when something is measured, and how much of the machine other programs took: what makes noise."""

    def __init__(self) -> None:
        self.began = datetime.now(UTC)
        self._load = os.getloadavg()[0]
        self._at, self._all, self._ours = time.perf_counter(), _busy(), _our_own()

    def report(self) -> dict[str, object]:
        """For the file of figures."""
        seconds = time.perf_counter() - self._at
        others = (_busy() - self._all) - (_our_own() - self._ours)
        share = max(0.0, others) / seconds / (os.cpu_count() or 1)
        return {
            "measured_at": self.began.isoformat(timespec="seconds"),
            "seconds": round(seconds),
            "load_before": round(self._load, 1),
            "others_share_of_cpu": round(share, 3),
            "machine": machine(),
            "code": revision(),
        }


def _busy() -> float:
    """The seconds that all processors together have worked so far."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()
    return sum(int(fields[place]) for place in _BUSY) / _TICKS


def _our_own() -> float:
    """The seconds of this process and all that it started: servers, gunicorns, wrk, steps."""
    return sum(spent(pid) for pid in family(os.getpid()))
