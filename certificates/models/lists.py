from django.db import models


class EmployerList(models.Model):
    """名单核对: a list that waits for its challenge, or its results. Sealed under a key that only its address gives.

    digest is the SHA-256 of the secret in the address. Unlogged, gone after 30 minutes; the public site writes and reads
    it through keep_list(), kept_list() and forget_list() alone, and nobody reads the sealed bytes otherwise.
    """

    digest = models.BinaryField(primary_key=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "employer_list"
        indexes = [models.Index(fields=["expires_at"], name="employer_list_by_end")]
