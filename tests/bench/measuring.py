"""Running a step in a process of its own: its answer, its seconds, and the most memory it and its children had resident."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.bench.site import PROJECT, BenchSite

_LOOK_EVERY = 0.02
_KIB = 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: limit None where nothing is promised, better 'lower' or 'higher', against what it is a ratio."""

    name: str
    value: float
    limit: float | None
    better: str
    unit: str
    against: str

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        if self.limit is None:
            return True
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Measured:
    """What a step printed, and the sum of the peaks of its processes' resident memory."""

    answer: dict[str, object]
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """The step's own seconds."""
        return float(str(self.answer["seconds"]))


def say(line: str) -> None:
    """Tell on the screen what is being done."""
    print(line, flush=True)


def in_turns(pairs: int, one: Callable[[], T], other: Callable[[], T]) -> Iterator[tuple[T, T]]:
    """What the two say, one right after the other; the next pair begins with the other one."""
    for turn in range(pairs):
        if turn % 2 == 0:
            first = one()
            yield first, other()
        else:
            second = other()
            yield one(), second


def run(site: BenchSite, step: str, argument: str, *, database: str | None = None) -> Measured:
    """Run one step; with `database`, in an empty one of that name, made for it and dropped after it."""
    environment = dict(site.environment)
    if database is not None:
        with site.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {database}")
        with site.connect(database) as connection:
            connection.execute("CREATE SCHEMA certlookup")
        environment["DATABASE_URL"] = site.running.url_for("postgres", database)
    command = [sys.executable, "-m", "tests.bench.steps", step, argument]
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            for pid in family(process.pid):
                peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
            time.sleep(_LOOK_EVERY)
        assert process.stdout is not None
        printed = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"The step {step} ended with {process.returncode}; what it said stands above.")
    if database is not None:
        with site.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
    return Measured(json.loads(printed.splitlines()[-1]), sum(peaks.values()))


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found.extend(int(child) for child in children)
    return found


def _peak(pid: int) -> int:
    """The most memory that the process has had resident so far, in bytes."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * _KIB
    except OSError:
        return 0
    return 0
