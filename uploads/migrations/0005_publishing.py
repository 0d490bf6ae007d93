"""publish(): checks every signature against the rows once more, then makes a release public, all or nothing."""

from django.db import migrations

# What travels unchanged from a staged row into the register and from there into its earlier revisions.
FIELDS = (
    "kind, holder_name, sex, id_type, id_commitment, birth_date, occupation, occupation_code, level, level_text, "
    "theory_score, skill_score, overall_score, result, processed_date, issue_date, issuing_authority, "
    "assessment_office, change_reason, document_number, changed_fields, id_sealed, id_index, key_version"
)
FROM_STAGED = ", ".join(f"s.{field.strip()}" for field in FIELDS.split(","))

FORWARD = f"""
-- Every signature the release needs, in its present round, on the content as it is now, by as many different people.
CREATE FUNCTION require_signed_release(r release) RETURNS signature LANGUAGE plpgsql AS $$
DECLARE
    content bytea := release_digest(r.id);
    publisher signature;
BEGIN
    IF EXISTS (
        SELECT FROM required_signature q WHERE q.subject = 'release' AND NOT EXISTS (
            SELECT FROM signature s WHERE s.release_id = r.id AND s.round = r.round AND s.capacity = q.capacity
                AND s.digest = content AND NOT s.on_paper AND is_entitled_then(s, NULL))
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
CREATE FUNCTION require_signed_batch(b batch, r release) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    content bytea := batch_digest(b.id);
BEGIN
    IF b.state <> 'in_release' THEN
        PERFORM refuse('batch_is_not_in_release', b.id::text);
    END IF;
    PERFORM require_signable(b);
    IF EXISTS (
        SELECT FROM required_signature q WHERE q.subject = b.kind AND q.way_in = b.way_in AND NOT EXISTS (
            SELECT FROM act a JOIN signature s ON s.id = a.signature_id
            WHERE a.batch_id = b.id AND a.round = b.round AND a.capacity = q.capacity AND a.person_id = s.person_id
                AND s.batch_id = b.id AND s.capacity = q.capacity AND s.digest = content
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
CREATE FUNCTION issue_rows(p_attempt bigint, p_publication bigint, p_offset integer, p_on date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    number text;
    written integer;
BEGIN
    INSERT INTO certificate (certificate_number, revision_number, publication_id, position, first_published_on, {FIELDS})
        SELECT s.certificate_number, 1, p_publication, p_offset + row_number() OVER (ORDER BY s.row_number) - 1, p_on,
            {FROM_STAGED}
        FROM staged_row s WHERE s.attempt_id = p_attempt AND s.kind = 'issued';
    GET DIAGNOSTICS written = ROW_COUNT;
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
    at timestamptz;
    new_publication bigint := nextval(pg_get_serial_sequence('certlookup.publication', 'id'));
    before bigint;
    rows integer;
    expected integer;
    total integer := 0;
    by_kind jsonb;
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
    publisher := require_signed_release(r);
    at := CASE WHEN is_demo() THEN publisher.effective_at ELSE clock_timestamp() END;
    -- As of the order: a worker that comes to it after midnight doesn't make an order of the right day late.
    PERFORM require_publication_day(r, publisher.effective_at);
    before := coalesce((SELECT searchable_after FROM publication ORDER BY id DESC LIMIT 1), 0);
    FOR b IN SELECT x.* FROM batch x JOIN release_item i ON i.batch_id = x.id
            WHERE i.release_id = r.id AND i.left_at IS NULL ORDER BY x.office_id COLLATE "C", x.id FOR UPDATE OF x LOOP
        PERFORM require_signed_batch(b, r);
        CONTINUE WHEN b.declares_no_data;
        rows := issue_rows(b.attempt_id, new_publication, total, (at AT TIME ZONE 'Asia/Shanghai')::date)
            + revise_rows(b.attempt_id, new_publication, total);
        SELECT count(*) INTO expected FROM staged_row WHERE attempt_id = b.attempt_id;
        IF rows <> expected THEN
            PERFORM refuse('rows_published_differ_from_rows_signed', b.id::text);
        END IF;
        total := total + rows;
    END LOOP;
    PERFORM end_reviews(new_publication);
    SELECT jsonb_object_agg(kind, n) INTO by_kind FROM (SELECT s.kind, count(*) AS n FROM staged_row s
        JOIN batch x ON x.attempt_id = s.attempt_id JOIN release_item i ON i.batch_id = x.id
        WHERE i.release_id = r.id AND i.left_at IS NULL GROUP BY s.kind) k;
    by_kind := coalesce(by_kind, '{{}}'::jsonb);
    INSERT INTO publication (id, number, period_code, kind, published_at, effective_at, published_on, late_reason,
            row_count, issued_count, corrected_count, revoked_count, reinstated_count, searchable_before,
            searchable_after, digest, audit_head)
        VALUES (new_publication, r.number, r.period_id, r.kind, clock_timestamp(), at,
            (at AT TIME ZONE 'Asia/Shanghai')::date, r.late_reason, total,
            coalesce((by_kind ->> 'issued')::integer, 0), coalesce((by_kind ->> 'corrected')::integer, 0),
            coalesce((by_kind ->> 'revoked')::integer, 0), coalesce((by_kind ->> 'reinstated')::integer, 0), before,
            before + coalesce((by_kind ->> 'issued')::integer, 0), publisher.digest, (SELECT hash FROM audit_head));
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
DROP FUNCTION issue_rows(bigint, bigint, integer, date);
DROP FUNCTION require_signed_batch(batch, release);
DROP FUNCTION require_signed_release(release);
DROP FUNCTION is_entitled_then(signature, text);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0004_signing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
