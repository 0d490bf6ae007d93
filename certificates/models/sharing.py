"""核验码: what lets somebody else see one certificate's live state for a limited time."""

from django.db import models
from django.db.models import F, Q


class VerificationCode(models.Model):
    """One code, known by its hash alone: whoever reads this table can open none.

    masked_id and revision_number are what the holder saw when it was made; a code is made of a valid certificate only.
    Written by make_code() and withdraw_code() alone.
    """

    code_hash = models.BinaryField(unique=True)
    certificate_number = models.CharField(max_length=22, db_collation="C")
    masked_id = models.CharField(max_length=40)
    revision_number = models.IntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "verification_code"
        indexes = [models.Index(fields=["certificate_number"], name="code_by_certificate")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="code_ends_after_it_was_made"),
        ]
