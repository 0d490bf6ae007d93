"""The same release published again and again: the database as it was before, then publish() in the worker's way."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.bench.measuring import run
from tests.bench.site import BenchSite, require_mark

_TABLES = ("certificate", "revision", "publication", "bulletin_line", "release", "batch")


def publish(site: BenchSite, release: int, rows: int) -> float:
    """The seconds that the worker needs to make a release of so many rows public."""
    measured = run(site, "publish", str(release))
    assert measured.answer["published"] == rows, measured.answer
    return measured.seconds


def empty_and_order_again(site: BenchSite, release: int) -> None:
    """An empty register, and the release ordered but not yet published."""
    with site.connect() as connection:
        _order_again(connection, release, "TRUNCATE certificate, revision, bulletin_line", "DELETE FROM publication")


def take_back(site: BenchSite, release: int) -> None:
    """The register as before the release's publication, its space free for the next, and the release ordered again.

    Indexes that were split stay so, as if earlier half-months had come: publish once before measuring.
    """
    with site.connect() as connection:
        row = connection.execute("SELECT publication_id FROM release WHERE id = %s", [release]).fetchone()
        assert row is not None
        _order_again(
            connection,
            release,
            "TRUNCATE bulletin_line",
            *(
                f"DELETE FROM {table} WHERE {column} = {int(str(row[0]))}"
                for table, column in (("certificate", "publication_id"), ("publication", "id"))
                if row[0] is not None
            ),
        )
        connection.execute("VACUUM certificate")
        connection.execute("CHECKPOINT")


def _order_again(connection: psycopg.Connection[Any], release: int, *first: str) -> None:
    require_mark(connection)
    for table in _TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    connection.execute(
        "UPDATE batch SET state = 'in_release' WHERE id IN (SELECT batch_id FROM release_item WHERE release_id = %s)",
        [release],
    )
    connection.execute("UPDATE release SET state = 'publishing', publication_id = NULL WHERE id = %s", [release])
    for statement in first:
        connection.execute(statement)
    for table in _TABLES:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        _enable_always(connection, table)
    connection.execute("CHECKPOINT")


def _enable_always(connection: psycopg.Connection[Any], table: str) -> None:
    """Our own triggers fire ALWAYS, as they are written."""
    names = connection.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
    ).fetchall()
    for (name,) in names:
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
