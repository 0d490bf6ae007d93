"""Days off as the database itself knows them, and the counts of lookups per day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0009_lists")]

    operations = [
        migrations.CreateModel(
            name="LookupCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "shard", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("shard", models.SmallIntegerField()),
                ("hits", models.BigIntegerField(default=0)),
                ("misses", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "lookup_count", "ordering": ["day", "shard"]},
        ),
        migrations.CreateModel(
            name="StatutoryDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("is_working", models.BooleanField()),
            ],
            options={"db_table": "statutory_day", "ordering": ["day"]},
        ),
        migrations.CreateModel(
            name="HolidayYear",
            fields=[
                ("year", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("notice_number", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "db_table": "holiday_year",
                "ordering": ["year"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__range", (1950, 2199))), name="holiday_year_is_a_year"
                    )
                ],
            },
        ),
    ]
