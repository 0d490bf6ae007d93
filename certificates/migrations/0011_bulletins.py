"""公报: what each publication brought of each office, in numbers, and the day on which it was due."""

import django.db.models.deletion
from django.db import migrations, models

TIMELINESS = [
    ("early", "提前上报"),
    ("on_time", "按时上报"),
    ("late", "逾期上报"),
    ("no_data", "本期无数据"),
    ("missing", "尚未上网"),
    ("any_day", "随时办理"),
]


class Migration(migrations.Migration):
    dependencies = [("certificates", "0010_calendar")]
    operations = [
        migrations.AddField("publication", "due_on", models.DateField(null=True)),
        migrations.CreateModel(
            name="BulletinLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("timeliness", models.CharField(choices=TIMELINESS, max_length=10)),
                ("issued_count", models.IntegerField()),
                ("backfilled_count", models.IntegerField()),
                ("corrected_count", models.IntegerField()),
                ("revoked_count", models.IntegerField()),
                ("reinstated_count", models.IntegerField()),
                (
                    "office",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="certificates.office"),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulletin",
                        to="certificates.publication",
                    ),
                ),
            ],
            options={
                "db_table": "bulletin_line",
                "ordering": ["publication_id", "office_id"],
                "constraints": [
                    models.UniqueConstraint(fields=["publication", "office"], name="bulletin_one_line_per_office"),
                    models.CheckConstraint(
                        condition=~models.Q(timeliness__in=["no_data", "missing"]) | models.Q(issued_count=0),
                        name="bulletin_nothing_new_without_data",
                    ),
                ],
            },
        ),
    ]
