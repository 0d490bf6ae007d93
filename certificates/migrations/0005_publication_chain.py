from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0004_issuing_authority")]
    operations = [migrations.AddField("publication", "chain", models.BinaryField(null=True))]
