from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0005_publication_chain")]
    operations = [
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                ("version", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("fingerprint", models.BinaryField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "key_fingerprint", "ordering": ["version"]},
        ),
    ]
