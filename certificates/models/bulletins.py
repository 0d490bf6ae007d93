"""公报: what the public is told of each publication, in numbers; no personal data."""

from django.db import models

from certificates.models.offices import Office
from certificates.models.register import Publication


class Timeliness(models.TextChoices):
    """When an office reported, as a bulletin tells it."""

    EARLY = "early", "提前上报"
    ON_TIME = "on_time", "按时上报"
    LATE = "late", "逾期上报"
    NO_DATA = "no_data", "本期无数据"
    MISSING = "missing", "尚未上网"
    ANY_DAY = "any_day", "随时办理"


class BulletinLine(models.Model):
    """公报: what one publication brought of one office, in numbers; written by publish() in the same transaction.

    MISSING: the office isn't in the regular publication; what it reports later comes with a supplementary one.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="bulletin")
    office = models.ForeignKey(Office, models.PROTECT)
    timeliness = models.CharField(max_length=10, choices=Timeliness.choices)
    issued_count = models.IntegerField()
    backfilled_count = models.IntegerField()
    corrected_count = models.IntegerField()
    revoked_count = models.IntegerField()
    reinstated_count = models.IntegerField()

    class Meta:
        db_table = "bulletin_line"
        ordering = ["publication_id", "office_id"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "office"], name="bulletin_one_line_per_office"),
            models.CheckConstraint(
                condition=~models.Q(timeliness__in=["no_data", "missing"]) | models.Q(issued_count=0),
                name="bulletin_nothing_new_without_data",
            ),
        ]
