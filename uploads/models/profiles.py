"""导入方案: named mappings of other layouts to the required one, in versions, and the samples they are tried out on."""

from django.db import models
from django.db.models import Q

from uploads.models.people import Person


class ImportProfile(models.Model):
    """One version of an import profile; it never changes, so that a batch's file stays readable as it was read.

    The newest version of a name counts, unless it is retired. Without created_by it was shipped.
    """

    name = models.CharField(max_length=30, db_collation="C")
    title = models.CharField(max_length=30)
    version = models.IntegerField()
    definition = models.JSONField()
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    retired_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_profile"
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="import_profile_version_once_per_name"),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"), name="import_profile_name_is_a_slug"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="import_profile_has_a_title"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None) | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="import_profile_retired_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.name}，第 {self.version} 版）"


class ProfileTrial(models.Model):
    """A sample on which a profile is being made: kept until it is saved or given up, or its time is over."""

    stored_name = models.CharField(max_length=60)
    original_name = models.CharField(max_length=200)
    base = models.ForeignKey(ImportProfile, models.PROTECT, null=True)
    draft = models.JSONField(default=dict)
    created_by = models.ForeignKey(Person, models.PROTECT)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "profile_trial"
        ordering = ["id"]
