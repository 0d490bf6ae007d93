"""Load: wrk for as much as goes, and requests at a set rate whose waiting counts from when they were due."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from tests.bench.serving import Served

_SCRIPT = Path(__file__).with_name("lookup.lua")
_THREADS, _CONNECTIONS = 2, 16
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
    does it). What isn't answered rightly waits for ever.
    """
    waits: list[float] = []
    lock, places = threading.Lock(), iter(range(int(rate * seconds)))
    begins = time.perf_counter() + 0.2
    address = urlsplit(served.url).netloc

    def visit() -> None:
        connection = HTTPConnection(address, timeout=10)
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                connection.close()
                return
            due = begins + place / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            person, number = pairs[place % len(pairs)]
            body = f"id_number={person}&certificate_number={number}{TOKEN if path == '/lookup/' else ''}"
            headers = {
                "Content-Type": "application/x-www-form-urlencoded", "Cookie": COOKIE,
                "X-Forwarded-For": f"10.9.{place // 256 % 256}.{place % 256}",
            }  # fmt: skip
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                found = answer.status == 200 and b'data-outcome="found"' in answer.read()
            except (OSError, HTTPException):
                found = False
                connection.close()
            waits.append((time.perf_counter() - due) * 1e3 if found else float("inf"))

    visitors = [threading.Thread(target=visit) for _ in range(_CONNECTIONS * 2)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return waits


def missing(waits: Sequence[float]) -> int:
    """How many of them weren't answered, or not rightly."""
    return sum(wait == float("inf") for wait in waits)


def percentile(waits: Sequence[float], percent: int) -> float:
    """The waiting time that so many of a hundred don't exceed."""
    return quantiles(waits, n=100, method="inclusive")[percent - 1]
