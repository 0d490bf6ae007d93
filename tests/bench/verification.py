"""Verification measured: recomputing the register against merely reading its rows and opening their ID numbers."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.bench.measuring import Figure, run, say
from tests.bench.sealed import empty_register
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes


def measure_verification(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The ratio promised for a million rows, and the audit trail's entries per second."""
    say(f"publishing {sizes.verified:,} certificates")
    run(site, "fill", f"{sizes.verified} {site.running.url_for('postgres', 'certlookup')}")
    run(site, "root", "1")
    ratios, whole, plain = [], [], []
    for turn in range(sizes.pairs):
        read = run(site, "unseal", "")
        verified = run(site, "verify", "")
        assert read.answer["rows"] == verified.answer["rows"] == sizes.verified, (read.answer, verified.answer)
        assert verified.answer["differences"] == 0, verified.answer
        plain.append(read.seconds)
        whole.append(verified.seconds)
        ratios.append(verified.seconds / read.seconds)
        say(f"  {turn + 1}: read and unsealed {plain[-1]:.2f} s, verified {whole[-1]:.2f} s, {ratios[-1]:.2f} times")
    name = f"verify_register over {sizes.verified:,} rows, every ID number opened"
    yield Figure(name, median(ratios), 2.0, "lower", "ratio", f"reading and unsealing them ({median(plain):.2f} s)")
    yield Figure(f"{name}, seconds", median(whole), None, "lower", "s", "")
    empty_register(site)
