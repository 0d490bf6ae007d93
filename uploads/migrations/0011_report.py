"""The report: findings known by their row whatever its number, compared with the file before, and made a workbook of."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER problem_change_comes_while_checking AFTER INSERT ON problem_change REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION rows_come_while_checking();
ALTER TABLE problem_change ENABLE ALWAYS TRIGGER problem_change_comes_while_checking;
CREATE TRIGGER problem_change_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON problem_change
    FOR EACH STATEMENT EXECUTE FUNCTION never_changes();
ALTER TABLE problem_change ENABLE ALWAYS TRIGGER problem_change_never_changes;
"""

BACKWARD = """
DROP TRIGGER problem_change_never_changes ON problem_change;
DROP TRIGGER problem_change_comes_while_checking ON problem_change;
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0010_precheck")]
    operations = [
        migrations.CreateModel(
            name='ProblemChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.CharField(choices=[('gone', '已解决'), ('new', '新出现'), ('left', '仍存在')], max_length=4)),
                ('rule', models.CharField(max_length=10)),
                ('row_number', models.IntegerField()),
            ],
            options={
                'db_table': 'problem_change',
            },
        ),
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='report', serialize=False, to='uploads.attempt')),
                ('state', models.CharField(choices=[('waiting', '等待生成'), ('ready', '已生成'), ('failed', '没有生成')], default='waiting', max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('progress_done', models.IntegerField(default=0)),
                ('made_at', models.DateTimeField(null=True)),
                ('stored_name', models.CharField(blank=True, max_length=60)),
                ('byte_count', models.BigIntegerField(default=0)),
                ('digest', models.BinaryField(null=True)),
                ('problem', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'report_file',
            },
        ),
        migrations.AddField(
            model_name='rowproblem',
            name='row_key',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='rowproblem',
            name='attempt',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='uploads.attempt'),
        ),
        migrations.AddIndex(
            model_name='rowproblem',
            index=models.Index(fields=['attempt', 'row_number', 'id'], name='row_problem_in_order'),
        ),
        migrations.AddIndex(
            model_name='rowproblem',
            index=models.Index(fields=['attempt', 'rule', 'row_number', 'id'], name='row_problem_by_rule'),
        ),
        migrations.AddField(
            model_name='problemchange',
            name='attempt',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='uploads.attempt'),
        ),
        migrations.AddField(
            model_name='problemchange',
            name='problem',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='uploads.rowproblem'),
        ),
        migrations.AddConstraint(
            model_name='reportfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(models.Q(('stored_name', ''), _negated=True), ('digest__isnull', False), ('made_at__isnull', False)), _connector='OR'), name='report_ready_has_a_file'),
        ),
        migrations.AddIndex(
            model_name='problemchange',
            index=models.Index(fields=['attempt', 'change', 'row_number', 'problem'], name='problem_change_in_order'),
        ),
        migrations.AddConstraint(
            model_name='problemchange',
            constraint=models.CheckConstraint(condition=models.Q(('change__in', ['gone', 'new', 'left'])), name='problem_change_is_known'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
