"""A register of any size to look up in: rows by COPY as the owner, ID numbers under their real index."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context

import psycopg

from certlookup.sealing import index_id
from tests.bench.measuring import run
from tests.bench.pairs import certificate_number, id_numbers
from tests.bench.site import BenchSite, require_mark

_COLUMNS = (
    "certificate_number, kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, "
    "level_text, theory_score, skill_score, result, processed_date, issue_date, issuing_authority, assessment_office, "
    "changed_fields, id_sealed, id_index, key_version, revision_number, publication_id, position, first_published_on"
)
_ROWS_AT_A_TIME = 10_000
# Blocks that are made ahead of the one that is sent, so that memory stays bounded whoever is slower.
_BLOCKS_AHEAD = 6
_PUBLICATION = """
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason, row_count,
        issued_count, corrected_count, revoked_count, reinstated_count, searchable_before, searchable_after, digest,
        audit_head)
    SELECT 1, '2020-01-A', '2020-01-A', 'regular', now(), now(), '2020-01-15', '', 0, 0, 0, 0, 0, 0, 0, '', ''
    WHERE NOT EXISTS (SELECT FROM publication WHERE id = 1)"""
# Filling them row by row would take longer than building them. But an index that is built has its pages nine tenths full,
# and one that grew in no order, as that of the pairs does, seven: so many pages a half-month's rows fall into.
_INDEXES = """
    SELECT format('ALTER TABLE certificate DROP CONSTRAINT %I', conname),
        format('ALTER TABLE certificate ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = 'certificate'::regclass AND contype IN ('p', 'u', 'f')
    UNION ALL
    SELECT format('DROP INDEX %I', relname),
        replace(pg_get_indexdef(indexrelid), 'WITH (deduplicate_items', 'WITH (fillfactor=70, deduplicate_items')
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = 'certificate'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
_GROWS_ON = "ALTER INDEX certificate_by_pair RESET (fillfactor)"
# While it is filled only: nothing of it has to survive a power cut, and what is measured afterwards runs as always.
_WHILE_FILLING = {"fsync": "off", "full_page_writes": "off"}
_FOR_INDEXES = {"maintenance_work_mem": "'1GB'", "max_parallel_maintenance_workers": "2"}


def _lines(first: int, last: int) -> bytes:
    """Rows in COPY's text form. Commitment and sealed number are of the right length only: a lookup reads neither."""
    lines: list[str] = []
    for place, person in enumerate(id_numbers(first, last), first):
        number = certificate_number(place)
        filler = hashlib.sha256(place.to_bytes(8, "big")).hexdigest()
        lines.append(
            f"{number}\tissued\t测试{place % 100_000}\t{'男' if int(person[16]) % 2 else '女'}\tresident_id\t\\\\x{filler}\t"
            f"{person[6:10]}-{person[10:12]}-{person[12:14]}\t电工\t6-31-01-03\t{number[10]}\t"
            f"{'五四三二一'[5 - int(number[10])]}级\t82.5\t79\t合格\t2019-12-27\t2019-12-27\t青岛市人力资源和社会保障局\t"
            f"青岛市职业技能鉴定中心\t{{}}\t\\\\x{filler}{filler}\t\\\\x{index_id(person)[0].hex()}\t1\t1\t1\t{place}\t"
            "2020-01-15\n"
        )
    return "".join(lines).encode()


def _blocks(count: int) -> Iterator[bytes]:
    """The rows of so many certificates in order, made by a second process while the first one sends them."""
    starts = iter(range(0, count, _ROWS_AT_A_TIME))
    with get_context("fork").Pool(2) as pool:
        waiting = deque(
            pool.apply_async(_lines, (start, min(start + _ROWS_AT_A_TIME, count)))
            # islice takes no more than so many; zip would take one more from the iterator, and lose it.
            for start in islice(starts, _BLOCKS_AHEAD)
        )
        while waiting:
            yield waiting.popleft().get()
            if (start := next(starts, None)) is not None:
                waiting.append(pool.apply_async(_lines, (start, min(start + _ROWS_AT_A_TIME, count))))


def copy_certificates(url: str, count: int) -> None:
    """Replace the register by that many certificates, in one COPY; url is the owner's, of a database marked for this.

    The rows are frozen from the start, which only a table emptied in the same transaction allows: no later pass over
    them is needed, and none disturbs what is measured.
    """
    with psycopg.connect(url, options="-c search_path=certlookup") as connection:
        require_mark(connection)
        connection.execute("TRUNCATE certificate")
        with connection.cursor().copy(f"COPY certificate ({_COLUMNS}) FROM STDIN (FREEZE)") as copy:
            for lines in _blocks(count):
                copy.write(lines)


class Register:
    """The register of a bench site, which grows from size to size."""

    def __init__(self, site: BenchSite) -> None:
        self._site = site
        self.count = 0
        with site.connect() as connection:
            require_mark(connection)
            for table in ("certificate", "publication"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.execute("TRUNCATE certificate, revision")
            connection.execute(_PUBLICATION)
            connection.execute("SELECT setval(pg_get_serial_sequence('publication', 'id'), max(id)) FROM publication")
            for table in ("certificate", "publication"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")

    def grow(self, count: int, *, analyse: bool = True) -> None:
        """Fill it anew until there are so many, with the indexes built afterwards."""
        if count <= self.count:
            return
        with self._site.connect() as connection, _quickly(connection):
            connection.execute("ALTER TABLE certificate DISABLE TRIGGER ALL")
            indexes = connection.execute(_INDEXES).fetchall()
            for drop, _ in indexes:
                connection.execute(str(drop))
            run(self._site, "copy", f"{count} {self._site.url_for('certlookup_owner')}")
            for name, value in _FOR_INDEXES.items():
                connection.execute(f"SET {name} = {value}")
            for _, create in indexes:
                connection.execute(str(create))
            connection.execute(_GROWS_ON)
            connection.execute("ALTER TABLE certificate ENABLE TRIGGER ALL")
            if analyse:
                connection.execute("ANALYZE certificate")
        self.count = count

    def sizes(self) -> dict[str, int]:
        """Bytes of the table and of each of its indexes."""
        with self._site.connect() as connection:
            rows = connection.execute(
                "SELECT 'certificate', pg_table_size('certificate') UNION ALL "
                "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index "
                "WHERE indrelid = 'certificate'::regclass"
            ).fetchall()
        return {str(name): int(str(size)) for name, size in rows}


@contextmanager
def _quickly(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """The server without what a register that can be made again doesn't need; as before, and all on disk, afterwards."""
    for name, value in _WHILE_FILLING.items():
        connection.execute(f"ALTER SYSTEM SET {name} = {value}")
    connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        for name in _WHILE_FILLING:
            connection.execute(f"ALTER SYSTEM RESET {name}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CHECKPOINT")
