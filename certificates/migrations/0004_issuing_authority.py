"""The issuing authority's name per office, as its certificates print it; offices that are there get the usual one."""

from django.db import migrations, models

FORWARD = """
UPDATE office SET issuing_authority = CASE kind WHEN 'province' THEN '山东省人力资源和社会保障厅'
    ELSE name || '人力资源和社会保障局' END WHERE issuing_authority = '';
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0003_body_codes")]
    operations = [
        migrations.AddField(
            model_name="office",
            name="issuing_authority",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
