"""查不到证书登记 and 举报疑似假证: what holders and others leave with us, and what becomes of it.

Whatever tells of a person is sealed like an ID number, in one piece (certlookup/sealing.py: seal_person). The public site
writes by make_enquiry() and make_report(), and reads an answer by read_enquiry() alone.
"""

from django.db import models
from django.db.models import Q

from certificates.models.offices import Office
from certificates.models.register import Publication


class EnquiryState(models.TextChoices):
    WAITING = "waiting", "待受理"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"


class Closing(models.TextChoices):
    PUBLISHED = "published", "证书已上网"
    STAFF = "staff", "工作人员办结"


class Sealed(models.Model):
    """The columns of sealed personal data, as rotate_keys knows them."""

    id_commitment = models.BinaryField()
    id_sealed = models.BinaryField()
    id_index = models.BinaryField()
    key_version = models.SmallIntegerField()

    class Meta:
        abstract = True


class Enquiry(Sealed):
    """查不到证书登记: a certificate that its holder doesn't find (R4), by its receipt number 受理编号.

    office is null where the holder doesn't know; then the provincial centre answers.
    """

    receipt = models.CharField(max_length=12, unique=True, db_collation="C")
    certificate_number = models.CharField(max_length=22, db_collation="C")
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    received_on = models.DateField(null=True)
    issued_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=EnquiryState.choices, default=EnquiryState.WAITING)
    answer = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=20, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=20, blank=True)
    closing = models.CharField(max_length=9, choices=Closing.choices, blank=True)
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "enquiry"
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["state", "office", "created_at"], name="enquiry_by_state"),
            models.Index(fields=["id_index"], name="enquiry_by_id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by="")
                | Q(answer__regex=r"\S", answered_at__isnull=False) & ~Q(answered_by=""),
                name="enquiry_answer_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(state=EnquiryState.WAITING, answered_at=None, closed_at=None, closing="")
                | Q(state=EnquiryState.ANSWERED, answered_at__isnull=False, closed_at=None, closing="")
                | Q(state=EnquiryState.CLOSED, closed_at__isnull=False) & ~Q(closing=""),
                name="enquiry_state_says_what_happened",
            ),
            models.CheckConstraint(
                condition=~Q(closing=Closing.PUBLISHED) | Q(publication__isnull=False),
                name="enquiry_closed_by_a_publication_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(closing=Closing.STAFF) | ~Q(closed_by="") & Q(answered_at__isnull=False),
                name="enquiry_is_closed_with_an_answer",
            ),
        ]


class ForgeryReport(Sealed):
    """举报疑似假证: for the provincial centre. Number, issuer, account and contact are sealed together."""

    receipt = models.CharField(max_length=12, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=20, blank=True)
    handling = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "forgery_report"
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="", handling="")
                | Q(closed_at__isnull=False, handling__regex=r"\S") & ~Q(closed_by=""),
                name="forgery_report_is_closed_with_what_was_done",
            ),
        ]


class ForgeryPhoto(models.Model):
    """The photo of a report, encrypted by a key that stands among the report's sealed data."""

    report = models.OneToOneField(ForgeryReport, models.CASCADE, primary_key=True, related_name="photo")
    kind = models.CharField(max_length=4, choices=[("jpg", "JPEG"), ("png", "PNG")])
    content = models.BinaryField()

    class Meta:
        db_table = "forgery_photo"
