"""What was never received: a file pre-checked, or laid down for the import of many. All of it goes when its time is over."""

from django.db import models
from django.db.models import F, Q

from certificates.models import Office
from uploads.models.campaigns import Campaign
from uploads.models.intake import Attempt, AttemptState, BatchKind
from uploads.models.people import Person
from uploads.models.profiles import ImportProfile


class Precheck(models.Model):
    """预检: a file checked as a batch's file would be, without a batch. Counts and findings, no rows."""

    office = models.ForeignKey(Office, models.PROTECT)
    period_code = models.CharField(max_length=9)
    kind = models.CharField(max_length=14, choices=BatchKind.choices)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True)
    profile = models.ForeignKey(ImportProfile, models.PROTECT, null=True)
    asked_by = models.ForeignKey(Person, models.PROTECT)
    capacity = models.CharField(max_length=25)
    state = models.CharField(max_length=12, choices=AttemptState.choices, default=AttemptState.RECEIVED)
    original_name = models.CharField(max_length=200)
    stored_name = models.CharField(max_length=60)
    byte_count = models.BigIntegerField()
    file_digest = models.BinaryField()
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    checked_at = models.DateTimeField(null=True)
    progress_done = models.IntegerField(default=0)
    read_count = models.IntegerField(default=0)
    accepted_count = models.IntegerField(default=0)
    refused_count = models.IntegerField(default=0)
    warning_count = models.IntegerField(default=0)
    acceptable = models.BooleanField(default=False)
    # Accepted rows by level, as the sheet lists them: {"3": 120}.
    level_counts = models.JSONField(default=dict)
    unreadable_rule = models.CharField(max_length=10, blank=True)
    unreadable_message = models.TextField(blank=True)

    class Meta:
        db_table = "precheck"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="checked") | Q(read_count=F("accepted_count") + F("refused_count")),
                name="precheck_read_is_accepted_plus_refused",
            ),
            models.CheckConstraint(
                condition=Q(acceptable=False) | Q(state="checked", refused_count=0, read_count__gt=0),
                name="precheck_acceptable_has_no_refused_row",
            ),
        ]


class PrecheckProblem(models.Model):
    """A finding of a pre-check, as RowProblem is one of an attempt."""

    precheck = models.ForeignKey(Precheck, models.CASCADE, related_name="problems", db_index=False)
    row_number = models.IntegerField()
    column = models.CharField(max_length=60, blank=True)
    field = models.CharField(max_length=30, blank=True)
    rule = models.CharField(max_length=10)
    severity = models.CharField(max_length=8)
    message = models.TextField()

    class Meta:
        db_table = "precheck_problem"
        ordering = ["precheck_id", "row_number", "id"]
        indexes = [
            models.Index(fields=["precheck", "row_number", "id"], name="precheck_problem_in_order"),
            models.Index(fields=["precheck", "rule", "row_number", "id"], name="precheck_problem_by_rule"),
        ]


class ParkedKind(models.TextChoices):
    DATA = "data", "数据文件"
    SCAN = "scan", "扫描件"


class ParkedFile(models.Model):
    """A file that a provincial operator laid down to import many at once; the importer's own, and not received.

    Once imported, the bytes are the attempt's; the line stays until its time is over, to show what became of it.
    """

    person = models.ForeignKey(Person, models.PROTECT)
    kind = models.CharField(max_length=4, choices=ParkedKind.choices)
    original_name = models.CharField(max_length=200)
    stored_name = models.CharField(max_length=60)
    byte_count = models.BigIntegerField()
    file_digest = models.BinaryField()
    parked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="parked")

    class Meta:
        db_table = "parked_file"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(attempt__isnull=True) | Q(kind="data"), name="parked_file_only_data_become_an_attempt"
            )
        ]
