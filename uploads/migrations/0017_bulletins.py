"""公报, written by publish() in its own transaction, and the one question that stands for a million foreign keys."""

from django.db import migrations

FORWARD = """
-- One line per office: what the publication brought of it, and when it reported. A regular publication names the offices
-- that are missing, too, unless another publication of the half-month has brought them already.
CREATE FUNCTION write_bulletin(p_publication bigint, r release) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bulletin_line (publication_id, office_id, timeliness, issued_count, backfilled_count, corrected_count,
            revoked_count, reinstated_count)
        SELECT p_publication, coalesce(o.code, m.office_id), coalesce(m.reported, CASE r.kind
                WHEN 'regular' THEN 'missing' WHEN 'replacement' THEN 'any_day' ELSE 'on_time' END),
            coalesce(m.issued, 0), coalesce(m.backfilled, 0), coalesce(m.corrected, 0), coalesce(m.revoked, 0),
            coalesce(m.reinstated, 0)
        FROM (
            SELECT b.office_id,
                max(CASE WHEN b.declares_no_data THEN 'no_data' WHEN b.kind <> 'regular' THEN NULL
                    WHEN b.submitted_at < d.opens_at THEN 'early' WHEN b.submitted_at >= d.closes_at THEN 'late'
                    ELSE 'on_time' END) AS reported,
                sum(t.accepted_count) FILTER (WHERE b.kind = 'regular') AS issued,
                sum(t.accepted_count) FILTER (WHERE b.kind = 'backfill') AS backfilled,
                sum(t.accepted_count) FILTER (WHERE b.kind = 'correction') AS corrected,
                sum(t.accepted_count) FILTER (WHERE b.kind = 'revocation') AS revoked,
                sum(t.accepted_count) FILTER (WHERE b.kind = 'reinstatement') AS reinstated
            FROM release_item i JOIN batch b ON b.id = i.batch_id JOIN period_days d ON d.code = b.period_id
                LEFT JOIN attempt t ON t.id = b.attempt_id AND NOT b.declares_no_data
            WHERE i.release_id = r.id AND i.left_at IS NULL GROUP BY b.office_id
        ) m FULL JOIN (
            SELECT o.code FROM office o JOIN period_days d ON d.code = r.period_id
            WHERE r.kind = 'regular' AND o.valid_from <= d.last_day AND coalesce(o.valid_to >= d.last_day, true)
                AND NOT EXISTS (SELECT FROM batch b WHERE b.office_id = o.code AND b.period_id = r.period_id
                    AND b.kind = 'regular' AND b.state = 'published')
        ) o ON o.code = m.office_id;
END $$;

CREATE TRIGGER bulletin_line_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON bulletin_line
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE bulletin_line ENABLE ALWAYS TRIGGER bulletin_line_never_changes;

-- The register has no foreign key to publication, which would be looked up once per row: this looks once per
-- publication, going from one to the next along the index over positions.
CREATE FUNCTION certificates_name_their_publication() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF EXISTS (
        WITH RECURSIVE named AS (
            SELECT min(publication_id) AS id FROM certificate
            UNION ALL
            SELECT (SELECT min(publication_id) FROM certificate WHERE publication_id > n.id) FROM named n
                WHERE n.id IS NOT NULL
        ) SELECT FROM named n WHERE n.id IS NOT NULL AND NOT EXISTS (SELECT FROM publication p WHERE p.id = n.id)
    ) THEN
        PERFORM refuse('certificate_names_no_publication');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER certificates_name_their_publication AFTER INSERT OR UPDATE OF publication_id ON certificate
    FOR EACH STATEMENT EXECUTE FUNCTION certificates_name_their_publication();
ALTER TABLE certificate ENABLE ALWAYS TRIGGER certificates_name_their_publication;
REVOKE EXECUTE ON FUNCTION write_bulletin(bigint, release), certificates_name_their_publication() FROM PUBLIC;
"""

BACKWARD = """
DROP TRIGGER certificates_name_their_publication ON certificate;
DROP FUNCTION certificates_name_their_publication();
DROP TRIGGER bulletin_line_never_changes ON bulletin_line;
DROP FUNCTION write_bulletin(bigint, release);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0016_calendar"), ("certificates", "0011_bulletins")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
