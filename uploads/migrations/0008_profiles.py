"""Import profiles: versions never change, provincial operators make and retire them, and no file takes a retired one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

FORWARD = """
CREATE FUNCTION import_profile_comes_in_order() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    shipping boolean := NEW.created_by_id IS NULL
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID);
BEGIN
    NEW.created_at := clock_timestamp();
    -- One profile at a time: version and title are judged against those that are there.
    PERFORM pg_advisory_xact_lock(7305, 0);
    IF NOT shipping AND NOT coalesce(is_entitled(NEW.created_by_id, 'provincial_operator', NULL, NEW.created_at), false) THEN
        PERFORM refuse('person_not_entitled', 'provincial_operator');
    ELSIF NEW.name = 'required' AND NOT shipping THEN
        PERFORM refuse('required_layout_never_changes');
    ELSIF NEW.retired_at IS NOT NULL
        OR NEW.version <> 1 + coalesce((SELECT max(version) FROM import_profile WHERE name = NEW.name), 0) THEN
        PERFORM refuse('profile_was_saved_meanwhile', NEW.name);
    ELSIF EXISTS (
        SELECT FROM import_profile p WHERE p.title = NEW.title AND p.name <> NEW.name AND p.retired_at IS NULL
            AND NOT EXISTS (SELECT FROM import_profile newer WHERE newer.name = p.name AND newer.version > p.version)
    ) THEN
        PERFORM refuse('profile_title_is_taken', NEW.title);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER import_profile_in_order BEFORE INSERT ON import_profile
    FOR EACH ROW EXECUTE FUNCTION import_profile_comes_in_order();
ALTER TABLE import_profile ENABLE ALWAYS TRIGGER import_profile_in_order;

CREATE FUNCTION import_profile_only_retires() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF NEW.retired_at IS NULL OR OLD.retired_at IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['retired_at', 'retired_by_id'] <> to_jsonb(OLD) - ARRAY['retired_at', 'retired_by_id'] THEN
        PERFORM refuse('import_profile_never_changes');
    ELSIF OLD.name = 'required' THEN
        PERFORM refuse('required_layout_never_changes');
    END IF;
    NEW.retired_at := clock_timestamp();
    IF NOT coalesce(is_entitled(NEW.retired_by_id, 'provincial_operator', NULL, NEW.retired_at), false) THEN
        PERFORM refuse('person_not_entitled', 'provincial_operator');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER import_profile_retires BEFORE UPDATE ON import_profile
    FOR EACH ROW EXECUTE FUNCTION import_profile_only_retires();
ALTER TABLE import_profile ENABLE ALWAYS TRIGGER import_profile_retires;
CREATE TRIGGER import_profile_never_goes BEFORE DELETE OR TRUNCATE ON import_profile
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE import_profile ENABLE ALWAYS TRIGGER import_profile_never_goes;

-- Which profile a file was read by is said when it comes, and stays.
CREATE FUNCTION attempt_takes_a_profile_in_use() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.profile_id IS DISTINCT FROM OLD.profile_id THEN
        PERFORM refuse('attempt_never_changes');
    ELSIF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM import_profile WHERE id = NEW.profile_id AND retired_at IS NOT NULL
    ) THEN
        PERFORM refuse('profile_is_retired');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attempt_profile_in_use BEFORE INSERT OR UPDATE OF profile_id ON attempt
    FOR EACH ROW EXECUTE FUNCTION attempt_takes_a_profile_in_use();
ALTER TABLE attempt ENABLE ALWAYS TRIGGER attempt_profile_in_use;
"""

BACKWARD = """
DROP TRIGGER attempt_profile_in_use ON attempt;
DROP FUNCTION attempt_takes_a_profile_in_use();
DROP TRIGGER import_profile_never_goes ON import_profile;
DROP TRIGGER import_profile_retires ON import_profile;
DROP FUNCTION import_profile_only_retires();
DROP TRIGGER import_profile_in_order ON import_profile;
DROP FUNCTION import_profile_comes_in_order();
"""


def _id() -> models.BigAutoField:  # type: ignore[type-arg]
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _person(*, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [("uploads", "0007_campaigns")]
    operations = [
        migrations.CreateModel(
            name="ImportProfile",
            fields=[
                ("id", _id()),
                ("name", models.CharField(db_collation="C", max_length=30)),
                ("title", models.CharField(max_length=30)),
                ("version", models.IntegerField()),
                ("definition", models.JSONField()),
                ("created_by", _person(null=True)),
                ("created_at", models.DateTimeField()),
                ("retired_by", _person(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "import_profile",
                "ordering": ["name", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=["name", "version"], name="import_profile_version_once_per_name"),
                    models.CheckConstraint(
                        condition=Q(name__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"),
                        name="import_profile_name_is_a_slug",
                    ),
                    models.CheckConstraint(condition=~Q(title=""), name="import_profile_has_a_title"),
                    models.CheckConstraint(
                        condition=Q(retired_at=None, retired_by=None)
                        | Q(retired_at__isnull=False, retired_by__isnull=False),
                        name="import_profile_retired_by_somebody",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="attempt",
            name="profile",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="uploads.importprofile"
            ),
        ),
        migrations.CreateModel(
            name="ProfileTrial",
            fields=[
                ("id", _id()),
                ("stored_name", models.CharField(max_length=60)),
                ("original_name", models.CharField(max_length=200)),
                (
                    "base",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="uploads.importprofile"
                    ),
                ),
                ("draft", models.JSONField(default=dict)),
                (
                    "created_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={"db_table": "profile_trial", "ordering": ["id"]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
