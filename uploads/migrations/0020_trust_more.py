"""Accounts, extensions and orders: written by functions that check who may, and that leave their audit entry.

The staff role reads person and may note a login; everything else of an account is done here, so that raw SQL under that
role neither opens an account nor lets a frozen one back in without the trail telling it. uploads/people says the same kindly.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION require_one_of(p_capacities text[], p_by bigint, p_capacity text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_capacity IS NULL OR p_capacity <> ALL (p_capacities) THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
    PERFORM require_entitled(p_by, p_capacity, NULL, clock_timestamp());
END $$;

-- Somebody else's account, by one of these capacities, with a reason.
CREATE FUNCTION require_watcher(p_person bigint, p_capacities text[], p_reason text, p_by bigint, p_capacity text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_one_of(p_capacities, p_by, p_capacity);
    IF p_by = p_person THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    ELSIF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM refuse('reason_is_missing');
    END IF;
END $$;

-- What nobody can log in with, and what an invitation's mark is made of.
CREATE FUNCTION unusable_password() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT '!' || replace(gen_random_uuid()::text, '-', '')
$$;

-- By the owner at set-up or a system administrator; by a provincial operator for whoever signed a sheet of an office.
CREATE FUNCTION add_person(p_number text, p_name text, p_office text, p_phone text, p_by bigint, p_capacity text,
    p_address text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    added bigint;
    of_the_paper boolean := p_capacity = 'provincial_operator' AND p_office IS NOT NULL;
BEGIN
    IF session_user <> current_user THEN
        PERFORM require_one_of(CASE WHEN of_the_paper THEN ARRAY['provincial_operator']
            ELSE ARRAY['system_administrator'] END, p_by, p_capacity);
    END IF;
    INSERT INTO person (staff_number, name, office_id, phone, state, password)
        VALUES (p_number, p_name, p_office, p_phone, 'no_account', unusable_password())
        ON CONFLICT (staff_number) DO NOTHING RETURNING id INTO added;
    IF added IS NULL THEN
        PERFORM refuse('staff_number_is_taken');
    END IF;
    PERFORM record(p_by, p_capacity, p_address, CASE WHEN of_the_paper THEN 'paper_signer.added' ELSE 'person.created' END,
        'person', p_number, 'done', jsonb_build_object('name', p_name, 'office', p_office));
    RETURN added;
END $$;

-- A name that stands under acts stays.
CREATE FUNCTION change_person(p_person bigint, p_name text, p_office text, p_phone text, p_by bigint, p_capacity text,
    p_address text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    p person;
    changed jsonb;
BEGIN
    PERFORM require_one_of(ARRAY['system_administrator'], p_by, p_capacity);
    SELECT * INTO STRICT p FROM person WHERE id = p_person FOR NO KEY UPDATE;
    IF p_name <> p.name AND EXISTS (SELECT FROM act WHERE person_id = p.id) THEN
        PERFORM refuse('name_stands_under_acts');
    END IF;
    UPDATE person SET name = p_name, office_id = p_office, phone = p_phone WHERE id = p.id;
    SELECT coalesce(jsonb_object_agg(field, jsonb_build_array(old, new)), '{}') INTO changed
        FROM (VALUES ('name', p.name, p_name), ('office', p.office_id, p_office), ('phone', p.phone, p_phone))
            AS v (field, old, new) WHERE old IS DISTINCT FROM new;
    PERFORM record(p_by, p_capacity, p_address, 'person.changed', 'person', p.staff_number, 'done', changed);
END $$;

-- By the person, a security administrator or a leader (R13); returns the entry's number.
CREATE FUNCTION freeze_account(p_person bigint, p_reason text, p_by bigint, p_capacity text, p_address text,
    p_sessions integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    IF p_by IS DISTINCT FROM p_person THEN
        PERFORM require_watcher(p_person, ARRAY['security_administrator', 'department_head', 'deputy_director'],
            p_reason, p_by, p_capacity);
    END IF;
    UPDATE person SET state = 'frozen' WHERE id = p_person AND state = 'active' RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('account_is_not_active');
    ELSIF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM refuse('reason_is_missing');
    END IF;
    RETURN record(p_by, p_capacity, p_address, 'account.frozen', 'person', number, 'done',
        jsonb_build_object('reason', p_reason, 'sessions_ended', p_sessions));
END $$;

CREATE FUNCTION unfreeze_account(p_person bigint, p_reason text, p_by bigint, p_capacity text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    PERFORM require_watcher(p_person, ARRAY['security_administrator'], p_reason, p_by, p_capacity);
    UPDATE person SET state = 'active' WHERE id = p_person AND state = 'frozen' RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('account_is_not_frozen');
    END IF;
    PERFORM record(p_by, p_capacity, p_address, 'account.unfrozen', 'person', number, 'done',
        jsonb_build_object('reason', p_reason));
END $$;

-- The password goes; the devices go with it (uploads/people/accounts.py), and a system administrator invites anew.
CREATE FUNCTION withdraw_account(p_person bigint, p_reason text, p_by bigint, p_capacity text, p_address text,
    p_sessions integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    PERFORM require_watcher(p_person, ARRAY['security_administrator'], p_reason, p_by, p_capacity);
    UPDATE person SET state = 'no_account', password = unusable_password() WHERE id = p_person AND state <> 'no_account'
        RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('account_is_not_active');
    END IF;
    PERFORM record(p_by, p_capacity, p_address, 'account.withdrawn', 'person', number, 'done',
        jsonb_build_object('reason', p_reason, 'sessions_ended', p_sessions));
END $$;

-- A new mark: earlier links are void.
CREATE FUNCTION invite_person(p_person bigint, p_by bigint, p_capacity text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    IF session_user <> current_user THEN
        PERFORM require_one_of(ARRAY['system_administrator'], p_by, p_capacity);
    END IF;
    UPDATE person SET password = unusable_password() WHERE id = p_person AND state = 'no_account'
        RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('account_is_active');
    END IF;
    PERFORM record(p_by, p_capacity, p_address, 'person.invited', 'person', number, 'done', '{}'::jsonb);
END $$;

-- Whoever holds the newest link sets the password; it opens nothing twice.
CREATE FUNCTION open_account(p_person bigint, p_mark text, p_password text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    UPDATE person SET password = p_password, password_set_at = clock_timestamp(), password_change_ordered_at = NULL,
            state = 'active'
        WHERE id = p_person AND state = 'no_account' AND password = p_mark RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('invitation_is_void');
    ELSIF p_password NOT LIKE 'argon2$argon2id$%' THEN
        PERFORM refuse('password_is_no_hash');
    END IF;
    PERFORM record(p_person, '', p_address, 'account.opened', 'person', number, 'done', '{}'::jsonb);
END $$;

-- By the person alone, in place of the one that was checked.
CREATE FUNCTION change_password(p_person bigint, p_present text, p_password text, p_capacity text, p_address text,
    p_sessions integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    number text;
BEGIN
    UPDATE person SET password = p_password, password_set_at = clock_timestamp(), password_change_ordered_at = NULL
        WHERE id = p_person AND state = 'active' AND password = p_present RETURNING staff_number INTO number;
    IF number IS NULL THEN
        PERFORM refuse('account_is_not_active');
    ELSIF p_password NOT LIKE 'argon2$argon2id$%' THEN
        PERFORM refuse('password_is_no_hash');
    END IF;
    PERFORM record(p_person, p_capacity, p_address, 'password.changed', 'person', number, 'done',
        jsonb_build_object('sessions_ended', p_sessions));
END $$;

-- Of one account in use, or of all (NULL), the orderer's own and frozen ones included; returns how many.
CREATE FUNCTION order_password_change(p_person bigint, p_reason text, p_by bigint, p_capacity text, p_address text,
    p_sessions integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    ordered integer;
BEGIN
    PERFORM require_one_of(ARRAY['security_administrator', 'department_head', 'deputy_director'], p_by, p_capacity);
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM refuse('reason_is_missing');
    END IF;
    UPDATE person SET password_change_ordered_at = clock_timestamp()
        WHERE CASE WHEN p_person IS NULL THEN state <> 'no_account' ELSE id = p_person AND state = 'active' END;
    GET DIAGNOSTICS ordered = ROW_COUNT;
    IF ordered = 0 THEN
        PERFORM refuse('account_is_not_active');
    END IF;
    PERFORM record(p_by, p_capacity, p_address, 'password.change_ordered',
        CASE WHEN p_person IS NULL THEN 'installation' ELSE 'person' END,
        coalesce((SELECT staff_number FROM person WHERE id = p_person), ''), 'done',
        jsonb_build_object('reason', p_reason, 'accounts', ordered, 'sessions_ended', p_sessions));
    RETURN ordered;
END $$;

-- 延期: by the department head, for an office or (NULL) for all.
CREATE FUNCTION record_extension(p_period text, p_office text, p_opens_at timestamptz, p_closes_at timestamptz,
    p_reason text, p_by bigint, p_capacity text, p_address text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    recorded bigint;
BEGIN
    PERFORM require_one_of(ARRAY['department_head'], p_by, p_capacity);
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM refuse('reason_is_missing');
    END IF;
    INSERT INTO extension (period_id, office_id, opens_at, closes_at, reason, recorded_by_id, recorded_at)
        VALUES (p_period, p_office, p_opens_at, p_closes_at, p_reason, p_by, clock_timestamp()) RETURNING id INTO recorded;
    PERFORM record(p_by, p_capacity, p_address, 'extension.recorded', 'period', p_period, 'done', jsonb_build_object(
        'office', p_office, 'opens_at', p_opens_at, 'closes_at', p_closes_at, 'reason', p_reason));
    RETURN recorded;
END $$;

-- 提前上网指示: by the deputy director.
CREATE FUNCTION order_publication(p_period text, p_reason text, p_by bigint, p_capacity text, p_address text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    ordered bigint;
BEGIN
    PERFORM require_one_of(ARRAY['deputy_director'], p_by, p_capacity);
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM refuse('reason_is_missing');
    END IF;
    INSERT INTO publication_order (period_id, reason, ordered_by_id, ordered_at)
        VALUES (p_period, p_reason, p_by, clock_timestamp()) RETURNING id INTO ordered;
    PERFORM record(p_by, p_capacity, p_address, 'publication.ordered', 'period', p_period, 'done',
        jsonb_build_object('reason', p_reason));
    RETURN ordered;
END $$;

CREATE TRIGGER extension_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON extension
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE extension ENABLE ALWAYS TRIGGER extension_never_changes;
CREATE TRIGGER publication_order_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON publication_order
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE publication_order ENABLE ALWAYS TRIGGER publication_order_never_changes;
"""

FUNCTIONS = (
    "order_publication(text, text, bigint, text, text)",
    "record_extension(text, text, timestamptz, timestamptz, text, bigint, text, text)",
    "order_password_change(bigint, text, bigint, text, text, integer)",
    "change_password(bigint, text, text, text, text, integer)",
    "open_account(bigint, text, text, text)",
    "invite_person(bigint, bigint, text, text)",
    "withdraw_account(bigint, text, bigint, text, text, integer)",
    "unfreeze_account(bigint, text, bigint, text, text)",
    "freeze_account(bigint, text, bigint, text, text, integer)",
    "change_person(bigint, text, text, text, bigint, text, text)",
    "add_person(text, text, text, text, bigint, text, text)",
    "unusable_password()",
    "require_watcher(bigint, text[], text, bigint, text)",
    "require_one_of(text[], bigint, text)",
)
REVOKE = "".join(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;\n" for function in FUNCTIONS)

BACKWARD = """
DROP TRIGGER publication_order_never_changes ON publication_order;
DROP TRIGGER extension_never_changes ON extension;
""" + "".join(f"DROP FUNCTION {function};\n" for function in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0019_operations")]
    operations = [migrations.RunSQL(FORWARD + REVOKE, BACKWARD)]
