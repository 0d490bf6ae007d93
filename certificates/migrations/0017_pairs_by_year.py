"""The lookup's index in regions by year: a half-month's rows fall into the pages of theirs, no longer all over the index.

Within a region the place is by the hash of both numbers, so that it still can't be told which of them is in the register.
"""

from django.db import migrations

# certificates/models/register.py has the expression for queries, and says what the year may tell. The old index goes last:
# lookups are held up for that moment alone.
FORWARD = """
CREATE INDEX certificate_by_year_and_pair ON certificate ((
    (substr(md5(left(certificate_number, 2)), 1, 4) || substr(md5(certificate_number || encode(id_index, 'hex')), 5))::uuid));
DROP INDEX certificate_by_pair;
ALTER INDEX certificate_by_year_and_pair RENAME TO certificate_by_pair;
"""
BACKWARD = """
CREATE INDEX certificate_by_both_numbers ON certificate ((md5(certificate_number || encode(id_index, 'hex'))::uuid));
DROP INDEX certificate_by_pair;
ALTER INDEX certificate_by_both_numbers RENAME TO certificate_by_pair;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0016_smaller_indexes")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
