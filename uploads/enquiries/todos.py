"""What waits of enquiries and reports for whoever answers them."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import QuerySet

from certificates.models import Enquiry, EnquiryState, ForgeryReport
from uploads.enquiries.answering import late_before, visible_enquiries
from uploads.models import Capacity
from uploads.oversight.duties import Duty

_CITY = {Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR}


def enquiry_todos(capacities: Collection[Capacity], office_codes: frozenset[str]) -> Iterator[Duty]:
    """A city's own enquiries for its people; all of them, and the reports, for a provincial operator."""
    provincial = Capacity.PROVINCIAL_OPERATOR in capacities
    if provincial or _CITY & set(capacities):
        visible = visible_enquiries(office_codes, is_provincial=provincial)
        waiting = visible.filter(state=EnquiryState.WAITING)
        yield from _counted("查不到登记待答复", waiting, "staff-enquiries")
    if provincial:
        yield from _counted("举报待核实", ForgeryReport.objects.filter(closed_at=None), "staff-forgeries")


def _counted(title: str, waiting: "QuerySet[Enquiry] | QuerySet[ForgeryReport]", page: str) -> Iterator[Duty]:
    count = waiting.count()
    if count:
        late = waiting.filter(created_at__lt=late_before()).count()
        text = f"{count} 项" + (f"，其中 {late} 项已超过 {settings.ENQUIRY_DAYS} 天" if late else "")
        yield Duty(title, text, page, urgent=bool(late))
