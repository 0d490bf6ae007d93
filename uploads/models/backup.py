"""Backups after a publication: a proof by restore, and one encrypted copy per place (R12)."""

from django.db import models

from uploads.models.custody import Medium
from uploads.models.release import Release


class CopyState(models.TextChoices):
    DUE = "due", "待写入"
    VERIFIED = "verified", "已核对"
    REMOVED = "removed", "已按保留规定清除"


class BackupProof(models.Model):
    """A dump restored into a scratch database and compared: what the copies were made from."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="proofs")
    file_name = models.CharField(max_length=80, unique=True)
    proven_at = models.DateTimeField()
    seconds = models.FloatField()
    certificate_count = models.BigIntegerField()
    publication_count = models.IntegerField()
    root = models.BinaryField()
    audit_number = models.BigIntegerField()
    audit_hash = models.BinaryField()
    encrypted_digest = models.BinaryField()
    byte_count = models.BigIntegerField()

    class Meta:
        db_table = "backup_proof"
        ordering = ["id"]


class BackupCopy(models.Model):
    """One copy in one place: due until it was written, read back and compared.

    medium is the registered medium that lay there; none on the server's disk. A removed one was outdated by rule.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="copies")
    place = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=CopyState.choices, default=CopyState.DUE)
    proof = models.ForeignKey(BackupProof, models.PROTECT, null=True, related_name="copies")
    medium = models.ForeignKey(Medium, models.PROTECT, null=True, related_name="copies")
    written_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "backup_copy"
        ordering = ["release_id", "id"]
        constraints = [models.UniqueConstraint(fields=["release", "place"], name="backup_copy_one_per_place")]
