"""The holder's index in two parts, so that a half-month's rows come into the smaller one; register.py says why."""

import django.contrib.postgres.indexes
from django.db import migrations, models

RECENT = models.Q(("certificate_number__gte", "25"), ("certificate_number__lt", "90"))


class Migration(migrations.Migration):
    dependencies = [("certificates", "0017_pairs_by_year")]

    operations = [
        migrations.AddIndex(
            "certificate",
            django.contrib.postgres.indexes.HashIndex(
                fields=["id_index"], name="certificate_by_recent_id", condition=RECENT
            ),
        ),
        migrations.AddIndex(
            "certificate",
            django.contrib.postgres.indexes.HashIndex(
                fields=["id_index"], name="certificate_by_earlier_id", condition=~RECENT
            ),
        ),
        migrations.RemoveIndex("certificate", "certificate_by_id"),
        # No two entries of the pairs' index are alike; PostgreSQL looked for some before each split of a page.
        migrations.RunSQL(
            "ALTER INDEX certificate_by_pair SET (deduplicate_items = off)",
            "ALTER INDEX certificate_by_pair RESET (deduplicate_items)",
        ),
    ]
