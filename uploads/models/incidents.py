"""事件: the loss of an account or anything else that has to be looked into, from the first press to the closing report (R13)."""

from django.db import models
from django.db.models import Q

from uploads.models.people import Capacity, Person


class IncidentKind(models.TextChoices):
    ACCOUNT_LOSS = "account_loss", "账号失窃"
    DATA = "data", "数据异常"
    OTHER = "other", "其他"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> "IncidentQuerySet":
        """Those that nobody has closed yet."""
        return self.filter(closed_at=None)


class Incident(models.Model):
    """Written by open_incident(), revise_incident() and close_incident() alone; a closed one never changes.

    since is the time from which on everything that the account did is in question. While one with suspected_crime is
    open, nothing is deleted.
    """

    kind = models.CharField(max_length=12, choices=IncidentKind.choices)
    suspected_crime = models.BooleanField()
    account = models.ForeignKey(Person, models.PROTECT, null=True, related_name="incidents")
    since = models.DateTimeField()
    description = models.CharField(max_length=1000)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="incidents_opened")
    opened_as = models.CharField(max_length=24, choices=Capacity.choices, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="incidents_closed")
    report = models.CharField(max_length=4000, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        db_table = "incident"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, report="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & Q(report__regex=r"\S"),
                name="incident_is_closed_with_a_report",
            ),
            models.CheckConstraint(
                condition=~Q(kind="account_loss") | Q(account__isnull=False),
                name="incident_of_a_lost_account_names_it",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class IncidentAcknowledgement(models.Model):
    """Someone who is to know of an incident has read of it. Written by acknowledge_incident() alone."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(Person, models.PROTECT)
    capacity = models.CharField(max_length=24, choices=Capacity.choices)
    acknowledged_at = models.DateTimeField()

    class Meta:
        db_table = "incident_acknowledgement"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="incident_acknowledgement_one_per_person")
        ]
