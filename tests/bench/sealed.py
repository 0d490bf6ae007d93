"""A register whose ID numbers are really sealed, as one publication with its root: to be verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg

from certlookup.sealing import seal_id
from tests.bench.site import require_mark

_COLUMNS = (
    "certificate_number, kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, "
    "level_text, theory_score, skill_score, result, processed_date, issue_date, issuing_authority, assessment_office, "
    "changed_fields, id_sealed, id_index, key_version, revision_number, publication_id, position, first_published_on"
)
# Nothing was released: the digest over no batches, as release_digest() has it.
_PUBLICATION = """
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason, row_count,
        issued_count, corrected_count, revoked_count, reinstated_count, searchable_before, searchable_after, digest,
        audit_head)
    VALUES (1, '测试', '2020-01-A', 'regular', now(), now(), '2020-01-15', '', %(n)s, %(n)s, 0, 0, 0, 0, %(n)s, %(digest)s,
        (SELECT hash FROM audit_head))"""


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    for place in range(count):
        number = f"20150{place // 99_999:05d}3{place % 99_999 + 1:05d}"
        sealed = seal_id(f"379901{1960 + place % 40}0101{place % 1000:03d}{place % 10}")
        yield (
            number, "issued", "测试", "男", "resident_id", sealed.commitment, "1990-01-01", "电工", "6-31-01-03", 3,
            "三级/高级工", "82.5", "79.0", "合格", "2019-12-27", "2019-12-27", "青岛市人力资源和社会保障局",
            "青岛市职业技能鉴定中心", [], sealed.sealed, sealed.index, sealed.key_version, 1, 1, place, "2020-01-15",
        )  # fmt: skip


def fill_register(url: str, count: int) -> None:
    """Publish that many certificates, sealed under this process's keys; url is a superuser's."""
    with psycopg.connect(url, autocommit=True, options="-c search_path=certlookup") as connection:
        require_mark(connection)
        connection.execute("ALTER TABLE certificate DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE publication DISABLE TRIGGER ALL")
        connection.execute(_PUBLICATION, {"n": count, "digest": hashlib.sha256(b"").digest()})
        with connection.cursor().copy(f"COPY certificate ({_COLUMNS}) FROM STDIN") as copy:
            for row in _rows(count):
                copy.write_row(row)
        connection.execute("ALTER TABLE publication ENABLE TRIGGER ALL")
        connection.execute("ALTER TABLE certificate ENABLE TRIGGER ALL")
        connection.execute("ANALYZE certificate")
