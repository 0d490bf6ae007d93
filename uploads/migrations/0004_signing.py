"""Signing in the database: who may, on which content, in which order. signoff/sign.py explains the same kindly.

Every function here runs as the owner of the tables, sets clock and round itself, and ends with record(), so that an
act that can't be recorded doesn't happen.
"""

from django.db import migrations

KINDS = ("regular", "backfill", "correction", "revocation", "reinstatement")
BATCH_SIGNERS = ("city_operator", "city_director")
RELEASE_SIGNERS = ("provincial_operator", "department_head", "deputy_director", "network_administrator")

REQUIRED = ",\n".join(
    [
        f"('{kind}', '{way}', {place}, '{capacity}', false)"
        for kind in KINDS
        for way in ("account", "paper")
        for place, capacity in enumerate(BATCH_SIGNERS, 1)
    ]
    + [
        f"('release', '', {place}, '{capacity}', {str(capacity == 'network_administrator').lower()})"
        for place, capacity in enumerate(RELEASE_SIGNERS, 1)
    ]
)

FORWARD = f"""
INSERT INTO required_signature (subject, way_in, ordinal, capacity, is_publisher) VALUES
{REQUIRED};

CREATE FUNCTION is_demo() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT demo FROM installation), false)
$$;

-- The clock, or in a demo database an earlier time for its made-up history.
CREATE FUNCTION effective_time(p_wanted timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    IF p_wanted IS NULL THEN
        RETURN clock_timestamp();
    ELSIF NOT is_demo() THEN
        PERFORM refuse('effective_time_outside_demo');
    ELSIF p_wanted > clock_timestamp() THEN
        PERFORM refuse('effective_time_in_the_future');
    END IF;
    RETURN p_wanted;
END $$;

CREATE FUNCTION is_entitled(p_person bigint, p_capacity text, p_office text, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM person p JOIN capacity_grant g ON g.person_id = p.id
        WHERE p.id = p_person AND p.state = 'active' AND g.capacity = p_capacity
            AND (g.office_id IS NULL OR g.office_id = p_office)
            AND g.valid_from <= p_at AND (g.valid_to IS NULL OR g.valid_to > p_at))
$$;

CREATE FUNCTION require_entitled(p_person bigint, p_capacity text, p_office text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_entitled(p_person, p_capacity, p_office, p_at) THEN
        PERFORM refuse('person_not_entitled', p_capacity);
    END IF;
END $$;

-- One capacity per person and one person per capacity in a round. The uploader's act comes first and without a
-- signature; whoever signs acts first too, and the signature is then added.
CREATE FUNCTION add_act(
    p_batch bigint, p_round integer, p_person bigint, p_capacity text, p_signature bigint, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    present act;
BEGIN
    SELECT * INTO present FROM act
        WHERE batch_id = p_batch AND round = p_round AND (person_id = p_person OR capacity = p_capacity) LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO act (batch_id, round, person_id, capacity, signature_id, at)
            VALUES (p_batch, p_round, p_person, p_capacity, p_signature, p_at);
    ELSIF present.person_id <> p_person THEN
        PERFORM refuse('another_person_has_that_capacity', p_capacity);
    ELSIF present.capacity <> p_capacity THEN
        PERFORM refuse('person_acted_in_another_capacity', present.capacity);
    ELSIF p_signature IS NOT NULL THEN
        UPDATE act SET signature_id = p_signature WHERE id = present.id AND signature_id IS NULL;
    END IF;
END $$;

CREATE FUNCTION act_only_gains_its_signature() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.signature_id IS NOT NULL OR NEW.signature_id IS NULL
        OR to_jsonb(NEW) - 'signature_id' IS DISTINCT FROM to_jsonb(OLD) - 'signature_id' THEN
        PERFORM certlookup.refuse('act_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER act_only_gains_its_signature BEFORE UPDATE OR DELETE ON act
    FOR EACH ROW EXECUTE FUNCTION act_only_gains_its_signature();
ALTER TABLE act ENABLE ALWAYS TRIGGER act_only_gains_its_signature;
CREATE TRIGGER act_is_never_emptied BEFORE TRUNCATE ON act
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE act ENABLE ALWAYS TRIGGER act_is_never_emptied;
CREATE TRIGGER signature_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON signature
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE signature ENABLE ALWAYS TRIGGER signature_never_changes;

-- What the release's signatures cover: its batches in order, each with its kind, rows and digest, a line each.
CREATE FUNCTION release_statement(b batch, c attempt_content) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array('certlookup-release-1', b.id::text, b.office_id, b.kind, c.row_count::text,
        encode(c.digest, 'hex'))::text
$$;

CREATE FUNCTION release_digest(p_release bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(coalesce(
        string_agg(release_statement(b, c), E'\\n' ORDER BY b.office_id COLLATE "C", b.id), ''), 'UTF8'))
    FROM release_item i JOIN batch b ON b.id = i.batch_id CROSS JOIN LATERAL batch_content(b) c
    WHERE i.release_id = p_release AND i.left_at IS NULL
$$;

-- A new round for a batch: who uploaded and signed before the release stays with his signature, unless all begins anew.
CREATE FUNCTION begin_round(p_batch bigint, p_keep_signatures boolean) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    new_round integer;
BEGIN
    UPDATE batch SET round = round + 1 WHERE id = p_batch RETURNING round INTO new_round;
    IF p_keep_signatures THEN
        INSERT INTO act (batch_id, round, person_id, capacity, signature_id, at)
            SELECT batch_id, new_round, person_id, capacity, signature_id, at FROM act
            WHERE batch_id = p_batch AND round = new_round - 1
                AND capacity IN ('city_operator', 'city_director', 'importer', 'submitter');
    END IF;
    RETURN new_round;
END $$;

-- The window of R7, or an extension for the office or for all; for a backfill batch its campaign.
CREATE FUNCTION require_window(p_batch batch, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_batch.kind = 'backfill' THEN
        PERFORM require_open_campaign(p_batch.campaign_id, p_batch.office_id, p_at);
    END IF;
    IF NOT EXISTS (SELECT FROM period_days d WHERE d.code = p_batch.period_id
            AND p_at >= d.opens_at AND p_at < d.closes_at)
        AND NOT EXISTS (SELECT FROM extension e WHERE e.period_id = p_batch.period_id
            AND (e.office_id IS NULL OR e.office_id = p_batch.office_id)
            AND p_at >= e.opens_at AND p_at < e.closes_at)
        AND p_batch.kind = 'regular'
    THEN
        PERFORM refuse('outside_the_window', p_batch.period_id);
    END IF;
END $$;

CREATE FUNCTION require_signable(p_batch batch, p_content attempt_content) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t attempt;
BEGIN
    IF p_batch.declares_no_data THEN
        RETURN;
    END IF;
    SELECT * INTO t FROM attempt WHERE id = p_batch.attempt_id;
    IF t.state IS DISTINCT FROM 'checked' THEN
        PERFORM refuse('attempt_is_not_checked');
    ELSIF t.accepted_count = 0 OR t.refused_count <> 0
        OR EXISTS (SELECT FROM row_problem WHERE attempt_id = t.id AND severity = 'error')
        OR t.accepted_count <> p_content.row_count THEN
        PERFORM refuse('batch_has_refused_rows');
    ELSIF (p_content.lowest_kind, p_content.highest_kind)
        IS DISTINCT FROM (row_kind_of(p_batch.kind), row_kind_of(p_batch.kind)) THEN
        PERFORM refuse('row_of_another_kind');
    ELSIF EXISTS (SELECT FROM row_problem WHERE attempt_id = t.id AND needs_explanation(rule))
        AND NOT EXISTS (SELECT FROM warning_explanation WHERE attempt_id = t.id) THEN
        PERFORM refuse('warnings_without_explanation');
    END IF;
    PERFORM require_compared(p_batch);
    IF row_kind_of(p_batch.kind) <> 'issued' THEN
        PERFORM require_possible_changes(p_batch);
    END IF;
END $$;

-- A file has come: the batch starts over with it, and its uploader has acted.
CREATE FUNCTION open_attempt(p_batch bigint, p_attempt bigint, p_person bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    what text;
    entitled_as text;
    way text;
    current_round integer;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM attempt WHERE id = p_attempt AND batch_id = p_batch
            AND uploaded_by_id = p_person AND state = 'received') THEN
        PERFORM refuse('no_such_attempt');
    ELSIF EXISTS (SELECT FROM attempt WHERE id = p_attempt AND origin = 'hand_made' AND trim(hand_made_reason) = '') THEN
        PERFORM refuse('hand_made_without_a_reason');
    END IF;
    -- What comes with a signed sheet comes on paper; a batch that waits for a signature keeps its way.
    way := CASE WHEN b.way_in = 'province' THEN 'province'
        WHEN EXISTS (SELECT FROM paper_sheet WHERE attempt_id = p_attempt) THEN 'paper' ELSE 'account' END;
    what := CASE way WHEN 'account' THEN 'city_operator' WHEN 'paper' THEN 'importer' ELSE 'submitter' END;
    entitled_as := CASE way WHEN 'account' THEN 'city_operator' ELSE 'provincial_operator' END;
    PERFORM require_entitled(p_person, entitled_as, b.office_id, clock_timestamp());
    IF b.kind = 'backfill' THEN
        PERFORM require_open_campaign(b.campaign_id, b.office_id, clock_timestamp());
    END IF;
    IF b.state NOT IN ('draft', 'checked', 'returned') THEN
        PERFORM refuse('batch_is_already_signed', b.state);
    ELSIF b.state = 'checked' AND way <> b.way_in THEN
        PERFORM refuse('batch_came_in_another_way', b.way_in);
    END IF;
    current_round := CASE WHEN b.attempt_id IS NULL THEN b.round ELSE begin_round(p_batch, false) END;
    UPDATE batch SET state = 'draft', state_since = clock_timestamp(), attempt_id = p_attempt,
        way_in = way, declares_no_data = false WHERE id = p_batch;
    PERFORM add_act(p_batch, current_round, p_person, what, NULL, clock_timestamp());
    PERFORM record(p_person, entitled_as, p_address, 'file.received', 'batch', p_batch::text, 'done',
        jsonb_build_object('attempt', p_attempt, 'file', (SELECT encode(file_digest, 'hex') FROM attempt WHERE id = p_attempt)));
END $$;

-- 本期无数据 after all: a file that didn't pass its check gives way, and so does whatever was returned.
-- p_on_paper: a provincial operator enters a sheet signed on paper; the sheet itself follows, of the round begun here.
CREATE FUNCTION declare_no_data(p_batch bigint, p_person bigint, p_address text, p_on_paper boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    way text;
    entitled_as text;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    way := CASE WHEN b.way_in = 'province' THEN 'province' WHEN p_on_paper THEN 'paper' ELSE 'account' END;
    IF b.id IS NULL THEN
        PERFORM refuse('no_such_batch');
    ELSIF b.state = 'checked' AND b.way_in <> way THEN
        PERFORM refuse('batch_came_in_another_way', b.way_in);
    ELSIF b.state = 'checked' AND NOT b.declares_no_data THEN
        PERFORM refuse('batch_is_already_checked');
    ELSIF b.kind <> 'regular' OR b.state NOT IN ('draft', 'checked', 'returned') THEN
        PERFORM refuse('batch_is_already_signed', b.state);
    END IF;
    entitled_as := CASE way WHEN 'account' THEN 'city_operator' ELSE 'provincial_operator' END;
    PERFORM require_entitled(p_person, entitled_as, b.office_id, clock_timestamp());
    PERFORM begin_round(b.id, false);
    UPDATE batch SET state = 'checked', state_since = clock_timestamp(), attempt_id = NULL, declares_no_data = true,
        way_in = way WHERE id = b.id;
    PERFORM record(p_person, entitled_as, p_address, 'batch.no_data_declared', 'batch', b.id::text, 'done', '{{}}'::jsonb);
END $$;

CREATE FUNCTION sign_batch(p_batch bigint, p_person bigint, p_capacity text, p_digest bytea, p_address text,
    p_effective_at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    b batch;
    at timestamptz := effective_time(p_effective_at);
    due required_signature;
    content attempt_content;
    signature bigint;
    next_state text;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_batch');
    END IF;
    SELECT * INTO due FROM required_signature q
        WHERE q.subject = b.kind AND q.way_in = b.way_in AND NOT EXISTS (
            SELECT FROM act a WHERE a.batch_id = b.id AND a.round = b.round AND a.capacity = q.capacity
                AND a.signature_id IS NOT NULL)
        ORDER BY q.ordinal LIMIT 1;
    IF b.state NOT IN ('checked', 'signed') OR b.way_in <> 'account' OR due.capacity IS DISTINCT FROM p_capacity THEN
        PERFORM refuse('signature_is_not_due', b.state);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, b.office_id, at);
    content := batch_content(b);
    PERFORM require_signable(b, content);
    IF content.digest IS DISTINCT FROM p_digest THEN
        PERFORM refuse('content_changed_since_seen');
    END IF;
    next_state := CASE WHEN EXISTS (SELECT FROM required_signature q WHERE q.subject = b.kind AND q.way_in = b.way_in
        AND q.ordinal > due.ordinal) THEN 'signed' ELSE 'submitted' END;
    IF next_state = 'submitted' THEN
        PERFORM require_window(b, at);
    END IF;
    PERFORM add_act(b.id, b.round, p_person, p_capacity, NULL, at);
    INSERT INTO signature (batch_id, round, person_id, capacity, digest, on_paper, signed_at, effective_at)
        VALUES (b.id, b.round, p_person, p_capacity, p_digest, false, clock_timestamp(), at) RETURNING id INTO signature;
    PERFORM add_act(b.id, b.round, p_person, p_capacity, signature, at);
    UPDATE batch SET state = next_state, state_since = at,
        submitted_at = CASE WHEN next_state = 'submitted' THEN at END WHERE id = b.id;
    PERFORM record(p_person, p_capacity, p_address, 'batch.signed', 'batch', b.id::text, 'done',
        jsonb_build_object('digest', encode(p_digest, 'hex'), 'round', b.round, 'effective_at', p_effective_at));
    RETURN signature;
END $$;

CREATE FUNCTION require_publication_day(p_release release, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    due date := (SELECT publication_day FROM period_days WHERE code = p_release.period_id);
    today date := (p_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    IF p_release.kind = 'replacement' THEN
        RETURN;
    ELSIF today < due
        AND NOT EXISTS (SELECT FROM publication_order o WHERE o.period_id = p_release.period_id) THEN
        PERFORM refuse('before_the_publication_day', due::text);
    ELSIF today > due AND p_release.late_reason = '' THEN
        PERFORM refuse('late_without_a_reason', due::text);
    END IF;
END $$;

CREATE FUNCTION sign_release(p_release bigint, p_person bigint, p_capacity text, p_digest bytea, p_address text,
    p_effective_at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    r release;
    at timestamptz := effective_time(p_effective_at);
    due required_signature;
    signature bigint;
    b batch;
BEGIN
    SELECT * INTO r FROM release WHERE id = p_release FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_release');
    END IF;
    SELECT * INTO due FROM required_signature q
        WHERE q.subject = 'release' AND NOT EXISTS (
            SELECT FROM signature s WHERE s.release_id = r.id AND s.round = r.round AND s.capacity = q.capacity)
        ORDER BY q.ordinal LIMIT 1;
    IF r.state NOT IN ('assembled', 'op_signed', 'head_signed', 'approved') OR due.capacity IS DISTINCT FROM p_capacity THEN
        PERFORM refuse('signature_is_not_due', r.state);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, at);
    IF NOT due.is_publisher AND r.assembled_by_id = p_person THEN
        PERFORM refuse('person_acted_in_another_capacity', 'network_administrator');
    END IF;
    IF NOT EXISTS (SELECT FROM release_item WHERE release_id = r.id AND left_at IS NULL) THEN
        PERFORM refuse('release_is_empty');
    END IF;
    IF release_digest(r.id) IS DISTINCT FROM p_digest THEN
        PERFORM refuse('content_changed_since_seen');
    END IF;
    IF due.is_publisher THEN
        PERFORM require_sound_register();
        PERFORM require_publication_day(r, at);
    END IF;
    FOR b IN SELECT x.* FROM batch x JOIN release_item i ON i.batch_id = x.id
            WHERE i.release_id = r.id AND i.left_at IS NULL ORDER BY x.id FOR UPDATE OF x LOOP
        PERFORM add_act(b.id, b.round, p_person, p_capacity, NULL, at);
    END LOOP;
    INSERT INTO signature (release_id, round, person_id, capacity, digest, on_paper, signed_at, effective_at)
        VALUES (r.id, r.round, p_person, p_capacity, p_digest, false, clock_timestamp(), at) RETURNING id INTO signature;
    UPDATE act a SET signature_id = signature FROM batch x JOIN release_item i ON i.batch_id = x.id
        WHERE i.release_id = r.id AND i.left_at IS NULL AND a.batch_id = x.id AND a.round = x.round
            AND a.person_id = p_person AND a.capacity = p_capacity AND a.signature_id IS NULL;
    UPDATE release SET state_since = at, publication_problem = '', state = CASE p_capacity
        WHEN 'provincial_operator' THEN 'op_signed' WHEN 'department_head' THEN 'head_signed'
        WHEN 'deputy_director' THEN 'approved' ELSE 'publishing' END WHERE id = r.id;
    PERFORM record(p_person, p_capacity, p_address,
        CASE WHEN due.is_publisher THEN 'release.publication_ordered' ELSE 'release.signed' END, 'release', r.id::text,
        'done', jsonb_build_object('digest', encode(p_digest, 'hex'), 'round', r.round, 'effective_at', p_effective_at));
    RETURN signature;
END $$;

-- The one door: p_subject is 'batch' or 'release'. Returns the signature's id.
CREATE FUNCTION sign(p_subject text, p_id bigint, p_person bigint, p_capacity text, p_digest bytea, p_address text,
    p_effective_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF p_subject = 'batch' THEN
        RETURN sign_batch(p_id, p_person, p_capacity, p_digest, p_address, p_effective_at);
    END IF;
    RETURN sign_release(p_id, p_person, p_capacity, p_digest, p_address, p_effective_at);
END $$;

-- 省本级's own batch (no signature, R8) and a batch signed on paper: submitted by whoever brought the file.
CREATE FUNCTION submit(p_batch bigint, p_person bigint, p_digest bytea, p_address text,
    p_effective_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    at timestamptz := effective_time(p_effective_at);
    sheet paper_sheet;
    content attempt_content;
    signature bigint;
    signer record;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_batch');
    END IF;
    IF b.state <> 'checked' OR b.way_in NOT IN ('paper', 'province') THEN
        PERFORM refuse('signature_is_not_due', b.state);
    END IF;
    PERFORM require_entitled(p_person, 'provincial_operator', NULL, at);
    content := batch_content(b);
    PERFORM require_signable(b, content);
    IF content.digest IS DISTINCT FROM p_digest THEN
        PERFORM refuse('content_changed_since_seen');
    END IF;
    PERFORM require_window(b, at);
    PERFORM add_act(b.id, b.round, p_person, CASE b.way_in WHEN 'paper' THEN 'importer' ELSE 'submitter' END, NULL, at);
    IF b.way_in = 'paper' THEN
        SELECT * INTO sheet FROM paper_sheet WHERE CASE WHEN b.declares_no_data
            THEN batch_id = b.id AND paper_sheet.round = b.round ELSE attempt_id = b.attempt_id END;
        IF NOT FOUND THEN
            PERFORM refuse('paper_sheet_is_missing');
        ELSIF sheet.stated_digest IS NOT NULL AND sheet.stated_digest <> p_digest
            OR sheet.stated_count IS NOT NULL AND sheet.stated_count <> content.row_count THEN
            PERFORM refuse('paper_sheet_states_something_else');
        END IF;
        FOR signer IN SELECT q.capacity, q.ordinal, CASE q.capacity WHEN 'city_operator' THEN sheet.operator_id
                ELSE sheet.director_id END AS person FROM required_signature q
                WHERE q.subject = b.kind AND q.way_in = 'paper' ORDER BY q.ordinal LOOP
            IF (SELECT office_id FROM certlookup.person WHERE id = signer.person) IS DISTINCT FROM b.office_id THEN
                PERFORM refuse('paper_signer_of_another_office');
            END IF;
            PERFORM add_act(b.id, b.round, signer.person, signer.capacity, NULL, at);
            INSERT INTO signature (batch_id, round, person_id, capacity, digest, on_paper, signed_at, effective_at)
                VALUES (b.id, b.round, signer.person, signer.capacity, p_digest, true, clock_timestamp(),
                    sheet.signed_on::timestamp AT TIME ZONE 'Asia/Shanghai') RETURNING id INTO signature;
            PERFORM add_act(b.id, b.round, signer.person, signer.capacity, signature, at);
        END LOOP;
    END IF;
    UPDATE batch SET state = 'submitted', state_since = at, submitted_at = at WHERE id = b.id;
    PERFORM record(p_person, 'provincial_operator', p_address, 'batch.submitted', 'batch', b.id::text, 'done',
        jsonb_build_object('digest', encode(p_digest, 'hex'), 'way_in', b.way_in, 'effective_at', p_effective_at));
END $$;

-- Back to the office, with the reason; from a release it leaves, and the release begins a new round without it.
CREATE FUNCTION return_batch(p_batch bigint, p_person bigint, p_capacity text, p_reason text, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    r release;
    other bigint;
BEGIN
    SELECT x.* INTO r FROM release x JOIN release_item i ON i.release_id = x.id
        WHERE i.batch_id = p_batch AND i.left_at IS NULL FOR UPDATE OF x;
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF b.id IS NULL THEN
        PERFORM refuse('no_such_batch');
    ELSIF coalesce(trim(p_reason), '') = '' THEN
        PERFORM refuse('return_without_a_reason');
    ELSIF b.state NOT IN ('checked', 'signed', 'submitted', 'in_release')
        OR (b.state IN ('checked', 'signed')) <> (p_capacity IN ('city_operator', 'city_director'))
        OR p_capacity NOT IN ('city_operator', 'city_director', 'provincial_operator', 'department_head',
            'deputy_director', 'network_administrator') THEN
        PERFORM refuse('return_is_not_possible', b.state);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, b.office_id, clock_timestamp());
    PERFORM begin_round(b.id, false);
    UPDATE batch SET state = 'returned', state_since = clock_timestamp(), submitted_at = NULL,
        return_reason = p_reason, returned_by_id = p_person WHERE id = b.id;
    IF r.id IS NOT NULL AND b.state = 'in_release' THEN
        UPDATE release_item SET left_at = clock_timestamp() WHERE release_id = r.id AND batch_id = b.id AND left_at IS NULL;
        FOR other IN SELECT batch_id FROM release_item WHERE release_id = r.id AND left_at IS NULL ORDER BY batch_id LOOP
            PERFORM begin_round(other, true);
        END LOOP;
        UPDATE release SET round = round + 1, digest = release_digest(id), state_since = clock_timestamp(),
            publication_problem = '',
            state = CASE WHEN other IS NULL THEN 'returned' ELSE 'assembled' END,
            return_reason = CASE WHEN other IS NULL THEN p_reason ELSE return_reason END,
            returned_by_id = CASE WHEN other IS NULL THEN p_person ELSE returned_by_id END WHERE id = r.id;
    END IF;
    PERFORM record(p_person, p_capacity, p_address, 'batch.returned', 'batch', b.id::text, 'done',
        jsonb_build_object('reason', p_reason, 'from', b.state, 'release', r.id));
END $$;

-- The whole release back to its assembler: its batches are submitted again and keep the cities' signatures.
CREATE FUNCTION return_release(p_release bigint, p_person bigint, p_capacity text, p_reason text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    r release;
    member bigint;
BEGIN
    SELECT * INTO r FROM release WHERE id = p_release FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_release');
    ELSIF coalesce(trim(p_reason), '') = '' THEN
        PERFORM refuse('return_without_a_reason');
    ELSIF r.state IN ('published', 'backed_up', 'returned') OR p_capacity NOT IN ('provincial_operator',
            'department_head', 'deputy_director', 'network_administrator') THEN
        PERFORM refuse('return_is_not_possible', r.state);
    END IF;
    PERFORM require_entitled(p_person, p_capacity, NULL, clock_timestamp());
    FOR member IN SELECT batch_id FROM release_item WHERE release_id = r.id AND left_at IS NULL ORDER BY batch_id LOOP
        PERFORM begin_round(member, true);
        UPDATE batch SET state = 'submitted', state_since = clock_timestamp() WHERE id = member;
    END LOOP;
    UPDATE release_item SET left_at = clock_timestamp() WHERE release_id = r.id AND left_at IS NULL;
    UPDATE release SET state = 'returned', round = round + 1, state_since = clock_timestamp(), return_reason = p_reason,
        returned_by_id = p_person WHERE id = r.id;
    PERFORM record(p_person, p_capacity, p_address, 'release.returned', 'release', r.id::text, 'done',
        jsonb_build_object('reason', p_reason, 'from', r.state));
END $$;

-- Only the owner (set-up) or a security administrator gives a capacity; a delegation comes from whom it is taken from.
-- The three administrators watch over the others: who is one holds nothing else at the same time, a second
-- administrator's capacity neither. uploads/people/capacities.py explains the same kindly.
CREATE FUNCTION is_administrator(p_capacity text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_capacity IN ('system_administrator', 'security_administrator', 'audit_administrator')
$$;

CREATE FUNCTION grant_keeps_capacities_apart() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    other text;
BEGIN
    -- Of two grants at once, the second sees the first.
    PERFORM FROM certlookup.person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    SELECT g.capacity INTO other FROM certlookup.capacity_grant g
        WHERE g.person_id = NEW.person_id AND g.capacity <> NEW.capacity
            AND (certlookup.is_administrator(g.capacity) OR certlookup.is_administrator(NEW.capacity))
            AND tstzrange(g.valid_from, g.valid_to) && tstzrange(NEW.valid_from, NEW.valid_to)
        LIMIT 1;
    IF FOUND THEN
        PERFORM certlookup.refuse('capacities_exclude_each_other', other);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capacity_grant_keeps_capacities_apart BEFORE INSERT ON capacity_grant
    FOR EACH ROW EXECUTE FUNCTION grant_keeps_capacities_apart();
ALTER TABLE capacity_grant ENABLE ALWAYS TRIGGER capacity_grant_keeps_capacities_apart;

-- The owner gives the first capacities; everybody else is given his by a security administrator who isn't himself, and
-- not for a time that has passed: a signature would come to stand on it.
CREATE FUNCTION grant_capacity(p_person bigint, p_capacity text, p_office text, p_valid_from timestamptz,
    p_valid_to timestamptz, p_by bigint, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    given bigint;
    starts timestamptz := p_valid_from;
BEGIN
    IF session_user <> current_user THEN
        PERFORM require_entitled(p_by, 'security_administrator', NULL, clock_timestamp());
        IF p_by = p_person THEN
            PERFORM refuse('grant_to_oneself');
        END IF;
        starts := greatest(p_valid_from, clock_timestamp());
    END IF;
    INSERT INTO capacity_grant (person_id, capacity, office_id, valid_from, valid_to, granted_by_id, granted_at)
        VALUES (p_person, p_capacity, p_office, starts, p_valid_to, p_by, clock_timestamp()) RETURNING id INTO given;
    PERFORM record(p_by, 'security_administrator', p_address, 'capacity.granted', 'person',
        (SELECT staff_number FROM person WHERE id = p_person), 'done', jsonb_build_object(
            'capacity', p_capacity, 'office', p_office, 'valid_from', starts, 'valid_to', p_valid_to));
    RETURN given;
END $$;

-- A grant can end earlier than it was given for, never later: that would be a grant without whoever gives it.
CREATE FUNCTION grant_only_ends_earlier() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.valid_to IS NULL OR NEW.valid_to > coalesce(OLD.valid_to, 'infinity')
        OR to_jsonb(NEW) - 'valid_to' IS DISTINCT FROM to_jsonb(OLD) - 'valid_to' THEN
        PERFORM refuse('grant_only_ends_earlier');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capacity_grant_only_ends_earlier BEFORE UPDATE OR DELETE ON capacity_grant
    FOR EACH ROW EXECUTE FUNCTION grant_only_ends_earlier();
ALTER TABLE capacity_grant ENABLE ALWAYS TRIGGER capacity_grant_only_ends_earlier;

-- A release carries the name of whoever may assemble it, and the database's clock; a demo's may lie earlier.
CREATE FUNCTION release_assembled_by_who_may() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    NEW.assembled_at := least(CASE WHEN is_demo() THEN NEW.assembled_at END, clock_timestamp());
    -- A trigger runs as whoever inserts, who may ask for the answer but not for the refusal.
    IF NOT is_entitled(NEW.assembled_by_id, 'network_administrator', NULL, clock_timestamp()) THEN
        PERFORM refuse('person_not_entitled', 'network_administrator');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_assembled_by_who_may BEFORE INSERT ON release
    FOR EACH ROW EXECUTE FUNCTION release_assembled_by_who_may();
ALTER TABLE release ENABLE ALWAYS TRIGGER release_assembled_by_who_may;
"""

FUNCTIONS = (
    "grant_capacity(bigint, text, text, timestamptz, timestamptz, bigint, text)",
    "return_release(bigint, bigint, text, text, text)",
    "return_batch(bigint, bigint, text, text, text)",
    "submit(bigint, bigint, bytea, text, timestamptz)",
    "sign(text, bigint, bigint, text, bytea, text, timestamptz)",
    "declare_no_data(bigint, bigint, text, boolean)",
    "open_attempt(bigint, bigint, bigint, text)",
)
REVOKE = "".join(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;\n" for function in FUNCTIONS)

BACKWARD = (
    """
DROP TRIGGER release_assembled_by_who_may ON release;
DROP FUNCTION release_assembled_by_who_may();
DROP TRIGGER capacity_grant_only_ends_earlier ON capacity_grant;
DROP FUNCTION grant_only_ends_earlier();
DROP TRIGGER capacity_grant_keeps_capacities_apart ON capacity_grant;
DROP FUNCTION grant_keeps_capacities_apart();
DROP FUNCTION is_administrator(text);
"""
    + "".join(f"DROP FUNCTION {function};\n" for function in FUNCTIONS)
    + """
DROP FUNCTION sign_release(bigint, bigint, text, bytea, text, timestamptz);
DROP FUNCTION require_publication_day(release, timestamptz);
DROP FUNCTION sign_batch(bigint, bigint, text, bytea, text, timestamptz);
DROP FUNCTION require_signable(batch, attempt_content);
DROP FUNCTION require_window(batch, timestamptz);
DROP FUNCTION begin_round(bigint, boolean);
DROP FUNCTION release_digest(bigint);
DROP FUNCTION release_statement(batch, attempt_content);
DROP TRIGGER signature_never_changes ON signature;
DROP TRIGGER act_is_never_emptied ON act;
DROP TRIGGER act_only_gains_its_signature ON act;
DROP FUNCTION act_only_gains_its_signature();
DROP FUNCTION add_act(bigint, integer, bigint, text, bigint, timestamptz);
DROP FUNCTION require_entitled(bigint, text, text, timestamptz);
DROP FUNCTION is_entitled(bigint, text, text, timestamptz);
DROP FUNCTION effective_time(timestamptz);
DROP FUNCTION is_demo();
DELETE FROM required_signature;
"""
)


class Migration(migrations.Migration):
    dependencies = [("uploads", "0003_staging_protected")]
    operations = [migrations.RunSQL(FORWARD + REVOKE, BACKWARD)]
