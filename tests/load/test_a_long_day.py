"""Minutes at 70 % of the best rate, with a publication, its backup and a restart of PostgreSQL: no wrong answer, no growth."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import collect_static_files
from tests.deployment.processes import gunicorn_process, variables_of
from tests.load.memory import MemoryWatch
from tests.load.overload import best_rate
from tests.load.published import absent_pairs, make_named_rows, pair_of
from tests.load.traffic import Pair, Record
from tests.load.visiting import Visit
from tests.make import Cast, make_published_release, make_signed_release
from tests.ownserver import OwnCopy, OwnServer, own_server
from tests.switching import close_all, working_on
from tests.workers import start_worker
from uploads.models import Release
from uploads.release.assemble import order_publication
from uploads.signoff.sign import digest_of_release, sign_release

# 600 in make test-full; 60 is enough to see whether all of it runs.
SECONDS = int(os.environ.get("TEST_SOAK") or "600")
# Less, where others are at work on the machine: what is best then changes from second to second.
OF_THE_BEST = float(os.environ.get("TEST_SOAK_SHARE") or "0.7")
# Asked for so often each, no number meets the limits, which are on as they are shipped.
ASKED_AT_MOST = 18
BEFORE_SECONDS = 4
FOUND = min(15_000, max(2_000, SECONDS * 25))
PUBLISHED_MEANWHILE = 300
# Until every process has noticed that its connections are gone, and has new ones.
AFTER_THE_RESTART_SECONDS = 5.0
GROWTH = 1.05


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is there from the beginning, and what is published in the course of the day."""

    found: list[Pair]
    coming: list[Pair]

    @property
    def free(self) -> int:
        """The first seed that no certificate has."""
        return len(self.found) + len(self.coming)


@contextmanager
def running_worker(copy: OwnCopy, log: Path) -> Iterator[None]:
    with log.open("wb") as written:
        worker = start_worker(copy, log=written)
    try:
        yield
        assert worker.poll() is None, log.read_text()
    finally:
        worker.terminate()
        worker.wait(60)


def until(true: Callable[[], bool], ends_at: float, what: str) -> float:
    """When it was so."""
    while not true():
        assert time.monotonic() < ends_at, f"{what} did not come in time"
        time.sleep(0.1)
    return time.monotonic()


def state_of(release: Release) -> str:
    release.refresh_from_db()
    return release.state


def require_truth(record: Record, *, ordered_at: float, published_at: float) -> None:
    """What was published meanwhile is found from then on, and was not before; once found, it stays."""
    answered = [line for line in record.watched if line[2] in ("found", "absent")]
    too_early = [line for line in answered if line[2] == "found" and line[1] < ordered_at]
    too_late = [line for line in answered if line[2] == "absent" and line[0] > published_at]
    assert not too_early, too_early[:5]
    assert not too_late, too_late[:5]
    assert any(line[0] > published_at for line in answered)
    by_number: dict[str, list[tuple[float, float, str, str]]] = {}
    for line in answered:
        by_number.setdefault(line[3], []).append(line)
    for lines in by_number.values():
        lines.sort()
        for before, after in pairwise(lines):
            assert not (before[2] == "found" and after[2] == "absent" and after[0] > before[1]), (before, after)


@dataclass(frozen=True, slots=True)
class Day:
    """What happened when, and what was seen. Times are on the clock that all processes share."""

    record: Record
    memory: MemoryWatch
    begins_at: float
    ordered_at: float
    published_at: float
    stopped_at: float
    started_at: float


def spend_the_day(site: tuple[int, int], own: OwnServer, cast: Cast, release: Release, pairs: Pairs) -> Day:
    """The publication after a quarter, the restart after six tenths and the backup's end."""
    port, pid = site
    known = [*pairs.found, *absent_pairs(FOUND, first=pairs.free)]
    # Whatever is only made at the first requests is made before.
    best_rate(port, known, BEFORE_SECONDS)
    # The median: what the machine does changes by a third from one second to the next.
    rates = [best_rate(port, known, BEFORE_SECONDS) for _ in range(5)]
    rate = OF_THE_BEST * median(rates)
    asked_before = (1 + len(rates)) * BEFORE_SECONDS * max(rates) / len(known)
    absent = max(FOUND, int(rate * SECONDS / (ASKED_AT_MOST - asked_before)) - FOUND)
    everybody = [*pairs.found, *pairs.coming, *absent_pairs(absent, first=pairs.free + FOUND)]
    visit = Visit(port, everybody, rate=rate, seconds=SECONDS)
    memory = MemoryWatch(pid)
    begins_at, ends_at = visit.begins_at, visit.begins_at + SECONDS
    time.sleep(max(0.0, begins_at + SECONDS * 0.25 - time.monotonic()))
    ordered_at = time.monotonic()
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    published_at = until(lambda: state_of(release) in ("published", "backed_up"), ends_at, "the publication")
    backed_up_at = until(lambda: state_of(release) == "backed_up", ends_at, "the backup")
    close_all()
    time.sleep(max(0.0, begins_at + SECONDS * 0.6 - time.monotonic()))
    stopped_at = time.monotonic()
    own.start_again()
    started_at = time.monotonic()
    record = visit.wait()
    memory.stop()
    print(
        f"{rate:.0f}/s for {SECONDS} s: {record.count('found')} found, {record.count('absent')} not found, "
        f"{record.count('503')} times 503; published after {published_at - ordered_at:.1f} s, backed up after "
        f"{backed_up_at - ordered_at:.1f} s; restarted within {started_at - stopped_at:.1f} s, 503 from "
        f"{min(record.unavailable_at, default=stopped_at) - stopped_at:.1f} s to "
        f"{max(record.unavailable_at, default=stopped_at) - stopped_at:.1f} s after its beginning, in seconds "
        f"{ {at: counts['503'] for at, counts in enumerate(record.seconds) if counts.get('503')} }; waits: median "
        f"{quantiles(record.waits, n=100)[49]:.0f} ms, 99th percentile {quantiles(record.waits, n=100)[98]:.0f} ms; "
        f"the visitors' own CPU {record.cpu_seconds / SECONDS:.0%}"
    )
    return Day(record, memory, begins_at, ordered_at, published_at, stopped_at, started_at)


def require_flat_memory(day: Day) -> None:
    """From the first minute's end to the last seconds, all processes together; none of them was replaced."""
    warm = min(60.0, SECONDS / 4)
    long = max(5.0, SECONDS / 20)
    first = day.memory.total(day.begins_at + warm, day.begins_at + warm + long)
    last = day.memory.total(day.begins_at + SECONDS - long, day.begins_at + SECONDS)
    for at, held in day.memory.seen[:: max(1, SECONDS // 20)]:
        print(f"{at - day.begins_at:6.0f} s {sum(held.values()) / 1024**2:7.1f} MiB in {len(held)} processes")
    print(
        f"{first / 1024**2:.1f} MiB after {warm:.0f} s, {last / 1024**2:.1f} MiB at the end: {last / first:.3f} times"
    )
    assert len(day.memory.processes()) == 1
    assert last <= first * GROWTH


def test_no_answer_is_wrong_nothing_grows_and_only_the_restart_is_felt(
    django_db_blocker: DjangoDbBlocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect_static_files()
    places = [tmp_path / name for name in ("server-disk", "medium-1", "medium-2")]
    for place in places:
        place.mkdir()
    monkeypatch.setenv("BACKUP_PLACES", ",".join(map(str, places)))
    with own_server() as own, django_db_blocker.unblock(), working_on(copy := OwnCopy(own)):
        rows, coming = make_named_rows(FOUND), make_named_rows(PUBLISHED_MEANWHILE, first=FOUND)
        pairs = Pairs([pair_of(row) for row in rows], [pair_of(row, watched=True) for row in coming])
        make_published_release(Cast(), rows=rows)
        cast = Cast("3701")
        release = make_signed_release(cast, rows=coming)
        order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
        variables = variables_of(copy, "public", WEB_THREADS="4", TRUSTED_PROXIES="127.0.0.1")
        with running_worker(copy, tmp_path / "worker.log"), gunicorn_process(variables, as_a_service=True) as site:
            day = spend_the_day(site, own, cast, release, pairs)
    require_truth(day.record, ordered_at=day.ordered_at, published_at=day.published_at)
    assert not day.record.failures, day.record.failures[:10]
    felt_until = day.started_at + AFTER_THE_RESTART_SECONDS
    elsewhere = [at for at in day.record.unavailable_at if not day.stopped_at <= at <= felt_until]
    assert not elsewhere, (
        f"{len(elsewhere)} times 503, seconds after the beginning: {[at - day.begins_at for at in elsewhere[:10]]}"
    )
    require_flat_memory(day)
    # It is told that the server is away, waits, and comes back, once or twice; not every three seconds for good.
    assert (tmp_path / "worker.log").read_text().count("lost the database") <= 3
