"""A register of many certificates, made in the database: no file, no signatures, only to be measured against."""

from tests.bench.site import BenchSite

_PUBLICATION = """
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason, row_count,
        issued_count, corrected_count, revoked_count, reinstated_count, searchable_before, searchable_after, digest,
        audit_head)
    SELECT 1, '测试', '2020-01-A', 'regular', now(), now(), current_date, '', 0, 0, 0, 0, 0, 0, 0, '', ''
    WHERE NOT EXISTS (SELECT FROM publication WHERE id = 1)"""
# Ten years of numbers of every city, in the insertion's order spread over all of them; each person has one certificate.
_CERTIFICATES = """
    INSERT INTO certificate (certificate_number, kind, holder_name, sex, id_type, id_commitment, birth_date, occupation,
        occupation_code, level, level_text, theory_score, skill_score, result, processed_date, issue_date,
        issuing_authority, assessment_office, changed_fields, id_sealed, id_index, key_version, revision_number,
        publication_id, position, first_published_on)
    SELECT to_char(17 + n %% 10, 'FM00') || '15' || to_char(1 + n / 10 %% 17, 'FM00') || to_char(n / 170 %% 40, 'FM0000')
            || (1 + n / 6800 %% 5) || to_char(60000 + n / 34000, 'FM00000'),
        'issued', '测试' || n %% 100000, '男', 'resident_id', sha256(int8send(-n)), '1990-01-01', '电工', '6-31-01-03',
        1 + n / 6800 %% 5, '三级/高级工', '82.5', '79.0', '合格', '2015-01-01', '2015-01-01',
        '青岛市人力资源和社会保障局', '青岛市职业技能鉴定中心', '{}',
        sha256(int8send(n)) || sha256(int8send(-n)) || decode('00112233445566778899aabbccdd', 'hex'),
        sha256(int8send(n)), 1, 1, 1, n, '2015-02-01'
    FROM generate_series(%s::bigint, %s::bigint) n"""
# Filling them row by row would take longer than building them.
_INDEXES = """
    SELECT format('ALTER TABLE certificate DROP CONSTRAINT %I', conname),
        format('ALTER TABLE certificate ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = 'certificate'::regclass AND contype IN ('p', 'u', 'f')
    UNION ALL
    SELECT format('DROP INDEX %I', relname), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = 'certificate'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
_MANY = 1_000_000


def grow_register(site: BenchSite, count: int) -> None:
    """Add certificates until there are `count`. Not analysed: the checks have to be quick with old statistics too."""
    with site.connect() as connection:
        connection.execute("ALTER TABLE certificate DISABLE TRIGGER ALL")
        connection.execute(_PUBLICATION)
        row = connection.execute("SELECT coalesce(max(position), 0) FROM certificate").fetchone()
        present = int(str(row[0])) if row else 0
        indexes = connection.execute(_INDEXES).fetchall() if count - present > _MANY else []
        with connection.transaction():
            for drop, _ in indexes:
                connection.execute(str(drop))
            connection.execute(_CERTIFICATES, [present + 1, count])
            connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
            for _, create in indexes:
                connection.execute(str(create))
        connection.execute("ALTER TABLE certificate ENABLE TRIGGER ALL")
        connection.execute("CHECKPOINT")
