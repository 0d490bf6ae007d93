"""publish(): checks every signature against the rows once more, then makes a release public, all or nothing."""

from django.db import migrations

# What travels unchanged from a staged row into the register and from there into its earlier revisions.
FIELDS = (
    "kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, level_text, "
    "theory_score, skill_score, overall_score, result, processed_date, issue_date, issuing_authority, "
    "assessment_office, change_reason, document_number, changed_fields, id_sealed, id_index, key_version"
)
ROWS_AT_A_TIME = 50_000
FROM_STAGED = ", ".join(f"s.{field.strip()}" for field in FIELDS.split(","))


def insert_piece(position: str) -> str:
    """A piece of an attempt's rows into the register."""
    return f"""INSERT INTO certificate (certificate_number, revision_number, publication_id, position,
                    first_published_on, {FIELDS})
                SELECT s.certificate_number, 1, p_publication, {position}, p_on, {FROM_STAGED}
                FROM staged_row s WHERE s.attempt_id = p_attempt AND s.kind = 'issued'
                    AND s.row_number BETWEEN from_row AND from_row + {ROWS_AT_A_TIME - 1};"""


FORWARD = f"""
-- Every signature the release needs, in its present round, on the content as it is now, by as many different people.
CREATE FUNCTION require_signed_release(r release, p_digest bytea) RETURNS signature LANGUAGE plpgsql AS $$
DECLARE
    publisher signature;
BEGIN
    IF EXISTS (
        SELECT FROM required_signature q WHERE q.subject = 'release' AND NOT EXISTS (
            SELECT FROM signature s WHERE s.release_id = r.id AND s.round = r.round AND s.capacity = q.capacity
                AND s.digest = p_digest AND NOT s.on_paper AND is_entitled_then(s, NULL))
    ) THEN
        PERFORM refuse('release_signatures_incomplete');
    END IF;
    SELECT s.* INTO STRICT publisher FROM signature s JOIN required_signature q
        ON q.subject = 'release' AND q.is_publisher AND q.capacity = s.capacity
        WHERE s.release_id = r.id AND s.round = r.round;
    RETURN publisher;
END $$;

-- The grant held when the signature was given, whatever became of it since; a paper signer of the office needs none.
CREATE FUNCTION is_entitled_then(s signature, p_office text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.on_paper OR EXISTS (
        SELECT FROM capacity_grant g WHERE g.person_id = s.person_id AND g.capacity = s.capacity
            AND (g.office_id IS NULL OR g.office_id = p_office)
            AND g.valid_from <= s.effective_at AND (g.valid_to IS NULL OR g.valid_to > s.effective_at))
$$;

-- Every signature the batch needs, in its present round, on its content as it is now; the release's signatures on it,
-- all of them; and as many people as acts.
CREATE FUNCTION require_signed_batch(b batch, r release, c attempt_content) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF b.state <> 'in_release' THEN
        PERFORM refuse('batch_is_not_in_release', b.id::text);
    END IF;
    PERFORM require_signable(b, c);
    IF EXISTS (
        SELECT FROM required_signature q WHERE q.subject = b.kind AND q.way_in = b.way_in AND NOT EXISTS (
            SELECT FROM act a JOIN signature s ON s.id = a.signature_id
            WHERE a.batch_id = b.id AND a.round = b.round AND a.capacity = q.capacity AND a.person_id = s.person_id
                AND s.batch_id = b.id AND s.capacity = q.capacity AND s.digest = c.digest
                AND s.on_paper = (b.way_in = 'paper') AND is_entitled_then(s, b.office_id))
    ) OR EXISTS (
        SELECT FROM required_signature q WHERE q.subject = 'release' AND NOT EXISTS (
            SELECT FROM act a JOIN signature s ON s.id = a.signature_id
            WHERE a.batch_id = b.id AND a.round = b.round AND a.capacity = q.capacity AND a.person_id = s.person_id
                AND s.release_id = r.id AND s.round = r.round AND s.capacity = q.capacity)
    ) OR EXISTS (
        SELECT FROM act a WHERE a.batch_id = b.id AND a.round = b.round GROUP BY a.person_id HAVING count(*) > 1
    ) THEN
        PERFORM refuse('batch_signatures_incomplete', b.id::text);
    END IF;
END $$;

-- Positions follow the batches in order and, within each, the spreadsheet's rows: the leaves' places in the tree.
-- A piece at a time, along the key, so that progress can be told.
CREATE FUNCTION issue_rows(r release, p_attempt bigint, c attempt_content, p_publication bigint, p_offset integer, p_on date)
RETURNS integer LANGUAGE plpgsql
SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    number text;
    piece integer;
    written integer := 0;
BEGIN
    FOR from_row IN c.first_row .. c.last_row BY {ROWS_AT_A_TIME} LOOP
        -- Counting the rows off again is for files with empty rows in between.
        IF c.last_row - c.first_row + 1 = c.row_count THEN
            {insert_piece("p_offset + s.row_number - c.first_row")}
        ELSE
            {insert_piece("p_offset + written + row_number() OVER (ORDER BY s.row_number) - 1")}
        END IF;
        GET DIAGNOSTICS piece = ROW_COUNT;
        written := written + piece;
        PERFORM tell_progress(r.id, 'written', p_offset + written);
    END LOOP;
    RETURN written;
EXCEPTION WHEN unique_violation THEN
    SELECT s.certificate_number INTO number FROM staged_row s JOIN certificate c USING (certificate_number)
        WHERE s.attempt_id = p_attempt ORDER BY s.row_number LIMIT 1;
    PERFORM refuse('certificate_already_in_register', coalesce(number, ''));
END $$;

-- Corrections, revocations, reinstatements: the present state becomes an earlier revision, the row the present state.
CREATE FUNCTION revise_rows(p_attempt bigint, p_publication bigint, p_offset integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    written integer;
BEGIN
    INSERT INTO revision (certificate_number, revision_number, publication_id, position, first_published_on, {FIELDS})
        SELECT c.certificate_number, c.revision_number, c.publication_id, c.position, c.first_published_on,
            {", ".join(f"c.{field.strip()}" for field in FIELDS.split(","))}
        FROM certificate c JOIN staged_row s USING (certificate_number)
        WHERE s.attempt_id = p_attempt AND s.kind <> 'issued';
    UPDATE certificate c SET ({FIELDS}) = ROW({FROM_STAGED}), revision_number = c.revision_number + 1,
        publication_id = p_publication, position = p_offset + s.place
        FROM (SELECT *, row_number() OVER (ORDER BY row_number) - 1 AS place FROM staged_row
            WHERE attempt_id = p_attempt AND kind <> 'issued') s
        WHERE c.certificate_number = s.certificate_number;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;

CREATE FUNCTION publish(p_release bigint, p_address text DEFAULT '') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    r release;
    publisher signature;
    b batch;
    c attempt_content;
    batches batch[];
    contents attempt_content[];
    statements text[];
    at timestamptz;
    published_on date;
    new_publication bigint := nextval(pg_get_serial_sequence('certlookup.publication', 'id'));
    before bigint;
    rows integer;
    total integer := 0;
    by_kind jsonb := '{{"issued": 0, "corrected": 0, "revoked": 0, "reinstated": 0}}';
BEGIN
    -- One publication at a time; readers of the register are not held up.
    LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO r FROM release WHERE id = p_release FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_release');
    ELSIF r.state <> 'publishing' THEN
        PERFORM refuse('release_is_not_to_be_published', r.state);
    END IF;
    PERFORM require_sound_register();
    -- Each row is read and hashed once; whatever is checked below is checked against what came of it.
    FOR b IN SELECT x.* FROM batch x JOIN release_item i ON i.batch_id = x.id
            WHERE i.release_id = r.id AND i.left_at IS NULL ORDER BY x.office_id COLLATE "C", x.id FOR UPDATE OF x LOOP
        c := batch_content(b, r.id, total);
        batches := array_append(batches, b);
        contents := array_append(contents, c);
        statements := array_append(statements, release_statement(b, c));
        total := total + c.row_count;
        by_kind := jsonb_set(by_kind, ARRAY[row_kind_of(b.kind)],
            to_jsonb((by_kind ->> row_kind_of(b.kind))::bigint + c.row_count));
        PERFORM tell_progress(r.id, 'checked', total);
    END LOOP;
    publisher := require_signed_release(r,
        sha256(convert_to(coalesce(array_to_string(statements, E'\\n'), ''), 'UTF8')));
    at := CASE WHEN is_demo() THEN publisher.effective_at ELSE clock_timestamp() END;
    -- As of the order: a worker that comes to it after midnight doesn't make an order of the right day late.
    PERFORM require_publication_day(r, publisher.effective_at);
    published_on := (at AT TIME ZONE 'Asia/Shanghai')::date;
    before := coalesce((SELECT searchable_after FROM publication ORDER BY id DESC LIMIT 1), 0);
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason,
            row_count, issued_count, corrected_count, revoked_count, reinstated_count, searchable_before,
            searchable_after, digest, audit_head, due_on)
        VALUES (new_publication, r.number, r.period_id, r.kind, clock_timestamp(), at, published_on, r.late_reason, total,
            (by_kind ->> 'issued')::integer, (by_kind ->> 'corrected')::integer, (by_kind ->> 'revoked')::integer,
            (by_kind ->> 'reinstated')::integer, before, before + (by_kind ->> 'issued')::integer, publisher.digest,
            (SELECT hash FROM audit_head), CASE WHEN r.kind <> 'replacement' THEN
                (SELECT publication_day FROM period_days WHERE code = r.period_id) END);
    total := 0;
    FOR place IN 1 .. coalesce(cardinality(batches), 0) LOOP
        b := batches[place];
        c := contents[place];
        PERFORM require_signed_batch(b, r, c);
        CONTINUE WHEN b.declares_no_data;
        rows := CASE row_kind_of(b.kind)
            WHEN 'issued' THEN issue_rows(r, b.attempt_id, c, new_publication, total, published_on)
            ELSE revise_rows(b.attempt_id, new_publication, total) END;
        IF rows <> c.row_count THEN
            PERFORM refuse('rows_published_differ_from_rows_signed', b.id::text);
        END IF;
        total := total + rows;
    END LOOP;
    IF (by_kind ->> 'revoked')::bigint > 0 THEN
        PERFORM end_reviews(new_publication);
    END IF;
    PERFORM write_bulletin(new_publication, r);
    UPDATE batch SET state = 'published', state_since = at WHERE id IN (
        SELECT batch_id FROM release_item WHERE release_id = r.id AND left_at IS NULL);
    UPDATE release SET state = 'published', state_since = at, publication_id = new_publication, publication_problem = ''
        WHERE id = r.id;
    PERFORM record(publisher.person_id, publisher.capacity, p_address, 'release.published', 'release', r.id::text, 'done',
        jsonb_build_object('publication', new_publication, 'rows', total, 'digest', encode(publisher.digest, 'hex')));
    RETURN new_publication;
END $$;
REVOKE EXECUTE ON FUNCTION publish(bigint, text) FROM PUBLIC;

CREATE FUNCTION publication_only_gains_its_root() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.root IS NOT NULL OR to_jsonb(NEW) - ARRAY['root', 'chain']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['root', 'chain'] THEN
        PERFORM refuse('publication_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publication_only_gains_its_root BEFORE UPDATE OR DELETE ON publication
    FOR EACH ROW EXECUTE FUNCTION publication_only_gains_its_root();
ALTER TABLE publication ENABLE ALWAYS TRIGGER publication_only_gains_its_root;
CREATE TRIGGER publication_is_never_emptied BEFORE TRUNCATE ON publication
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE publication ENABLE ALWAYS TRIGGER publication_is_never_emptied;

-- What a publication states of itself and its root, after all publications before it. uploads/oversight/roots.py
-- computes the same in Python.
CREATE FUNCTION chain_of(p publication, p_root bytea, p_before bytea) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN sha256(convert_to(json_build_array('certlookup-chain-1', encode(p_before, 'hex'), p.number, p.kind,
        to_char(p.published_on, 'YYYY-MM-DD'), p.row_count::text, p.issued_count::text, p.corrected_count::text,
        p.revoked_count::text, p.reinstated_count::text, p.searchable_before::text, p.searchable_after::text,
        encode(p.digest, 'hex'), encode(p.audit_head, 'hex'), encode(p_root, 'hex'))::text, 'UTF8'));
END $$;

-- The RFC 6962 root, computed by the worker right after; set once, in the order of the publications, and chained.
CREATE FUNCTION set_root(p_publication bigint, p_root bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    p publication;
    earlier publication;
BEGIN
    SELECT * INTO p FROM publication WHERE id = p_publication FOR UPDATE;
    IF NOT FOUND OR p.root IS NOT NULL OR length(p_root) <> 32 THEN
        PERFORM refuse('root_is_already_set');
    END IF;
    SELECT * INTO earlier FROM publication WHERE id < p_publication ORDER BY id DESC LIMIT 1;
    IF FOUND AND earlier.chain IS NULL THEN
        PERFORM refuse('earlier_publication_has_no_root');
    END IF;
    UPDATE publication SET root = p_root, chain = chain_of(p, p_root, coalesce(earlier.chain, sha256('')))
        WHERE id = p_publication;
END $$;
REVOKE EXECUTE ON FUNCTION set_root(bigint, bytea) FROM PUBLIC;

-- Every state of every certificate, present and earlier: what a publication put there, leaf by leaf.
CREATE VIEW published_leaf AS
    SELECT publication_id, position, certificate_number, leaf_hash(c) AS leaf FROM certificate c
    UNION ALL SELECT publication_id, position, certificate_number, leaf_hash(v) FROM revision v;
"""

BACKWARD = """
DROP VIEW published_leaf;
DROP FUNCTION set_root(bigint, bytea);
DROP FUNCTION chain_of(publication, bytea, bytea);
DROP TRIGGER publication_is_never_emptied ON publication;
DROP TRIGGER publication_only_gains_its_root ON publication;
DROP FUNCTION publication_only_gains_its_root();
DROP FUNCTION publish(bigint, text);
DROP FUNCTION revise_rows(bigint, bigint, integer);
DROP FUNCTION issue_rows(release, bigint, attempt_content, bigint, integer, date);
DROP FUNCTION require_signed_batch(batch, release, attempt_content);
DROP FUNCTION require_signed_release(release, bytea);
DROP FUNCTION is_entitled_then(signature, text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0004_signing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
