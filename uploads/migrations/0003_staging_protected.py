"""Staged rows never change once checked; attempts, batches and releases move only as their state machine allows."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION leaf_hash(r staged_row) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT leaf_of(r.kind, r.certificate_number, r.holder_name, r.sex, r.id_type, r.id_commitment,
        iso_date(r.birth_date), r.occupation, r.occupation_code, r.level, r.level_text, r.theory_score, r.skill_score,
        r.overall_score, r.result, iso_date(r.processed_date), iso_date(r.issue_date), r.issuing_authority,
        r.assessment_office, r.change_reason, r.document_number)
$$;

-- What signatures are about: the digest over the leaves in the order of the rows, how many there are, the kinds that
-- come first and last in the alphabet, and the first and last row's number.
CREATE TYPE attempt_content AS (
    digest bytea, row_count bigint, lowest_kind text, highest_kind text, first_row integer, last_row integer);

-- How far a publication has come, where others can read it before its transaction ends: in pg_stat_activity. It goes
-- with the transaction, however that ends; uploads/release/progress.py reads it.
CREATE FUNCTION tell_progress(p_release bigint, p_step text, p_rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('application_name', format('certlookup publication %s %s %s', p_release, p_step, p_rows), true);
END $$;

-- One pass along the key, whose order is the rows'; sorting a million whole rows would take longer than reading them,
-- and what the planner believes of rows that have only just come is no guide. A piece at a time, so that the
-- publication of p_release, which has checked p_before rows of other batches, can tell how far it is. The leaves are those
-- of leaf_hash(); with this datestyle a date's text is that of iso_date(), for a third of its price.
CREATE FUNCTION attempt_content(p_attempt bigint, p_release bigint DEFAULT NULL, p_before bigint DEFAULT 0)
RETURNS attempt_content LANGUAGE plpgsql STABLE
SET datestyle = 'ISO' SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    content attempt_content;
    piece record;
    leaves bytea[];
BEGIN
    SELECT min(s.row_number), max(s.row_number) INTO content.first_row, content.last_row
        FROM staged_row s WHERE s.attempt_id = p_attempt;
    content.row_count := 0;
    FOR from_row IN coalesce(content.first_row, 1) .. coalesce(content.last_row, 0) BY 50000 LOOP
        SELECT string_agg(leaf_of(s.kind, s.certificate_number, s.holder_name, s.sex, s.id_type, s.id_commitment,
                    s.birth_date::text, s.occupation, s.occupation_code, s.level, s.level_text, s.theory_score,
                    s.skill_score, s.overall_score, s.result, s.processed_date::text, s.issue_date::text,
                    s.issuing_authority, s.assessment_office, s.change_reason, s.document_number
                ), ''::bytea ORDER BY s.row_number) AS leaves,
                count(*) AS row_count, min(s.kind) AS lowest_kind, max(s.kind) AS highest_kind
            INTO piece FROM staged_row s
            WHERE s.attempt_id = p_attempt AND s.row_number BETWEEN from_row AND from_row + 49999;
        leaves := array_append(leaves, piece.leaves);
        content.row_count := content.row_count + piece.row_count;
        content.lowest_kind := least(content.lowest_kind, piece.lowest_kind);
        content.highest_kind := greatest(content.highest_kind, piece.highest_kind);
        IF p_release IS NOT NULL THEN
            PERFORM tell_progress(p_release, 'checked', p_before + content.row_count);
        END IF;
    END LOOP;
    content.digest := sha256(coalesce((SELECT string_agg(l.leaves, ''::bytea ORDER BY l.place)
        FROM unnest(leaves) WITH ORDINALITY l (leaves, place)), ''::bytea));
    RETURN content;
END $$;

CREATE FUNCTION attempt_digest(p_attempt bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT digest FROM attempt_content(p_attempt)
$$;

-- A declaration of no data has no rows: the digest of nothing.
CREATE FUNCTION batch_content(b batch, p_release bigint DEFAULT NULL, p_before bigint DEFAULT 0)
RETURNS attempt_content LANGUAGE sql STABLE AS $$
    SELECT attempt_content(CASE WHEN NOT b.declares_no_data THEN b.attempt_id END, p_release, p_before)
$$;

CREATE FUNCTION batch_digest(p_batch bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT c.digest FROM batch b CROSS JOIN LATERAL batch_content(b) c WHERE b.id = p_batch
$$;

-- Rows and problems come only while their attempt is being checked. Statement level: a COPY pays once, not per row.
-- For staged_row this stands for the foreign key too, which would be looked up for every row.
CREATE FUNCTION rows_come_while_checking() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT attempt_id FROM arrived) a LEFT JOIN certlookup.attempt t ON t.id = a.attempt_id
        WHERE t.state IS DISTINCT FROM 'checking'
    ) THEN
        PERFORM certlookup.refuse('attempt_is_not_being_checked');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER staged_row_comes_while_checking AFTER INSERT ON staged_row REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION rows_come_while_checking();
ALTER TABLE staged_row ENABLE ALWAYS TRIGGER staged_row_comes_while_checking;
CREATE TRIGGER row_problem_comes_while_checking AFTER INSERT ON row_problem REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION rows_come_while_checking();
ALTER TABLE row_problem ENABLE ALWAYS TRIGGER row_problem_comes_while_checking;

-- Key rotation touches the three key columns and nothing else.
CREATE FUNCTION only_key_columns_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - ARRAY['id_sealed', 'id_index', 'key_version']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['id_sealed', 'id_index', 'key_version'] THEN
        PERFORM certlookup.refuse('staged_row_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staged_row_only_keys_change BEFORE UPDATE ON staged_row
    FOR EACH ROW EXECUTE FUNCTION only_key_columns_change();
ALTER TABLE staged_row ENABLE ALWAYS TRIGGER staged_row_only_keys_change;
CREATE TRIGGER staged_row_never_changes BEFORE DELETE OR TRUNCATE ON staged_row
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE staged_row ENABLE ALWAYS TRIGGER staged_row_never_changes;
CREATE TRIGGER row_problem_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON row_problem
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE row_problem ENABLE ALWAYS TRIGGER row_problem_never_changes;

CREATE FUNCTION attempt_is_frozen_once_checked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('checked', 'unreadable') OR NEW.batch_id <> OLD.batch_id THEN
        PERFORM certlookup.refuse('attempt_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attempt_frozen_once_checked BEFORE UPDATE OR DELETE ON attempt
    FOR EACH ROW EXECUTE FUNCTION attempt_is_frozen_once_checked();
ALTER TABLE attempt ENABLE ALWAYS TRIGGER attempt_frozen_once_checked;

INSERT INTO transition (subject, from_state, to_state, by_function) VALUES
    ('batch', 'draft', 'draft', true),
    ('batch', 'draft', 'checked', false),
    ('batch', 'checked', 'draft', true),
    ('batch', 'returned', 'draft', true),
    ('batch', 'returned', 'checked', true),
    ('batch', 'checked', 'signed', true),
    ('batch', 'checked', 'submitted', true),
    ('batch', 'signed', 'submitted', true),
    ('batch', 'signed', 'checked', true),
    ('batch', 'submitted', 'checked', true),
    ('batch', 'submitted', 'in_release', false),
    ('batch', 'in_release', 'submitted', true),
    ('batch', 'in_release', 'published', true),
    ('batch', 'checked', 'returned', true),
    ('batch', 'signed', 'returned', true),
    ('batch', 'submitted', 'returned', true),
    ('batch', 'in_release', 'returned', true),
    ('release', 'assembled', 'op_signed', true),
    ('release', 'op_signed', 'head_signed', true),
    ('release', 'head_signed', 'approved', true),
    ('release', 'approved', 'publishing', true),
    ('release', 'publishing', 'published', true),
    ('release', 'published', 'backed_up', false),
    ('release', 'assembled', 'assembled', true),
    ('release', 'op_signed', 'assembled', true),
    ('release', 'head_signed', 'assembled', true),
    ('release', 'approved', 'assembled', true),
    ('release', 'publishing', 'assembled', true),
    ('release', 'assembled', 'returned', true),
    ('release', 'op_signed', 'returned', true),
    ('release', 'head_signed', 'returned', true),
    ('release', 'approved', 'returned', true),
    ('release', 'publishing', 'returned', true);

-- Inside a SECURITY DEFINER function the current user is the tables' owner: that is what by_function means.
CREATE FUNCTION state_moves_as_allowed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    inside_function boolean := current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.round <> 1 OR to_jsonb(NEW) ->> 'attempt_id' IS NOT NULL OR NOT (
            NEW.state IN ('draft', 'assembled')
            OR (TG_TABLE_NAME = 'batch' AND NEW.state = 'checked' AND (to_jsonb(NEW) ->> 'declares_no_data')::boolean)
        ) THEN
            PERFORM certlookup.refuse('state_begins_at_the_beginning');
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM certlookup.transition t
        WHERE t.subject = TG_TABLE_NAME AND t.from_state = OLD.state AND t.to_state = NEW.state
            AND (inside_function OR NOT t.by_function)
    ) THEN
        PERFORM certlookup.refuse('state_does_not_move_that_way', OLD.state || ' -> ' || NEW.state);
    END IF;
    IF NEW.round <> OLD.round AND NOT inside_function THEN
        PERFORM certlookup.refuse('round_moves_by_function');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_state_moves_as_allowed BEFORE INSERT OR UPDATE ON batch
    FOR EACH ROW EXECUTE FUNCTION state_moves_as_allowed();
ALTER TABLE batch ENABLE ALWAYS TRIGGER batch_state_moves_as_allowed;
CREATE TRIGGER release_state_moves_as_allowed BEFORE INSERT OR UPDATE ON release
    FOR EACH ROW EXECUTE FUNCTION state_moves_as_allowed();
ALTER TABLE release ENABLE ALWAYS TRIGGER release_state_moves_as_allowed;
"""

BACKWARD = """
DROP TRIGGER release_state_moves_as_allowed ON release;
DROP TRIGGER batch_state_moves_as_allowed ON batch;
DROP FUNCTION state_moves_as_allowed();
DELETE FROM transition;
DROP TRIGGER attempt_frozen_once_checked ON attempt;
DROP FUNCTION attempt_is_frozen_once_checked();
DROP TRIGGER row_problem_never_changes ON row_problem;
DROP TRIGGER staged_row_never_changes ON staged_row;
DROP TRIGGER staged_row_only_keys_change ON staged_row;
DROP FUNCTION only_key_columns_change();
DROP TRIGGER row_problem_comes_while_checking ON row_problem;
DROP TRIGGER staged_row_comes_while_checking ON staged_row;
DROP FUNCTION rows_come_while_checking();
DROP FUNCTION batch_digest(bigint);
DROP FUNCTION batch_content(batch, bigint, bigint);
DROP FUNCTION attempt_digest(bigint);
DROP FUNCTION attempt_content(bigint, bigint, bigint);
DROP FUNCTION tell_progress(bigint, text, bigint);
DROP TYPE attempt_content;
DROP FUNCTION leaf_hash(staged_row);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0002_audit"), ("certificates", "0002_leaf_hash")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
