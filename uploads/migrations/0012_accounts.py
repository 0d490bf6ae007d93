"""Passwords that grow old, those that don't come back; capacities that end, and those that are delegated."""

from datetime import timedelta

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Now

DELEGATED = (
    "city_operator",
    "city_director",
    "provincial_operator",
    "department_head",
    "deputy_director",
    "network_administrator",
)
CAPACITIES = ", ".join(f"'{capacity}'" for capacity in DELEGATED)

FORWARD = f"""
CREATE TRIGGER capacity_grant_is_never_emptied BEFORE TRUNCATE ON capacity_grant
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE capacity_grant ENABLE ALWAYS TRIGGER capacity_grant_is_never_emptied;

-- A security administrator ends any grant but his own; a delegation is ended, too, by whoever gave or holds it and by the
-- department head. Delegations of a capacity end with the capacity. Returns whose sessions are to end.
CREATE FUNCTION end_grant(p_grant bigint, p_reason text, p_by bigint, p_capacity text, p_address text) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    g capacity_grant;
    ended bigint[];
    at timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO g FROM capacity_grant WHERE id = p_grant FOR UPDATE;
    IF NOT FOUND OR g.valid_to <= at THEN
        PERFORM refuse('grant_has_ended');
    END IF;
    IF p_capacity = 'security_administrator' AND p_by <> g.person_id THEN
        PERFORM require_entitled(p_by, p_capacity, NULL, at);
    ELSIF g.delegated_by_id IS NOT NULL AND p_capacity = 'department_head' THEN
        PERFORM require_entitled(p_by, p_capacity, NULL, at);
    ELSIF g.delegated_by_id IS NULL OR p_by NOT IN (g.person_id, g.delegated_by_id)
        OR NOT EXISTS (SELECT FROM person WHERE id = p_by AND state = 'active') THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    IF g.delegated_by_id IS NULL AND btrim(coalesce(p_reason, '')) = '' THEN
        PERFORM refuse('grant_ends_without_a_reason');
    END IF;
    WITH ending AS (
        UPDATE capacity_grant e SET valid_to = greatest(at, e.valid_from)
        WHERE (e.id = g.id OR (g.delegated_by_id IS NULL AND e.delegated_by_id = g.person_id
                AND e.capacity = g.capacity AND e.office_id IS NOT DISTINCT FROM g.office_id))
            AND coalesce(e.valid_to, 'infinity') > at
        RETURNING e.person_id)
    SELECT array_agg(DISTINCT person_id) INTO ended FROM ending;
    PERFORM record(p_by, p_capacity, p_address, 'capacity.ended', 'person',
        (SELECT staff_number FROM person WHERE id = g.person_id), 'done', jsonb_build_object(
            'capacity', g.capacity, 'office', g.office_id, 'reason', p_reason,
            'delegated_by', (SELECT staff_number FROM person WHERE id = g.delegated_by_id)));
    RETURN ended;
END $$;
REVOKE EXECUTE ON FUNCTION end_grant(bigint, text, bigint, text, text) FROM PUBLIC;

-- By whoever holds the capacity himself, or by the department head; for one capacity, thirty days at most, to someone of
-- the same office. What was delegated isn't passed on.
CREATE FUNCTION delegate_capacity(p_holder bigint, p_capacity text, p_office text, p_to bigint, p_valid_from timestamptz,
    p_valid_to timestamptz, p_by bigint, p_by_capacity text, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    at timestamptz := clock_timestamp();
    starts timestamptz := greatest(p_valid_from, clock_timestamp());
    receiver person;
    given bigint;
BEGIN
    IF p_capacity NOT IN ({CAPACITIES}) THEN
        PERFORM refuse('capacity_is_not_delegated', p_capacity);
    ELSIF p_by_capacity <> 'department_head' AND (p_by <> p_holder OR p_by_capacity <> p_capacity) THEN
        PERFORM refuse('person_not_entitled', p_by_capacity);
    END IF;
    PERFORM require_entitled(p_by, p_by_capacity, p_office, at);
    IF p_valid_to IS NULL OR p_valid_to <= starts OR p_valid_to > starts + interval '30 days' THEN
        PERFORM refuse('delegation_lasts_thirty_days_at_most');
    END IF;
    PERFORM FROM person WHERE id IN (p_holder, p_to) ORDER BY id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM capacity_grant WHERE person_id = p_holder AND capacity = p_capacity
            AND office_id IS NOT DISTINCT FROM p_office AND delegated_by_id IS NULL
            AND valid_from <= starts AND coalesce(valid_to, 'infinity') >= p_valid_to) THEN
        PERFORM refuse('delegation_without_the_capacity', p_capacity);
    END IF;
    SELECT * INTO receiver FROM person WHERE id = p_to;
    IF NOT FOUND OR receiver.state <> 'active' OR p_to = p_holder THEN
        PERFORM refuse('delegate_without_an_account');
    ELSIF receiver.office_id IS DISTINCT FROM p_office AND (p_office IS NOT NULL
            OR NOT EXISTS (SELECT FROM office WHERE code = receiver.office_id AND kind = 'province')) THEN
        PERFORM refuse('delegate_of_another_office');
    ELSIF EXISTS (SELECT FROM capacity_grant WHERE capacity = p_capacity AND office_id IS NOT DISTINCT FROM p_office
            AND (person_id = p_to OR delegated_by_id = p_holder)
            AND tstzrange(valid_from, valid_to) && tstzrange(starts, p_valid_to)) THEN
        PERFORM refuse('delegation_exists_already');
    END IF;
    INSERT INTO capacity_grant (person_id, capacity, office_id, valid_from, valid_to, delegated_by_id, granted_by_id,
        granted_at) VALUES (p_to, p_capacity, p_office, starts, p_valid_to, p_holder, p_by, at) RETURNING id INTO given;
    PERFORM record(p_by, p_by_capacity, p_address, 'capacity.delegated', 'person', receiver.staff_number, 'done',
        jsonb_build_object('capacity', p_capacity, 'office', p_office, 'valid_from', starts, 'valid_to', p_valid_to,
            'delegated_by', (SELECT staff_number FROM person WHERE id = p_holder)));
    RETURN given;
END $$;
REVOKE EXECUTE ON FUNCTION delegate_capacity(bigint, text, text, bigint, timestamptz, timestamptz, bigint, text, text)
    FROM PUBLIC;
"""
BACKWARD = """
DROP TRIGGER capacity_grant_is_never_emptied ON capacity_grant;
DROP FUNCTION delegate_capacity(bigint, text, text, bigint, timestamptz, timestamptz, bigint, text, text);
DROP FUNCTION end_grant(bigint, text, bigint, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0011_report")]
    operations = [
        migrations.AddField("person", "password_change_ordered_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "person", "password_set_at", models.DateTimeField(default=django.utils.timezone.now, db_default=Now())
        ),
        migrations.AddField("person", "recovery_code_used_at", models.DateTimeField(null=True, blank=True)),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "former_password", "ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            "capacitygrant",
            models.CheckConstraint(
                condition=Q(delegated_by=None)
                | Q(capacity__in=list(DELEGATED), valid_to__lte=F("valid_from") + timedelta(days=30)),
                name="delegation_lasts_thirty_days_at_most",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
