"""Enquiries and verification codes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certificates", "0007_notices")]

    operations = []
