"""A register of any size to look up in: rows by COPY as the owner, ID numbers under their real index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg

from certlookup.sealing import index_id
from tests.bench.measuring import run_beside
from tests.bench.pairs import certificate_number, id_number
from tests.bench.site import BenchSite

# Nothing else is ever filled: the mark is set by bench_site() in the server that it made itself.
MARK = "certlookup bench"
_COLUMNS = (
    "certificate_number, kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, "
    "level_text, theory_score, skill_score, result, processed_date, issue_date, issuing_authority, assessment_office, "
    "changed_fields, id_sealed, id_index, key_version, revision_number, publication_id, position, first_published_on"
)
_ROWS_AT_A_TIME = 5_000
_PUBLICATION = """
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason, row_count,
        issued_count, corrected_count, revoked_count, reinstated_count, searchable_before, searchable_after, digest,
        audit_head)
    SELECT 1, '2020-01-A', '2020-01-A', 'regular', now(), now(), '2020-01-15', '', 0, 0, 0, 0, 0, 0, 0, '', ''
    WHERE NOT EXISTS (SELECT FROM publication WHERE id = 1)"""
# Filling them row by row would take longer than building them.
_INDEXES = """
    SELECT format('ALTER TABLE certificate DROP CONSTRAINT %I', conname),
        format('ALTER TABLE certificate ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = 'certificate'::regclass AND contype IN ('p', 'u', 'f')
    UNION ALL
    SELECT format('DROP INDEX %I', relname), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = 'certificate'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""


def _lines(first: int, last: int) -> Iterator[bytes]:
    """Rows in COPY's text form. Commitment and sealed number are of the right length only: a lookup reads neither."""
    lines: list[str] = []
    for place in range(first, last):
        number, person = certificate_number(place), id_number(place)
        filler = hashlib.sha256(place.to_bytes(8, "big")).hexdigest()
        day = f"{person[6:10]}-{person[10:12]}-{person[12:14]}"
        lines.append(
            f"{number}\tissued\t测试{place % 100_000}\t{'男' if int(person[16]) % 2 else '女'}\tresident_id\t\\\\x{filler}\t"
            f"{day}\t电工\t6-31-01-03\t{number[10]}\t{'五四三二一'[5 - int(number[10])]}级\t82.5\t79\t合格\t2019-12-27\t"
            f"2019-12-27\t青岛市人力资源和社会保障局\t青岛市职业技能鉴定中心\t{{}}\t\\\\x{filler}{filler}\t"
            f"\\\\x{index_id(person)[0].hex()}\t1\t1\t1\t{place}\t2020-01-15\n"
        )
        if len(lines) == _ROWS_AT_A_TIME:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def copy_certificates(url: str, first: int, last: int) -> None:
    """Add the certificates from first up to last, in one COPY; url is the owner's, of a database marked for this."""
    with psycopg.connect(url, autocommit=True, options="-c search_path=certlookup") as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        if row is None or row[0] != MARK:
            raise SystemExit("This database isn't marked for the bench; nothing was written.")
        with connection.cursor().copy(f"COPY certificate ({_COLUMNS}) FROM STDIN") as copy:
            for lines in _lines(first, last):
                copy.write(lines)


class Register:
    """The register of a bench site, which grows from size to size."""

    def __init__(self, site: BenchSite) -> None:
        self._site = site
        self.count = 0
        with site.connect() as connection:
            connection.execute(f"COMMENT ON DATABASE certlookup IS '{MARK}'")
            for table in ("certificate", "publication"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.execute("TRUNCATE certificate, revision")
            connection.execute(_PUBLICATION)
            for table in ("certificate", "publication"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")

    def grow(self, count: int, *, analyse: bool = True) -> None:
        """Add certificates until there are so many, by two processes, with the indexes built afterwards."""
        if count <= self.count:
            return
        middle = (self.count + count) // 2
        url = self._site.running.url_for("certlookup_owner")
        with self._site.connect() as connection:
            connection.execute("ALTER TABLE certificate DISABLE TRIGGER ALL")
            indexes = connection.execute(_INDEXES).fetchall()
            for drop, _ in indexes:
                connection.execute(str(drop))
            run_beside(self._site, "copy", f"{self.count} {middle} {url}", f"{middle} {count} {url}")
            connection.execute("SET maintenance_work_mem = '512MB'")
            for _, create in indexes:
                connection.execute(str(create))
            connection.execute("ALTER TABLE certificate ENABLE TRIGGER ALL")
            connection.execute("VACUUM (ANALYZE) certificate" if analyse else "VACUUM certificate")
            connection.execute("CHECKPOINT")
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
