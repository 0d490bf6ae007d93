"""Passwords that grow old, and those that don't come back."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("uploads", "0011_report")]
    operations = [
        migrations.AddField("person", "password_change_ordered_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "person", "password_set_at", models.DateTimeField(default=django.utils.timezone.now, db_default=Now())
        ),
        migrations.AddField("person", "recovery_code_used_at", models.DateTimeField(null=True, blank=True)),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "former_password", "ordering": ["-id"]},
        ),
    ]
