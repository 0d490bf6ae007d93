"""巡检 and 安全隐患: recorded, reported, instructed, acted on and closed by functions alone; and which role does which work."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
CREATE FUNCTION record_inspection(p_inspected_at timestamptz, p_all_well boolean, p_seen text, p_virus_data_on date,
    p_checks jsonb, p_person bigint, p_capacity text, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    recorded bigint;
BEGIN
    IF p_capacity NOT IN ('system_administrator', 'network_administrator') THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    IF coalesce(p_seen, '') !~ '\S' THEN
        PERFORM refuse('inspection_says_nothing');
    ELSIF p_inspected_at > clock_timestamp() OR p_virus_data_on > clock_timestamp()::date + 1 THEN
        PERFORM refuse('inspection_in_the_future');
    ELSIF p_all_well AND EXISTS (SELECT FROM jsonb_array_elements(p_checks) c WHERE c->>'condition' = 'failure') THEN
        PERFORM refuse('inspection_calls_failures_well');
    END IF;
    INSERT INTO inspection (inspected_at, recorded_at, recorded_by_id, recorded_as, all_well, seen, virus_data_on, checks)
        VALUES (p_inspected_at, clock_timestamp(), p_person, p_capacity, p_all_well, p_seen, p_virus_data_on, p_checks)
        RETURNING id INTO recorded;
    PERFORM record(p_person, p_capacity, p_address, 'inspection.recorded', 'inspection', recorded::text, 'done',
        jsonb_build_object('all_well', p_all_well, 'virus_data_on', p_virus_data_on,
            'seen', encode(sha256(convert_to(p_seen, 'UTF8')), 'hex')));
    RETURN recorded;
END $$;

CREATE FUNCTION report_hazard(p_grade text, p_description text, p_measure text, p_inspection bigint,
    p_person bigint, p_capacity text, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    reported bigint;
BEGIN
    IF p_capacity NOT IN ('system_administrator', 'security_administrator', 'network_administrator', 'keeper') THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    IF coalesce(p_description, '') !~ '\S' THEN
        PERFORM refuse('hazard_without_a_description');
    ELSIF coalesce(p_measure, '') !~ '\S' THEN
        PERFORM refuse('hazard_without_a_measure');
    END IF;
    INSERT INTO hazard (grade, description, measure, inspection_id, reported_at, reported_by_id, reported_as, state, state_since)
        VALUES (p_grade, p_description, p_measure, p_inspection, clock_timestamp(), p_person, p_capacity, 'reported',
            clock_timestamp())
        RETURNING id INTO reported;
    PERFORM record(p_person, p_capacity, p_address, 'hazard.reported', 'hazard', reported::text, 'done',
        jsonb_build_object('grade', p_grade, 'inspection', p_inspection));
    RETURN reported;
END $$;

-- HAZARD_MOVES in uploads/models/upkeep.py says the same.
CREATE FUNCTION hazard_state_after(p_state text, p_step text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT after FROM (VALUES
        ('reported', 'instruction', 'instructed'), ('instructed', 'instruction', 'instructed'),
        ('instructed', 'action', 'acted'), ('acted', 'action', 'acted'),
        ('acted', 'instruction', 'instructed'), ('acted', 'closing', 'closed')) AS moves (state, step, after)
    WHERE state = p_state AND step = p_step
$$;

-- An instruction and the closing are a leader's; who took the last action doesn't find it good enough himself.
CREATE FUNCTION take_hazard_step(p_hazard bigint, p_seen_state text, p_step text, p_text text, p_due_on date,
    p_person bigint, p_capacity text, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    h hazard;
    after text;
    actor bigint;
BEGIN
    IF p_capacity <> ALL (CASE p_step
            WHEN 'action' THEN ARRAY['system_administrator', 'security_administrator', 'network_administrator']
            ELSE ARRAY['department_head', 'deputy_director'] END) THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    SELECT * INTO h FROM hazard WHERE id = p_hazard FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_hazard');
    END IF;
    after := hazard_state_after(h.state, p_step);
    IF after IS NULL OR h.state <> p_seen_state THEN
        PERFORM refuse('hazard_step_is_not_due', h.state);
    ELSIF coalesce(p_text, '') !~ '\S' THEN
        PERFORM refuse('hazard_step_says_nothing');
    ELSIF p_step = 'instruction' AND p_due_on < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse('hazard_is_due_in_the_past');
    END IF;
    SELECT person_id INTO actor FROM hazard_step WHERE hazard_id = h.id AND kind = 'action' ORDER BY id DESC LIMIT 1;
    IF p_step = 'closing' AND (actor = p_person OR h.reported_by_id = p_person) THEN
        PERFORM refuse('hazard_is_closed_by_another');
    END IF;
    INSERT INTO hazard_step (hazard_id, kind, text, person_id, capacity, taken_at)
        VALUES (h.id, p_step, p_text, p_person, p_capacity, clock_timestamp());
    UPDATE hazard SET state = after, state_since = clock_timestamp(),
        due_on = CASE p_step WHEN 'instruction' THEN p_due_on ELSE due_on END WHERE id = h.id;
    PERFORM record(p_person, p_capacity, p_address, 'hazard.step_taken', 'hazard', h.id::text, 'done',
        jsonb_build_object('step', p_step, 'before', h.state, 'after', after, 'due_on', p_due_on,
            'text', encode(sha256(convert_to(p_text, 'UTF8')), 'hex')));
END $$;

REVOKE EXECUTE ON FUNCTION record_inspection(timestamptz, boolean, text, date, jsonb, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION report_hazard(text, text, text, bigint, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION hazard_state_after(text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION take_hazard_step(bigint, text, text, text, date, bigint, text, text) FROM PUBLIC;

CREATE FUNCTION hazard_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'closed'
        OR to_jsonb(NEW) - ARRAY['state', 'state_since', 'due_on'] IS DISTINCT FROM
           to_jsonb(OLD) - ARRAY['state', 'state_since', 'due_on'] THEN
        PERFORM certlookup.refuse('hazard_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hazard_only_goes_on BEFORE UPDATE OR DELETE ON hazard
    FOR EACH ROW EXECUTE FUNCTION hazard_only_goes_on();
ALTER TABLE hazard ENABLE ALWAYS TRIGGER hazard_only_goes_on;
CREATE TRIGGER hazard_is_never_emptied BEFORE TRUNCATE ON hazard
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE hazard ENABLE ALWAYS TRIGGER hazard_is_never_emptied;
CREATE TRIGGER hazard_step_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON hazard_step
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE hazard_step ENABLE ALWAYS TRIGGER hazard_step_never_changes;
CREATE TRIGGER inspection_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON inspection
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE inspection ENABLE ALWAYS TRIGGER inspection_never_changes;
"""

BACKWARD = """
DROP TRIGGER inspection_never_changes ON inspection;
DROP TRIGGER hazard_step_never_changes ON hazard_step;
DROP TRIGGER hazard_is_never_emptied ON hazard;
DROP TRIGGER hazard_only_goes_on ON hazard;
DROP FUNCTION hazard_only_goes_on();
DROP FUNCTION take_hazard_step(bigint, text, text, text, date, bigint, text, text);
DROP FUNCTION hazard_state_after(text, text);
DROP FUNCTION report_hazard(text, text, text, bigint, bigint, text, text);
DROP FUNCTION record_inspection(timestamptz, boolean, text, date, jsonb, bigint, text, text);
"""

CAPACITIES = [
    ("city_operator", "市经办人"), ("city_director", "市鉴定中心主任"), ("provincial_operator", "省经办人"),
    ("department_head", "承办部门负责人"), ("deputy_director", "分管领导"), ("network_administrator", "网络管理专员"),
    ("keeper", "机要人员"), ("system_administrator", "系统管理员"), ("security_administrator", "安全管理员"),
    ("audit_administrator", "审计管理员"),
]  # fmt: skip


def _key() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _reference(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **options)


def _capacity() -> models.CharField:
    return models.CharField(choices=CAPACITIES, max_length=24)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0018_copies")]

    operations = [
        migrations.CreateModel(
            name="DatabaseRole",
            fields=[
                ("work", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=63)),
            ],
            options={"db_table": "database_role"},
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                _key(),
                ("inspected_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_as", _capacity()),
                ("all_well", models.BooleanField()),
                ("seen", models.CharField(max_length=2000)),
                ("virus_data_on", models.DateField(null=True)),
                ("checks", models.JSONField()),
                ("recorded_by", _reference(settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "inspection", "ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="Hazard",
            fields=[
                _key(),
                ("grade", models.CharField(choices=[("general", "一般隐患"), ("serious", "重大隐患")], max_length=8)),
                ("description", models.CharField(max_length=1000)),
                ("measure", models.CharField(max_length=1000)),
                ("reported_at", models.DateTimeField()),
                ("reported_as", _capacity()),
                ("state", models.CharField(
                    choices=[("reported", "待批示"), ("instructed", "待处理"), ("acted", "待复核"), ("closed", "已消除")],
                    max_length=10)),
                ("state_since", models.DateTimeField()),
                ("due_on", models.DateField(null=True)),
                ("inspection", _reference("uploads.inspection", null=True, related_name="hazards")),
                ("reported_by", _reference(settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "hazard",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(description__regex=r"\S", measure__regex=r"\S"),
                        name="hazard_is_described_with_a_measure",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HazardStep",
            fields=[
                _key(),
                ("kind", models.CharField(
                    choices=[("instruction", "批示"), ("action", "处理"), ("closing", "复核销号")], max_length=12)),
                ("text", models.CharField(max_length=1000)),
                ("capacity", _capacity()),
                ("taken_at", models.DateTimeField()),
                ("hazard", _reference("uploads.hazard", related_name="steps")),
                ("person", _reference(settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "hazard_step", "ordering": ["id"]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
