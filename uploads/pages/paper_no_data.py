"""A city's 本期无数据 that was signed on paper, entered by a provincial operator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.periods import current_period
from uploads.actor import Actor
from uploads.intake.paper import find_or_add_paper_signer
from uploads.intake.periods import holidays
from uploads.intake.receive import PaperSigners, declare_no_data
from uploads.intake.storage import FileTooLarge, store
from uploads.models import Batch, Capacity
from uploads.pages.forms.papernodata import PaperNoDataForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.PROVINCIAL_OPERATOR)
def paper_no_data(request: StaffRequest) -> HttpResponse:
    """The signed sheet; its two signatures are written when the batch is handed in."""
    form = PaperNoDataForm(
        request.POST or None,
        request.FILES or None,
        offices=list(Office.objects.filter(kind=OfficeKind.CITY).order_by("code").values_list("code", flat=True)),
        current=current_period(timezone.localdate(), holidays()),
        initial={name: request.GET[name] for name in ("office", "period") if name in request.GET},
    )
    if request.method == "POST" and form.is_valid():
        try:
            batch = _declare(form, by=request.staff.actor(Capacity.PROVINCIAL_OPERATOR))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        except FileTooLarge:
            form.add_error("scan", "扫描件太大，没有收下。请降低分辨率后重新扫描。")
        else:
            messages.success(request, f"已登记{batch.office.name}本期无数据。还没有上报，请核对后提交。")
            return redirect("staff-batch", batch.id)
    return render_staff(request, "uploads/batches/paper_no_data.html", {"form": form})


def _declare(form: PaperNoDataForm, *, by: Actor) -> Batch:
    given = form.cleaned_data
    operator, director = (
        find_or_add_paper_signer(
            by=by, office=given["office"], staff_number=given[f"{who}_number"], name=given[f"{who}_name"]
        )
        for who in ("operator", "director")
    )
    sheet = PaperSigners(
        operator=operator,
        director=director,
        signed_on=given["signed_on"],
        scan=store(given["scan"].chunks(), by=by),
    )
    return declare_no_data(by=by, office=given["office"], period=given["period"], paper=sheet)
