"""Batches on their way in: files received, rows staged, problems found, paper imported."""

from django.db import models
from django.db.models import F, Q

from certificates.models import Office, PublishedFields
from uploads.models.people import Person
from uploads.models.profiles import ImportProfile


class BatchKind(models.TextChoices):
    REGULAR = "regular", "定期上报"
    BACKFILL = "backfill", "补录"
    CORRECTION = "correction", "更正"
    REVOCATION = "revocation", "撤销"
    REINSTATEMENT = "reinstatement", "恢复"

    @property
    def is_change(self) -> bool:
        """Whether its rows change published certificates: on any day, and published by a replacement release."""
        return self in CHANGES


CHANGES = (BatchKind.CORRECTION, BatchKind.REVOCATION, BatchKind.REINSTATEMENT)


class WayIn(models.TextChoices):
    """How a batch comes in: by the city's own accounts, on signed paper, or from 省本级 itself."""

    ACCOUNT = "account", "网上签字"
    PAPER = "paper", "纸质签字"
    PROVINCE = "province", "省本级"


class BatchState(models.TextChoices):
    DRAFT = "draft", "待检查"
    CHECKED = "checked", "待经办人签字"
    SIGNED = "signed", "待主任签字"
    SUBMITTED = "submitted", "已上报"
    IN_RELEASE = "in_release", "已汇总"
    PUBLISHED = "published", "已上网"
    RETURNED = "returned", "已退回"


OPEN_TO_FILES = (BatchState.DRAFT, BatchState.CHECKED, BatchState.RETURNED)
REPORTED = (BatchState.SUBMITTED, BatchState.IN_RELEASE, BatchState.PUBLISHED)


class PeriodDays(models.Model):
    """A period's dates as computed from the calendar when its first batch came; SQL checks windows against them."""

    code = models.CharField(max_length=9, primary_key=True, db_collation="C")
    first_day = models.DateField()
    last_day = models.DateField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    publication_day = models.DateField()
    provisional = models.BooleanField()

    class Meta:
        db_table = "period_days"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    first_day__lt=F("last_day"), opens_at__lt=F("closes_at"), publication_day__gt=F("last_day")
                ),
                name="period_days_run_forward",
            )
        ]


class Extension(models.Model):
    """延期: a department head lets one office, or all, submit outside the regular window (R7)."""

    period = models.ForeignKey(PeriodDays, models.PROTECT, related_name="extensions")
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(Person, models.PROTECT)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "extension"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="extension_runs_forward"),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
        ]


class Batch(models.Model):
    """上报批次: one office's data for a period. The state moves by signoff/states.py; the round with every new start."""

    office = models.ForeignKey(Office, models.PROTECT)
    period = models.ForeignKey(PeriodDays, models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=14, choices=BatchKind.choices)
    campaign = models.ForeignKey("Campaign", models.PROTECT, null=True, related_name="batches")
    way_in = models.CharField(max_length=10, choices=WayIn.choices)
    state = models.CharField(max_length=12, choices=BatchState.choices, default=BatchState.DRAFT)
    round = models.IntegerField(default=1)
    attempt = models.ForeignKey("Attempt", models.PROTECT, null=True, related_name="+")
    declares_no_data = models.BooleanField(default=False)
    created_by = models.ForeignKey(Person, models.PROTECT)
    created_at = models.DateTimeField()
    state_since = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=500, blank=True)
    returned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "batch"
        ordering = ["period_id", "office_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "period"],
                condition=Q(kind="regular") & ~Q(state="published"),
                name="batch_one_open_regular_per_office_and_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="batch_returned_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind="backfill", campaign__isnull=False) | (~Q(kind="backfill") & Q(campaign=None)),
                name="batch_backfill_belongs_to_a_campaign",
            ),
        ]

    @property
    def is_change(self) -> bool:
        """Whether it corrects, revokes or reinstates published certificates."""
        return BatchKind(self.kind).is_change


class AttemptState(models.TextChoices):
    RECEIVED = "received", "等待检查"
    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "已检查"
    UNREADABLE = "unreadable", "无法读取"


UNCHECKED = (AttemptState.RECEIVED, AttemptState.CHECKING)


class Origin(models.TextChoices):
    EXAM_SYSTEM = "exam_system", "考务系统生成"
    HAND_MADE = "hand_made", "人工整理"


class Attempt(models.Model):
    """One file of a batch. Its rows never change once it is checked; a changed file is a new attempt."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="attempts")
    number = models.IntegerField()
    state = models.CharField(max_length=12, choices=AttemptState.choices, default=AttemptState.RECEIVED)
    original_name = models.CharField(max_length=200)
    stored_name = models.CharField(max_length=60, blank=True)
    byte_count = models.BigIntegerField()
    file_digest = models.BinaryField()
    origin = models.CharField(max_length=12, choices=Origin.choices)
    hand_made_reason = models.CharField(max_length=200, blank=True)
    profile = models.ForeignKey(ImportProfile, models.PROTECT, null=True)
    uploaded_by = models.ForeignKey(Person, models.PROTECT)
    received_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    progress_done = models.IntegerField(default=0)
    read_count = models.IntegerField(default=0)
    accepted_count = models.IntegerField(default=0)
    refused_count = models.IntegerField(default=0)
    warning_count = models.IntegerField(default=0)
    digest = models.BinaryField(null=True)
    unreadable_rule = models.CharField(max_length=10, blank=True)
    unreadable_message = models.TextField(blank=True)

    class Meta:
        db_table = "attempt"
        ordering = ["batch_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="attempt_number_once_per_batch"),
            models.CheckConstraint(
                condition=~Q(state="checked") | Q(read_count=F("accepted_count") + F("refused_count")),
                name="attempt_read_is_accepted_plus_refused",
            ),
            models.CheckConstraint(
                condition=~Q(state="checked") | Q(digest__isnull=False), name="attempt_checked_has_a_digest"
            ),
        ]


class StagedRow(PublishedFields):
    """One row of a file, parsed and sealed; row_number is the spreadsheet's own.

    A change's row holds the whole record as it is to be; base_revision is the certificate's revision it was made against.
    """

    pk = models.CompositePrimaryKey("attempt_id", "row_number")
    # No foreign key in the database: it would be looked up once per row. The trigger on arriving rows asks once for the
    # attempt, and attempts are never deleted.
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="rows", db_index=False, db_constraint=False)
    row_number = models.IntegerField()
    certificate_number = models.CharField(max_length=22, db_collation="C")
    base_revision = models.IntegerField(null=True)

    class Meta:
        db_table = "staged_row"
        indexes = [models.Index(fields=["certificate_number"], name="staged_row_by_number")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="issued", base_revision=None) | (~Q(kind="issued") & Q(base_revision__isnull=False)),
                name="staged_change_names_its_base",
            ),
            models.CheckConstraint(
                condition=Q(kind="issued") | Q(change_reason__isnull=False, change_reason__regex=r"\S"),
                name="staged_change_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["issued", "corrected"])
                | Q(document_number__isnull=False, document_number__regex=r"\S"),
                name="staged_revocation_names_its_document",
            ),
            models.CheckConstraint(
                condition=~Q(kind="revoked") | Q(change_reason__in=["错误核发", "以欺骗等不正当手段取得", "其他决定"]),
                name="staged_revocation_has_one_of_three_reasons",
            ),
        ]


class RowProblem(models.Model):
    """What is wrong with a cell or a row: the rule's number, what to do, and where in the spreadsheet."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="problems", db_index=False)
    row_number = models.IntegerField()
    column = models.CharField(max_length=60, blank=True)
    field = models.CharField(max_length=30, blank=True)
    rule = models.CharField(max_length=10)
    severity = models.CharField(max_length=8)
    message = models.TextField()
    # Which row it is, whatever its number: see intake/rowkeys.py. None for what is wrong with the file.
    row_key = models.BinaryField(null=True)

    class Meta:
        db_table = "row_problem"
        ordering = ["attempt_id", "row_number", "id"]
        indexes = [
            models.Index(fields=["attempt", "row_number", "id"], name="row_problem_in_order"),
            models.Index(fields=["attempt", "rule", "row_number", "id"], name="row_problem_by_rule"),
        ]


class Change(models.TextChoices):
    """What became of a finding from one file of a batch to the next."""

    GONE = "gone", "已解决"
    NEW = "new", "新出现"
    LEFT = "left", "仍存在"


class ProblemChange(models.Model):
    """A finding of a file compared with the file before; the finding of a GONE one belongs to the file before."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="changes", db_index=False)
    # Written from row_problem itself, where nothing is ever deleted: a check per row would only cost time.
    problem = models.ForeignKey(RowProblem, models.PROTECT, related_name="changes", db_index=False, db_constraint=False)
    change = models.CharField(max_length=4, choices=Change.choices)
    rule = models.CharField(max_length=10)
    row_number = models.IntegerField()

    class Meta:
        db_table = "problem_change"
        indexes = [
            models.Index(fields=["attempt", "change", "row_number", "problem"], name="problem_change_in_order"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(change__in=["gone", "new", "left"]), name="problem_change_is_known"),
        ]


class ReportState(models.TextChoices):
    WAITING = "waiting", "等待生成"
    READY = "ready", "已生成"
    FAILED = "failed", "没有生成"


class ReportFile(models.Model):
    """核对报告 as a workbook, made when first asked for; deleted after some days and made anew when asked again."""

    attempt = models.OneToOneField(Attempt, models.PROTECT, primary_key=True, related_name="report")
    state = models.CharField(max_length=8, choices=ReportState.choices, default=ReportState.WAITING)
    asked_at = models.DateTimeField()
    progress_done = models.IntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    stored_name = models.CharField(max_length=60, blank=True)
    byte_count = models.BigIntegerField(default=0)
    digest = models.BinaryField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "report_file"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(stored_name="") & Q(digest__isnull=False, made_at__isnull=False)),
                name="report_ready_has_a_file",
            ),
        ]


class WarningExplanation(models.Model):
    """说明: why a file's warnings of the kind that asks for it are right; given before signing, read by every signer.

    Written by explain_warnings() in the database alone, never changed; a new file needs a new one.
    """

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="explanations")
    text = models.CharField(max_length=500)
    explained_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    explained_at = models.DateTimeField()

    class Meta:
        db_table = "warning_explanation"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="warning_explanation_says_something")]


class PaperSheet(models.Model):
    """证书数据上报审签表 as signed on paper: both signers, the date, the scan, and what the sheet states.

    It is about a file (attempt), or about 本期无数据: then it names the batch and the round in which that was declared.
    """

    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="paper")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="no_data_sheets")
    round = models.IntegerField(null=True)
    operator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    director = models.ForeignKey(Person, models.PROTECT, related_name="+")
    signed_on = models.DateField()
    scan_stored_name = models.CharField(max_length=60)
    scan_digest = models.BinaryField()
    stated_count = models.IntegerField(null=True)
    stated_digest = models.BinaryField(null=True)
    # Whether the operator ticked that he compared a sample with the archive.
    states_comparison = models.BooleanField(default=False)

    class Meta:
        db_table = "paper_sheet"
        constraints = [
            models.CheckConstraint(condition=~Q(operator=F("director")), name="paper_sheet_signed_by_two_people"),
            models.CheckConstraint(
                condition=Q(attempt__isnull=False, batch=None, round=None)
                | Q(attempt=None, batch__isnull=False, round__isnull=False),
                name="paper_sheet_is_about_a_file_or_no_data",
            ),
            models.UniqueConstraint(fields=["batch", "round"], name="paper_sheet_one_per_declaration"),
        ]
