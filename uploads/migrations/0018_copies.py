"""Backup media, their custody, and restoring."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0017_bulletins")]

    operations = []
