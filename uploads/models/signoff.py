"""Signatures and acts: written by sign(), import_paper() and publish() in the database alone, never changed."""

from django.db import models
from django.db.models import Q

from uploads.models.intake import Batch
from uploads.models.people import Capacity, Person
from uploads.models.release import Release


class Signature(models.Model):
    """签字: one person's approval in one capacity, bound to a content digest."""

    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="signatures")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="signatures")
    round = models.IntegerField()
    person = models.ForeignKey(Person, models.PROTECT)
    capacity = models.CharField(max_length=24, choices=Capacity.choices)
    digest = models.BinaryField()
    on_paper = models.BooleanField(default=False)
    signed_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "signature"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(batch__isnull=False, release=None) | Q(batch=None, release__isnull=False),
                name="signature_is_for_a_batch_or_a_release",
            ),
            models.UniqueConstraint(fields=["batch", "round", "person"], name="signature_one_per_person_per_round"),
            models.UniqueConstraint(fields=["batch", "round", "capacity"], name="signature_one_per_capacity_per_round"),
            models.UniqueConstraint(
                fields=["release", "round", "person"], name="release_signature_one_per_person_per_round"
            ),
            models.UniqueConstraint(
                fields=["release", "round", "capacity"], name="release_signature_one_per_capacity_per_round"
            ),
        ]


class Act(models.Model):
    """Who did what to a batch in a round: holds uploaders, importer, signers and publisher apart (R8).

    capacity is a Capacity, or 'importer' (of a paper batch) or 'submitter' (of a batch of 省本级). When a release
    begins a new round, its batches do too, and the acts before the release are carried over with their signatures.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="acts")
    round = models.IntegerField()
    person = models.ForeignKey(Person, models.PROTECT)
    capacity = models.CharField(max_length=24)
    signature = models.ForeignKey(Signature, models.PROTECT, null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "act"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "round", "person"], name="act_one_capacity_per_person_per_round"),
            models.UniqueConstraint(
                fields=["batch", "round", "capacity"], name="act_one_person_per_capacity_per_round"
            ),
        ]


class Transition(models.Model):
    """The state machine as SQL reads it; signoff/states.py holds the same pairs and a test compares them."""

    subject = models.CharField(max_length=8)
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    by_function = models.BooleanField()

    class Meta:
        db_table = "transition"
        constraints = [
            models.UniqueConstraint(fields=["subject", "from_state", "to_state"], name="transition_stands_once")
        ]


class RequiredSignature(models.Model):
    """Who signs what, in which order (R8); signoff/capacities.py holds the same rows and a test compares them.

    subject is a kind of batch or 'release'; way_in the batch's, or '' for a release. is_publisher marks the last step,
    the network administrator's 上传上网.
    """

    subject = models.CharField(max_length=14)
    way_in = models.CharField(max_length=10, blank=True)
    ordinal = models.SmallIntegerField()
    capacity = models.CharField(max_length=24, choices=Capacity.choices)
    is_publisher = models.BooleanField(default=False)

    class Meta:
        db_table = "required_signature"
        constraints = [
            models.UniqueConstraint(fields=["subject", "way_in", "ordinal"], name="required_signature_one_per_place"),
            models.UniqueConstraint(fields=["subject", "way_in", "capacity"], name="required_signature_once_each"),
        ]
