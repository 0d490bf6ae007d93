"""Growth: what a register of many millions costs against a small one, both in one server, asked in alternating turns.

Lookups through the real page and by PostgreSQL alone, the publication of a half-month, and the bytes that it all takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from tests.bench.certificates import Register
from tests.bench.load import Load, press, require_wrk
from tests.bench.lookups import select_rate, warm_up, write_pairs
from tests.bench.measuring import Figure, in_turns, run, say
from tests.bench.publishing import publish, take_back
from tests.bench.serving import Served, serving
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes

_WORKERS, _THREADS = 2, 4
# Each turn asks other pairs than the one before, as visitors do.
_PAIRS_ON = 7_000
# The indexes and as much of the table as fits come into PostgreSQL's memory, the rest into the system's.
_WARM = """
    CREATE EXTENSION IF NOT EXISTS pg_prewarm;
    SELECT pg_prewarm('certificate', 'read');
    SELECT pg_prewarm(indexrelid::regclass) FROM pg_index WHERE indrelid = 'certificate'::regclass"""


@dataclass(frozen=True, slots=True)
class _Grown:
    """One of the two registers: a site with so many certificates."""

    site: BenchSite
    certificates: int
    register: Register


def measure_growth(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """How many times as much lookups and a publication cost in the large register, and its bytes per certificate."""
    require_wrk()
    say(f"signing a release of {sizes.half_month:,} rows")
    release = int(str(run(site, "release", str(sizes.half_month)).answer["release"]))
    with site.connect() as connection:
        connection.execute("VACUUM ANALYZE staged_row")
    with site.copied("bench_small") as beside:
        small, large = (_grown(one, size) for one, size in ((beside, sizes.small), (site, sizes.grown)))
        yield from _bytes(large)
        yield from _measure_lookups(small, large, sizes)
        yield from _measure_selects(small, large, sizes)
        yield from _measure_publication(small, large, release, sizes)


def _grown(site: BenchSite, certificates: int) -> _Grown:
    say(f"a register of {certificates:,} certificates")
    register = Register(site)
    register.grow(certificates)
    with site.connect() as connection:
        connection.execute(_WARM)
    return _Grown(site, certificates, register)


def _bytes(large: _Grown) -> Iterator[Figure]:
    sizes = large.register.sizes()
    whole = f"{sum(sizes.values()) / 1024**3:.2f} GiB among {large.certificates:,} certificates"
    yield Figure(
        "bytes per certificate, table and indexes", sum(sizes.values()) / large.certificates, None, "lower", "B", whole
    )
    for name, size in sizes.items():
        what = "the table" if name == "certificate" else f"index {name}"
        against = f"{size / 1024**2:,.0f} MiB"
        yield Figure(f"bytes per certificate, {what}", size / large.certificates, None, "lower", "B", against)


def _measure_lookups(small: _Grown, large: _Grown, sizes: Sizes) -> Iterator[Figure]:
    """The page, as fast as it goes, under the same settings on each register."""
    found: list[tuple[Load, Load]] = []
    with ExitStack() as stack:
        servers = list(_served(stack, (small, large)))
        for served, asked in servers:
            warm_up(served, "/lookup/", asked)
        presses = [partial(_press, served, asked, sizes, count()) for served, asked in servers]
        for few, many in in_turns(sizes.pairs, *presses):
            found.append((few, many))
            say(
                f"  {len(found)}: {few.rate:,.0f}/s and {few.cpu_ms:.2f} ms of CPU each, "
                f"{many.rate:,.0f}/s and {many.cpu_ms:.2f} ms"
            )
    cpu_small, cpu_large = (median(pair[place].cpu_ms for pair in found) for place in (0, 1))
    name = f"time per lookup among {large.certificates:,} certificates"
    rate = median(few.rate for few, _ in found)
    against = (
        f"among {small.certificates:,} ({rate:,.0f} lookups/s; {cpu_small:.2f} ms of CPU each, "
        f"the larger register {cpu_large:.2f})"
    )
    yield Figure(name, median(few.rate / many.rate for few, many in found), 1.15, "lower", "ratio", against)
    yield Figure(
        f"CPU time per lookup among {large.certificates:,} certificates, PostgreSQL's included",
        median(many.cpu_ms / few.cpu_ms for few, many in found), 1.15, "lower", "ratio",
        f"among {small.certificates:,} ({cpu_small:.2f} ms)",
    )  # fmt: skip
    yield Figure(f"CPU time of a lookup among {large.certificates:,} certificates", cpu_large, None, "lower", "ms", "")
    wrong = sum(load.wrong for pair in found for load in pair)
    yield Figure("wrong or missing answers of both registers", wrong, 0, "lower", "wrong", "")


def _served(stack: ExitStack, registers: Sequence[_Grown]) -> Iterator[tuple[Served, Path]]:
    for one in registers:
        served = stack.enter_context(serving(one.site, "certlookup.settings", workers=_WORKERS, threads=_THREADS))
        yield served, write_pairs(one.site.folder / f"pairs_{one.certificates}", one.certificates)


def _press(served: Served, asked: Path, sizes: Sizes, turns: count[int]) -> Load:
    return press(served, "/lookup/", asked, sizes.seconds, skip=next(turns) * _PAIRS_ON)


def _measure_selects(small: _Grown, large: _Grown, sizes: Sizes) -> Iterator[Figure]:
    """PostgreSQL alone, where nothing of Django's time hides what the size costs; rows anywhere in the register."""
    selects = [partial(select_rate, one.site, one.certificates, sizes.seconds) for one in (small, large)]
    found: list[tuple[float, float]] = []
    for select in selects:
        select()
    for few, many in in_turns(sizes.pairs, *selects):
        found.append((few, many))
        say(f"  {len(found)}: {few:,.0f} SELECTs/s, {many:,.0f}/s")
    name = f"time per bare SELECT among {large.certificates:,} certificates, by pgbench"
    rates = [median(pair[place] for pair in found) for place in (0, 1)]
    against = f"among {small.certificates:,} ({rates[0]:,.0f}/s); no lookup, but what of its growth is PostgreSQL's"
    # Without a limit: of a small register all pages lie in a processor's cache, of ten gigabytes none do. What is promised
    # is the lookup's growth, above.
    yield Figure(name, median(few / many for few, many in found), None, "lower", "ratio", against)
    yield Figure(
        f"bare SELECTs per second among {large.certificates:,} certificates", rates[1], None, "higher", "1/s", ""
    )


def _measure_publication(small: _Grown, large: _Grown, release: int, sizes: Sizes) -> Iterator[Figure]:
    """The same half-month into both, each time after a checkpoint: the dearest moment, as all pages are logged whole."""
    steps = [partial(_publish, one.site, release, sizes) for one in (small, large)]
    found: list[tuple[float, float]] = []
    for step in steps:
        step()
    for few, many in in_turns(sizes.pairs, *steps):
        found.append((few, many))
        say(f"  {len(found)}: published in {few:.2f} s, {many:.2f} s, {many / few:.2f} times")
    seconds = [median(pair[place] for pair in found) for place in (0, 1)]
    name = f"publication of {sizes.half_month:,} rows into {large.certificates:,} certificates"
    against = f"the same into {small.certificates:,} ({seconds[0]:.2f} s)"
    yield Figure(name, median(many / few for few, many in found), 1.5, "lower", "ratio", against)
    yield Figure(f"{name}, seconds", seconds[1], None, "lower", "s", "")


def _publish(site: BenchSite, release: int, sizes: Sizes) -> float:
    seconds = publish(site, release, sizes.half_month)
    take_back(site, release)
    return seconds
