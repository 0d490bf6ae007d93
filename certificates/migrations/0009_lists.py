"""Employers' lists and the limits' counters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certificates", "0008_enquiries")]

    operations = []
