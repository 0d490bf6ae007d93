from django.db import models


class KeyFingerprint(models.Model):
    """What tells a key version's master key without telling the key; written by set_up_database, retired after rotation.

    Every version that isn't retired may have sealed what is stored: without exactly that key nobody is found.
    """

    version = models.SmallIntegerField(primary_key=True)
    fingerprint = models.BinaryField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "key_fingerprint"
        ordering = ["version"]
