"""Releases and what is told about them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0016_calendar")]

    operations = []
