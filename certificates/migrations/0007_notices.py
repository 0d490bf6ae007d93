"""Notices that staff write."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certificates", "0006_key_fingerprint")]

    operations = []
