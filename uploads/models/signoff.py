"""Signatures, acts, comparisons, review orders: written by the functions of the database alone, never changed by hand."""

from django.db import models
from django.db.models import Q

from certificates.models import Publication
from uploads.models.intake import Attempt, Batch
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


class SignatureWithdrawal(models.Model):
    """撤回: a signer took back his own signature before the next step; the signature stays and counts for nothing."""

    signature = models.OneToOneField(Signature, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=500)
    withdrawn_at = models.DateTimeField()

    class Meta:
        db_table = "signature_withdrawal"
        constraints = [models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="withdrawal_has_a_reason")]


class SampleComparison(models.Model):
    """抽样核对: a file's random sample compared with the archive before signing, by whoever signs or submits (R8).

    The database draws the rows; written by compare_sample() alone, once for a file. A file with a row that differs is
    never signed: it takes a new one.
    """

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="sample_comparison")
    row_count = models.IntegerField()
    differing_count = models.IntegerField()
    compared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    compared_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        db_table = "sample_comparison"
        constraints = [
            models.CheckConstraint(
                condition=Q(row_count__gt=0, differing_count__gte=0, differing_count__lte=models.F("row_count")),
                name="sample_comparison_counts_its_rows",
            )
        ]


class SampledRow(models.Model):
    """One row of a sample: whether it agrees with the archive, and what differs."""

    comparison = models.ForeignKey(SampleComparison, models.PROTECT, related_name="rows")
    row_number = models.IntegerField()
    agrees = models.BooleanField()
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "sampled_row"
        ordering = ["row_number"]
        constraints = [
            models.UniqueConstraint(fields=["comparison", "row_number"], name="sampled_row_once"),
            models.CheckConstraint(
                condition=Q(agrees=True) | Q(remark__regex=r"\S"), name="sampled_row_says_what_differs"
            ),
        ]


class ReviewOrder(models.Model):
    """核查: a leader's order that hides one certificate at once, until it is lifted or the certificate revoked (R6).

    Confirmed: the certificate is to be revoked, and stays hidden until that is published. Written by order_review(),
    decide_review() and publish() alone.
    """

    certificate_number = models.CharField(max_length=22, db_collation="C")
    reason = models.CharField(max_length=500)
    document = models.CharField(max_length=100, blank=True)
    ordered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    decide_by = models.DateField()
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirm_reason = models.CharField(max_length=500, blank=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lift_reason = models.CharField(max_length=500, blank=True)
    revoked_by = models.ForeignKey(Publication, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_order"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate_number"], condition=Q(ended_at=None), name="review_order_one_open_per_certificate"
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="review_order_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, lifted_by=None, revoked_by=None)
                | Q(ended_at__isnull=False, lifted_by__isnull=False, revoked_by=None, lift_reason__regex=r"\S")
                | Q(ended_at__isnull=False, lifted_by=None, revoked_by__isnull=False),
                name="review_order_is_lifted_or_ends_with_a_revocation",
            ),
        ]
