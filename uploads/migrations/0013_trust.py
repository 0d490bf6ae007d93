"""核对, and the end of old keys: what recomputing the register and the audit trail came to, and that nothing is published while it differs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
-- Anybody may look; what was found stays, and the newest of each kind counts.
CREATE FUNCTION note_verification(p_kind text, p_begun_at timestamptz, p_rows bigint, p_count integer,
    p_differences jsonb, p_person bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    noted bigint;
BEGIN
    INSERT INTO verification (kind, begun_at, ended_at, row_count, difference_count, differences, asked_by_id)
        VALUES (p_kind, p_begun_at, clock_timestamp(), p_rows, p_count, p_differences, p_person) RETURNING id INTO noted;
    PERFORM record(p_person, '', '', 'verification.made', 'verification', noted::text, 'done',
        jsonb_build_object('kind', p_kind, 'rows', p_rows, 'differences', p_count));
    RETURN noted;
END $$;
REVOKE EXECUTE ON FUNCTION note_verification(text, timestamptz, bigint, integer, jsonb, bigint) FROM PUBLIC;

CREATE FUNCTION require_sound_register() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT ON (kind) difference_count FROM verification ORDER BY kind, id DESC) newest
            WHERE difference_count > 0) THEN
        PERFORM refuse('last_verification_found_differences');
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION require_sound_register() FROM PUBLIC;

-- After a rotation: older keys are retired once nothing is sealed under them any more.
CREATE FUNCTION retire_keys(p_newest smallint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM certificate WHERE key_version <> p_newest)
        OR EXISTS (SELECT FROM revision WHERE key_version <> p_newest)
        OR EXISTS (SELECT FROM staged_row WHERE key_version <> p_newest)
        OR EXISTS (SELECT FROM enquiry WHERE key_version <> p_newest)
        OR EXISTS (SELECT FROM forgery_report WHERE key_version <> p_newest) THEN
        PERFORM refuse('key_is_still_in_use');
    END IF;
    UPDATE key_fingerprint SET retired_at = clock_timestamp() WHERE version < p_newest AND retired_at IS NULL;
END $$;
REVOKE EXECUTE ON FUNCTION retire_keys(smallint) FROM PUBLIC;

CREATE TRIGGER verification_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON verification
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE verification ENABLE ALWAYS TRIGGER verification_never_changes;
"""

BACKWARD = """
DROP TRIGGER verification_never_changes ON verification;
DROP FUNCTION retire_keys(smallint);
DROP FUNCTION require_sound_register();
DROP FUNCTION note_verification(text, timestamptz, bigint, integer, jsonb, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0012_accounts"), ("certificates", "0006_key_fingerprint")]
    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("register", "证书库"), ("audit", "审计链")], max_length=10)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("row_count", models.BigIntegerField()),
                ("difference_count", models.IntegerField()),
                ("differences", models.JSONField()),
                ("asked_by", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "verification", "ordering": ["id"]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
