"""Releases: the batches collected for one publication, and the orders that move its day."""

from django.db import models
from django.db.models import Q

from certificates.models import Publication
from uploads.models.intake import Batch, PeriodDays
from uploads.models.people import Person


class ReleaseKind(models.TextChoices):
    REGULAR = "regular", "定期"
    SUPPLEMENTARY = "supplementary", "补充"
    REPLACEMENT = "replacement", "更换"


class ReleaseState(models.TextChoices):
    ASSEMBLED = "assembled", "待省经办人签字"
    OPERATOR_SIGNED = "op_signed", "待承办部门负责人签字"
    HEAD_SIGNED = "head_signed", "待分管领导签字"
    APPROVED = "approved", "待上传上网"
    PUBLISHING = "publishing", "正在上网"
    PUBLISHED = "published", "已上网，待备份"
    BACKED_UP = "backed_up", "已备份"
    RETURNED = "returned", "已退回"


IS_PUBLIC = (ReleaseState.PUBLISHED, ReleaseState.BACKED_UP)


class Release(models.Model):
    """汇总批次: assembled by the network administrator, signed by three, published by him."""

    number = models.CharField(max_length=20, unique=True)
    period = models.ForeignKey(PeriodDays, models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=14, choices=ReleaseKind.choices)
    state = models.CharField(max_length=12, choices=ReleaseState.choices, default=ReleaseState.ASSEMBLED)
    round = models.IntegerField(default=1)
    digest = models.BinaryField(null=True)
    assembled_by = models.ForeignKey(Person, models.PROTECT)
    assembled_at = models.DateTimeField()
    state_since = models.DateTimeField()
    return_reason = models.CharField(max_length=500, blank=True)
    returned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    late_reason = models.CharField(max_length=200, blank=True)
    publication_problem = models.CharField(max_length=500, blank=True)
    publication = models.OneToOneField(Publication, models.PROTECT, null=True, related_name="release")

    class Meta:
        db_table = "release"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(kind="regular") & ~Q(state="returned"),
                name="release_one_regular_per_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="release_returned_with_a_reason"
            ),
        ]


class ReleaseItem(models.Model):
    """A batch in a release; a batch sent back leaves it, and left_at says when."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="items")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="release_items")
    added_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "release_item"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch"], condition=Q(left_at=None), name="batch_in_one_release_at_a_time")
        ]


class PublicationOrder(models.Model):
    """提前上网指示: the deputy director orders publication before its day (R7)."""

    period = models.ForeignKey(PeriodDays, models.PROTECT, related_name="orders")
    reason = models.CharField(max_length=200)
    ordered_by = models.ForeignKey(Person, models.PROTECT)
    ordered_at = models.DateTimeField()

    class Meta:
        db_table = "publication_order"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="publication_order_has_a_reason")]
