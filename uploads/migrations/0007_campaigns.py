"""补录任务: opened, extended and closed by a department head through functions that record it; coverage; no data on paper.

A backfill batch belongs to a campaign that is open and asks its office, from its first file to its submission.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "to": settings.AUTH_USER_MODEL}

FORWARD = """
CREATE FUNCTION require_open_campaign(p_campaign bigint, p_office text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c campaign;
BEGIN
    SELECT * INTO c FROM campaign WHERE id = p_campaign;
    IF NOT FOUND THEN
        PERFORM refuse('backfill_without_a_campaign');
    ELSIF NOT EXISTS (SELECT FROM campaign_office WHERE campaign_id = c.id AND office_id = p_office) THEN
        PERFORM refuse('campaign_asks_other_offices', p_office);
    ELSIF c.closed_at IS NOT NULL AND p_at >= c.closed_at THEN
        PERFORM refuse('campaign_is_closed', c.name);
    ELSIF (p_at AT TIME ZONE 'Asia/Shanghai')::date > c.deadline THEN
        PERFORM refuse('campaign_is_over', c.deadline::text);
    END IF;
END $$;

CREATE FUNCTION backfill_begins_in_an_open_campaign() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF NEW.kind = 'backfill' THEN
        PERFORM certlookup.require_open_campaign(NEW.campaign_id, NEW.office_id, clock_timestamp());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_backfill_begins_in_an_open_campaign BEFORE INSERT ON batch
    FOR EACH ROW EXECUTE FUNCTION backfill_begins_in_an_open_campaign();
ALTER TABLE batch ENABLE ALWAYS TRIGGER batch_backfill_begins_in_an_open_campaign;

CREATE FUNCTION open_campaign(p_name text, p_first integer, p_last integer, p_deadline date, p_offices text[],
    p_by bigint, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    opened bigint;
    now timestamptz := clock_timestamp();
BEGIN
    PERFORM require_entitled(p_by, 'department_head', NULL, now);
    IF p_first > p_last OR p_last > extract(year FROM now AT TIME ZONE 'Asia/Shanghai') THEN
        PERFORM refuse('campaign_years_are_wrong');
    ELSIF p_deadline < (now AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse('campaign_deadline_is_past', p_deadline::text);
    ELSIF coalesce(cardinality(p_offices), 0) = 0 THEN
        PERFORM refuse('campaign_asks_no_office');
    ELSIF EXISTS (SELECT FROM campaign WHERE name = p_name) THEN
        PERFORM refuse('campaign_name_is_taken');
    END IF;
    INSERT INTO campaign (name, first_year, last_year, deadline, opened_by_id, opened_at)
        VALUES (p_name, p_first, p_last, p_deadline, p_by, now) RETURNING id INTO opened;
    INSERT INTO campaign_office (campaign_id, office_id) SELECT DISTINCT opened, unnest(p_offices);
    PERFORM record(p_by, 'department_head', p_address, 'campaign.opened', 'campaign', opened::text, 'done',
        jsonb_build_object('name', p_name, 'years', p_first || '-' || p_last, 'deadline', p_deadline,
            'offices', to_jsonb(p_offices)));
    RETURN opened;
END $$;

-- A later deadline (p_deadline), or without one the end of the campaign: what isn't submitted by then stays out.
CREATE FUNCTION change_campaign(p_campaign bigint, p_deadline date, p_reason text, p_by bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    c campaign;
    now timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO c FROM campaign WHERE id = p_campaign FOR UPDATE;
    PERFORM require_entitled(p_by, 'department_head', NULL, now);
    IF c.id IS NULL THEN
        PERFORM refuse('no_such_campaign');
    ELSIF coalesce(trim(p_reason), '') = '' THEN
        PERFORM refuse('campaign_change_without_a_reason');
    ELSIF c.closed_at IS NOT NULL THEN
        PERFORM refuse('campaign_is_closed', c.name);
    ELSIF p_deadline <= c.deadline OR p_deadline < (now AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse('campaign_deadline_only_moves_later', c.deadline::text);
    END IF;
    INSERT INTO campaign_change (campaign_id, deadline, reason, changed_by_id, changed_at)
        VALUES (c.id, p_deadline, trim(p_reason), p_by, now);
    UPDATE campaign SET deadline = coalesce(p_deadline, deadline),
        closed_at = CASE WHEN p_deadline IS NULL THEN now END WHERE id = c.id;
    PERFORM record(p_by, 'department_head', p_address,
        CASE WHEN p_deadline IS NULL THEN 'campaign.closed' ELSE 'campaign.extended' END, 'campaign', c.id::text, 'done',
        jsonb_build_object('reason', trim(p_reason), 'before', c.deadline, 'deadline', p_deadline));
END $$;

CREATE TRIGGER campaign_change_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_change
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE campaign_change ENABLE ALWAYS TRIGGER campaign_change_never_changes;

-- What the public not-found page says about an office's older certificates.
CREATE FUNCTION set_coverage(p_office text, p_state text, p_complete_from date, p_by bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    before coverage;
BEGIN
    PERFORM require_entitled(p_by, 'system_administrator', NULL, clock_timestamp());
    IF p_state NOT IN ('complete', 'collecting', 'not_begun') OR (p_state = 'complete' AND p_complete_from IS NULL)
        OR p_complete_from > (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse('coverage_needs_its_day');
    END IF;
    SELECT * INTO before FROM coverage WHERE office_id = p_office FOR UPDATE;
    INSERT INTO coverage (office_id, state, complete_from) VALUES (p_office, p_state, p_complete_from)
        ON CONFLICT (office_id) DO UPDATE SET state = EXCLUDED.state, complete_from = EXCLUDED.complete_from;
    PERFORM record(p_by, 'system_administrator', p_address, 'coverage.set', 'office', p_office, 'done',
        jsonb_build_object('before', concat_ws(' ', before.state, before.complete_from),
            'after', concat_ws(' ', p_state, p_complete_from)));
END $$;
"""

FUNCTIONS = (
    "set_coverage(text, text, date, bigint, text)",
    "change_campaign(bigint, date, text, bigint, text)",
    "open_campaign(text, integer, integer, date, text[], bigint, text)",
    "require_open_campaign(bigint, text, timestamptz)",
)
REVOKE = "".join(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;\n" for function in FUNCTIONS)

BACKWARD = """
DROP TRIGGER campaign_change_never_changes ON campaign_change;
DROP TRIGGER batch_backfill_begins_in_an_open_campaign ON batch;
DROP FUNCTION backfill_begins_in_an_open_campaign();
""" + "".join(f"DROP FUNCTION {function};\n" for function in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0006_changes")]
    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("first_year", models.SmallIntegerField()),
                ("last_year", models.SmallIntegerField()),
                ("deadline", models.DateField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("opened_by", models.ForeignKey(related_name="+", **PERSON)),
            ],
            options={"db_table": "campaign", "ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="CampaignChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deadline", models.DateField(null=True)),
                ("reason", models.CharField(max_length=200)),
                ("changed_at", models.DateTimeField()),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="uploads.campaign"
                    ),
                ),
                ("changed_by", models.ForeignKey(related_name="+", **PERSON)),
            ],
            options={"db_table": "campaign_change", "ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="CampaignOffice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="asked", to="uploads.campaign"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certificates.office"
                    ),
                ),
            ],
            options={"db_table": "campaign_office", "ordering": ["campaign_id", "office_id"]},
        ),
        migrations.AddConstraint(
            model_name="campaignchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="campaign_change_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.UniqueConstraint(fields=("campaign", "office"), name="campaign_asks_an_office_once"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_year__gte", 1949), ("first_year__lte", models.F("last_year"))),
                name="campaign_years_run_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="campaign_has_a_name"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="campaign",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="uploads.campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("campaign__isnull", False), ("kind", "backfill")),
                    models.Q(models.Q(("kind", "backfill"), _negated=True), ("campaign", None)),
                    _connector="OR",
                ),
                name="batch_backfill_belongs_to_a_campaign",
            ),
        ),
        migrations.AddField(
            model_name="papersheet",
            name="batch",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="no_data_sheets",
                to="uploads.batch",
            ),
        ),
        migrations.AddField(model_name="papersheet", name="round", field=models.IntegerField(null=True)),
        migrations.AlterField(
            model_name="papersheet",
            name="attempt",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="paper",
                to="uploads.attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="papersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attempt__isnull", False), ("batch", None), ("round", None)),
                    models.Q(("attempt", None), ("batch__isnull", False), ("round__isnull", False)),
                    _connector="OR",
                ),
                name="paper_sheet_is_about_a_file_or_no_data",
            ),
        ),
        migrations.AddConstraint(
            model_name="papersheet",
            constraint=models.UniqueConstraint(fields=("batch", "round"), name="paper_sheet_one_per_declaration"),
        ),
        migrations.RunSQL(FORWARD + REVOKE, BACKWARD),
    ]
