"""How data come in: a file of the own office, a city's file signed on paper, or 本期无数据."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.periods import Period, current_period
from uploads.actor import Actor
from uploads.intake.paper import find_or_add_paper_signer
from uploads.intake.periods import holidays
from uploads.intake.receive import PaperSigners, declare_no_data, receive_file
from uploads.intake.savedprofiles import profile_called, profile_of
from uploads.intake.storage import FileTooLarge, store
from uploads.models import Attempt, Batch, BatchKind, Capacity
from uploads.pages.forms.batches import NoDataForm, PaperForm, UploadForm
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff
from uploads.refusals import Refusal

BRING_OWN = (Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR)


def _this_period() -> Period:
    return current_period(timezone.localdate(), holidays())


def own_offices(staff: Staff) -> dict[str, Capacity]:
    """The offices for which the person brings data without paper, and the capacity in which he does."""
    found = {
        grant.office_id: Capacity.CITY_OPERATOR
        for grant in staff.grants
        if grant.office_id and grant.capacity == Capacity.CITY_OPERATOR
    }
    if staff.holds(Capacity.PROVINCIAL_OPERATOR):
        province = Office.objects.filter(kind=OfficeKind.PROVINCE).values_list("code", flat=True)
        found |= dict.fromkeys(province, Capacity.PROVINCIAL_OPERATOR)
    return found


def _initial(request: StaffRequest) -> dict[str, str]:
    """What the link that led here says; a profile for files of one origin says that too."""
    known = ("office", "period", "kind", "campaign", "replaces", "profile")
    found = {name: request.GET[name] for name in known if name in request.GET}
    profile = profile_called(found.get("profile", ""))
    origin = profile_of(profile).definition.origin if profile else ""
    return found | ({"origin": origin} if origin else {})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*BRING_OWN)
def upload(request: StaffRequest) -> HttpResponse:
    """A file of the own office."""
    offices = own_offices(request.staff)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        offices=list(offices),
        current=_this_period(),
        initial=_initial(request),
    )
    if request.method == "POST" and form.is_valid():
        office = form.cleaned_data["office"]
        try:
            attempt = receive_from(form, by=request.staff.actor(offices[office.code]))
        except (Refusal, FileTooLarge) as refusal:
            form.add_error(None, sentence_of(refusal))
        else:
            messages.success(request, "文件已收到，正在检查。")
            return redirect("staff-batch", attempt.batch_id)
    return render_staff(request, "uploads/batches/upload.html", {"form": form})


def receive_from(
    form: UploadForm,
    *,
    by: Actor,
    paper: PaperSigners | None = None,
    also: Callable[[Attempt], None] | None = None,
) -> Attempt:
    """The form's file, received. Raises Refusal and FileTooLarge."""
    given = form.cleaned_data
    return receive_file(
        by=by,
        office=given["office"],
        period=given["period"],
        content=given["file"].chunks(),
        name=given["file"].name,
        origin=given["origin"],
        hand_made_reason=given["hand_made_reason"],
        kind=given["kind"],
        campaign=given["campaign"],
        replaces=given["replaces"] if given["kind"] != BatchKind.REGULAR else None,
        profile=given["profile"],
        paper=paper,
        also=also,
    )


def sentence_of(refusal: Refusal | FileTooLarge) -> str:
    """What the page says."""
    return refusal.sentence() if isinstance(refusal, Refusal) else "文件太大，没有收下。请联系省中心。"


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.PROVINCIAL_OPERATOR)
def paper(request: StaffRequest) -> HttpResponse:
    """A city's file with its sheet signed on paper."""
    cities = list(Office.objects.filter(kind=OfficeKind.CITY).order_by("code").values_list("code", flat=True))
    form = PaperForm(
        request.POST or None,
        request.FILES or None,
        offices=cities,
        current=_this_period(),
        initial=_initial(request),
    )
    if request.method == "POST" and form.is_valid():
        actor = request.staff.actor(Capacity.PROVINCIAL_OPERATOR)
        try:
            attempt = receive_from(form, by=actor, paper=signed_sheet(form, by=actor))
        except (Refusal, FileTooLarge) as refusal:
            form.add_error(None, sentence_of(refusal))
        else:
            messages.success(request, "文件和审签表已收到，正在检查。检查合格后请提交。")
            return redirect("staff-batch", attempt.batch_id)
    return render_staff(request, "uploads/batches/paper.html", {"form": form})


def signed_sheet(form: PaperForm, *, by: Actor) -> PaperSigners:
    """The sheet as the form tells it; unknown signers are registered. Raises Refusal."""
    given = form.cleaned_data
    operator, director = (
        find_or_add_paper_signer(
            by=by, office=given["office"], staff_number=given[f"{who}_number"], name=given[f"{who}_name"]
        )
        for who in ("operator", "director")
    )
    return PaperSigners(
        operator=operator,
        director=director,
        signed_on=given["signed_on"],
        scan=store(given["scan"].chunks(), by=by),
        stated_count=given["stated_count"],
        states_comparison=given["states_comparison"],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*BRING_OWN)
def no_data(request: StaffRequest) -> HttpResponse:
    """本期无数据, to be signed like any other batch."""
    offices = own_offices(request.staff)
    form = NoDataForm(request.POST or None, offices=list(offices), current=_this_period(), initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        office = form.cleaned_data["office"]
        try:
            batch = _declare(form, by=request.staff.actor(offices[office.code]))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"已申报{office.name}本期无数据。还没有上报，请继续完成下面的步骤。")
            return redirect("staff-batch", batch.id)
    may_import = request.staff.holds(Capacity.PROVINCIAL_OPERATOR)
    return render_staff(request, "uploads/batches/no_data.html", {"form": form, "may_import": may_import})


def _declare(form: NoDataForm, *, by: Actor) -> Batch:
    return declare_no_data(by=by, office=form.cleaned_data["office"], period=form.cleaned_data["period"])
