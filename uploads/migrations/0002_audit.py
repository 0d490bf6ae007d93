"""record(): the only way into the audit trail, and refuse(), by which the functions say no.

The caller gets SQLSTATE CL001 with a sentence's key as message; uploads/refusals.py turns it into Chinese.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse(reason text, detail text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CL001', MESSAGE = reason, DETAIL = detail;
END $$;

CREATE FUNCTION never_changes() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    PERFORM certlookup.refuse(TG_TABLE_NAME || '_never_changes');
    RETURN NULL;
END $$;

-- Two steps, so that the chain can be handed out with some entries in full and of the others the first step only.
CREATE FUNCTION audit_content(e audit_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(json_build_array(
        'certlookup-audit-1', e.number::text, to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        e.person_id::text, e.staff_number, e.capacity, e.address, e.action, e.subject_kind, e.subject_id, e.outcome,
        e.detail::text, e.database_role)::text, 'UTF8'))
$$;

CREATE FUNCTION audit_hash(previous bytea, e audit_entry) RETURNS bytea LANGUAGE sql STABLE
SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT sha256(previous || audit_content(e))
$$;

-- Locks the head row last and only for the moment of writing: the caller's slow work lies behind it.
CREATE FUNCTION record(
    p_person bigint, p_capacity text, p_address text, p_action text, p_subject_kind text, p_subject_id text,
    p_outcome text, p_detail jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    head audit_head;
    entry audit_entry;
BEGIN
    -- What foreign keys would otherwise check at COMMIT, row by row, while everybody waits for the head.
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    entry.number := head.number + 1;
    entry.recorded_at := clock_timestamp();
    entry.person_id := p_person;
    entry.staff_number := coalesce((SELECT staff_number FROM person WHERE id = p_person), '');
    entry.capacity := coalesce(p_capacity, '');
    entry.address := coalesce(p_address, '');
    entry.action := p_action;
    entry.subject_kind := coalesce(p_subject_kind, '');
    entry.subject_id := coalesce(p_subject_id, '');
    entry.outcome := p_outcome;
    entry.detail := coalesce(p_detail, '{}'::jsonb);
    entry.database_role := session_user;
    entry.hash := audit_hash(head.hash, entry);
    INSERT INTO audit_entry SELECT entry.*;
    UPDATE audit_head SET number = entry.number, hash = entry.hash;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN entry.number;
END $$;
REVOKE EXECUTE ON FUNCTION record(bigint, text, text, text, text, text, text, jsonb) FROM PUBLIC;

INSERT INTO audit_head (id, number, hash) VALUES (1, 0, sha256('certlookup-audit-1'::bytea));

CREATE TRIGGER audit_entry_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_never_changes;
CREATE TRIGGER installation_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON installation
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE installation ENABLE ALWAYS TRIGGER installation_never_changes;
"""

BACKWARD = """
DROP TRIGGER installation_never_changes ON installation;
DROP TRIGGER audit_entry_never_changes ON audit_entry;
DELETE FROM audit_head;
DROP FUNCTION record(bigint, text, text, text, text, text, text, jsonb);
DROP FUNCTION audit_hash(bytea, audit_entry);
DROP FUNCTION audit_content(audit_entry);
DROP FUNCTION never_changes();
DROP FUNCTION refuse(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
