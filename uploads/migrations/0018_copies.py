"""Backup media and their custody, copies that only go on, and restores by a leader's order."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CUSTODY = r"""
CREATE FUNCTION require_keeping(p_person bigint, p_capacity text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_capacity NOT IN ('network_administrator', 'keeper') THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
END $$;

CREATE FUNCTION require_medium(p_medium bigint) RETURNS medium LANGUAGE plpgsql AS $$
DECLARE
    m medium;
BEGIN
    SELECT * INTO m FROM medium WHERE id = p_medium FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_medium');
    ELSIF m.lost_at IS NOT NULL OR m.retired_at IS NOT NULL THEN
        PERFORM refuse('medium_is_not_in_use');
    END IF;
    RETURN m;
END $$;

-- Whoever holds it; of a holder who may hold nothing any more (gone, frozen), any network administrator.
CREATE FUNCTION require_holder(m medium, p_person bigint, p_capacity text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_keeping(p_person, p_capacity);
    IF m.holder_id = p_person AND m.held_as = p_capacity THEN
        RETURN;
    ELSIF p_capacity = 'network_administrator' AND NOT is_entitled(m.holder_id, m.held_as, NULL, clock_timestamp()) THEN
        RETURN;
    END IF;
    PERFORM refuse('medium_is_held_by_another');
END $$;

CREATE FUNCTION require_free_place(p_place text, p_medium bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_place <> '' AND EXISTS (SELECT FROM medium WHERE place = p_place AND id IS DISTINCT FROM p_medium
            AND lost_at IS NULL AND retired_at IS NULL) THEN
        PERFORM refuse('place_has_a_medium');
    END IF;
END $$;

CREATE FUNCTION register_medium(p_serial text, p_place text, p_person bigint, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    made bigint;
    given_number text;
BEGIN
    PERFORM require_entitled(p_person, 'network_administrator', NULL, clock_timestamp());
    IF p_serial !~ '\S' THEN
        PERFORM refuse('medium_without_a_serial_number');
    END IF;
    LOCK TABLE medium IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM medium WHERE serial_number = p_serial) THEN
        PERFORM refuse('medium_is_registered_already');
    END IF;
    PERFORM require_free_place(p_place, NULL);
    -- None is ever deleted.
    SELECT 'JZ-' || lpad((count(*) + 1)::text, 3, '0') INTO given_number FROM medium;
    INSERT INTO medium (number, serial_number, place, registered_by_id, registered_at, holder_id, held_as, held_since,
            lost_reason, retired_reason)
        VALUES (given_number, p_serial, p_place, p_person, clock_timestamp(), p_person, 'network_administrator',
            clock_timestamp(), '', '')
        RETURNING id INTO made;
    PERFORM record(p_person, 'network_administrator', p_address, 'medium.registered', 'medium', given_number, 'done',
        jsonb_build_object('serial_number', p_serial, 'place', p_place));
    RETURN made;
END $$;

CREATE FUNCTION place_medium(p_medium bigint, p_place text, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    m medium := require_medium(p_medium);
BEGIN
    PERFORM require_holder(m, p_person, 'network_administrator');
    LOCK TABLE medium IN SHARE ROW EXCLUSIVE MODE;
    PERFORM require_free_place(p_place, m.id);
    UPDATE medium SET place = p_place WHERE id = m.id;
    PERFORM record(p_person, 'network_administrator', p_address, 'medium.placed', 'medium', m.number, 'done',
        jsonb_build_object('before', m.place, 'place', p_place));
END $$;

CREATE FUNCTION hand_over_medium(p_medium bigint, p_to bigint, p_taken_as text, p_due date, p_remark text,
    p_person bigint, p_given_as text, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    m medium := require_medium(p_medium);
    made bigint;
BEGIN
    PERFORM require_holder(m, p_person, p_given_as);
    IF p_to = p_person THEN
        PERFORM refuse('hand_over_to_oneself');
    ELSIF p_taken_as NOT IN ('network_administrator', 'keeper')
        OR NOT is_entitled(p_to, p_taken_as, NULL, clock_timestamp()) THEN
        PERFORM refuse('receiver_is_not_entitled');
    ELSIF p_due < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse('hand_over_is_due_in_the_past');
    ELSIF EXISTS (SELECT FROM hand_over WHERE medium_id = m.id AND answer = '') THEN
        PERFORM refuse('hand_over_is_under_way');
    END IF;
    INSERT INTO hand_over (medium_id, given_by_id, given_as, given_to_id, taken_as, given_at, due_back_on, remark, answer, reason)
        VALUES (m.id, p_person, p_given_as, p_to, p_taken_as, clock_timestamp(), p_due, p_remark, '', '')
        RETURNING id INTO made;
    PERFORM record(p_person, p_given_as, p_address, 'medium.handed_over', 'medium', m.number, 'done',
        jsonb_build_object('to', (SELECT staff_number FROM person WHERE id = p_to), 'taken_as', p_taken_as,
            'due_back_on', p_due));
    RETURN made;
END $$;

-- received or declined by the other side, withdrawn by the giver; the medium changes hands with 'received' only.
CREATE FUNCTION answer_hand_over(p_hand_over bigint, p_answer text, p_reason text, p_person bigint, p_address text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    h hand_over;
    m medium;
    acting text;
BEGIN
    SELECT * INTO h FROM hand_over WHERE id = p_hand_over FOR UPDATE;
    IF NOT FOUND OR h.answer <> '' THEN
        PERFORM refuse('hand_over_is_answered_already');
    END IF;
    m := require_medium(h.medium_id);
    acting := CASE p_answer WHEN 'withdrawn' THEN h.given_as ELSE h.taken_as END;
    IF p_answer NOT IN ('received', 'declined', 'withdrawn')
        OR p_person <> (CASE p_answer WHEN 'withdrawn' THEN h.given_by_id ELSE h.given_to_id END) THEN
        PERFORM refuse('hand_over_is_for_another');
    ELSIF p_answer <> 'received' AND p_reason !~ '\S' THEN
        PERFORM refuse('hand_over_without_a_reason');
    END IF;
    PERFORM require_keeping(p_person, acting);
    UPDATE hand_over SET answer = p_answer, answered_at = clock_timestamp(), reason = p_reason WHERE id = h.id;
    IF p_answer = 'received' THEN
        UPDATE medium SET holder_id = h.given_to_id, held_as = h.taken_as, held_since = clock_timestamp(),
            due_back_on = h.due_back_on, place = CASE h.taken_as WHEN 'keeper' THEN '' ELSE place END WHERE id = m.id;
    END IF;
    PERFORM record(p_person, acting, p_address, CASE p_answer WHEN 'received' THEN 'medium.received'
            WHEN 'declined' THEN 'medium.declined' ELSE 'medium.withdrawn' END, 'medium', m.number, 'done',
        jsonb_build_object('hand_over', h.id, 'given_by', (SELECT staff_number FROM person WHERE id = h.given_by_id)));
END $$;

-- A loss is reported at once (R13): the same act opens the incident that leaders see.
CREATE FUNCTION report_lost_medium(p_medium bigint, p_reason text, p_person bigint, p_capacity text, p_address text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    m medium := require_medium(p_medium);
    opened bigint;
BEGIN
    PERFORM require_keeping(p_person, p_capacity);
    IF p_reason !~ '\S' THEN
        PERFORM refuse('medium_without_a_reason');
    END IF;
    UPDATE medium SET lost_by_id = p_person, lost_at = clock_timestamp(), lost_reason = p_reason WHERE id = m.id;
    UPDATE hand_over SET answer = 'withdrawn', answered_at = clock_timestamp(), reason = p_reason
        WHERE medium_id = m.id AND answer = '';
    INSERT INTO incident (kind, suspected_crime, since, description, opened_at, opened_by_id, opened_as, report)
        VALUES ('other', false, m.held_since, left(m.number || ' (' || m.serial_number || '): ' || p_reason, 1000),
            clock_timestamp(), p_person, p_capacity, '')
        RETURNING id INTO opened;
    PERFORM record(p_person, p_capacity, p_address, 'incident.opened', 'incident', opened::text, 'done',
        jsonb_build_object('kind', 'other', 'medium', m.number));
    PERFORM record(p_person, p_capacity, p_address, 'medium.lost', 'medium', m.number, 'done',
        jsonb_build_object('incident', opened));
    RETURN opened;
END $$;

CREATE FUNCTION note_found_medium(p_medium bigint, p_reason text, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    m medium;
BEGIN
    PERFORM require_entitled(p_person, 'network_administrator', NULL, clock_timestamp());
    LOCK TABLE medium IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO m FROM medium WHERE id = p_medium FOR UPDATE;
    IF NOT FOUND OR m.lost_at IS NULL OR m.retired_at IS NOT NULL THEN
        PERFORM refuse('medium_is_not_lost');
    ELSIF p_reason !~ '\S' THEN
        PERFORM refuse('medium_without_a_reason');
    END IF;
    UPDATE medium SET lost_by_id = NULL, lost_at = NULL, lost_reason = '', holder_id = p_person, place = '',
        held_as = 'network_administrator', held_since = clock_timestamp(), due_back_on = NULL WHERE id = m.id;
    PERFORM record(p_person, 'network_administrator', p_address, 'medium.found', 'medium', m.number, 'done',
        jsonb_build_object('lost_at', m.lost_at, 'reason', p_reason));
END $$;

-- Never the last good copy: without this medium the newest copied publication keeps two others that are in use.
CREATE FUNCTION retire_medium(p_medium bigint, p_reason text, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    m medium := require_medium(p_medium);
    newest bigint;
BEGIN
    PERFORM require_holder(m, p_person, 'network_administrator');
    IF p_reason !~ '\S' THEN
        PERFORM refuse('medium_without_a_reason');
    ELSIF deletions_are_suspended() THEN
        PERFORM refuse('deletions_are_suspended', 'medium');
    END IF;
    SELECT max(release_id) INTO newest FROM backup_copy WHERE state = 'verified';
    IF EXISTS (SELECT FROM backup_copy WHERE release_id = newest AND state = 'verified' AND medium_id = m.id)
        AND (SELECT count(*) FROM backup_copy c LEFT JOIN medium o ON o.id = c.medium_id
            WHERE c.release_id = newest AND c.state = 'verified' AND c.medium_id IS DISTINCT FROM m.id
                AND o.lost_at IS NULL AND o.retired_at IS NULL) < 2 THEN
        PERFORM refuse('medium_holds_the_newest_copy');
    END IF;
    UPDATE medium SET retired_by_id = p_person, retired_at = clock_timestamp(), retired_reason = p_reason WHERE id = m.id;
    UPDATE hand_over SET answer = 'withdrawn', answered_at = clock_timestamp(), reason = p_reason
        WHERE medium_id = m.id AND answer = '';
    PERFORM record(p_person, 'network_administrator', p_address, 'medium.retired', 'medium', m.number, 'done',
        jsonb_build_object('reason', p_reason));
END $$;

REVOKE EXECUTE ON FUNCTION require_keeping(bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION require_medium(bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION require_holder(medium, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION require_free_place(text, bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION register_medium(text, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION place_medium(bigint, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION hand_over_medium(bigint, bigint, text, date, text, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION answer_hand_over(bigint, text, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION report_lost_medium(bigint, text, bigint, text, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION note_found_medium(bigint, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION retire_medium(bigint, text, bigint, text) FROM PUBLIC;

CREATE FUNCTION medium_stays_itself() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.retired_at IS NOT NULL OR (NEW.id, NEW.number, NEW.serial_number, NEW.registered_by_id,
            NEW.registered_at) IS DISTINCT FROM (OLD.id, OLD.number, OLD.serial_number, OLD.registered_by_id, OLD.registered_at) THEN
        PERFORM certlookup.refuse('medium_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER medium_stays_itself BEFORE UPDATE OR DELETE ON medium
    FOR EACH ROW EXECUTE FUNCTION medium_stays_itself();
ALTER TABLE medium ENABLE ALWAYS TRIGGER medium_stays_itself;
CREATE TRIGGER medium_is_never_emptied BEFORE TRUNCATE ON medium FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE medium ENABLE ALWAYS TRIGGER medium_is_never_emptied;

CREATE FUNCTION hand_over_only_gains_its_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answer <> '' OR to_jsonb(NEW) - ARRAY['answer', 'answered_at', 'reason']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['answer', 'answered_at', 'reason'] THEN
        PERFORM certlookup.refuse('hand_over_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hand_over_only_gains_its_answer BEFORE UPDATE OR DELETE ON hand_over
    FOR EACH ROW EXECUTE FUNCTION hand_over_only_gains_its_answer();
ALTER TABLE hand_over ENABLE ALWAYS TRIGGER hand_over_only_gains_its_answer;
CREATE TRIGGER hand_over_is_never_emptied BEFORE TRUNCATE ON hand_over
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE hand_over ENABLE ALWAYS TRIGGER hand_over_is_never_emptied;
"""

COPIES = r"""
-- Retention: only what was verified, only beside a newer verified copy in the same place, never during a suspicion.
CREATE FUNCTION backup_copy_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'removed' OR (NEW.id, NEW.release_id, NEW.place)
        IS DISTINCT FROM (OLD.id, OLD.release_id, OLD.place) OR (OLD.state <> 'due' AND NEW.state = 'due') THEN
        PERFORM certlookup.refuse('backup_copy_never_changes');
    ELSIF NEW.state = 'removed' THEN
        IF OLD.state <> 'verified' OR NOT EXISTS (SELECT FROM certlookup.backup_copy c WHERE c.state = 'verified'
                AND c.place = OLD.place AND c.medium_id IS NOT DISTINCT FROM OLD.medium_id AND c.proof_id > OLD.proof_id) THEN
            PERFORM certlookup.refuse('backup_copy_is_the_last');
        ELSIF certlookup.deletions_are_suspended() THEN
            PERFORM certlookup.refuse('deletions_are_suspended', 'backup_copy');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER backup_copy_only_goes_on BEFORE UPDATE OR DELETE ON backup_copy
    FOR EACH ROW EXECUTE FUNCTION backup_copy_only_goes_on();
ALTER TABLE backup_copy ENABLE ALWAYS TRIGGER backup_copy_only_goes_on;
CREATE TRIGGER backup_copy_is_never_emptied BEFORE TRUNCATE ON backup_copy
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE backup_copy ENABLE ALWAYS TRIGGER backup_copy_is_never_emptied;
"""

RESTORING = r"""
CREATE FUNCTION decide_restore(p_request bigint, p_approve boolean, p_allows_loss boolean, p_remark text,
    p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    r restore_request;
BEGIN
    PERFORM require_entitled(p_person, 'deputy_director', NULL, clock_timestamp());
    SELECT * INTO r FROM restore_request WHERE id = p_request FOR UPDATE;
    IF NOT FOUND OR r.decided_at IS NOT NULL THEN
        PERFORM refuse('restore_is_decided_already');
    ELSIF r.requested_at < clock_timestamp() - interval '7 days' THEN
        PERFORM refuse('restore_request_is_over');
    ELSIF p_approve AND r.is_older AND NOT p_allows_loss THEN
        PERFORM refuse('restore_loses_what_is_newer');
    ELSIF p_remark !~ '\S' THEN
        PERFORM refuse('restore_without_a_remark');
    END IF;
    UPDATE restore_request SET approved = p_approve, allows_loss = p_approve AND p_allows_loss, remark = p_remark,
        decided_by_id = p_person, decided_at = clock_timestamp() WHERE id = r.id;
    PERFORM record(p_person, 'deputy_director', p_address,
        CASE WHEN p_approve THEN 'restore.approved' ELSE 'restore.declined' END, 'restore', r.id::text, 'done',
        jsonb_build_object('file', encode(r.file_digest, 'hex'), 'losses', encode(r.losses_digest, 'hex'),
            'allows_loss', p_approve AND p_allows_loss));
END $$;

CREATE FUNCTION confirm_restoration(p_restoration bigint, p_remark text, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    r restoration;
BEGIN
    PERFORM require_entitled(p_person, 'deputy_director', NULL, clock_timestamp());
    SELECT * INTO r FROM restoration WHERE id = p_restoration FOR UPDATE;
    IF NOT FOUND OR r.confirmed_at IS NOT NULL THEN
        PERFORM refuse('restore_is_decided_already');
    ELSIF p_remark !~ '\S' THEN
        PERFORM refuse('restore_without_a_remark');
    END IF;
    UPDATE restoration SET confirmed_by_id = p_person, confirmed_at = clock_timestamp(), remark = p_remark WHERE id = r.id;
    PERFORM record(p_person, 'deputy_director', p_address, 'restore.confirmed', 'restore', r.id::text, 'done',
        jsonb_build_object('aside', r.aside));
END $$;

REVOKE EXECUTE ON FUNCTION decide_restore(bigint, boolean, boolean, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION confirm_restoration(bigint, text, bigint, text) FROM PUBLIC;

CREATE FUNCTION restore_request_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    decision text[] := ARRAY['approved', 'allows_loss', 'remark', 'decided_by_id', 'decided_at'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.used_at IS NOT NULL
        OR to_jsonb(NEW) - decision - 'used_at' IS DISTINCT FROM to_jsonb(OLD) - decision - 'used_at'
        OR (OLD.decided_at IS NOT NULL AND to_jsonb(NEW) - 'used_at' IS DISTINCT FROM to_jsonb(OLD) - 'used_at') THEN
        PERFORM certlookup.refuse('restore_request_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER restore_request_only_goes_on BEFORE UPDATE OR DELETE ON restore_request
    FOR EACH ROW EXECUTE FUNCTION restore_request_only_goes_on();
ALTER TABLE restore_request ENABLE ALWAYS TRIGGER restore_request_only_goes_on;
CREATE TRIGGER restore_request_is_never_emptied BEFORE TRUNCATE ON restore_request
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE restore_request ENABLE ALWAYS TRIGGER restore_request_is_never_emptied;

CREATE FUNCTION restoration_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    confirmation text[] := ARRAY['confirmed_by_id', 'confirmed_at', 'remark', 'aside_removed_at'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.aside_removed_at IS NOT NULL
        OR to_jsonb(NEW) - confirmation IS DISTINCT FROM to_jsonb(OLD) - confirmation
        OR (OLD.confirmed_at IS NOT NULL
            AND to_jsonb(NEW) - 'aside_removed_at' IS DISTINCT FROM to_jsonb(OLD) - 'aside_removed_at') THEN
        PERFORM certlookup.refuse('restoration_never_changes');
    ELSIF NEW.aside_removed_at IS NOT NULL AND certlookup.deletions_are_suspended() THEN
        PERFORM certlookup.refuse('deletions_are_suspended', 'restoration');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER restoration_only_goes_on BEFORE UPDATE OR DELETE ON restoration
    FOR EACH ROW EXECUTE FUNCTION restoration_only_goes_on();
ALTER TABLE restoration ENABLE ALWAYS TRIGGER restoration_only_goes_on;
CREATE TRIGGER restoration_is_never_emptied BEFORE TRUNCATE ON restoration
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE restoration ENABLE ALWAYS TRIGGER restoration_is_never_emptied;
"""

BACKWARD = """
DROP TRIGGER restoration_is_never_emptied ON restoration;
DROP TRIGGER restoration_only_goes_on ON restoration;
DROP FUNCTION restoration_only_goes_on();
DROP TRIGGER restore_request_is_never_emptied ON restore_request;
DROP TRIGGER restore_request_only_goes_on ON restore_request;
DROP FUNCTION restore_request_only_goes_on();
DROP FUNCTION confirm_restoration(bigint, text, bigint, text);
DROP FUNCTION decide_restore(bigint, boolean, boolean, text, bigint, text);
DROP TRIGGER backup_copy_is_never_emptied ON backup_copy;
DROP TRIGGER backup_copy_only_goes_on ON backup_copy;
DROP FUNCTION backup_copy_only_goes_on();
DROP TRIGGER hand_over_is_never_emptied ON hand_over;
DROP TRIGGER hand_over_only_gains_its_answer ON hand_over;
DROP FUNCTION hand_over_only_gains_its_answer();
DROP TRIGGER medium_is_never_emptied ON medium;
DROP TRIGGER medium_stays_itself ON medium;
DROP FUNCTION medium_stays_itself();
DROP FUNCTION retire_medium(bigint, text, bigint, text);
DROP FUNCTION note_found_medium(bigint, text, bigint, text);
DROP FUNCTION report_lost_medium(bigint, text, bigint, text, text);
DROP FUNCTION answer_hand_over(bigint, text, text, bigint, text);
DROP FUNCTION hand_over_medium(bigint, bigint, text, date, text, bigint, text, text);
DROP FUNCTION place_medium(bigint, text, bigint, text);
DROP FUNCTION register_medium(text, text, bigint, text);
DROP FUNCTION require_free_place(text, bigint);
DROP FUNCTION require_holder(medium, bigint, text);
DROP FUNCTION require_medium(bigint);
DROP FUNCTION require_keeping(bigint, text);
"""

CAPACITIES = [
    ("city_operator", "市经办人"), ("city_director", "市鉴定中心主任"), ("provincial_operator", "省经办人"),
    ("department_head", "承办部门负责人"), ("deputy_director", "分管领导"), ("network_administrator", "网络管理专员"),
    ("keeper", "机要人员"), ("system_administrator", "系统管理员"), ("security_administrator", "安全管理员"),
    ("audit_administrator", "审计管理员"),
]  # fmt: skip
ANSWERS = [("", "待接收人确认"), ("received", "已接收"), ("declined", "未接收"), ("withdrawn", "已撤回")]
Q, Check, Unique = models.Q, models.CheckConstraint, models.UniqueConstraint


def _id() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _person(**options: object) -> models.ForeignKey:
    options = {"related_name": "+"} | options
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, **options)


def _reason() -> models.CharField:
    return models.CharField(blank=True, max_length=500)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0017_bulletins")]
    operations = [
        migrations.AddField("backupcopy", "removed_at", models.DateTimeField(null=True)),
        migrations.AlterField("backupcopy", "state", models.CharField(
            choices=[("due", "待写入"), ("verified", "已核对"), ("removed", "已按保留规定清除")],
            default="due", max_length=8)),
        migrations.CreateModel(
            name="Medium",
            fields=[
                _id(),
                ("number", models.CharField(db_collation="C", max_length=20, unique=True)),
                ("serial_number", models.CharField(max_length=80, unique=True)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("registered_at", models.DateTimeField()),
                ("held_as", models.CharField(choices=CAPACITIES, max_length=24)),
                ("held_since", models.DateTimeField()),
                ("due_back_on", models.DateField(null=True)),
                ("lost_at", models.DateTimeField(null=True)),
                ("lost_reason", _reason()),
                ("retired_at", models.DateTimeField(null=True)),
                ("retired_reason", _reason()),
                ("holder", _person(related_name="media")),
                ("lost_by", _person(null=True)),
                ("registered_by", _person()),
                ("retired_by", _person(null=True)),
            ],
            options={
                "db_table": "medium",
                "ordering": ["number"],
                "constraints": [
                    Unique(
                        fields=["place"], condition=~Q(place="") & Q(lost_at=None, retired_at=None),
                        name="medium_one_per_place",
                    ),
                    Check(
                        condition=Q(number__regex=r"^[0-9A-Z-]{1,20}$", serial_number__regex=r"\S"),
                        name="medium_is_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                _id(),
                ("given_as", models.CharField(choices=CAPACITIES, max_length=24)),
                ("taken_as", models.CharField(choices=CAPACITIES, max_length=24)),
                ("given_at", models.DateTimeField()),
                ("due_back_on", models.DateField(null=True)),
                ("remark", _reason()),
                ("answer", models.CharField(blank=True, choices=ANSWERS, max_length=9)),
                ("answered_at", models.DateTimeField(null=True)),
                ("reason", _reason()),
                ("given_by", _person()),
                ("given_to", _person()),
                ("medium", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="hand_overs", to="uploads.medium")),
            ],
            options={
                "db_table": "hand_over",
                "ordering": ["id"],
                "constraints": [
                    Unique(fields=["medium"], condition=Q(answer=""), name="hand_over_one_open_per_medium"),
                    Check(
                        condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                        name="hand_over_is_answered_at_a_time",
                    ),
                    Check(condition=~Q(given_by=models.F("given_to")), name="hand_over_is_between_two"),
                ],
            },
        ),
        migrations.AddField("backupcopy", "medium", models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="uploads.medium")),
        migrations.CreateModel(
            name="RestoreRequest",
            fields=[
                _id(),
                ("file_name", models.CharField(max_length=120)),
                ("file_digest", models.BinaryField()),
                ("order_text", models.CharField(max_length=500)),
                ("is_older", models.BooleanField()),
                ("losses", models.JSONField()),
                ("losses_digest", models.BinaryField()),
                ("requested_at", models.DateTimeField()),
                ("approved", models.BooleanField(null=True)),
                ("allows_loss", models.BooleanField(default=False)),
                ("remark", _reason()),
                ("decided_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("decided_by", _person(null=True)),
            ],
            options={
                "db_table": "restore_request",
                "ordering": ["-id"],
                "constraints": [
                    Check(
                        condition=Q(approved=None, decided_by=None, decided_at=None, used_at=None)
                        | Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                        name="restore_request_is_decided_by_somebody",
                    ),
                    Check(
                        condition=Q(used_at=None) | Q(approved=True) & (Q(is_older=False) | Q(allows_loss=True)),
                        name="restore_request_is_used_as_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restoration",
            fields=[
                _id(),
                ("order_text", models.CharField(max_length=500)),
                ("ordered_by", models.CharField(blank=True, max_length=100)),
                ("file_name", models.CharField(max_length=120)),
                ("file_digest", models.BinaryField()),
                ("restored_at", models.DateTimeField()),
                ("aside", models.CharField(blank=True, max_length=63)),
                ("losses", models.JSONField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("remark", _reason()),
                ("aside_removed_at", models.DateTimeField(null=True)),
                ("confirmed_by", _person(null=True)),
            ],
            options={
                "db_table": "restoration",
                "ordering": ["-id"],
                "constraints": [
                    Check(
                        condition=Q(confirmed_by=None, confirmed_at=None)
                        | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, remark__regex=r"\S"),
                        name="restoration_is_confirmed_with_a_remark",
                    ),
                    Check(
                        condition=Q(aside_removed_at=None) | Q(confirmed_at__isnull=False),
                        name="restoration_is_confirmed_before_the_former_state_goes",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CUSTODY + COPIES + RESTORING, BACKWARD),
    ]  # fmt: skip
