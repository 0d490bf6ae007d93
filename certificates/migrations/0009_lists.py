"""Employers' lists, and what the staff site learns of how the public site is used."""

from django.db import migrations, models

FORWARD = """
ALTER TABLE employer_list SET UNLOGGED;
ALTER TABLE lookup_minute SET UNLOGGED;
ALTER TABLE noted_address SET UNLOGGED;
ALTER TABLE employer_list ADD CONSTRAINT employer_list_is_small
    CHECK (octet_length(digest) = 32 AND octet_length(sealed) <= 1048576);

-- The public site's only ways to a list: whoever has no address learns not even how many there are.
CREATE FUNCTION keep_list(p_digest bytea, p_sealed bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    DELETE FROM employer_list WHERE expires_at <= clock_timestamp();
    -- So many at once are no employers; the disk is for certificates.
    IF (SELECT count(*) FROM employer_list) >= 2000 THEN
        RETURN false;
    END IF;
    INSERT INTO employer_list (digest, sealed, expires_at)
        VALUES (p_digest, p_sealed, clock_timestamp() + interval '30 minutes');
    RETURN true;
END $$;

CREATE FUNCTION kept_list(p_digest bytea) RETURNS TABLE (sealed bytea, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
    SELECT l.sealed, l.expires_at FROM employer_list l WHERE l.digest = p_digest AND l.expires_at > clock_timestamp()
$$;

CREATE FUNCTION forget_list(p_digest bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    DELETE FROM employer_list WHERE digest = p_digest AND expires_at > clock_timestamp();
    RETURN FOUND;
END $$;

-- Adds what a web process has counted since it last spoke. Minutes and hours that can't be its own are left out. What
-- can't be written is lost with a warning: it comes along with the limits' count, which has to be made.
CREATE FUNCTION note_lookups(p_minutes jsonb, p_addresses jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    INSERT INTO lookup_minute AS present (minute, lookups, misses, challenged, limited)
    SELECT date_trunc('minute', told.minute), told.lookups, told.misses, told.challenged, told.limited
    FROM jsonb_to_recordset(p_minutes)
        AS told (minute timestamptz, lookups int, misses int, challenged int, limited int)
    WHERE told.minute BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() + interval '1 minute'
    ORDER BY told.minute
    ON CONFLICT (minute) DO UPDATE SET lookups = present.lookups + excluded.lookups,
        misses = present.misses + excluded.misses, challenged = present.challenged + excluded.challenged,
        limited = present.limited + excluded.limited;
    -- Each connection on a row of its own, so that none waits for another.
    INSERT INTO lookup_count AS present (day, shard, hits, misses)
    SELECT (told.minute AT TIME ZONE 'Asia/Shanghai')::date, pg_backend_pid() % 32, sum(told.hits), sum(told.misses)
    FROM jsonb_to_recordset(p_minutes) AS told (minute timestamptz, hits int, misses int)
    WHERE told.minute BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() + interval '1 minute'
        AND told.hits + told.misses > 0
    GROUP BY 1
    ON CONFLICT (day, shard) DO UPDATE SET hits = present.hits + excluded.hits,
        misses = present.misses + excluded.misses;
    INSERT INTO noted_address AS present (hour, address, pattern, count, last_at)
    SELECT date_trunc('hour', told.hour), left(told.address, 50), told.pattern, told.count, clock_timestamp()
    FROM jsonb_to_recordset(p_addresses) AS told (hour timestamptz, address text, pattern text, count int)
    WHERE told.hour BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() + interval '1 minute'
        AND told.pattern IN ('misses', 'sequence', 'guessing', 'limited')
    ORDER BY 1, 2, 3
    ON CONFLICT (hour, address, pattern) DO UPDATE SET count = present.count + excluded.count,
        last_at = excluded.last_at;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'The use of the public site could not be noted: %', SQLERRM;
END $$;

REVOKE EXECUTE ON FUNCTION keep_list(bytea, bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION kept_list(bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION forget_list(bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION note_lookups(jsonb, jsonb) FROM PUBLIC;
"""

BACKWARD = """
DROP FUNCTION note_lookups(jsonb, jsonb);
DROP FUNCTION forget_list(bytea);
DROP FUNCTION kept_list(bytea);
DROP FUNCTION keep_list(bytea, bytea);
ALTER TABLE employer_list DROP CONSTRAINT employer_list_is_small;
"""

_PATTERNS = [
    ("misses", "反复查不到"),
    ("sequence", "按顺序逐个试证书编号"),
    ("guessing", "反复试同一证件号码或证书编号"),
    ("limited", "超过查询上限"),
]


class Migration(migrations.Migration):
    dependencies = [("certificates", "0008_enquiries")]

    operations = [
        migrations.CreateModel(
            name="LookupMinute",
            fields=[
                ("minute", models.DateTimeField(primary_key=True, serialize=False)),
                ("lookups", models.IntegerField()),
                ("misses", models.IntegerField()),
                ("challenged", models.IntegerField()),
                ("limited", models.IntegerField()),
            ],
            options={"db_table": "lookup_minute"},
        ),
        migrations.CreateModel(
            name="EmployerList",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "employer_list",
                "indexes": [models.Index(fields=["expires_at"], name="employer_list_by_end")],
            },
        ),
        migrations.CreateModel(
            name="NotedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("address", models.CharField(max_length=50)),
                ("pattern", models.CharField(choices=_PATTERNS, max_length=10)),
                ("count", models.IntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "noted_address",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hour", "address", "pattern"), name="noted_address_once_an_hour"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
