"""事件: opened, acknowledged, revised and closed by functions alone; and while one that may be a crime is open, nothing is deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
-- By the person whose account it is, by a leader on an account's loss, by the security administrator on anything.
CREATE FUNCTION open_incident(p_kind text, p_suspected boolean, p_account bigint, p_since timestamptz,
    p_description text, p_person bigint, p_capacity text, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    opened bigint;
BEGIN
    IF p_person = p_account AND p_kind = 'account_loss' THEN
        -- In no capacity: all of them ended with the freeze.
        p_capacity := '';
    ELSE
        IF p_capacity <> 'security_administrator' AND NOT (
            p_kind = 'account_loss' AND p_capacity IN ('department_head', 'deputy_director')) THEN
            PERFORM refuse('person_not_entitled', p_capacity);
        END IF;
        PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    END IF;
    IF p_kind = 'account_loss' AND p_account IS NULL THEN
        PERFORM refuse('incident_without_an_account');
    ELSIF p_description !~ '\S' THEN
        PERFORM refuse('incident_without_a_description');
    ELSIF p_since > clock_timestamp() THEN
        PERFORM refuse('incident_begins_in_the_future');
    END IF;
    INSERT INTO incident (kind, suspected_crime, account_id, since, description, opened_at, opened_by_id, opened_as, report)
        VALUES (p_kind, p_suspected, p_account, p_since, p_description, clock_timestamp(), p_person, p_capacity, '')
        RETURNING id INTO opened;
    PERFORM record(p_person, p_capacity, p_address, 'incident.opened', 'incident', opened::text, 'done',
        jsonb_build_object('kind', p_kind, 'suspected_crime', p_suspected, 'since', p_since,
            'account', (SELECT staff_number FROM person WHERE id = p_account)));
    RETURN opened;
END $$;

CREATE FUNCTION require_open_incident(p_incident bigint) RETURNS incident LANGUAGE plpgsql AS $$
DECLARE
    i incident;
BEGIN
    SELECT * INTO i FROM incident WHERE id = p_incident FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_incident');
    ELSIF i.closed_at IS NOT NULL THEN
        PERFORM refuse('incident_is_closed');
    END IF;
    RETURN i;
END $$;

CREATE FUNCTION acknowledge_incident(p_incident bigint, p_person bigint, p_capacity text, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    i incident := require_open_incident(p_incident);
BEGIN
    IF p_capacity NOT IN ('department_head', 'deputy_director', 'security_administrator') THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    IF EXISTS (SELECT FROM incident_acknowledgement WHERE incident_id = i.id AND person_id = p_person) THEN
        PERFORM refuse('incident_is_acknowledged');
    END IF;
    INSERT INTO incident_acknowledgement (incident_id, person_id, capacity, acknowledged_at)
        VALUES (i.id, p_person, p_capacity, clock_timestamp());
    PERFORM record(p_person, p_capacity, p_address, 'incident.acknowledged', 'incident', i.id::text, 'done', '{}'::jsonb);
END $$;

-- The time may turn out to be another; a suspicion, once there, ends with the incident only.
CREATE FUNCTION revise_incident(p_incident bigint, p_since timestamptz, p_suspected boolean, p_person bigint,
    p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    i incident := require_open_incident(p_incident);
BEGIN
    PERFORM require_entitled(p_person, 'security_administrator', NULL, clock_timestamp());
    IF p_person IS NOT DISTINCT FROM i.account_id THEN
        PERFORM refuse('incident_of_the_own_account');
    ELSIF p_since > clock_timestamp() THEN
        PERFORM refuse('incident_begins_in_the_future');
    ELSIF i.suspected_crime AND NOT p_suspected THEN
        PERFORM refuse('incident_suspicion_stays');
    END IF;
    UPDATE incident SET since = p_since, suspected_crime = p_suspected WHERE id = i.id;
    PERFORM record(p_person, 'security_administrator', p_address, 'incident.revised', 'incident', i.id::text, 'done',
        jsonb_build_object('before', jsonb_build_object('since', i.since, 'suspected_crime', i.suspected_crime),
            'after', jsonb_build_object('since', p_since, 'suspected_crime', p_suspected)));
END $$;

-- Where a crime is suspected, a leader has to know of it before deletions go on.
CREATE FUNCTION close_incident(p_incident bigint, p_report text, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    i incident := require_open_incident(p_incident);
BEGIN
    PERFORM require_entitled(p_person, 'security_administrator', NULL, clock_timestamp());
    IF p_person IS NOT DISTINCT FROM i.account_id THEN
        PERFORM refuse('incident_of_the_own_account');
    ELSIF coalesce(p_report, '') !~ '\S' THEN
        PERFORM refuse('incident_without_a_report');
    ELSIF i.suspected_crime AND NOT EXISTS (SELECT FROM incident_acknowledgement
            WHERE incident_id = i.id AND capacity IN ('department_head', 'deputy_director')
                AND person_id IS DISTINCT FROM i.account_id AND person_id <> p_person) THEN
        PERFORM refuse('incident_unknown_to_leaders');
    END IF;
    UPDATE incident SET closed_at = clock_timestamp(), closed_by_id = p_person, report = p_report WHERE id = i.id;
    PERFORM record(p_person, 'security_administrator', p_address, 'incident.closed', 'incident', i.id::text, 'done',
        jsonb_build_object('report', encode(sha256(convert_to(p_report, 'UTF8')), 'hex')));
END $$;

CREATE FUNCTION deletions_are_suspended() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT EXISTS (SELECT FROM incident WHERE suspected_crime AND closed_at IS NULL)
$$;

REVOKE EXECUTE ON FUNCTION open_incident(text, boolean, bigint, timestamptz, text, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION require_open_incident(bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION acknowledge_incident(bigint, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION revise_incident(bigint, timestamptz, boolean, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION close_incident(bigint, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION deletions_are_suspended() FROM PUBLIC;

CREATE FUNCTION incident_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL OR (OLD.suspected_crime AND NOT NEW.suspected_crime)
        OR to_jsonb(NEW) - ARRAY['since', 'suspected_crime', 'closed_at', 'closed_by_id', 'report']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['since', 'suspected_crime', 'closed_at', 'closed_by_id', 'report'] THEN
        PERFORM certlookup.refuse('incident_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_only_goes_on BEFORE UPDATE OR DELETE ON incident
    FOR EACH ROW EXECUTE FUNCTION incident_only_goes_on();
ALTER TABLE incident ENABLE ALWAYS TRIGGER incident_only_goes_on;
CREATE TRIGGER incident_is_never_emptied BEFORE TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE incident ENABLE ALWAYS TRIGGER incident_is_never_emptied;
CREATE TRIGGER incident_acknowledgement_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE incident_acknowledgement ENABLE ALWAYS TRIGGER incident_acknowledgement_never_changes;

-- What is otherwise deleted when its time is over, and could be evidence.
CREATE FUNCTION deletions_wait_for_incidents() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF certlookup.deletions_are_suspended() THEN
        PERFORM certlookup.refuse('deletions_are_suspended', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
"""

# Tables whose rows the application may delete and that hold what people handed over or decided.
GUARDED = ("precheck", "precheck_problem", "parked_file", "profile_trial", "report_file", "holiday_override")

GUARD = """
CREATE TRIGGER precheck_waits_for_incidents BEFORE DELETE OR TRUNCATE ON precheck
    FOR EACH STATEMENT EXECUTE FUNCTION deletions_wait_for_incidents();
ALTER TABLE precheck ENABLE ALWAYS TRIGGER precheck_waits_for_incidents;
"""


def _guards() -> str:
    return "".join(GUARD.replace("precheck", table) for table in GUARDED)


BACKWARD = """
DROP FUNCTION deletions_wait_for_incidents();
DROP TRIGGER incident_acknowledgement_never_changes ON incident_acknowledgement;
DROP TRIGGER incident_is_never_emptied ON incident;
DROP TRIGGER incident_only_goes_on ON incident;
DROP FUNCTION incident_only_goes_on();
DROP FUNCTION deletions_are_suspended();
DROP FUNCTION close_incident(bigint, text, bigint, text);
DROP FUNCTION revise_incident(bigint, timestamptz, boolean, bigint, text);
DROP FUNCTION acknowledge_incident(bigint, bigint, text, text);
DROP FUNCTION require_open_incident(bigint);
DROP FUNCTION open_incident(text, boolean, bigint, timestamptz, text, bigint, text, text);
"""

CAPACITIES = [
    ("city_operator", "市经办人"), ("city_director", "市鉴定中心主任"), ("provincial_operator", "省经办人"),
    ("department_head", "承办部门负责人"), ("deputy_director", "分管领导"), ("network_administrator", "网络管理专员"),
    ("keeper", "机要人员"), ("system_administrator", "系统管理员"), ("security_administrator", "安全管理员"),
    ("audit_administrator", "审计管理员"),
]  # fmt: skip


def _person(**options: object) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, **options)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0013_trust")]
    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(
                    choices=[("account_loss", "账号失窃"), ("data", "数据异常"), ("other", "其他")], max_length=12)),
                ("suspected_crime", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("description", models.CharField(max_length=1000)),
                ("opened_at", models.DateTimeField()),
                ("opened_as", models.CharField(blank=True, choices=CAPACITIES, max_length=24)),
                ("closed_at", models.DateTimeField(null=True)),
                ("report", models.CharField(blank=True, max_length=4000)),
                ("account", _person(null=True, related_name="incidents")),
                ("closed_by", _person(null=True, related_name="incidents_closed")),
                ("opened_by", _person(related_name="incidents_opened")),
            ],
            options={
                "db_table": "incident",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(closed_at=None, closed_by=None, report="")
                        | models.Q(closed_at__isnull=False, closed_by__isnull=False) & models.Q(report__regex=r"\S"),
                        name="incident_is_closed_with_a_report",
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(kind="account_loss") | models.Q(account__isnull=False),
                        name="incident_of_a_lost_account_names_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentAcknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("capacity", models.CharField(choices=CAPACITIES, max_length=24)),
                ("acknowledged_at", models.DateTimeField()),
                ("incident", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="acknowledgements",
                    to="uploads.incident")),
                ("person", _person()),
            ],
            options={
                "db_table": "incident_acknowledgement",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["incident", "person"], name="incident_acknowledgement_one_per_person")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["person_id", "number"], name="audit_entry_by_person"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["subject_kind", "subject_id", "number"], name="audit_entry_by_subject"),
        ),
        migrations.RunSQL(FORWARD + _guards(), "".join(
            f"DROP TRIGGER {table}_waits_for_incidents ON {table};\n" for table in GUARDED) + BACKWARD),
    ]
