"""What ends by itself: enquiries whose certificate is online, and everything that visitors left whose time is over."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from certificates import enquiries as left
from certificates.codes import REMEMBERED_DAYS
from certificates.models import (
    Certificate,
    Closing,
    Enquiry,
    EnquiryState,
    ForgeryPhoto,
    ForgeryReport,
    VerificationCode,
)
from certlookup.sealing import SealedId, index_id
from uploads.oversight.audit import record
from uploads.oversight.retention import deletions_are_suspended


def close_published() -> int:
    """Close every open enquiry whose certificate, by both numbers, is in the register and shown; says how many.

    The ID numbers are compared by their keyed index, under each live key, for keys may be changing. Run again, it finds
    what is left: nothing is closed twice. Writes enquiry and audit.
    """
    closed = 0
    waiting = Enquiry.objects.exclude(state=EnquiryState.CLOSED)
    there = Certificate.objects.filter(under_review_since=None)
    for enquiry in waiting.filter(certificate_number__in=there.values("certificate_number")):
        certificate = there.filter(pk=enquiry.certificate_number).first()
        if certificate is None or not _is_the_holders(certificate, enquiry):
            continue
        with transaction.atomic():
            moved = waiting.filter(pk=enquiry.pk).update(
                state=EnquiryState.CLOSED,
                closed_at=Now(),
                closing=Closing.PUBLISHED,
                publication_id=certificate.publication_id,
            )
            if moved:
                _note(enquiry, certificate)
                closed += 1
    return closed


def _is_the_holders(certificate: Certificate, enquiry: Enquiry) -> bool:
    stored = SealedId(
        bytes(enquiry.id_commitment), bytes(enquiry.id_sealed), bytes(enquiry.id_index), enquiry.key_version
    )
    id_number, _ = left.open_enquiry(stored)
    return bytes(certificate.id_index) in index_id(id_number)


def _note(enquiry: Enquiry, certificate: Certificate) -> None:
    record(
        by=None,
        action="enquiry.published",
        subject_kind="enquiry",
        subject_id=str(enquiry.pk),
        detail={"receipt": enquiry.receipt, "publication": certificate.publication_id},
    )


def forget_over() -> None:
    """Delete enquiries and reports so many days after their answer or end, and codes long after they were over.

    What still waits for its answer stays. Nothing goes while an incident may be a crime; its end starts this anew. Run
    again, it goes on. Writes enquiry, forgery_report, forgery_photo, verification_code and audit.
    """
    if deletions_are_suspended():
        return
    kept = Now() - timedelta(days=settings.ENQUIRY_KEEP_DAYS)
    with transaction.atomic():
        over = Q(closed_at__lte=kept) | Q(closed_at=None, answered_at__lte=kept)
        enquiries = list(Enquiry.objects.select_for_update().filter(over).values_list("pk", flat=True))
        reports = list(
            ForgeryReport.objects.select_for_update().filter(closed_at__lte=kept).values_list("pk", flat=True)
        )
        Enquiry.objects.filter(pk__in=enquiries).delete()
        ForgeryPhoto.objects.filter(report_id__in=reports).delete()
        ForgeryReport.objects.filter(pk__in=reports).delete()
        remembered = Now() - timedelta(days=REMEMBERED_DAYS)
        codes, _ = VerificationCode.objects.filter(
            Q(expires_at__lte=remembered) | Q(withdrawn_at__lte=remembered)
        ).delete()
        if enquiries or reports or codes:
            record(
                by=None,
                action="enquiries.forgotten",
                detail={"enquiries": enquiries, "reports": reports, "codes": codes},
            )
