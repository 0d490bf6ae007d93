"""The calendar in the database: a period's window and days are computed here, from the days off and staff's overrides.

Whoever writes period_days gives its code alone; the trigger fills in the rest, and every change of the days off computes
all rows again. certlookup/calendar computes the same for pages; a test holds both equal.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION is_working_day(p_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT is_working FROM holiday_override WHERE day = p_day),
        (SELECT is_working FROM statutory_day WHERE day = p_day), extract(isodow FROM p_day) < 6)
$$;

CREATE FUNCTION next_working_day(p_day date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    found date := p_day;
BEGIN
    WHILE NOT is_working_day(found) LOOP
        found := found + 1;
    END LOOP;
    RETURN found;
END $$;

CREATE FUNCTION is_provisional_day(p_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM holiday_year WHERE year = extract(year FROM p_day))
$$;

-- R7: reported 9:00 to 16:00 on the 11th and 25th, published on the 15th and 30th (in February on the last day), each
-- on the next working day.
CREATE FUNCTION days_of_period(p_code text) RETURNS period_days LANGUAGE plpgsql STABLE AS $$
DECLARE
    days period_days;
    month date;
    second boolean := right(p_code, 1) = 'B';
    nominal_report date;
    nominal_publication date;
    report date;
BEGIN
    IF p_code !~ '^(19[5-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])-[AB]$' THEN
        PERFORM refuse('no_such_period', p_code);
    END IF;
    month := make_date(left(p_code, 4)::integer, substr(p_code, 6, 2)::integer, 1);
    days.code := p_code;
    days.first_day := CASE WHEN second THEN month + 10 ELSE (month - interval '1 month')::date + 24 END;
    days.last_day := month + CASE WHEN second THEN 23 ELSE 9 END;
    nominal_report := days.last_day + 1;
    nominal_publication := CASE WHEN second
        THEN least(month + 29, (month + interval '1 month')::date - 1) ELSE month + 14 END;
    report := next_working_day(nominal_report);
    days.publication_day := next_working_day(nominal_publication);
    days.opens_at := (report + time '09:00') AT TIME ZONE 'Asia/Shanghai';
    days.closes_at := (report + time '16:00') AT TIME ZONE 'Asia/Shanghai';
    days.provisional := is_provisional_day(nominal_report) OR is_provisional_day(report)
        OR is_provisional_day(nominal_publication) OR is_provisional_day(days.publication_day);
    RETURN days;
END $$;

CREATE FUNCTION period_days_are_computed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.code IS DISTINCT FROM OLD.code THEN
        PERFORM refuse('no_such_period', NEW.code);
    END IF;
    RETURN days_of_period(NEW.code);
END $$;
CREATE TRIGGER period_days_are_computed BEFORE INSERT OR UPDATE ON period_days
    FOR EACH ROW EXECUTE FUNCTION period_days_are_computed();
ALTER TABLE period_days ENABLE ALWAYS TRIGGER period_days_are_computed;

-- Whatever changes the days off, whoever does it: the windows that are checked are those of the new calendar.
CREATE FUNCTION periods_follow_the_holidays() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
BEGIN
    UPDATE period_days d SET code = d.code WHERE d IS DISTINCT FROM days_of_period(d.code);
    RETURN NULL;
END $$;
CREATE TRIGGER holiday_override_moves_periods AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON holiday_override
    FOR EACH STATEMENT EXECUTE FUNCTION periods_follow_the_holidays();
ALTER TABLE holiday_override ENABLE ALWAYS TRIGGER holiday_override_moves_periods;
CREATE TRIGGER statutory_day_moves_periods AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON statutory_day
    FOR EACH STATEMENT EXECUTE FUNCTION periods_follow_the_holidays();
ALTER TABLE statutory_day ENABLE ALWAYS TRIGGER statutory_day_moves_periods;
CREATE TRIGGER holiday_year_moves_periods AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON holiday_year
    FOR EACH STATEMENT EXECUTE FUNCTION periods_follow_the_holidays();
ALTER TABLE holiday_year ENABLE ALWAYS TRIGGER holiday_year_moves_periods;

-- What a notice says: days off, days worked, days that are as they would be without an override, and the year that it
-- announces in full. A day that has passed stays as it was: what was reported and published went by it.
CREATE FUNCTION change_holidays(p_off date[], p_working date[], p_restored date[], p_year integer, p_notice text,
    p_note text, p_by bigint, p_address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, certlookup, pg_temp AS $$
DECLARE
    now timestamptz := clock_timestamp();
    today date := (now AT TIME ZONE 'Asia/Shanghai')::date;
    named date[] := p_off || p_working || p_restored;
BEGIN
    PERFORM require_entitled(p_by, 'system_administrator', NULL, now);
    IF coalesce(p_notice, '') !~ '\S' THEN
        PERFORM refuse('holidays_without_a_notice');
    ELSIF cardinality(named) = 0 AND p_year IS NULL THEN
        PERFORM refuse('holidays_say_nothing');
    ELSIF EXISTS (SELECT FROM unnest(named) day WHERE day < today) OR p_year < extract(year FROM today) THEN
        PERFORM refuse('holiday_is_past');
    ELSIF (SELECT count(DISTINCT day) FROM unnest(named) day) <> cardinality(named) THEN
        PERFORM refuse('holiday_is_named_twice');
    END IF;
    DELETE FROM holiday_override WHERE day = ANY (p_restored);
    INSERT INTO holiday_override (day, is_working, notice_number, note)
        SELECT day, false, trim(p_notice), trim(p_note) FROM unnest(p_off) day
        UNION ALL SELECT day, true, trim(p_notice), trim(p_note) FROM unnest(p_working) day
        ON CONFLICT (day) DO UPDATE SET is_working = EXCLUDED.is_working, notice_number = EXCLUDED.notice_number,
            note = EXCLUDED.note;
    IF p_year IS NOT NULL THEN
        INSERT INTO holiday_year (year, notice_number) VALUES (p_year, trim(p_notice))
            ON CONFLICT (year) DO UPDATE SET notice_number = EXCLUDED.notice_number;
    END IF;
    PERFORM record(p_by, 'system_administrator', p_address, 'holidays.changed', 'calendar', trim(p_notice), 'done',
        jsonb_build_object('off', to_jsonb(p_off), 'working', to_jsonb(p_working), 'restored', to_jsonb(p_restored),
            'announced_year', p_year, 'note', trim(p_note)));
END $$;
REVOKE EXECUTE ON FUNCTION change_holidays(date[], date[], date[], integer, text, text, bigint, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION period_days_are_computed() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION periods_follow_the_holidays() FROM PUBLIC;
"""

BACKWARD = """
DROP FUNCTION change_holidays(date[], date[], date[], integer, text, text, bigint, text);
DROP TRIGGER holiday_year_moves_periods ON holiday_year;
DROP TRIGGER statutory_day_moves_periods ON statutory_day;
DROP TRIGGER holiday_override_moves_periods ON holiday_override;
DROP FUNCTION periods_follow_the_holidays();
DROP TRIGGER period_days_are_computed ON period_days;
DROP FUNCTION period_days_are_computed();
DROP FUNCTION days_of_period(text);
DROP FUNCTION is_provisional_day(date);
DROP FUNCTION next_working_day(date);
DROP FUNCTION is_working_day(date);
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0015_signing_more"), ("certificates", "0010_calendar")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
