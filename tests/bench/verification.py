"""Verification measured: the register against merely reading and opening it, and register and audit trail as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from tests.bench.measuring import Figure, Measured, in_turns, run, say
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes

# Per row or entry, ten times as many may cost so many times as much: linear, and the noise.
_LINEAR = 1.15
_TIMES = 10


def measure_verification(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The ratio promised for a million rows, and whether ten times as much takes ten times as long."""
    # First, as it adds nothing: the register's rows, which nobody signed, would be missed in the trail.
    yield from _measure_audit(site, sizes)
    yield from _measure_register(site, sizes)


def _measure_register(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    fewer = sizes.verified // _TIMES
    with site.copied("bench_small") as small:
        for one, rows in ((small, fewer), (site, sizes.verified)):
            say(f"publishing {rows:,} certificates")
            run(one, "fill", f"{rows} {one.url_for('postgres')}")
            run(one, "root", "1")
        ratios, whole, plain = [], [], []
        for read, verified in in_turns(
            sizes.pairs, partial(run, site, "unseal", ""), partial(_verify, site, sizes.verified)
        ):
            assert read.answer["rows"] == sizes.verified, read.answer
            plain.append(read.seconds)
            whole.append(verified.seconds)
            ratios.append(verified.seconds / read.seconds)
            say(
                f"  {len(ratios)}: read and unsealed {plain[-1]:.2f} s, verified {whole[-1]:.2f} s, {ratios[-1]:.2f} times"
            )
        name = f"verify_register over {sizes.verified:,} rows, every ID number opened"
        yield Figure(name, median(ratios), 2.0, "lower", "ratio", f"reading and unsealing them ({median(plain):.2f} s)")
        yield Figure(f"{name}, seconds", median(whole), None, "lower", "s", "")
        say(f"the same over {fewer:,} and {sizes.verified:,} rows")
        steps = partial(_verify, small, fewer), partial(_verify, site, sizes.verified)
        yield _linear("verify_register", "row", fewer, sizes.verified, list(in_turns(sizes.pairs, *steps)))


def _measure_audit(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    fewer = sizes.entries // _TIMES
    with site.copied("bench_trail_small") as small, site.copied("bench_trail") as large:
        for one, entries in ((small, fewer), (large, sizes.entries)):
            say(f"an audit trail of {entries:,} entries")
            with one.connect() as connection:
                connection.execute("SET synchronous_commit = off")
                connection.execute(_ENTRIES.format(entries=entries))
                connection.execute("VACUUM ANALYZE audit_entry")
        steps = partial(run, small, "verify_audit", ""), partial(run, large, "verify_audit", "")
        found = list(in_turns(sizes.pairs, *steps))
        for few, many in found:
            assert few.answer["differences"] == many.answer["differences"] == 0, (few.answer, many.answer)
        yield _linear("verify_audit", "entry", fewer, sizes.entries, found)


# Each in a transaction of its own, as acts come.
_ENTRIES = """DO $$ BEGIN
    FOR n IN 1 .. {entries} LOOP
        PERFORM record(NULL, '', '10.1.2.3', 'audit.viewed', 'audit', n::text, 'done', jsonb_build_object('page', n));
        COMMIT;
    END LOOP;
END $$"""


def _verify(site: BenchSite, rows: int) -> Measured:
    verified = run(site, "verify", "")
    assert verified.answer["rows"] == rows, verified.answer
    assert verified.answer["differences"] == 0, verified.answer
    return verified


def _linear(what: str, unit: str, fewer: int, more: int, found: list[tuple[Measured, Measured]]) -> Figure:
    ratios = [many.seconds / more / (few.seconds / fewer) for few, many in found]
    each = [median(pair[place].seconds for pair in found) / number for place, number in ((0, fewer), (1, more))]
    say(f"  {each[0] * 1e6:.1f} and {each[1] * 1e6:.1f} microseconds per {unit}")
    against = f"the same over {fewer:,} ({each[0] * 1e6:.1f} microseconds per {unit}, now {each[1] * 1e6:.1f})"
    return Figure(f"{what} over {more:,}, time per {unit}", median(ratios), _LINEAR, "lower", "ratio", against)
