"""介质保管: the media that hold backups, who has each, and every hand-over confirmed by both sides (R12)."""

from datetime import date

from django.db import models
from django.db.models import Q

from uploads.models.people import Capacity, Person

KEEPING = (Capacity.NETWORK_ADMINISTRATOR, Capacity.KEEPER)


class Medium(models.Model):
    """介质: written by functions alone. number is ours and stands on the label, serial_number is the maker's.

    place is the one of BACKUP_PLACES that it is plugged in at, or ''. due_back_on: when whoever holds it has to return it.
    """

    number = models.CharField(max_length=20, unique=True, db_collation="C")
    serial_number = models.CharField(max_length=80, unique=True)
    place = models.CharField(max_length=200, blank=True)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    holder = models.ForeignKey(Person, models.PROTECT, related_name="media")
    held_as = models.CharField(max_length=24, choices=Capacity.choices)
    held_since = models.DateTimeField()
    due_back_on = models.DateField(null=True)
    lost_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lost_at = models.DateTimeField(null=True)
    lost_reason = models.CharField(max_length=500, blank=True)
    retired_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "medium"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=~Q(place="") & Q(lost_at=None, retired_at=None), name="medium_one_per_place"
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9A-Z-]{1,20}$", serial_number__regex=r"\S"), name="medium_is_named"
            ),
        ]

    @property
    def is_in_use(self) -> bool:
        return self.lost_at is None and self.retired_at is None

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been returned by now."""
        return self.is_in_use and self.due_back_on is not None and self.due_back_on < today


class HandOverAnswer(models.TextChoices):
    OPEN = "", "待接收人确认"
    RECEIVED = "received", "已接收"
    DECLINED = "declined", "未接收"
    WITHDRAWN = "withdrawn", "已撤回"


class HandOver(models.Model):
    """交接: given by one person, confirmed by the other; until then the medium counts as the giver's."""

    medium = models.ForeignKey(Medium, models.PROTECT, related_name="hand_overs")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_as = models.CharField(max_length=24, choices=Capacity.choices)
    given_to = models.ForeignKey(Person, models.PROTECT, related_name="+")
    taken_as = models.CharField(max_length=24, choices=Capacity.choices)
    given_at = models.DateTimeField()
    due_back_on = models.DateField(null=True)
    remark = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=9, choices=HandOverAnswer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "hand_over"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["medium"], condition=Q(answer=""), name="hand_over_one_open_per_medium"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="hand_over_is_answered_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(given_by=models.F("given_to")), name="hand_over_is_between_two"),
        ]
