"""The index that a lookup goes by: over both numbers at once, so that it can't be told which of them is in the register.

By the primary key a certificate number that exists costs a look at its row, and one that doesn't exist none: a tenth of a
millisecond that a visitor could measure.
"""

from django.db import migrations

# certificates/models/register.py has the expression for queries; a test holds that a lookup goes by this index alone.
FORWARD = """
CREATE INDEX certificate_by_pair ON certificate ((md5(certificate_number || encode(id_index, 'hex'))::uuid));
"""
BACKWARD = """
DROP INDEX certificate_by_pair;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0011_bulletins")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
