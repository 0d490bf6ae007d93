"""Indexes that a half-month touches in few places, however many certificates there are.

By hashes alone, each of a publication's rows falls into another page of every index: 50,000 rows into 20,000,000 wrote
640 MB of log, most of it whole pages. The pair's index begins with the certificate number, which new rows share with each
other. The holder's is a hash index, half the size; nobody asks it for an order. And the key needs no second index for LIKE,
as it sorts by bytes already.
"""

import django.contrib.postgres.indexes
from django.db import migrations

# certificates/models/register.py has the expression for queries; a test holds that a lookup goes by this index alone.
FORWARD = """
DROP INDEX IF EXISTS certificate_certificate_number_8a9605fc_like;
DROP INDEX certificate_by_pair;
CREATE INDEX certificate_by_pair ON certificate (((rpad(left(translate(certificate_number,
    translate(certificate_number, '0123456789', ''), ''), 16), 16, '0')
    || left(md5(certificate_number || encode(id_index, 'hex')), 16))::uuid));
"""
BACKWARD = """
DROP INDEX certificate_by_pair;
CREATE INDEX certificate_by_pair ON certificate ((md5(certificate_number || encode(id_index, 'hex'))::uuid));
CREATE INDEX certificate_certificate_number_8a9605fc_like ON certificate (certificate_number varchar_pattern_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0013_reference_version")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveIndex("certificate", "certificate_by_id"),
        migrations.AddIndex(
            "certificate",
            django.contrib.postgres.indexes.HashIndex(fields=["id_index"], name="certificate_by_id"),
        ),
    ]
