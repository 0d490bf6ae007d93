"""What was never received: pre-checks with their findings, and files laid down for the import of many."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("uploads", "0009_checks")]

    operations = [
        migrations.CreateModel(
            name="Precheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period_code", models.CharField(max_length=9)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("regular", "定期上报"),
                            ("backfill", "补录"),
                            ("correction", "更正"),
                            ("revocation", "撤销"),
                            ("reinstatement", "恢复"),
                        ],
                        max_length=14,
                    ),
                ),
                ("capacity", models.CharField(max_length=25)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "等待检查"),
                            ("checking", "正在检查"),
                            ("checked", "已检查"),
                            ("unreadable", "无法读取"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("original_name", models.CharField(max_length=200)),
                ("stored_name", models.CharField(max_length=60)),
                ("byte_count", models.BigIntegerField()),
                ("file_digest", models.BinaryField()),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("progress_done", models.IntegerField(default=0)),
                ("read_count", models.IntegerField(default=0)),
                ("accepted_count", models.IntegerField(default=0)),
                ("refused_count", models.IntegerField(default=0)),
                ("warning_count", models.IntegerField(default=0)),
                ("acceptable", models.BooleanField(default=False)),
                ("level_counts", models.JSONField(default=dict)),
                ("unreadable_rule", models.CharField(blank=True, max_length=10)),
                ("unreadable_message", models.TextField(blank=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="uploads.campaign"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="uploads.importprofile"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("office", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="certificates.office")),
            ],
            options={
                "db_table": "precheck",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PrecheckProblem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_number", models.IntegerField()),
                ("column", models.CharField(blank=True, max_length=60)),
                ("field", models.CharField(blank=True, max_length=30)),
                ("rule", models.CharField(max_length=10)),
                ("severity", models.CharField(max_length=8)),
                ("message", models.TextField()),
                (
                    "precheck",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, db_index=False,
                        related_name="problems", to="uploads.precheck"
                    ),
                ),
            ],
            options={
                "db_table": "precheck_problem",
                "ordering": ["precheck_id", "row_number", "id"],
                "indexes": [
                    models.Index(fields=["precheck", "row_number", "id"], name="precheck_problem_in_order"),
                    models.Index(fields=["precheck", "rule", "row_number", "id"], name="precheck_problem_by_rule"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParkedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("data", "数据文件"), ("scan", "扫描件")], max_length=4)),
                ("original_name", models.CharField(max_length=200)),
                ("stored_name", models.CharField(max_length=60)),
                ("byte_count", models.BigIntegerField()),
                ("file_digest", models.BinaryField()),
                ("parked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "attempt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parked",
                        to="uploads.attempt",
                    ),
                ),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "parked_file",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("attempt__isnull", True), ("kind", "data"), _connector="OR"),
                        name="parked_file_only_data_become_an_attempt",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="precheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "checked"), _negated=True),
                    (
                        "read_count",
                        django.db.models.expressions.CombinedExpression(
                            models.F("accepted_count"), "+", models.F("refused_count")
                        ),
                    ),
                    _connector="OR",
                ),
                name="precheck_read_is_accepted_plus_refused",
            ),
        ),
        migrations.AddConstraint(
            model_name="precheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acceptable", False),
                    models.Q(("read_count__gt", 0), ("refused_count", 0), ("state", "checked")),
                    _connector="OR",
                ),
                name="precheck_acceptable_has_no_refused_row",
            ),
        ),
    ]
