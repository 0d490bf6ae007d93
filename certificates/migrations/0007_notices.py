"""Notices that staff write."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("certificates", "0006_key_fingerprint")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=80)),
                ("text", models.TextField(max_length=4000)),
                ("english_title", models.CharField(blank=True, max_length=160)),
                ("english_text", models.TextField(blank=True, max_length=8000)),
                ("shown_from", models.DateField()),
                ("shown_until", models.DateField(blank=True, null=True)),
                ("on_home", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "notice",
                "ordering": ["-shown_from", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(shown_until=None) | Q(shown_until__gte=F("shown_from")),
                        name="notice_ends_after_it_begins",
                    ),
                    models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="notice_says_something"),
                    models.CheckConstraint(
                        condition=Q(english_title="", english_text="")
                        | (~Q(english_title="") & ~Q(english_text="")),
                        name="notice_is_in_english_whole_or_not",
                    ),
                ],
            },
        ),
    ]
