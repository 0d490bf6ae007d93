"""巡检与安全隐患: the server looked after, and what was found on the way, from report to closing (R14)."""

from django.db import models
from django.db.models import Q

from uploads.models.people import Capacity, Person


class Inspection(models.Model):
    """One inspection of the server. Written by record_inspection() alone; never changes.

    checks is what check_system saw at the moment of recording: a list of name, condition and what was seen.
    virus_data_on is the day of the virus data that the inspector read off, null where there is no scanner.
    """

    inspected_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT)
    recorded_as = models.CharField(max_length=24, choices=Capacity.choices)
    all_well = models.BooleanField()
    seen = models.CharField(max_length=2000)
    virus_data_on = models.DateField(null=True)
    checks = models.JSONField()

    class Meta:
        db_table = "inspection"
        ordering = ["-id"]


class HazardGrade(models.TextChoices):
    GENERAL = "general", "一般隐患"
    SERIOUS = "serious", "重大隐患"


class HazardState(models.TextChoices):
    REPORTED = "reported", "待批示"
    INSTRUCTED = "instructed", "待处理"
    ACTED = "acted", "待复核"
    CLOSED = "closed", "已消除"


class HazardStepKind(models.TextChoices):
    INSTRUCTION = "instruction", "批示"
    ACTION = "action", "处理"
    CLOSING = "closing", "复核销号"


# What may follow what; take_hazard_step() reads the same. A leader who isn't satisfied instructs again.
HAZARD_MOVES = {
    (HazardState.REPORTED, HazardStepKind.INSTRUCTION): HazardState.INSTRUCTED,
    (HazardState.INSTRUCTED, HazardStepKind.INSTRUCTION): HazardState.INSTRUCTED,
    (HazardState.INSTRUCTED, HazardStepKind.ACTION): HazardState.ACTED,
    (HazardState.ACTED, HazardStepKind.ACTION): HazardState.ACTED,
    (HazardState.ACTED, HazardStepKind.INSTRUCTION): HazardState.INSTRUCTED,
    (HazardState.ACTED, HazardStepKind.CLOSING): HazardState.CLOSED,
}


class Hazard(models.Model):
    """安全隐患, with the measure that its reporter proposes. Written by report_hazard() and take_hazard_step() alone."""

    grade = models.CharField(max_length=8, choices=HazardGrade.choices)
    description = models.CharField(max_length=1000)
    measure = models.CharField(max_length=1000)
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, related_name="hazards")
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(Person, models.PROTECT)
    reported_as = models.CharField(max_length=24, choices=Capacity.choices)
    state = models.CharField(max_length=10, choices=HazardState.choices)
    state_since = models.DateTimeField()
    due_on = models.DateField(null=True)

    class Meta:
        db_table = "hazard"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(description__regex=r"\S", measure__regex=r"\S"),
                name="hazard_is_described_with_a_measure",
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.state != HazardState.CLOSED


class HazardStep(models.Model):
    """One step of a hazard's way: instruction, action or closing. Never changes."""

    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=HazardStepKind.choices)
    text = models.CharField(max_length=1000)
    person = models.ForeignKey(Person, models.PROTECT)
    capacity = models.CharField(max_length=24, choices=Capacity.choices)
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "hazard_step"
        ordering = ["id"]
