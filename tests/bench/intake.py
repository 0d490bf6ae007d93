"""Intake measured: how long a file takes against merely reading it, against django-import-export, and in how much memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from itertools import islice
from statistics import median

from tests.bench.certificates import Register
from tests.bench.files import HEADER, make_rows, write_csv
from tests.bench.measuring import Figure, in_turns, run, say
from tests.bench.period import bench_period
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes
from tests.bench.workbook import write_xlsx

MIB = 1024 * 1024


def measure_intake(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The figures of issue and promise: speed, the comparison, memory, the register's size."""
    attempt = yield from _measure_speed(site, sizes)
    yield from _measure_import_export(site, sizes)
    yield from _measure_memory(site, sizes)
    yield from _measure_register(site, sizes, attempt)


def _rows(count: int, *, seed: int) -> Iterator[tuple[object, ...]]:
    return make_rows(count, bench_period(), dt.date.today(), seed=seed)  # noqa: DTZ011 - the machine's own day


def _measure_speed(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    attempt = 0
    for shared, layout in (
        (False, "texts in the cells, as exam systems export"),
        (True, "shared strings, as Excel saves"),
    ):
        path = site.folder / f"{'shared' if shared else 'inline'}.xlsx"
        say(f"writing {sizes.rows:,} rows as .xlsx, {layout}")
        write_xlsx(path, HEADER, _rows(sizes.rows, seed=2 if shared else 1), shared=shared)
        ratios, staged, read = [], [], []
        for plain, whole in in_turns(
            sizes.pairs, partial(run, site, "calamine", str(path)), partial(run, site, "stage", str(path))
        ):
            assert whole.answer["rows"] == sizes.rows, whole.answer
            assert whole.answer["refused"] == 0, whole.answer
            attempt = int(str(whole.answer["attempt"]))
            read.append(plain.seconds)
            staged.append(whole.seconds)
            ratios.append(whole.seconds / plain.seconds)
            say(f"  {len(ratios)}: read {plain.seconds:.2f} s, staged {whole.seconds:.2f} s, {ratios[-1]:.2f} times")
        against = f"python-calamine's iter_rows merely reading the same file ({median(read):.2f} s)"
        name = f"intake of {sizes.rows:,} rows ({layout})"
        yield Figure(name, median(ratios), 3.0, "lower", "ratio", against)
        yield Figure(f"{name}, seconds", median(staged), None, "lower", "s", "")
        path.unlink()
    return attempt


def _measure_import_export(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    path = site.folder / "slice.xlsx"
    write_xlsx(path, HEADER, islice(_rows(sizes.rows, seed=1), sizes.slice), shared=False)
    say(f"importing {sizes.slice:,} of the rows with django-import-export")
    ratios, rates = [], []
    for theirs, ours in in_turns(
        sizes.pairs,
        partial(run, site, "import_export", str(path), database="bench_plain"),
        partial(run, site, "stage", str(path)),
    ):
        assert theirs.answer["rows"] == ours.answer["rows"] == sizes.slice
        rates.append(sizes.slice / theirs.seconds)
        ratios.append(theirs.seconds / ours.seconds)
        say(f"  {len(ratios)}: {theirs.seconds:.2f} s, staged {ours.seconds:.2f} s, {ratios[-1]:.2f} times")
    against = f"django-import-export into a plain model with its settings for bulk ({median(rates):,.0f} rows/s)"
    yield Figure(f"rows per second, {sizes.slice:,} rows", median(ratios), 8.0, "higher", "ratio", against)


def _measure_memory(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    counts = (sizes.memory_rows // 10, sizes.memory_rows)
    files = [site.folder / f"rows{count}.csv" for count in counts]
    for path, count in zip(files, counts, strict=True):
        write_csv(path, _rows(count, seed=3))
    say(f"checking {counts[0]:,} and {counts[1]:,} rows of csv")
    ratios, small, large = [], [], []
    steps = [partial(run, site, "stage", str(path)) for path in files]
    for few, many in in_turns(sizes.pairs, *steps):
        assert (few.answer["rows"], many.answer["rows"]) == counts, (few.answer, many.answer)
        small.append(few.peak_bytes / MIB)
        large.append(many.peak_bytes / MIB)
        ratios.append(large[-1] / small[-1])
        say(f"  {len(ratios)}: {small[-1]:.0f} MiB, {large[-1]:.0f} MiB, {many.seconds:.1f} s")
    against = f"the same at {counts[0]:,} rows ({median(small):.0f} MiB)"
    name = f"resident memory of the worker and its reading process at {counts[1]:,} csv rows"
    yield Figure(f"{name}, ratio", median(ratios), 1.3, "lower", "ratio", against)
    yield Figure(name, max(large), 400.0, "lower", "MiB", "the largest of the runs")
    for path in files:
        path.unlink()


def _measure_register(site: BenchSite, sizes: Sizes, attempt: int) -> Iterator[Figure]:
    fewer = sizes.register // 100
    say(f"registers of {fewer:,} and of {sizes.register:,} certificates")
    with site.copied("bench_small") as small:
        # Not analysed: the checks have to be quick with old statistics too.
        Register(small).grow(fewer, analyse=False)
        Register(site).grow(sizes.register, analyse=False)
        ratios, plain = [], []
        steps = [partial(run, one, "compare", str(attempt)) for one in (small, site)]
        for few, many in in_turns(sizes.pairs, *steps):
            plain.append(few.seconds)
            ratios.append(many.seconds / few.seconds)
            say(f"  {len(ratios)}: the checks take {few.seconds:.2f} s, {many.seconds:.2f} s, {ratios[-1]:.2f} times")
    against = f"the same against {fewer:,} ({median(plain):.2f} s)"
    name = f"cross checks of {sizes.rows:,} rows against a register of {sizes.register:,} certificates"
    yield Figure(name, median(ratios), 2.0, "lower", "ratio", against)
