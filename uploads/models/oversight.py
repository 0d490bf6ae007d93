"""The audit trail, and the mark that says what this installation is."""

from django.db import models


class Outcome(models.TextChoices):
    DONE = "done", "成功"
    REFUSED = "refused", "被拒绝"


class AuditEntry(models.Model):
    """Who did what, in which capacity, when (the database's clock), from where, on what, with which outcome.

    Written by record() alone: number = head + 1, hash = SHA-256(hash before, this entry).
    """

    number = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    staff_number = models.CharField(max_length=20, blank=True)
    capacity = models.CharField(max_length=24, blank=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    detail = models.JSONField()
    database_role = models.CharField(max_length=63)
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_entry"
        ordering = ["number"]
        indexes = [
            models.Index(fields=["person_id", "number"], name="audit_entry_by_person"),
            models.Index(fields=["subject_kind", "subject_id", "number"], name="audit_entry_by_subject"),
        ]


class AuditHead(models.Model):
    """The newest entry's number and hash; the one row that record() locks."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_head"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row")]


class Installation(models.Model):
    """What this database is, set at its creation and never changed: a demo or not."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    demo = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "installation"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one_row")]


class DatabaseRole(models.Model):
    """Which login role does which kind of work, noted by set_up_database: so that any process can compare the rights of all."""

    work = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=63)

    class Meta:
        db_table = "database_role"


class VerificationKind(models.TextChoices):
    REGISTER = "register", "证书库"
    AUDIT = "audit", "审计链"


class Verification(models.Model):
    """核对: one recomputation of register or audit trail, and what differed. Written by note_verification() alone.

    The newest of each kind decides: while it has differences, nothing is published. differences holds the first ones,
    each with key, subject and detail.
    """

    kind = models.CharField(max_length=10, choices=VerificationKind.choices)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    row_count = models.BigIntegerField()
    difference_count = models.IntegerField()
    differences = models.JSONField()
    asked_by = models.ForeignKey("uploads.Person", models.PROTECT, null=True)

    class Meta:
        db_table = "verification"
        ordering = ["id"]

    @property
    def is_clean(self) -> bool:
        return self.difference_count == 0
