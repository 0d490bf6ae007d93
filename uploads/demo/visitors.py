"""What visitors of the demo have left: enquiries that wait, one that is answered, and a report of a suspected forgery.

The enquiries are about certificates that are reported and not published yet: whoever publishes them sees them close.
"""

from datetime import timedelta

from django.utils import timezone

from certificates import enquiries as left
from certificates.enquiries import Person
from certificates.forgeries import Report, make_report
from certificates.idnumber import parse
from certificates.models import Enquiry, ForgeryReport
from certificates.randomcodes import RECEIPT_LENGTH, new_code
from certlookup.databases import public_site
from certlookup.sealing import SealedId, unseal_id
from uploads.demo.cast import Cast
from uploads.enquiries.answering import answer_enquiry
from uploads.models import Capacity, StagedRow
from uploads.models.intake import BatchState

ENQUIRIES = 4
HANDED_OUT_AFTER = timedelta(days=3)
CONTACT = "演示电话 000-0000"
ANSWER = "演示：经查档，您的证书已由市中心上报，随下次上网公布。"
REPORT = Report("0815012003400009", "演示市人事局（已更名）", "演示：招聘时见到，印章与往年的不同。", "")


def leave_enquiries(cast: Cast) -> None:
    """Leave what isn't left yet, as the public site does, and answer the first."""
    rows = StagedRow.objects.filter(
        kind="issued", attempt__batch__state__in=[BatchState.IN_RELEASE, BatchState.SUBMITTED], row_number__lte=20
    ).select_related("attempt__batch")
    by_office = {row.attempt.batch.office_id: row for row in rows.order_by("-attempt_id", "-row_number")}
    for office, row in sorted(by_office.items())[:ENQUIRIES]:
        if not Enquiry.objects.filter(certificate_number=row.certificate_number).exists():
            _leave(row, office)
    first = Enquiry.objects.order_by("pk").first()
    if first is not None and not first.answer:
        answer_enquiry(by=cast.of_province(Capacity.PROVINCIAL_OPERATOR), enquiry=first, text=ANSWER, close=False)
    if not ForgeryReport.objects.exists():
        with public_site():
            make_report(receipt=new_code(RECEIPT_LENGTH), report=REPORT, photo=None)


def _leave(row: StagedRow, office: str) -> None:
    stored = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
    with public_site():
        left.make_enquiry(
            receipt=new_code(RECEIPT_LENGTH),
            id_number=parse(unseal_id(stored)),
            certificate_number=row.certificate_number,
            office=office,
            received_on=min(timezone.localdate(), row.issue_date + HANDED_OUT_AFTER) if row.issue_date else None,
            issued_on=row.issue_date,
            person=Person(row.holder_name, CONTACT, ""),
        )
