"""Publication measured: a signed release made public against merely copying its rows, and lookups meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from statistics import median

from tests.bench.certificates import Register
from tests.bench.load import pace, percentile
from tests.bench.measuring import Figure, in_turns, run, say
from tests.bench.pairs import certificate_number, chosen, id_number
from tests.bench.publishing import empty_and_order_again, publish
from tests.bench.serving import Served, serving
from tests.bench.site import PROJECT, BenchSite
from tests.bench.sizes import Sizes

# Visitors come at this rate, which leaves the machine room: what is measured is how the publication holds them up.
_LOOKUPS_PER_SECOND = 25.0
_LOOKED_UP_IN = 20_000
_LEAST_SECONDS = 2.0
# What the register takes over as it is, and what it adds.
_COPIED = (
    "certificate_number, kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, "
    "level_text, theory_score, skill_score, overall_score, result, processed_date, issue_date, issuing_authority, "
    "assessment_office, change_reason, document_number, changed_fields, id_sealed, id_index, key_version"
)
_BARE = f"""INSERT INTO bare ({_COPIED}, revision_number, publication_id, position, first_published_on)
    SELECT {_COPIED}, 1, attempt_id, row_number, current_date FROM staged_row WHERE attempt_id = ANY(%s)"""


def measure_publication(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The time against a bare INSERT ... SELECT of the same rows, and the lookups' 95th percentile against a quiet time."""
    say(f"signing a release of {sizes.published:,} rows")
    release = int(str(run(site, "release", str(sizes.published)).answer["release"]))
    with site.connect() as connection:
        connection.execute("VACUUM ANALYZE staged_row")
    ratios, whole, plain = [], [], []
    for copied, published in in_turns(
        sizes.pairs, partial(_copy, site, release), partial(_publish, site, release, sizes)
    ):
        plain.append(copied)
        whole.append(published)
        ratios.append(published / copied)
        say(f"  {len(ratios)}: copied {copied:.2f} s, published {published:.2f} s, {ratios[-1]:.2f} times")
    name = f"publication of {sizes.published:,} staged rows, checked against their signatures"
    against = f"a bare INSERT ... SELECT of the same rows into a table with the same indexes ({median(plain):.2f} s)"
    yield Figure(name, median(ratios), 1.6, "lower", "ratio", against)
    yield Figure(f"{name}, seconds", median(whole), None, "lower", "s", "")
    yield from _measure_lookups(site, sizes, release, median(whole))


def _measure_lookups(site: BenchSite, sizes: Sizes, release: int, seconds: float) -> Iterator[Figure]:
    places = chosen(1_000, _LOOKED_UP_IN, seed=5)
    pairs = [(id_number(place), certificate_number(place)) for place in places]
    long = max(_LEAST_SECONDS, seconds)
    ratios, quiet, meanwhile = [], [], []
    with serving(site, "certlookup.settings", workers=1, threads=4) as served:
        for turn in range(sizes.pairs):
            empty_and_order_again(site, release)
            Register(site).grow(_LOOKED_UP_IN)
            # Whatever is only made at the first request is made before.
            pace(served, "/lookup/", pairs, rate=_LOOKUPS_PER_SECOND, seconds=1)
            alone: list[float] = []
            if turn % 2 == 0:
                alone = pace(served, "/lookup/", pairs, rate=_LOOKUPS_PER_SECOND, seconds=long)
            beside = _looked_up_while_publishing(site, served, release, pairs, long)
            alone = alone or pace(served, "/lookup/", pairs, rate=_LOOKUPS_PER_SECOND, seconds=long)
            quiet.append(percentile(alone, 95))
            meanwhile.append(percentile(beside, 95))
            ratios.append(meanwhile[-1] / quiet[-1])
            say(f"  {turn + 1}: 95th percentile {quiet[-1]:.1f} ms, meanwhile {meanwhile[-1]:.1f} ms")
    name = f"95th percentile of lookups while {sizes.published:,} rows are published"
    against = f"the same lookups with nothing else going on ({median(quiet):.1f} ms)"
    yield Figure(name, median(ratios), 1.3, "lower", "ratio", against)


def _looked_up_while_publishing(
    site: BenchSite, served: Served, release: int, pairs: list[tuple[str, str]], seconds: float
) -> list[float]:
    """The waiting times of lookups from the moment on at which publish() runs."""
    command = [sys.executable, "-m", "tests.bench.steps", "publish", str(release)]
    with (
        site.connect() as connection,
        subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=subprocess.PIPE, text=True) as process,
    ):
        while process.poll() is None and not _is_publishing(connection):
            time.sleep(0.01)
        waits = pace(served, "/lookup/", pairs, rate=_LOOKUPS_PER_SECOND, seconds=seconds)
        printed, _ = process.communicate()
    if process.returncode or not json.loads(printed.splitlines()[-1])["published"]:
        raise SystemExit("The release was not published while lookups were measured.")
    return waits


def _is_publishing(connection: object) -> bool:
    question = "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT publish(%' AND state = 'active'"
    return bool(connection.execute(question).fetchall())  # type: ignore[attr-defined]


def _copy(site: BenchSite, release: int) -> float:
    """The bare way, into an empty table."""
    empty_and_order_again(site, release)
    with site.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute("CREATE TABLE bare (LIKE certificate INCLUDING DEFAULTS INCLUDING INDEXES)")
        (attempts,) = connection.execute(
            "SELECT array_agg(b.attempt_id ORDER BY b.office_id) FROM release_item i JOIN batch b ON b.id = i.batch_id "
            "WHERE i.release_id = %s",
            [release],
        ).fetchone() or ([],)
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        connection.execute(_BARE, [attempts])
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE bare")
    return seconds


def _publish(site: BenchSite, release: int, sizes: Sizes) -> float:
    """The worker's way, into an empty register."""
    empty_and_order_again(site, release)
    return publish(site, release, sizes.published)
