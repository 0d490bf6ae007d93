"""Load: wrk for as much as goes, and requests at a set rate whose waiting counts from when they were due."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import NamedTemporaryFile

from tests.bench.serving import Served

_SCRIPT = Path(__file__).with_name("lookup.lua")
_PACED = Path(__file__).with_name("paced.lua")
_THREADS, _CONNECTIONS = 2, 16
# At a set rate each asks on a connection of its own.
_VISITORS = 32
# For the script to begin in, and for the last answers.
_SECONDS_LEFT_OVER = 2
# As django.middleware.csrf takes it: the same secret in the cookie and in the form.
_SECRET = "a" * 32
COOKIE, TOKEN = f"csrftoken={_SECRET}", f"&csrfmiddlewaretoken={_SECRET}"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of some seconds of load: answers per second, wrong ones in all, CPU milliseconds per answer."""

    rate: float
    wrong: int
    cpu_ms: float
    bytes_each: float


def require_wrk() -> None:
    """Raises SystemExit where it is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("The bench needs wrk; on Debian and Ubuntu: apt-get install wrk")


def press(served: Served, path: str, pairs: Path, seconds: int, *, skip: int = 0) -> Load:
    """As many lookups as go, each for another pair of the file, by 16 connections; each thread begins after `skip`."""
    command = [
        "wrk", "-t", str(_THREADS), "-c", str(_CONNECTIONS), "-d", f"{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT),
        served.url + path, "--", str(pairs), str(_THREADS), COOKIE, TOKEN if path == "/lookup/" else "", str(skip),
    ]  # fmt: skip
    before = served.cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    spent = served.cpu_seconds() - before
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), "")
    if not line:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    result = json.loads(line.removeprefix("RESULT "))
    answers = result["right"] + result["wrong"]
    return Load(
        rate=result["right"] / result["seconds"],
        wrong=result["wrong"] + result["socket_errors"],
        cpu_ms=spent * 1e3 / max(answers, 1),
        bytes_each=result["bytes"] / max(answers, 1),
    )


def pace(served: Served, path: str, pairs: Sequence[tuple[str, str]], *, rate: float, seconds: float) -> list[float]:
    """The waiting times in milliseconds of requests that are due at a set rate, whether the one before is answered or not.

    Each counts from the moment it was due, so that a stall is felt by everybody who would have come meanwhile (as wrk2
    does it). What isn't answered rightly waits for ever. wrk's threads ask, each with a connection of its own: a program
    in Python took most of a core at a lookup's rates, out of the two that were measured.
    """
    count = int(rate * seconds)
    visitors = min(_VISITORS, count)
    with NamedTemporaryFile("w", encoding="ascii", suffix=".pairs") as file:
        file.writelines(f"{' '.join(pairs[place % len(pairs)])}\n" for place in range(count))
        file.flush()
        lasts = math.ceil(seconds) + _SECONDS_LEFT_OVER
        command = [
            "wrk", "-t", str(visitors), "-c", str(visitors), "-d", f"{lasts}s", "--timeout", "10s", "-s", str(_PACED),
            served.url + path, "--", file.name, str(visitors), str(rate), COOKIE, TOKEN if path == "/lookup/" else "",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=lasts + 60)
    if done.returncode:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    waits = [float(line.removeprefix("WAITED ")) for line in done.stdout.splitlines() if line.startswith("WAITED ")]
    return waits + [float("inf")] * (count - len(waits))


def missing(waits: Sequence[float]) -> int:
    """How many of them weren't answered, or not rightly."""
    return sum(wait == float("inf") for wait in waits)


def percentile(waits: Sequence[float], percent: int) -> float:
    """The waiting time that so many of a hundred don't exceed."""
    return quantiles(waits, n=100, method="inclusive")[percent - 1]
