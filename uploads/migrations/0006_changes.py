"""Corrections, revocations, reinstatements: what a staged change has to hold, and when it is still possible.

A change is made against one revision of a certificate. Signing and publishing ask again whether the certificate is still
there in that revision, whether its state allows the change, whether the office may make it, and whether the fields said
to be changed are those that differ. Python says the same kindly (uploads/intake/changes.py); a test compares both.
"""

from django.db import migrations, models

# The layout's fields in their order; the ID number is compared by its commitment, the level with its spelling.
COMPARED = {
    "holder_name": "holder_name", "sex": "sex", "id_type": "id_type", "id_number": "id_commitment",
    "birth_date": "birth_date", "occupation": "occupation", "occupation_code": "occupation_code",
    "level": "level, {r}.level_text", "theory_score": "theory_score", "skill_score": "skill_score",
    "overall_score": "overall_score", "result": "result", "processed_date": "processed_date",
    "issue_date": "issue_date", "issuing_authority": "issuing_authority", "assessment_office": "assessment_office",
}  # fmt: skip
DIFFERENCES = ",\n        ".join(
    f"CASE WHEN (c.{columns.format(r='c')}) IS DISTINCT FROM (s.{columns.format(r='s')}) THEN '{name}' END"
    for name, columns in COMPARED.items()
)

FORWARD = f"""
-- What a row of each kind of batch becomes in the register.
CREATE FUNCTION row_kind_of(p_batch_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_batch_kind WHEN 'correction' THEN 'corrected' WHEN 'revocation' THEN 'revoked'
        WHEN 'reinstatement' THEN 'reinstated' ELSE 'issued' END
$$;

CREATE FUNCTION differing_fields(c certificate, s staged_row) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        {DIFFERENCES}], NULL)
$$;

-- The office that reported a certificate first; NULL where none of our batches brought it.
CREATE FUNCTION reporting_office(p_number text) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT b.office_id FROM staged_row s JOIN batch b ON b.attempt_id = s.attempt_id AND b.state = 'published'
    WHERE s.certificate_number = p_number AND s.kind = 'issued' ORDER BY b.id LIMIT 1
$$;

-- Whether the office is that one, or its successor (of a successor); of an unknown one everybody's.
CREATE FUNCTION answers_for(p_office text, p_other text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, certlookup, pg_temp AS $$
    WITH RECURSIVE chain(code) AS (
        SELECT p_other COLLATE "C" UNION SELECT o.successor_id FROM office o JOIN chain c ON c.code = o.code
            WHERE o.successor_id IS NOT NULL)
    SELECT p_other IS NULL OR EXISTS (SELECT FROM chain WHERE code = p_office)
$$;
REVOKE EXECUTE ON FUNCTION row_kind_of(text), differing_fields(certificate, staged_row), reporting_office(text),
    answers_for(text, text) FROM PUBLIC;

CREATE FUNCTION require_possible_changes(p_batch batch) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    met record;
BEGIN
    SELECT * INTO met FROM (
        SELECT s.row_number, s.certificate_number AS number,
            c.certificate_number IS NULL AS missing,
            c.revision_number <> s.base_revision AS moved_on,
            (c.kind = 'revoked') <> (s.kind = 'reinstated') AS impossible,
            s.changed_fields::text[] <> differing_fields(c, s)
                OR (s.kind = 'corrected') = (s.changed_fields = '{{}}') AS misstated,
            p_batch.way_in <> 'province'
                AND NOT answers_for(p_batch.office_id, reporting_office(s.certificate_number)) AS foreign_office
        FROM staged_row s LEFT JOIN certificate c USING (certificate_number) WHERE s.attempt_id = p_batch.attempt_id) r
        WHERE missing OR moved_on OR impossible OR misstated OR foreign_office ORDER BY row_number LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    ELSIF met.missing THEN
        PERFORM refuse('certificate_not_in_register', met.number);
    ELSIF met.moved_on THEN
        PERFORM refuse('certificate_changed_meanwhile', met.number);
    ELSIF met.impossible THEN
        PERFORM refuse('change_not_possible_in_this_state', met.number);
    ELSIF met.misstated THEN
        PERFORM refuse('changed_fields_are_others', met.number);
    END IF;
    PERFORM refuse('certificate_of_another_office', met.number);
END $$;
REVOKE EXECUTE ON FUNCTION require_possible_changes(batch) FROM PUBLIC;

-- A replacement release holds corrections, revocations and reinstatements, every other one regular and backfill batches.
CREATE FUNCTION release_takes_batches_of_its_kind() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF (SELECT kind = 'replacement' FROM release WHERE id = NEW.release_id)
        <> (SELECT row_kind_of(kind) <> 'issued' FROM batch WHERE id = NEW.batch_id) THEN
        PERFORM refuse('batch_belongs_in_another_release', NEW.batch_id::text);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_item_of_its_kind BEFORE INSERT ON release_item
    FOR EACH ROW EXECUTE FUNCTION release_takes_batches_of_its_kind();
ALTER TABLE release_item ENABLE ALWAYS TRIGGER release_item_of_its_kind;
"""

BACKWARD = """
DROP TRIGGER release_item_of_its_kind ON release_item;
DROP FUNCTION release_takes_batches_of_its_kind();
DROP FUNCTION require_possible_changes(batch);
DROP FUNCTION answers_for(text, text);
DROP FUNCTION reporting_office(text);
DROP FUNCTION differing_fields(certificate, staged_row);
DROP FUNCTION row_kind_of(text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0005_publishing")]
    operations = [
        migrations.AddField("stagedrow", "base_revision", models.IntegerField(null=True)),
        migrations.AddConstraint(
            "stagedrow",
            models.CheckConstraint(
                condition=models.Q(kind="issued", base_revision=None)
                | (~models.Q(kind="issued") & models.Q(base_revision__isnull=False)),
                name="staged_change_names_its_base",
            ),
        ),
        migrations.AddConstraint(
            "stagedrow",
            models.CheckConstraint(
                condition=models.Q(kind="issued")
                | models.Q(change_reason__isnull=False, change_reason__regex=r"\S"),
                name="staged_change_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            "stagedrow",
            models.CheckConstraint(
                condition=models.Q(kind__in=["issued", "corrected"])
                | models.Q(document_number__isnull=False, document_number__regex=r"\S"),
                name="staged_revocation_names_its_document",
            ),
        ),
        migrations.AddConstraint(
            "stagedrow",
            models.CheckConstraint(
                condition=~models.Q(kind="revoked")
                | models.Q(change_reason__in=["错误核发", "以欺骗等不正当手段取得", "其他决定"]),
                name="staged_revocation_has_one_of_three_reasons",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
