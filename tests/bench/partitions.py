"""The register in hash partitions by the pair of numbers that a lookup asks for, against the same rows in one table.

docs/decisions.md says what came of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from statistics import median

from tests.bench.certificates import Register
from tests.bench.measuring import Figure, in_turns, say
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes

_PARTITIONS = 16
_ASKED = 100_000
# By an expression no table can be partitioned and keep a key: the number's index is a plain one on both sides.
_INDEXES = ("(certificate_number)", "(id_index)", "(publication_id, position)", "(({first}), ({second}))")
# The pair is fetched from a small table first, on both sides: pgbench can't compute an ID number's index.
_SELECT = """\\set n random(1, {asked})
SELECT certificate_number, holder_name, occupation, level_text, issue_date FROM {table}
    WHERE ({first}) = (SELECT first FROM asked WHERE n = :n) AND ({second}) = (SELECT second FROM asked WHERE n = :n);
"""
_ASK = """INSERT INTO asked SELECT row_number() OVER (), {first}, {second}
    FROM (SELECT * FROM certificate ORDER BY id_index LIMIT {asked}) certificate"""
_HALF_MONTH = """
    CREATE TABLE half_month AS SELECT * FROM certificate ORDER BY position LIMIT {rows};
    UPDATE half_month SET certificate_number = '26' || substr(certificate_number, 3), publication_id = 2,
        id_index = sha256(id_index);
    VACUUM ANALYZE half_month"""


def measure_partitions(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """Lookups, a half-month's insertion and bytes, in partitions against in one table."""
    say(f"{sizes.partitioned:,} certificates in one table and in {_PARTITIONS} partitions")
    Register(site).grow(sizes.partitioned)
    pair = _prepare(site, sizes)
    tables = ("in_one", "in_parts")
    selects = [partial(_selects, site, table, pair, sizes) for table in tables]
    for warm_up in selects:
        warm_up()
    rates = list(in_turns(sizes.pairs, *selects))
    inserts = [partial(_insert, site, table) for table in tables]
    for warm_up in inserts:
        warm_up()
    seconds = list(in_turns(sizes.pairs, *inserts))
    one, parts = (_bytes(site, table) for table in tables)
    among = f"among {sizes.partitioned:,} certificates in {_PARTITIONS} partitions"
    against = f"one table ({median(rate for rate, _ in rates):,.0f}/s)"
    yield Figure(f"time per SELECT {among}", median(a / b for a, b in rates), None, "lower", "ratio", against)
    against = f"one table ({median(second for second, _ in seconds):.2f} s)"
    name = f"insertion of {sizes.half_month:,} rows {among}"
    yield Figure(name, median(b / a for a, b in seconds), None, "lower", "ratio", against)
    against = f"one table ({one / sizes.partitioned:.0f} bytes per certificate)"
    yield Figure(f"bytes {among}", parts / one, None, "lower", "ratio", against)


def _prepare(site: BenchSite, sizes: Sizes) -> dict[str, str]:
    """Make both tables of the register's rows; the two expressions of a pair, as the register's index has them."""
    with site.connect() as connection:
        row = connection.execute(
            "SELECT pg_get_indexdef(pair, 1, false), pg_get_indexdef(pair, 2, false) "
            "FROM (SELECT 'certificate_by_pair'::regclass AS pair) AS index"
        ).fetchone()
        assert row is not None
        pair = {"first": str(row[0]), "second": str(row[1])}
        for statement in (
            "CREATE TABLE in_one (LIKE certificate INCLUDING DEFAULTS)",
            "CREATE TABLE in_parts (LIKE certificate INCLUDING DEFAULTS) PARTITION BY HASH (({first}), ({second}))".format(
                **pair
            ),
            *(
                f"CREATE TABLE in_parts_{part} PARTITION OF in_parts FOR VALUES WITH (MODULUS {_PARTITIONS}, REMAINDER {part})"
                for part in range(_PARTITIONS)
            ),
            "SET maintenance_work_mem = '512MB'",
            *(f"INSERT INTO {table} SELECT * FROM certificate" for table in ("in_one", "in_parts")),
            *(
                f"CREATE INDEX ON {table} {index.format(**pair)}"
                for table in ("in_one", "in_parts")
                for index in _INDEXES
            ),
            "CREATE TABLE asked (n integer PRIMARY KEY, first integer NOT NULL, second integer NOT NULL)",
            _ASK.format(**pair, asked=_ASKED),
            *_HALF_MONTH.format(rows=min(sizes.half_month, sizes.partitioned)).split(";"),
            *(f"VACUUM ANALYZE {table}" for table in ("in_one", "in_parts", "asked")),
        ):
            connection.execute(statement)
    return pair


def _selects(site: BenchSite, table: str, pair: dict[str, str], sizes: Sizes) -> float:
    script = site.folder / f"{table}.sql"
    asked = min(_ASKED, sizes.partitioned)
    script.write_text(_SELECT.format(asked=asked, table=table, **pair), encoding="utf-8")
    command = [
        str(site.running.binaries.program("pgbench")), "-n", "-M", "prepared", "-f", str(script), "-c", "8", "-j", "2",
        "-T", str(sizes.seconds), site.url_for("postgres"),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=sizes.seconds + 60,
        env=os.environ | {"PGOPTIONS": "-c search_path=certlookup"},
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}")
    say(f"  {table}: {float(found[1]):,.0f} SELECTs/s")
    return float(found[1])


def _insert(site: BenchSite, table: str) -> float:
    """The seconds of the insertion, after a checkpoint; the rows are taken out again."""
    with site.connect() as connection:
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        connection.execute(f"INSERT INTO {table} SELECT * FROM half_month")
        seconds = time.perf_counter() - started
        connection.execute(f"DELETE FROM {table} WHERE publication_id = 2")
        connection.execute(f"VACUUM {table}")
    say(f"  {table}: {seconds:.2f} s")
    return seconds


def _bytes(site: BenchSite, table: str) -> int:
    question = (
        "SELECT pg_total_relation_size(%(table)s::regclass) + coalesce(sum(pg_total_relation_size(inhrelid)), 0) "
        "FROM pg_inherits WHERE inhparent = %(table)s::regclass"
    )
    with site.connect() as connection:
        (size,) = connection.execute(question, {"table": table}).fetchone() or (0,)
    return int(str(size))
