"""One index finds a certificate by both numbers, and a holder's of recent years: a half-month's rows fall into one less.

Smaller, too: an entry is two integers instead of a UUID. certificates/models/places.py has the expressions for queries.
"""

from django.db import migrations

# The old indexes go last: lookups are held up for that moment alone.
FORWARD = """
CREATE INDEX certificate_by_year_and_holder ON certificate (
    (((ascii(certificate_number) & 15) << 28) | ((ascii(substr(certificate_number, 2, 1)) & 15) << 24)
        | ('x' || left(encode(id_index, 'hex'), 6))::bit(24)::int),
    (('x' || left(md5(certificate_number || encode(id_index, 'hex')), 8))::bit(32)::int)
) WITH (deduplicate_items = off);
CREATE INDEX certificate_by_id_before_2026 ON certificate USING hash (id_index)
    WHERE left(certificate_number, 2) <> ALL ('{26,27,28,29,30,31}');
DROP INDEX certificate_by_pair;
DROP INDEX certificate_by_recent_id;
DROP INDEX certificate_by_earlier_id;
ALTER INDEX certificate_by_year_and_holder RENAME TO certificate_by_pair;
ALTER INDEX certificate_by_id_before_2026 RENAME TO certificate_by_earlier_id;
"""
BACKWARD = """
CREATE INDEX certificate_by_year_and_pair ON certificate ((
    (substr(md5(left(certificate_number, 2)), 1, 4) || substr(md5(certificate_number || encode(id_index, 'hex')), 5))::uuid)
) WITH (deduplicate_items = off);
CREATE INDEX certificate_by_recent_id ON certificate USING hash (id_index)
    WHERE certificate_number >= '25' AND certificate_number < '90';
CREATE INDEX certificate_by_id_before_2025 ON certificate USING hash (id_index)
    WHERE NOT (certificate_number >= '25' AND certificate_number < '90');
DROP INDEX certificate_by_pair;
DROP INDEX certificate_by_earlier_id;
ALTER INDEX certificate_by_year_and_pair RENAME TO certificate_by_pair;
ALTER INDEX certificate_by_id_before_2025 RENAME TO certificate_by_earlier_id;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0018_holders_in_two_parts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("certificate", "certificate_by_recent_id"),
                migrations.RemoveIndex("certificate", "certificate_by_earlier_id"),
            ],
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
        )
    ]
