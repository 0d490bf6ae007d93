"""核验码, 查不到证书登记 and 举报疑似假证: three tables that the public site reaches through narrow functions alone.

What the functions answer is a word, never an exception: the public site tells the visitor in two languages.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
-- 核验码. Whoever holds the two numbers of a valid, visible certificate makes, sees and withdraws its codes. Of a code
-- the hash is kept: the code itself is the only key to open_code().
CREATE FUNCTION code_hash_of(p_code text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to('certlookup-code-1 ' || p_code, 'UTF8'))
$$;
REVOKE EXECUTE ON FUNCTION code_hash_of(text) FROM PUBLIC;

-- 'made' (also when this very code was made before: a form that is sent twice), 'too_many' or 'not_found'.
CREATE FUNCTION make_code(p_code text, p_certificate_number text, p_indexes bytea[], p_masked_id text, p_days integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    c certificate;
    live integer;
BEGIN
    IF p_code !~ '^[2-9ACDEFGHJKMNPQRTVWXY]{16}$' OR p_days NOT IN (7, 30, 90, 180) OR p_masked_id !~ '^[^*]{0,3}[*]+$' THEN
        RAISE EXCEPTION 'make_code: a malformed code, period or mask' USING ERRCODE = 'check_violation';
    END IF;
    -- One at a time for each certificate, so that the limit holds.
    PERFORM pg_advisory_xact_lock(7303, hashtext(p_certificate_number));
    SELECT * INTO c FROM certificate WHERE certificate_number = p_certificate_number AND id_index = ANY (p_indexes)
        AND under_review_since IS NULL AND kind <> 'revoked';
    IF NOT FOUND THEN
        RETURN 'not_found';
    ELSIF EXISTS (SELECT FROM verification_code
            WHERE code_hash = code_hash_of(p_code) AND certificate_number = p_certificate_number) THEN
        RETURN 'made';
    END IF;
    SELECT count(*) INTO live FROM verification_code
        WHERE certificate_number = p_certificate_number AND withdrawn_at IS NULL AND expires_at > clock_timestamp();
    IF live >= 10 THEN
        RETURN 'too_many';
    END IF;
    INSERT INTO verification_code (code_hash, certificate_number, masked_id, revision_number, made_at, expires_at)
        VALUES (code_hash_of(p_code), p_certificate_number, p_masked_id, c.revision_number, clock_timestamp(),
            clock_timestamp() + make_interval(days => p_days));
    RETURN 'made';
END $$;
REVOKE EXECUTE ON FUNCTION make_code(text, text, bytea[], text, integer) FROM PUBLIC;

CREATE FUNCTION codes_of(p_certificate_number text, p_indexes bytea[])
RETURNS TABLE (id bigint, made_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT v.id, v.made_at, v.expires_at FROM verification_code v JOIN certificate c USING (certificate_number)
        WHERE v.certificate_number = p_certificate_number AND c.id_index = ANY (p_indexes)
            AND v.withdrawn_at IS NULL AND v.expires_at > clock_timestamp() ORDER BY v.id
$$;
REVOKE EXECUTE ON FUNCTION codes_of(text, bytea[]) FROM PUBLIC;

CREATE FUNCTION withdraw_code(p_id bigint, p_certificate_number text, p_indexes bytea[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    UPDATE verification_code v SET withdrawn_at = clock_timestamp() FROM certificate c
        WHERE v.id = p_id AND v.withdrawn_at IS NULL AND v.certificate_number = p_certificate_number
            AND c.certificate_number = p_certificate_number AND c.id_index = ANY (p_indexes);
    RETURN FOUND;
END $$;
REVOKE EXECUTE ON FUNCTION withdraw_code(bigint, text, bytea[]) FROM PUBLIC;

-- Of a code that is over, that it is over and nothing else. then_row is the certificate as it was, where it is another
-- now; of a certificate that is hidden for the moment nothing is told.
CREATE FUNCTION open_code(p_code text)
RETURNS TABLE (state text, made_at timestamptz, expires_at timestamptz, withdrawn_at timestamptz, certificate_number text,
    masked_id text, id_changed boolean, then_row jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v verification_code;
    c certificate;
BEGIN
    SELECT * INTO v FROM verification_code WHERE code_hash = code_hash_of(p_code);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    made_at := v.made_at; expires_at := v.expires_at; withdrawn_at := v.withdrawn_at;
    IF v.withdrawn_at IS NOT NULL OR v.expires_at <= clock_timestamp() THEN
        state := CASE WHEN v.withdrawn_at IS NULL THEN 'expired' ELSE 'withdrawn' END;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO c FROM certificate WHERE certificate_number = v.certificate_number;
    state := 'live'; certificate_number := v.certificate_number; masked_id := v.masked_id;
    id_changed := 'id_number' = ANY (c.changed_fields) AND c.revision_number > v.revision_number
        OR EXISTS (SELECT FROM revision r WHERE r.certificate_number = v.certificate_number
            AND r.revision_number > v.revision_number AND 'id_number' = ANY (r.changed_fields));
    IF c.revision_number <> v.revision_number AND c.under_review_since IS NULL THEN
        SELECT to_jsonb(r) - ARRAY['id', 'id_sealed', 'id_index', 'id_commitment', 'key_version', 'position'] INTO then_row
            FROM revision r
            WHERE r.certificate_number = v.certificate_number AND r.revision_number = v.revision_number;
    END IF;
    RETURN NEXT;
END $$;
REVOKE EXECUTE ON FUNCTION open_code(text) FROM PUBLIC;

-- A code only ends: nothing else of it changes, and it doesn't come back.
CREATE FUNCTION code_only_ends() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL
        OR to_jsonb(NEW) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(OLD) - 'withdrawn_at' THEN
        PERFORM certlookup.refuse('verification_code_only_ends');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER code_only_ends BEFORE UPDATE ON verification_code
    FOR EACH ROW EXECUTE FUNCTION code_only_ends();
ALTER TABLE verification_code ENABLE ALWAYS TRIGGER code_only_ends;

-- 查不到证书登记. 'made' (also for a form that is sent twice), 'taken' (the receipt is another's), 'found' (the certificate
-- is there) or 'too_many' (three for one ID number wait already; or so many in all that somebody floods us).
CREATE FUNCTION make_enquiry(p_receipt text, p_certificate_number text, p_office text, p_received date, p_issued date,
    p_commitment bytea, p_sealed bytea, p_index bytea, p_version smallint, p_indexes bytea[], p_most integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    e enquiry;
BEGIN
    IF p_receipt !~ '^[2-9ACDEFGHJKMNPQRTVWXY]{12}$' OR p_certificate_number !~ '^[0-9A-Z]{1,22}$'
        OR octet_length(p_sealed) > 8192 OR octet_length(p_commitment) <> 32 OR octet_length(p_index) <> 32 THEN
        RAISE EXCEPTION 'make_enquiry: malformed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(7304, 0);
    SELECT * INTO e FROM enquiry WHERE receipt = p_receipt;
    IF FOUND THEN
        RETURN CASE WHEN e.certificate_number = p_certificate_number AND e.id_index = ANY (p_indexes) THEN 'made' ELSE 'taken' END;
    ELSIF EXISTS (SELECT FROM certificate
            WHERE certificate_number = p_certificate_number AND id_index = ANY (p_indexes)) THEN
        RETURN 'found';
    ELSIF (SELECT count(*) FROM enquiry WHERE id_index = ANY (p_indexes) AND state = 'waiting') >= 3
        OR (SELECT count(*) FROM enquiry WHERE state = 'waiting') >= p_most THEN
        RETURN 'too_many';
    END IF;
    INSERT INTO enquiry (receipt, certificate_number, office_id, received_on, issued_on, created_at, state, answer,
            answered_by, closed_by, closing, id_commitment, id_sealed, id_index, key_version)
        VALUES (p_receipt, p_certificate_number, p_office, p_received, p_issued, clock_timestamp(), 'waiting', '', '', '', '',
            p_commitment, p_sealed, p_index, p_version);
    RETURN 'made';
END $$;
REVOKE EXECUTE ON FUNCTION make_enquiry(text, text, text, date, date, bytea, bytea, bytea, smallint, bytea[], integer) FROM PUBLIC;

CREATE FUNCTION read_enquiry(p_receipt text, p_indexes bytea[])
RETURNS TABLE (state text, created_at timestamptz, answer text, answered_at timestamptz, closed_at timestamptz, closing text,
    published_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT e.state, e.created_at, e.answer, e.answered_at, e.closed_at, e.closing, p.published_on
        FROM enquiry e LEFT JOIN publication p ON p.id = e.publication_id
        WHERE e.receipt = p_receipt AND e.id_index = ANY (p_indexes)
$$;
REVOKE EXECUTE ON FUNCTION read_enquiry(text, bytea[]) FROM PUBLIC;

-- 举报疑似假证: 'made', 'taken' or 'too_many'. photos that wait take room, so they have a limit of their own.
CREATE FUNCTION make_report(p_receipt text, p_commitment bytea, p_sealed bytea, p_index bytea, p_version smallint,
    p_photo bytea, p_photo_kind text, p_most integer, p_most_photos integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF p_receipt !~ '^[2-9ACDEFGHJKMNPQRTVWXY]{12}$' OR octet_length(p_sealed) > 16384 OR octet_length(p_commitment) <> 32
        OR coalesce(octet_length(p_photo), 0) > 6291456 THEN
        RAISE EXCEPTION 'make_report: malformed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(7304, 1);
    IF EXISTS (SELECT FROM forgery_report WHERE receipt = p_receipt) THEN
        RETURN 'taken';
    ELSIF (SELECT count(*) FROM forgery_report WHERE closed_at IS NULL) >= p_most
        OR p_photo IS NOT NULL AND (SELECT count(*) FROM forgery_photo) >= p_most_photos THEN
        RETURN 'too_many';
    END IF;
    INSERT INTO forgery_report (receipt, created_at, closed_by, handling, id_commitment, id_sealed, id_index, key_version)
        VALUES (p_receipt, clock_timestamp(), '', '', p_commitment, p_sealed, p_index, p_version) RETURNING id INTO made;
    IF p_photo IS NOT NULL THEN
        INSERT INTO forgery_photo (report_id, kind, content) VALUES (made, p_photo_kind, p_photo);
    END IF;
    RETURN 'made';
END $$;
REVOKE EXECUTE ON FUNCTION make_report(text, bytea, bytea, bytea, smallint, bytea, text, integer, integer) FROM PUBLIC;

-- What was left with us stays as it is but for the keys; an answer may be followed by another, the end by nothing.
CREATE FUNCTION enquiry_only_goes_on() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    moves text[] := ARRAY['state', 'answer', 'answered_at', 'answered_by', 'closed_at', 'closed_by', 'closing',
        'publication_id', 'handling'];
    keys text[] := ARRAY['id_sealed', 'id_index', 'key_version'];
BEGIN
    IF to_jsonb(NEW) - moves - keys IS DISTINCT FROM to_jsonb(OLD) - moves - keys
        OR OLD.closed_at IS NOT NULL AND to_jsonb(NEW) - keys IS DISTINCT FROM to_jsonb(OLD) - keys THEN
        PERFORM certlookup.refuse('enquiry_never_changes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enquiry_only_goes_on BEFORE UPDATE ON enquiry FOR EACH ROW EXECUTE FUNCTION enquiry_only_goes_on();
ALTER TABLE enquiry ENABLE ALWAYS TRIGGER enquiry_only_goes_on;
CREATE TRIGGER forgery_report_only_goes_on BEFORE UPDATE ON forgery_report
    FOR EACH ROW EXECUTE FUNCTION enquiry_only_goes_on();
ALTER TABLE forgery_report ENABLE ALWAYS TRIGGER forgery_report_only_goes_on;

-- Deleted when its time is over, unless an incident holds it.
CREATE TRIGGER enquiry_waits_for_incidents BEFORE DELETE OR TRUNCATE ON enquiry
    FOR EACH STATEMENT EXECUTE FUNCTION deletions_wait_for_incidents();
ALTER TABLE enquiry ENABLE ALWAYS TRIGGER enquiry_waits_for_incidents;
CREATE TRIGGER forgery_report_waits_for_incidents BEFORE DELETE OR TRUNCATE ON forgery_report
    FOR EACH STATEMENT EXECUTE FUNCTION deletions_wait_for_incidents();
ALTER TABLE forgery_report ENABLE ALWAYS TRIGGER forgery_report_waits_for_incidents;
CREATE TRIGGER forgery_photo_waits_for_incidents BEFORE DELETE OR TRUNCATE ON forgery_photo
    FOR EACH STATEMENT EXECUTE FUNCTION deletions_wait_for_incidents();
ALTER TABLE forgery_photo ENABLE ALWAYS TRIGGER forgery_photo_waits_for_incidents;
CREATE TRIGGER verification_code_waits_for_incidents BEFORE DELETE OR TRUNCATE ON verification_code
    FOR EACH STATEMENT EXECUTE FUNCTION deletions_wait_for_incidents();
ALTER TABLE verification_code ENABLE ALWAYS TRIGGER verification_code_waits_for_incidents;

-- When an office's data of a half-month went online, or that it had none; nothing where it is still missing.
CREATE FUNCTION office_online(p_period text, p_office text) RETURNS TABLE (published_on date, no_data boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.published_on, b.declares_no_data FROM batch b
        JOIN release_item i ON i.batch_id = b.id AND i.left_at IS NULL
        JOIN release r ON r.id = i.release_id JOIN publication p ON p.id = r.publication_id
        WHERE b.period_id = p_period AND b.office_id = p_office AND b.kind = 'regular' AND b.state = 'published'
        ORDER BY b.declares_no_data, p.id LIMIT 1;
END $$;
REVOKE EXECUTE ON FUNCTION office_online(text, text) FROM PUBLIC;
"""

BACKWARD = """
DROP FUNCTION office_online(text, text);
DROP TRIGGER verification_code_waits_for_incidents ON verification_code;
DROP TRIGGER forgery_photo_waits_for_incidents ON forgery_photo;
DROP TRIGGER forgery_report_waits_for_incidents ON forgery_report;
DROP TRIGGER enquiry_waits_for_incidents ON enquiry;
DROP TRIGGER forgery_report_only_goes_on ON forgery_report;
DROP TRIGGER enquiry_only_goes_on ON enquiry;
DROP FUNCTION enquiry_only_goes_on();
DROP FUNCTION make_report(text, bytea, bytea, bytea, smallint, bytea, text, integer, integer);
DROP FUNCTION read_enquiry(text, bytea[]);
DROP FUNCTION make_enquiry(text, text, text, date, date, bytea, bytea, bytea, smallint, bytea[], integer);
DROP TRIGGER code_only_ends ON verification_code;
DROP FUNCTION code_only_ends();
DROP FUNCTION open_code(text);
DROP FUNCTION withdraw_code(bigint, text, bytea[]);
DROP FUNCTION codes_of(text, bytea[]);
DROP FUNCTION make_code(text, text, bytea[], text, integer);
DROP FUNCTION code_hash_of(text);
"""

Q = models.Q


def _id() -> tuple[str, models.Field]:
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _sealed() -> list[tuple[str, models.Field]]:
    return [
        ("id_commitment", models.BinaryField()),
        ("id_sealed", models.BinaryField()),
        ("id_index", models.BinaryField()),
        ("key_version", models.SmallIntegerField()),
    ]


class Migration(migrations.Migration):
    # The incidents' trigger functions guard these tables, too.
    dependencies = [("certificates", "0007_notices"), ("uploads", "0014_incidents")]
    operations = [
        migrations.CreateModel(
            name="VerificationCode",
            fields=[
                _id(),
                ("code_hash", models.BinaryField(unique=True)),
                ("certificate_number", models.CharField(db_collation="C", max_length=22)),
                ("masked_id", models.CharField(max_length=40)),
                ("revision_number", models.IntegerField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "verification_code",
                "indexes": [models.Index(fields=["certificate_number"], name="code_by_certificate")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(expires_at__gt=models.F("made_at")), name="code_ends_after_it_was_made"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[
                _id(),
                *_sealed(),
                ("receipt", models.CharField(db_collation="C", max_length=12, unique=True)),
                ("certificate_number", models.CharField(db_collation="C", max_length=22)),
                ("received_on", models.DateField(null=True)),
                ("issued_on", models.DateField(null=True)),
                ("created_at", models.DateTimeField()),
                ("state", models.CharField(
                    choices=[("waiting", "待受理"), ("answered", "已答复"), ("closed", "已办结")], default="waiting",
                    max_length=8)),
                ("answer", models.CharField(blank=True, max_length=1000)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(blank=True, max_length=20)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=20)),
                ("closing", models.CharField(
                    blank=True, choices=[("published", "证书已上网"), ("staff", "工作人员办结")], max_length=9)),
                ("office", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, to="certificates.office")),
                ("publication", models.ForeignKey(
                    db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                    to="certificates.publication")),
            ],
            options={
                "db_table": "enquiry",
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(fields=["state", "office", "created_at"], name="enquiry_by_state"),
                    models.Index(fields=["id_index"], name="enquiry_by_id"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(answer="", answered_at=None, answered_by="")
                        | Q(answer__regex=r"\S", answered_at__isnull=False) & ~Q(answered_by=""),
                        name="enquiry_answer_is_somebodys",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="waiting", answered_at=None, closed_at=None, closing="")
                        | Q(state="answered", answered_at__isnull=False, closed_at=None, closing="")
                        | Q(state="closed", closed_at__isnull=False) & ~Q(closing=""),
                        name="enquiry_state_says_what_happened",
                    ),
                    models.CheckConstraint(
                        condition=~Q(closing="published") | Q(publication__isnull=False),
                        name="enquiry_closed_by_a_publication_names_it",
                    ),
                    models.CheckConstraint(
                        condition=~Q(closing="staff") | ~Q(closed_by="") & Q(answered_at__isnull=False),
                        name="enquiry_is_closed_with_an_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForgeryReport",
            fields=[
                _id(),
                *_sealed(),
                ("receipt", models.CharField(db_collation="C", max_length=12, unique=True)),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=20)),
                ("handling", models.CharField(blank=True, max_length=1000)),
            ],
            options={
                "db_table": "forgery_report",
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(closed_at=None, closed_by="", handling="")
                        | Q(closed_at__isnull=False, handling__regex=r"\S") & ~Q(closed_by=""),
                        name="forgery_report_is_closed_with_what_was_done",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ForgeryPhoto",
            fields=[
                ("report", models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="photo",
                    serialize=False, to="certificates.forgeryreport")),
                ("kind", models.CharField(choices=[("jpg", "JPEG"), ("png", "PNG")], max_length=4)),
                ("content", models.BinaryField()),
            ],
            options={"db_table": "forgery_photo"},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
