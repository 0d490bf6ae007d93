"""A publication that brings the certificate closes its enquiry; what is over is deleted, unless an incident holds it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from certificates.models import Enquiry, EnquiryState, ForgeryPhoto, ForgeryReport, VerificationCode
from tests.certificates_pages.reading import publish, read
from tests.databases import acting_as
from tests.enquiries.make import REPORTED, ask_after, make_enquiry, make_png
from tests.make import Cast, make_actor, make_id_number, make_published_release, make_row, make_tampering
from tests.sharing.make import make_code
from uploads import jobs
from uploads.enquiries.answering import answer_enquiry, close_report
from uploads.enquiries.ending import close_published, forget_over
from uploads.models import AuditEntry, Capacity, IncidentKind
from uploads.oversight.incidents import open_incident

pytestmark = pytest.mark.django_db


def numbers_of(row: dict[str, object]) -> dict[str, str]:
    return {"id_number": str(row["证件号码"]), "certificate_number": str(row["证书编号"])}


def test_a_publication_closes_the_enquiries_of_its_certificates_once() -> None:
    visitor, row = Client(), make_row(seed=1)
    receipt = make_enquiry(visitor, **numbers_of(row))
    other_id = make_enquiry(visitor, **numbers_of(row) | {"id_number": make_id_number(seed=44)})
    make_enquiry(visitor, **numbers_of(make_row(seed=2)))
    answered = Enquiry.objects.get(receipt=receipt.replace("-", ""))
    answer_enquiry(by=make_actor(Capacity.PROVINCIAL_OPERATOR), enquiry=answered, text="本期上网", close=False)
    release = make_published_release(Cast(), rows=[row])
    assert jobs.is_queued(jobs.CLOSE_ENQUIRIES, release_id=release.id)

    assert [close_published(), close_published()] == [1, 0]
    answered.refresh_from_db()
    assert (answered.state, answered.closing, answered.publication_id) == (
        "closed",
        "published",
        release.publication_id,
    )
    progress = read(ask_after(visitor, receipt, str(row["证件号码"])))
    assert progress.outcome == "enquiry-closed"
    assert "证书已经上网" in progress.text
    assert Enquiry.objects.get(receipt=other_id.replace("-", "")).state == EnquiryState.WAITING
    assert AuditEntry.objects.filter(action="enquiry.published").count() == 1


def test_a_hidden_certificate_closes_nothing_until_it_is_shown_again() -> None:
    row = make_row(seed=1)
    make_enquiry(Client(), **numbers_of(row))
    publish(row)
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET under_review_since = now()")
    assert close_published() == 0
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET under_review_since = NULL")
    assert close_published() == 1


def let_days_pass(days: int) -> None:
    back = timedelta(days=days)
    with make_tampering("enquiry", "forgery_report", "verification_code") as cursor:
        for table, columns in {
            "enquiry": ("created_at", "answered_at", "closed_at"),
            "forgery_report": ("created_at", "closed_at"),
            "verification_code": ("made_at", "expires_at"),
        }.items():
            cursor.execute(
                f"UPDATE {table} SET " + ", ".join(f"{column} = {column} - %s" for column in columns),
                [back] * len(columns),
            )


@override_settings(ENQUIRY_KEEP_DAYS=30)
def test_what_is_over_is_deleted_after_its_days_and_what_waits_stays() -> None:
    visitor, actor = Client(), make_actor(Capacity.PROVINCIAL_OPERATOR)
    [pair] = publish(make_row(seed=3))
    make_code(visitor, pair)
    for last, close in (("1", False), ("2", True), ("3", None)):
        receipt = make_enquiry(visitor, certificate_number=f"081501200340000{last}")
        if close is not None:
            enquiry = Enquiry.objects.get(receipt=receipt.replace("-", ""))
            answer_enquiry(by=actor, enquiry=enquiry, text="已查", close=close)
    for number in "12":
        photo = SimpleUploadedFile("a.png", make_png())
        visitor.post("/reports/", REPORTED | {"certificate_number": number, "photo": photo})
    close_report(by=actor, report=ForgeryReport.objects.earliest("pk"), handling="已核实")

    let_days_pass(29)
    forget_over()
    assert (Enquiry.objects.count(), ForgeryReport.objects.count(), ForgeryPhoto.objects.count()) == (3, 2, 2)
    let_days_pass(2)
    incident = open_incident(
        by=make_actor(Capacity.SECURITY_ADMINISTRATOR), kind=IncidentKind.OTHER, account=None,
        since=timezone.now() - timedelta(days=1), description="疑似伪造", suspected_crime=True,
    )  # fmt: skip
    forget_over()
    assert (Enquiry.objects.count(), ForgeryReport.objects.count()) == (3, 2)
    for table in (Enquiry, ForgeryReport, ForgeryPhoto, VerificationCode):
        with pytest.raises(DatabaseError, match="deletions_are_suspended"), transaction.atomic():
            table.objects.filter(pk__gt=0).delete() if table is not VerificationCode else table.objects.filter(
                expires_at__isnull=False
            ).delete()
    with make_tampering("incident") as cursor:
        cursor.execute("DELETE FROM incident WHERE id = %s", [incident.id])
    forget_over()
    assert (Enquiry.objects.count(), ForgeryReport.objects.count(), ForgeryPhoto.objects.count()) == (1, 1, 1)
    assert Enquiry.objects.get().state == EnquiryState.WAITING
    with acting_as("superuser"):
        assert VerificationCode.objects.count() == 1
    let_days_pass(7 + 180)
    forget_over()
    with acting_as("superuser"):
        assert not VerificationCode.objects.exists()
    entry = AuditEntry.objects.filter(action="enquiries.forgotten").earliest("number")
    assert len(entry.detail["enquiries"]) == 2
