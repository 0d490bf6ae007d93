"""恢复: a leader's order before a copy takes the place of what is there, and the leader's confirmation afterwards (R13)."""

from django.db import models
from django.db.models import Q

from uploads.models.people import Person


class RestoreRequest(models.Model):
    """What restore_backup would do over live data, with all that would be lost, for the deputy director to decide.

    Written by the command as owner, decided by decide_restore(), used once.
    """

    file_name = models.CharField(max_length=120)
    file_digest = models.BinaryField()
    order_text = models.CharField(max_length=500)
    is_older = models.BooleanField()
    losses = models.JSONField()
    losses_digest = models.BinaryField()
    requested_at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    allows_loss = models.BooleanField(default=False)
    remark = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "restore_request"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved=None, decided_by=None, decided_at=None, used_at=None)
                | Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="restore_request_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(approved=True) & (Q(is_older=False) | Q(allows_loss=True)),
                name="restore_request_is_used_as_ordered",
            ),
        ]


class Restoration(models.Model):
    """A restore that took place, noted in what was restored; the state before lies in the schema `aside`.

    ordered_by is text, for the person who ordered it may not be in the restored state.
    """

    order_text = models.CharField(max_length=500)
    ordered_by = models.CharField(max_length=100, blank=True)
    file_name = models.CharField(max_length=120)
    file_digest = models.BinaryField()
    restored_at = models.DateTimeField()
    aside = models.CharField(max_length=63, blank=True)
    losses = models.JSONField()
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)
    aside_removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "restoration"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, remark__regex=r"\S"),
                name="restoration_is_confirmed_with_a_remark",
            ),
            models.CheckConstraint(
                condition=Q(aside_removed_at=None) | Q(confirmed_at__isnull=False),
                name="restoration_is_confirmed_before_the_former_state_goes",
            ),
        ]
