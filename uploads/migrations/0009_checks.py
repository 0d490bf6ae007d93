"""Warnings that the operator explains before signing: the explanation, and the one function that writes it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

FORWARD = """
-- uploads/intake/rules.py marks the same rules; a test holds them equal.
CREATE FUNCTION needs_explanation(p_rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p_rule IN ('R-205')
$$;

CREATE TRIGGER warning_explanation_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON warning_explanation
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE warning_explanation ENABLE ALWAYS TRIGGER warning_explanation_never_changes;

-- Whoever signs the batch first, or hands it in, says why; once it is signed nothing is added.
CREATE FUNCTION explain_warnings(p_batch bigint, p_person bigint, p_text text, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    entitled_as text;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_batch');
    ELSIF b.state <> 'checked' THEN
        PERFORM refuse('explanation_is_not_due', b.state);
    ELSIF coalesce(trim(p_text), '') = '' THEN
        PERFORM refuse('explanation_says_nothing');
    ELSIF b.declares_no_data OR NOT EXISTS (
            SELECT FROM row_problem WHERE attempt_id = b.attempt_id AND needs_explanation(rule)) THEN
        PERFORM refuse('explanation_is_not_due', b.state);
    END IF;
    entitled_as := CASE b.way_in WHEN 'account' THEN 'city_operator' ELSE 'provincial_operator' END;
    PERFORM require_entitled(p_person, entitled_as, b.office_id, clock_timestamp());
    INSERT INTO warning_explanation (attempt_id, text, explained_by_id, explained_at)
        VALUES (b.attempt_id, trim(p_text), p_person, clock_timestamp());
    PERFORM record(p_person, entitled_as, p_address, 'batch.warnings_explained', 'batch', b.id::text, 'done',
        jsonb_build_object('attempt', b.attempt_id));
END $$;
REVOKE EXECUTE ON FUNCTION explain_warnings(bigint, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION needs_explanation(text) FROM PUBLIC;
"""

BACKWARD = """
DROP FUNCTION explain_warnings(bigint, bigint, text, text);
DROP TRIGGER warning_explanation_never_changes ON warning_explanation;
DROP FUNCTION needs_explanation(text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0008_profiles")]
    operations = [
        migrations.CreateModel(
            name="WarningExplanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500)),
                ("explained_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="explanations", to="uploads.attempt"
                    ),
                ),
                (
                    "explained_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"db_table": "warning_explanation", "ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="warningexplanation",
            constraint=models.CheckConstraint(condition=~Q(text=""), name="warning_explanation_says_something"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
