from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_leaf_hash")]
    operations = [
        migrations.AddConstraint(
            model_name="assessmentbody",
            constraint=models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="body_validity_runs_forward",
            ),
        ),
    ]
