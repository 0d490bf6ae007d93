"""Smaller indexes: the holder's is a hash index, half the size; nobody asks it for an order. And the key needs no second
index for LIKE, as it sorts by bytes already.
"""

import django.contrib.postgres.indexes
from django.db import migrations

FORWARD = """
DROP INDEX IF EXISTS certificate_certificate_number_8a9605fc_like;
"""
BACKWARD = """
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
