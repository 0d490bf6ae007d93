"""A version for each table of reference data, so that web processes may hold it and never show what was changed since."""

from django.db import migrations, models

TABLES = ("assessment_body", "coverage", "holiday_override", "holiday_year", "office", "publication")

# A row per table: two changes of different tables don't wait for each other.
FORWARD = """
CREATE FUNCTION note_changed_reference() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    UPDATE reference_version SET version = hashtextextended(gen_random_uuid()::text, 0) WHERE table_name = TG_TABLE_NAME;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION note_changed_reference() FROM PUBLIC;
""" + "".join(
    f"""
INSERT INTO reference_version (table_name, version) VALUES ('{table}', hashtextextended(gen_random_uuid()::text, 0));
CREATE TRIGGER {table}_has_a_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed_reference();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_has_a_version;
"""
    for table in TABLES
)
BACKWARD = (
    "".join(f"DROP TRIGGER {table}_has_a_version ON {table};\n" for table in TABLES)
    + "DROP FUNCTION note_changed_reference();\n"
)


class Migration(migrations.Migration):
    dependencies = [("certificates", "0012_pair_index")]

    operations = [
        migrations.CreateModel(
            name="ReferenceVersion",
            fields=[
                ("table_name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
            ],
            options={"db_table": "reference_version"},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
