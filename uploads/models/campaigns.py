"""补录任务: calls for the certificates of earlier years, with a deadline (R3). Written by functions in the database alone."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from certificates.models import Office
from uploads.models.people import Person


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def open_on(self, day: date) -> "CampaignQuerySet":
        """Neither closed nor past the deadline, the deadline's own day included."""
        return self.filter(closed_at=None, deadline__gte=day)

    def asking(self, office_code: str) -> "CampaignQuerySet":
        """Those that ask this office."""
        return self.filter(asked__office_id=office_code)


class Campaign(models.Model):
    """补录任务: certificates issued in these years, asked of these offices, to be in on the deadline's day at the latest."""

    name = models.CharField(max_length=60, unique=True)
    first_year = models.SmallIntegerField()
    last_year = models.SmallIntegerField()
    deadline = models.DateField()
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        db_table = "campaign"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_year__lte=F("last_year"), first_year__gte=1949), name="campaign_years_run_forward"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="campaign_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year of issue that it asks for."""
        return self.first_year, self.last_year

    def refusal_on(self, day: date) -> str:
        """Why nothing more comes in on that day, as a key of refusals.SENTENCES; '' while it is open."""
        if self.closed_at is not None:
            return "campaign_is_closed"
        return "campaign_is_over" if day > self.deadline else ""


class CampaignOffice(models.Model):
    """An office that a campaign asks."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="asked")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")

    class Meta:
        db_table = "campaign_office"
        ordering = ["campaign_id", "office_id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "office"], name="campaign_asks_an_office_once")]


class CampaignChange(models.Model):
    """A campaign's extension or its closing, with the reason; deadline is the new one of an extension."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="changes")
    deadline = models.DateField(null=True)
    reason = models.CharField(max_length=200)
    changed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "campaign_change"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="campaign_change_has_a_reason")]
