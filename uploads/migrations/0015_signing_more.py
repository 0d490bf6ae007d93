"""Before and after a signature: the sample compared with the archive, taking one's own back, hiding one certificate (R6, R8).

Comparing and withdrawing end with record() like every signature; signoff/ explains the same kindly.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
-- The rows to compare with the archive: those whose hash with the content's digest comes first. Nobody can know them
-- before the file is staged, for each leaf covers 32 random bytes, and nobody can draw again without a new file.
CREATE FUNCTION sample_of(p_attempt bigint, p_rows integer) RETURNS SETOF integer LANGUAGE sql STABLE
SET search_path = pg_catalog, certlookup, pg_temp AS $$
    WITH content AS MATERIALIZED (SELECT attempt_digest(p_attempt) AS digest)
    SELECT s.row_number FROM staged_row s, content c WHERE s.attempt_id = p_attempt
    ORDER BY sha256(c.digest || int4send(s.row_number)), s.row_number LIMIT p_rows
$$;

-- p_results: a list of {"row": 2, "agrees": true, "remark": ""}, one for each row of the sample: 20 rows at least, or all.
CREATE FUNCTION compare_sample(p_batch bigint, p_person bigint, p_digest bytea, p_results jsonb, p_address text,
    p_effective_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    at timestamptz := effective_time(p_effective_at);
    entitled_as text;
    compared integer[] := ARRAY(SELECT (r ->> 'row')::integer FROM jsonb_array_elements(p_results) r ORDER BY 1);
    rows integer := cardinality(compared);
    differing integer := (SELECT count(*) FROM jsonb_array_elements(p_results) r WHERE NOT (r ->> 'agrees')::boolean);
    made bigint;
BEGIN
    SELECT * INTO b FROM batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_batch');
    ELSIF b.state <> 'checked' OR b.declares_no_data OR b.way_in = 'paper' THEN
        PERFORM refuse('comparison_is_not_due', b.state);
    ELSIF EXISTS (SELECT FROM sample_comparison WHERE attempt_id = b.attempt_id) THEN
        PERFORM refuse('sample_is_compared_already');
    END IF;
    entitled_as := CASE b.way_in WHEN 'account' THEN 'city_operator' ELSE 'provincial_operator' END;
    PERFORM require_entitled(p_person, entitled_as, b.office_id, at);
    IF batch_digest(b.id) IS DISTINCT FROM p_digest THEN
        PERFORM refuse('content_changed_since_seen');
    ELSIF rows < least(20, (SELECT count(*) FROM staged_row WHERE attempt_id = b.attempt_id))
        OR compared <> ARRAY(SELECT sample_of(b.attempt_id, rows) ORDER BY 1) THEN
        PERFORM refuse('comparison_is_of_other_rows');
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(p_results) r
            WHERE NOT (r ->> 'agrees')::boolean AND coalesce(r ->> 'remark', '') !~ '\\S') THEN
        PERFORM refuse('difference_without_a_remark');
    END IF;
    -- Whoever compares is whoever signs or submits: one person per capacity in a round.
    PERFORM add_act(b.id, b.round, p_person, CASE b.way_in WHEN 'account' THEN 'city_operator' ELSE 'submitter' END,
        NULL, at);
    INSERT INTO sample_comparison (attempt_id, row_count, differing_count, compared_by_id, compared_at, effective_at)
        VALUES (b.attempt_id, rows, differing, p_person, clock_timestamp(), at) RETURNING id INTO made;
    INSERT INTO sampled_row (comparison_id, row_number, agrees, remark)
        SELECT made, (r ->> 'row')::integer, (r ->> 'agrees')::boolean, coalesce(trim(r ->> 'remark'), '')
        FROM jsonb_array_elements(p_results) r;
    PERFORM record(p_person, entitled_as, p_address, 'batch.sample_compared', 'batch', b.id::text, 'done',
        jsonb_build_object('attempt', b.attempt_id, 'rows', rows, 'differing', differing, 'effective_at', p_effective_at));
    RETURN made;
END $$;

-- A signed sheet states the comparison; for a file signed here it was recorded, and every row of it agreed.
CREATE FUNCTION require_compared(p_batch batch) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    differing integer;
BEGIN
    IF p_batch.way_in = 'paper' THEN
        IF NOT EXISTS (SELECT FROM paper_sheet WHERE attempt_id = p_batch.attempt_id AND states_comparison) THEN
            PERFORM refuse('paper_sheet_states_no_comparison');
        END IF;
        RETURN;
    END IF;
    SELECT differing_count INTO differing FROM sample_comparison WHERE attempt_id = p_batch.attempt_id;
    IF NOT FOUND THEN
        PERFORM refuse('sample_is_not_compared');
    ELSIF differing > 0 THEN
        PERFORM refuse('sample_differs_from_the_archive');
    END IF;
END $$;

-- One's own signature, as long as it is the last one and nothing came after it; a new round begins.
CREATE FUNCTION withdraw_signature(p_subject text, p_id bigint, p_person bigint, p_reason text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    b batch;
    r release;
    last signature;
    member bigint;
BEGIN
    IF coalesce(p_reason, '') !~ '\\S' THEN
        PERFORM refuse('withdrawal_without_a_reason');
    ELSIF p_subject = 'release' THEN
        SELECT * INTO r FROM release WHERE id = p_id FOR UPDATE;
        SELECT * INTO last FROM signature WHERE release_id = r.id AND round = r.round ORDER BY id DESC LIMIT 1;
    ELSE
        SELECT * INTO b FROM batch WHERE id = p_id FOR UPDATE;
        SELECT s.* INTO last FROM act a JOIN signature s ON s.id = a.signature_id AND NOT s.on_paper
            WHERE a.batch_id = b.id AND a.round = b.round ORDER BY s.id DESC LIMIT 1;
    END IF;
    IF last.person_id IS DISTINCT FROM p_person
        OR coalesce(r.state, b.state) NOT IN ('op_signed', 'head_signed', 'approved', 'publishing', 'signed', 'submitted')
    THEN
        PERFORM refuse('signature_is_not_to_be_withdrawn', coalesce(r.state, b.state, ''));
    END IF;
    PERFORM require_entitled(p_person, last.capacity, b.office_id, clock_timestamp());
    IF r.id IS NOT NULL THEN
        FOR member IN SELECT batch_id FROM release_item WHERE release_id = r.id AND left_at IS NULL ORDER BY batch_id LOOP
            PERFORM begin_round(member, true);
        END LOOP;
        UPDATE release SET round = round + 1, state = 'assembled', state_since = clock_timestamp(),
            publication_problem = '' WHERE id = r.id;
    ELSE
        -- The uploader remains who he was: the content is the same.
        INSERT INTO act (batch_id, round, person_id, capacity, at)
            SELECT a.batch_id, begin_round(b.id, false), a.person_id, a.capacity, a.at FROM act a
            WHERE a.batch_id = b.id AND a.round = b.round AND a.capacity = 'city_operator';
        UPDATE batch SET state = 'checked', state_since = clock_timestamp(), submitted_at = NULL WHERE id = b.id;
    END IF;
    INSERT INTO signature_withdrawal (signature_id, reason, withdrawn_at)
        VALUES (last.id, trim(p_reason), clock_timestamp());
    PERFORM record(p_person, last.capacity, p_address,
        CASE WHEN r.id IS NULL THEN 'batch.signature_withdrawn' ELSE 'release.signature_withdrawn' END,
        p_subject, p_id::text, 'done',
        jsonb_build_object('reason', p_reason, 'signature', last.id, 'from', coalesce(r.state, b.state)));
END $$;

-- 核查: hides one certificate at once; until p_days from now the leader decides what becomes of it.
CREATE FUNCTION order_review(p_number text, p_person bigint, p_reason text, p_document text, p_days integer,
    p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    c certificate;
    ordered bigint;
BEGIN
    PERFORM require_entitled(p_person, 'deputy_director', NULL, clock_timestamp());
    SELECT * INTO c FROM certificate WHERE certificate_number = p_number FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('no_such_certificate');
    ELSIF c.kind = 'revoked' THEN
        PERFORM refuse('certificate_is_revoked_already');
    ELSIF c.under_review_since IS NOT NULL THEN
        PERFORM refuse('certificate_is_under_review_already');
    ELSIF coalesce(p_reason, '') !~ '\\S' THEN
        PERFORM refuse('review_without_a_reason');
    ELSIF p_days NOT BETWEEN 1 AND 180 THEN
        PERFORM refuse('review_is_not_decided_in_time');
    END IF;
    INSERT INTO review_order (certificate_number, reason, document, ordered_by_id, ordered_at, decide_by, confirm_reason,
            lift_reason)
        VALUES (p_number, trim(p_reason), trim(coalesce(p_document, '')), p_person, clock_timestamp(),
            (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date + p_days, '', '') RETURNING id INTO ordered;
    UPDATE certificate SET under_review_since = clock_timestamp() WHERE certificate_number = p_number;
    PERFORM record(p_person, 'deputy_director', p_address, 'certificate.review_ordered', 'certificate', p_number, 'done',
        jsonb_build_object('order', ordered, 'reason', p_reason, 'document', p_document, 'days', p_days));
    RETURN ordered;
END $$;

-- 'lifted': shown again, also after a confirmation. 'confirmed': hidden until its revocation is published.
CREATE FUNCTION decide_review(p_order bigint, p_person bigint, p_decision text, p_reason text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    o review_order;
BEGIN
    PERFORM require_entitled(p_person, 'deputy_director', NULL, clock_timestamp());
    PERFORM FROM certificate WHERE certificate_number = (SELECT certificate_number FROM review_order WHERE id = p_order)
        FOR UPDATE;
    SELECT * INTO o FROM review_order WHERE id = p_order FOR UPDATE;
    IF o.id IS NULL OR o.ended_at IS NOT NULL OR p_decision NOT IN ('lifted', 'confirmed')
        OR (p_decision = 'confirmed' AND o.confirmed_at IS NOT NULL) THEN
        PERFORM refuse('review_is_decided_already');
    ELSIF coalesce(p_reason, '') !~ '\\S' THEN
        PERFORM refuse('review_without_a_reason');
    ELSIF p_decision = 'confirmed' THEN
        UPDATE review_order SET confirmed_at = clock_timestamp(), confirmed_by_id = p_person,
            confirm_reason = trim(p_reason) WHERE id = o.id;
    ELSE
        UPDATE review_order SET ended_at = clock_timestamp(), lifted_by_id = p_person, lift_reason = trim(p_reason)
            WHERE id = o.id;
        UPDATE certificate SET under_review_since = NULL WHERE certificate_number = o.certificate_number;
    END IF;
    PERFORM record(p_person, 'deputy_director', p_address,
        CASE p_decision WHEN 'lifted' THEN 'certificate.review_lifted' ELSE 'certificate.review_confirmed' END,
        'certificate', o.certificate_number, 'done', jsonb_build_object('order', o.id, 'reason', p_reason));
END $$;

-- A revocation that is published ends the review of its certificate; part of publish().
CREATE FUNCTION end_reviews(p_publication bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_order o SET ended_at = clock_timestamp(), revoked_by_id = p_publication FROM certificate c
        WHERE o.ended_at IS NULL AND c.certificate_number = o.certificate_number AND c.publication_id = p_publication
            AND c.kind = 'revoked';
    UPDATE certificate SET under_review_since = NULL
        WHERE publication_id = p_publication AND kind = 'revoked' AND under_review_since IS NOT NULL;
END $$;

CREATE TRIGGER signature_withdrawal_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON signature_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE signature_withdrawal ENABLE ALWAYS TRIGGER signature_withdrawal_never_changes;
CREATE TRIGGER sample_comparison_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON sample_comparison
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE sample_comparison ENABLE ALWAYS TRIGGER sample_comparison_never_changes;
CREATE TRIGGER sampled_row_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON sampled_row
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE sampled_row ENABLE ALWAYS TRIGGER sampled_row_never_changes;
CREATE TRIGGER review_order_is_never_deleted BEFORE DELETE OR TRUNCATE ON review_order
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE review_order ENABLE ALWAYS TRIGGER review_order_is_never_deleted;
REVOKE EXECUTE ON FUNCTION sample_of(bigint, integer), compare_sample(bigint, bigint, bytea, jsonb, text, timestamptz),
    require_compared(batch), withdraw_signature(text, bigint, bigint, text, text),
    order_review(text, bigint, text, text, integer, text), decide_review(bigint, bigint, text, text, text),
    end_reviews(bigint) FROM PUBLIC;
"""

BACKWARD = """
DROP TRIGGER review_order_is_never_deleted ON review_order;
DROP TRIGGER sampled_row_never_changes ON sampled_row;
DROP TRIGGER sample_comparison_never_changes ON sample_comparison;
DROP TRIGGER signature_withdrawal_never_changes ON signature_withdrawal;
DROP FUNCTION end_reviews(bigint);
DROP FUNCTION decide_review(bigint, bigint, text, text, text);
DROP FUNCTION order_review(text, bigint, text, text, integer, text);
DROP FUNCTION withdraw_signature(text, bigint, bigint, text, text);
DROP FUNCTION require_compared(batch);
DROP FUNCTION compare_sample(bigint, bigint, bytea, jsonb, text, timestamptz);
DROP FUNCTION sample_of(bigint, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0014_incidents"), ("certificates", "0006_key_fingerprint")]
    operations = [
        migrations.AddField(
            model_name='papersheet',
            name='states_comparison',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='SampleComparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_count', models.IntegerField()),
                ('differing_count', models.IntegerField()),
                ('compared_at', models.DateTimeField()),
                ('effective_at', models.DateTimeField()),
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sample_comparison', to='uploads.attempt')),
                ('compared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'sample_comparison',
            },
        ),
        migrations.CreateModel(
            name='SampledRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.IntegerField()),
                ('agrees', models.BooleanField()),
                ('remark', models.CharField(blank=True, max_length=200)),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='uploads.samplecomparison')),
            ],
            options={
                'db_table': 'sampled_row',
                'ordering': ['row_number'],
            },
        ),
        migrations.CreateModel(
            name='SignatureWithdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('withdrawn_at', models.DateTimeField()),
                ('signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='uploads.signature')),
            ],
            options={
                'db_table': 'signature_withdrawal',
            },
        ),
        migrations.CreateModel(
            name='ReviewOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('certificate_number', models.CharField(db_collation='C', max_length=22)),
                ('reason', models.CharField(max_length=500)),
                ('document', models.CharField(blank=True, max_length=100)),
                ('ordered_at', models.DateTimeField()),
                ('decide_by', models.DateField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirm_reason', models.CharField(blank=True, max_length=500)),
                ('lift_reason', models.CharField(blank=True, max_length=500)),
                ('ended_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ordered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.publication')),
            ],
            options={
                'db_table': 'review_order',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('certificate_number',), name='review_order_one_open_per_certificate'), models.CheckConstraint(condition=models.Q(('reason__regex', '\\S')), name='review_order_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('lifted_by', None), ('revoked_by', None)), models.Q(('ended_at__isnull', False), ('lift_reason__regex', '\\S'), ('lifted_by__isnull', False), ('revoked_by', None)), models.Q(('ended_at__isnull', False), ('lifted_by', None), ('revoked_by__isnull', False)), _connector='OR'), name='review_order_is_lifted_or_ends_with_a_revocation')],
            },
        ),
        migrations.AddConstraint(
            model_name='samplecomparison',
            constraint=models.CheckConstraint(condition=models.Q(('differing_count__gte', 0), ('differing_count__lte', models.F('row_count')), ('row_count__gt', 0)), name='sample_comparison_counts_its_rows'),
        ),
        migrations.AddConstraint(
            model_name='sampledrow',
            constraint=models.UniqueConstraint(fields=('comparison', 'row_number'), name='sampled_row_once'),
        ),
        migrations.AddConstraint(
            model_name='sampledrow',
            constraint=models.CheckConstraint(condition=models.Q(('agrees', True), ('remark__regex', '\\S'), _connector='OR'), name='sampled_row_says_what_differs'),
        ),
        migrations.AddConstraint(
            model_name='signaturewithdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('reason__regex', '\\S')), name='withdrawal_has_a_reason'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
