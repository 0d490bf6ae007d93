"""The half-month's dashboard and calendar."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0015_signing_more")]

    operations = []
