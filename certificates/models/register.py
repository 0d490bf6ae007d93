"""证书库: the published certificates. Written by publish() in the database alone (docs/trust.md)."""

from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL

from certificates.models.places import NUMBERS_OF_HOLDER


class RevisionKind(models.TextChoices):
    ISSUED = "issued", "有效"
    CORRECTED = "corrected", "已更正"
    REVOKED = "revoked", "已撤销"
    REINSTATED = "reinstated", "恢复有效"


class PublishedFields(models.Model):
    """A certificate's fields, those of the required layout, as staged, published and kept; leaf_hash() in SQL covers them.

    It leaves out changed_fields (derived) and the three key columns id_sealed, id_index and key_version, which change
    when keys rotate. certificate_number stands in the concrete models, where it is a key. id_commitment is
    SHA-256(32 random bytes, normalised ID number).
    """

    kind = models.CharField(max_length=10, choices=RevisionKind.choices)
    holder_name = models.CharField(max_length=60)
    sex = models.CharField(max_length=1)
    id_type = models.CharField(max_length=20)
    id_commitment = models.BinaryField()
    birth_date = models.DateField(null=True)
    occupation = models.CharField(max_length=120)
    occupation_code = models.CharField(max_length=30, null=True)
    level = models.SmallIntegerField()
    level_text = models.CharField(max_length=40)
    theory_score = models.CharField(max_length=10, null=True)
    skill_score = models.CharField(max_length=10, null=True)
    overall_score = models.CharField(max_length=10, null=True)
    result = models.CharField(max_length=10, null=True)
    processed_date = models.DateField(null=True)
    issue_date = models.DateField(null=True)
    issuing_authority = models.CharField(max_length=120)
    assessment_office = models.CharField(max_length=120)
    change_reason = models.CharField(max_length=200, null=True)
    document_number = models.CharField(max_length=100, null=True)
    changed_fields = ArrayField(models.CharField(max_length=40), default=list)
    id_sealed = models.BinaryField()
    id_index = models.BinaryField()
    key_version = models.SmallIntegerField()

    class Meta:
        abstract = True


class PublicationKind(models.TextChoices):
    REGULAR = "regular", "定期上网"
    SUPPLEMENTARY = "supplementary", "补充上网"
    REPLACEMENT = "replacement", "更换"


class Publication(models.Model):
    """上网: one release made public. root is the RFC 6962 root over its leaves, set once by the worker right after.

    chain is the hash over the chain of the publication before, what this one states of itself, and its root.
    """

    number = models.CharField(max_length=20, unique=True)
    period_code = models.CharField(max_length=9)
    kind = models.CharField(max_length=14, choices=PublicationKind.choices)
    published_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    published_on = models.DateField()
    # The day by R7; None for a replacement, which may come on any day.
    due_on = models.DateField(null=True)
    late_reason = models.CharField(max_length=200, blank=True)
    row_count = models.IntegerField()
    issued_count = models.IntegerField()
    corrected_count = models.IntegerField()
    revoked_count = models.IntegerField()
    reinstated_count = models.IntegerField()
    searchable_before = models.BigIntegerField()
    searchable_after = models.BigIntegerField()
    digest = models.BinaryField()
    audit_head = models.BinaryField()
    root = models.BinaryField(null=True)
    chain = models.BinaryField(null=True)

    class Meta:
        db_table = "publication"
        get_latest_by = "id"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    row_count=models.F("issued_count")
                    + models.F("corrected_count")
                    + models.F("revoked_count")
                    + models.F("reinstated_count")
                ),
                name="publication_counts_add_up",
            ),
            models.CheckConstraint(
                condition=models.Q(searchable_after=models.F("searchable_before") + models.F("issued_count")),
                name="publication_before_plus_new_is_after",
            ),
        ]


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of_holder(self, indexes: Collection[bytes]) -> "CertificateQuerySet":
        """Those of an ID number, by its index under every live key."""
        return self.filter(certificate_number__in=RawSQL(NUMBERS_OF_HOLDER, [list(indexes)]))  # noqa: S611 - own text

    def for_visitors(self) -> "CertificateQuerySet":
        """Without the columns that the public role can't read."""
        return self.defer("id_sealed", "id_commitment", "key_version", "position")


class Certificate(PublishedFields):
    """证书: the current state of one published record; what the public lookup reads, in one indexed query.

    The indexes that it is sought by, besides its key, are those of places.py; migrations make them.
    """

    certificate_number = models.CharField(max_length=22, primary_key=True, db_collation="C")
    revision_number = models.IntegerField(default=1)
    # No foreign key in the database: it would be looked up once per row. A trigger asks once per statement instead, and
    # publications are never deleted.
    publication = models.ForeignKey(Publication, models.PROTECT, db_index=False, db_constraint=False)
    position = models.IntegerField()
    first_published_on = models.DateField()
    under_review_since = models.DateTimeField(null=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(fields=["publication", "position"], name="certificate_one_per_position"),
            models.CheckConstraint(condition=models.Q(level__range=(1, 5)), name="certificate_level_is_one_of_five"),
        ]


class Revision(PublishedFields):
    """版本: a certificate's earlier state, as of an earlier publication; the current one stands in Certificate."""

    certificate_number = models.CharField(max_length=22, db_collation="C")
    revision_number = models.IntegerField()
    publication = models.ForeignKey(Publication, models.PROTECT, db_index=False)
    position = models.IntegerField()
    first_published_on = models.DateField()

    class Meta:
        db_table = "revision"
        indexes = [models.Index(fields=["id_index"], name="revision_by_id")]
        constraints = [
            models.UniqueConstraint(fields=["certificate_number", "revision_number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["publication", "position"], name="revision_one_per_position"),
        ]
