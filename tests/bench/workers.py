"""gunicorn's class and counts chosen by measurement: each way to run the lookup page against the shipped one, turn by turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from tests.bench.certificates import Register
from tests.bench.load import pace, percentile, press, require_wrk
from tests.bench.lookups import write_pairs
from tests.bench.measuring import Figure, say
from tests.bench.serving import serving
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Way:
    """A class of workers, of which so many processes, with so many threads each. No class: the shipped one."""

    workers: int
    threads: int
    worker_class: str = ""

    def __str__(self) -> str:
        return f"{self.worker_class or 'shipped class'}, {self.workers} x {self.threads}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one turn: answers per second, the 99th percentile in milliseconds at the common rate, CPU each, wrong ones."""

    rate: float
    wait: float
    cpu_ms: float
    wrong: int


# The defaults of WEB_WORKERS and WEB_THREADS; the plain class shows what the short queue costs.
SHIPPED = Way(2, 4)
OTHERS = (
    Way(2, 4, "gthread"), Way(2, 1, "sync"), Way(4, 1, "sync"), Way(1, 8), Way(2, 2), Way(2, 8), Way(3, 4), Way(4, 4),
)  # fmt: skip
# The shipped way may be a little slower than the best: which is best changes from machine to machine.
# The same numbers are asked for in every turn, which is more than an hour's worth: counted, but without an end.
_OFTEN = {"RATE_ID": "100000000/h", "RATE_CERTIFICATE": "100000000/h"}
_AS_GOOD_AS_THE_BEST = 0.9


def measure_workers(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The rate and the waiting of each way, as a ratio to the shipped one's in the same turn."""
    require_wrk()
    Register(site).grow(sizes.certificates)
    asked = write_pairs(site.folder / "pairs", sizes.certificates)
    common = 0.0
    ratios: dict[Way, list[float]] = {way: [] for way in OTHERS}
    seen: dict[Way, list[Seen]] = {way: [] for way in (SHIPPED, *OTHERS)}
    for turn in range(sizes.pairs):
        for place, way in enumerate(OTHERS):
            # Each beside a turn of the shipped one, now before it, now after.
            order = (SHIPPED, way) if (turn + place) % 2 == 0 else (way, SHIPPED)
            found = {}
            for one in order:
                common = common or _measure(site, SHIPPED, asked, sizes, 0).rate / 2
                found[one] = _measure(site, one, asked, sizes, common)
                seen[one].append(found[one])
            ratios[way].append(found[way].rate / max(found[SHIPPED].rate, 0.1))
            say(
                f"  {turn + 1}: {way} {found[way].rate:,.0f}/s, 99th percentile {found[way].wait:.0f} ms; "
                f"shipped {found[SHIPPED].rate:,.0f}/s, {found[SHIPPED].wait:.0f} ms"
            )
    name = f"lookups per second among {sizes.certificates:,} certificates"
    best = max(OTHERS, key=lambda way: median(ratios[way]))
    share = 1 / max(1.0, median(ratios[best]))
    yield Figure(f"{name}, the {SHIPPED}", share, _AS_GOOD_AS_THE_BEST, "higher", "ratio", f"the best way, {best}")
    wrong = sum(one.wrong for way in seen.values() for one in way)
    yield Figure("wrong or missing answers while ways to run gunicorn are compared", wrong, 0, "lower", "wrong", "")
    yield Figure(f"{name}, {SHIPPED}", median(one.rate for one in seen[SHIPPED]), None, "higher", "1/s", _told(
        seen[SHIPPED], common))  # fmt: skip
    for way in OTHERS:
        against = f"{SHIPPED}; {median(one.rate for one in seen[way]):,.0f}/s, {_told(seen[way], common)}"
        yield Figure(f"{name}, {way}", median(ratios[way]), None, "higher", "ratio", against)


def _told(seen: list[Seen], common: float) -> str:
    wait, cpu = median(one.wait for one in seen), median(one.cpu_ms for one in seen)
    return f"99th percentile {wait:.1f} ms at {common:,.0f}/s, {cpu:.2f} ms of CPU each"


def _measure(site: BenchSite, way: Way, asked: Path, sizes: Sizes, common: float) -> Seen:
    """A server of that way, warmed up, under all that goes and then, at `common`, under a set rate."""
    environment = site.environment | _OFTEN
    if way.worker_class:
        environment |= {"GUNICORN_CMD_ARGS": f"--worker-class {way.worker_class}"}
    with serving(
        replace(site, environment=environment), "certlookup.settings", workers=way.workers, threads=way.threads
    ) as served:
        press(served, "/lookup/", asked, 1)
        load = press(served, "/lookup/", asked, sizes.seconds)
        if not common:
            return Seen(load.rate, 0.0, load.cpu_ms, load.wrong)
        lines = asked.read_text(encoding="ascii").split()
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        waits = pace(served, "/lookup/", pairs, rate=common, seconds=sizes.seconds)
    return Seen(load.rate, percentile(waits, 99), load.cpu_ms, load.wrong)
