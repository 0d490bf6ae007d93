"""Offices, the assessment bodies below them, and what they have collected."""

from datetime import date

from django.db import models
from django.db.models import F, Q


class OfficeKind(models.TextChoices):
    PROVINCE = "province", "省本级"
    CITY = "city", "市"


class OfficeQuerySet(models.QuerySet["Office"]):
    def in_force(self, at: date) -> "OfficeQuerySet":
        """Offices that report on that day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=at), valid_from__lte=at)

    def for_visitors(self) -> "OfficeQuerySet":
        """Without the columns that the public role can't read."""
        return self.defer(*INTERNAL)


# What the public role doesn't read: who reports is no business of visitors.
INTERNAL = ("responsible_person", "responsible_phone")


class Office(models.Model):
    """上报单位: what reports, 省本级 or a city centre, by its code (GB/T 2260; 3700 for 省本级)."""

    code = models.CharField(max_length=4, primary_key=True, db_collation="C")
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=OfficeKind.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    responsible_person = models.CharField(max_length=60, blank=True)
    responsible_phone = models.CharField(max_length=40, blank=True)
    contact_address = models.CharField(max_length=200, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    # 发证机关 as its certificates print it; import profiles fill it in where a layout has no such column.
    issuing_authority = models.CharField(max_length=100, blank=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        db_table = "office"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^37[0-9]{2}$"), name="office_code_is_four_digits"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="office_validity_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssessmentBody(models.Model):
    """鉴定机构: what assessed and handed out a certificate; may be a county's; names are those on certificates."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="bodies")
    name = models.CharField(max_length=120, unique=True)
    code = models.CharField(max_length=8, blank=True)
    is_county = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")

    class Meta:
        db_table = "assessment_body"
        ordering = ["office_id", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^([0-9]{8})?$"), name="body_code_is_eight_digits_or_none"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="body_validity_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CoverageState(models.TextChoices):
    COMPLETE = "complete", "已齐全"
    COLLECTING = "collecting", "整理中"
    NOT_BEGUN = "not_begun", "未开始"


class Coverage(models.Model):
    """Which of an office's certificates are searchable (R3): complete from a date, being collected, not begun."""

    office = models.OneToOneField(Office, models.PROTECT, primary_key=True)
    state = models.CharField(max_length=12, choices=CoverageState.choices)
    complete_from = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "coverage"
