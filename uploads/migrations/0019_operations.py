"""The inspection log, hazards and the system page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0018_copies")]

    operations = []
