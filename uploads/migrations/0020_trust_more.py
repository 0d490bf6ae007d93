"""What signing and accounts still lacked."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("uploads", "0019_operations")]

    operations = []
