"""Pressing a site to three times its best rate, and what has to hold then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.load.traffic import Pair, Record
from tests.load.visiting import Visit, visit

# Every request is another visitor's, but the same few certificates are asked for again and again.
UNLIMITED = {
    "TRUSTED_PROXIES": "127.0.0.1",
    "RATE_ADDRESS": "100000000/m",
    "RATE_ID": "100000000/h",
    "RATE_CERTIFICATE": "100000000/h",
}
TIMES = 3.0
_SECONDS = 4.0
# Of a site that is measured with two cores for itself and its visitors: what the refusals and the visitors cost.
OF_THE_BEST = 0.75
SHED_WITHIN_MS, RECOVERED_WITHIN_SECONDS, _LOOKED_AT_SECONDS = 1_000, 5, 7


@dataclass(frozen=True, slots=True)
class Overload:
    """What one round came to: answers a second before and meanwhile, and what was seen meanwhile and after."""

    best: float
    answered: float
    meanwhile: Record
    after: Record
    staff_seconds: list[float]

    @property
    def shed_ms(self) -> float:
        """The 99th percentile of how long those waited who were turned away."""
        return quantiles(self.meanwhile.shed_waits, n=100)[98] if len(self.meanwhile.shed_waits) > 1 else 0.0

    @property
    def recovered_seconds(self) -> int:
        """After how many seconds at half of the best rate nobody was turned away any more."""
        return max((at + 1 for at, counts in enumerate(self.after.seconds) if counts.get("503")), default=0)

    def told(self) -> str:
        """In one line."""
        staff = ""
        if self.staff_seconds:
            staff = f"staff {median(self.staff_seconds) * 1e3:.0f} ms, at most {max(self.staff_seconds) * 1e3:.0f} ms; "
        return (
            f"best {self.best:.0f}/s; at {TIMES * self.best:.0f}/s answered {self.answered:.0f}/s, turned away "
            f"{self.meanwhile.count('503') / _SECONDS:.0f}/s with 99th percentile {self.shed_ms:.0f} ms; answered: 99th "
            f"percentile {quantiles(self.meanwhile.waits, n=100)[98]:.0f} ms, after it "
            f"{quantiles(self.after.waits, n=100)[98]:.0f} ms, the last turned away {self.recovered_seconds} s after; "
            f"{staff}the visitors' own CPU {self.meanwhile.cpu_seconds / _SECONDS:.0%}"
        )


def best_rate(port: int, pairs: Sequence[Pair], seconds: float = _SECONDS, **more: object) -> float:
    """Right answers a second to sixteen visitors who ask as soon as they are answered."""
    record = visit(port, pairs, rate=0, seconds=seconds, connections=16, **more)
    assert not record.failures, record.failures[:5]
    return _answered(record) / seconds


def _answered(record: Record) -> int:
    return record.count("found") + record.count("absent")


def overload(
    port: int,
    pairs: Sequence[Pair],
    *,
    rounds: int = 3,
    connections: int = 600,
    ask_staff: Callable[[], int] | None = None,
    **more: object,
) -> list[Overload]:
    """Some rounds: the best rate, three times that, and right after it half of it."""
    best_rate(port, pairs, 2, **more)
    seen = []
    for _ in range(rounds):
        best = best_rate(port, pairs, **more)
        coming = Visit(port, pairs, rate=TIMES * best, seconds=_SECONDS, connections=connections, **more)
        staff = _Staff(ask_staff, coming.begins_at, coming.begins_at + _SECONDS) if ask_staff else None
        meanwhile = coming.wait()
        after = visit(port, pairs, rate=best / 2, seconds=_LOOKED_AT_SECONDS, **more)
        seen.append(Overload(best, _answered(meanwhile) / _SECONDS, meanwhile, after, staff.wait() if staff else []))
        print(seen[-1].told(), flush=True)
    return seen


def require_grace(rounds: Sequence[Overload]) -> None:
    """The best rate is kept up, nothing but answers and 503 is seen, quickly; it ends with the overload; staff can work."""
    for one in rounds:
        assert not one.meanwhile.failures, one.meanwhile.failures[:5]
        assert one.meanwhile.count("503") > 0
        assert not one.after.failures, one.after.failures[:5]
        assert one.after.count("503", first=RECOVERED_WITHIN_SECONDS) == 0, "nobody is turned away any more"
        assert max(one.staff_seconds, default=0) < 5
    assert median(one.answered / one.best for one in rounds) >= OF_THE_BEST
    assert median(one.shed_ms for one in rounds) < SHED_WITHIN_MS
    assert median(median(one.staff_seconds or [0]) for one in rounds) < 1


class _Staff:
    """Somebody who opens a page of the staff site four times a second meanwhile."""

    def __init__(self, ask: Callable[[], int], begins_at: float, ends_at: float) -> None:
        self._ask, self._begins_at, self._ends_at = ask, begins_at, ends_at
        self._seconds: list[float] = []
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        time.sleep(max(0.0, self._begins_at - time.monotonic()))
        while (began := time.monotonic()) < self._ends_at:
            self._seconds.append(time.monotonic() - began if self._ask() == 200 else 1e3)
            time.sleep(0.25)

    def wait(self) -> list[float]:
        """How many seconds each took; one that wasn't answered counts as a thousand."""
        self._thread.join()
        return self._seconds
