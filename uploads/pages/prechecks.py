"""预检: a file checked before it is sent; its report, and the sheet that two people sign on paper."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.levels import LEVELS, level_name
from certificates.models import Office
from certlookup.calendar.periods import Period, current_period
from uploads.intake.findings_shown import RuleCount, count_by_rule
from uploads.intake.periods import holidays
from uploads.intake.precheckreports import MOST_ROWS, hand_out_precheck_report, has_report
from uploads.intake.prechecks import BY_CITIES, request_precheck, visible_prechecks, was_given_up
from uploads.intake.stagedrows import LevelCount
from uploads.intake.storage import FileTooLarge
from uploads.models import AttemptState, Capacity, Precheck
from uploads.models.intake import UNCHECKED
from uploads.oversight.viewing import record_view
from uploads.pages.findings import findings_context
from uploads.pages.forms.prechecks import PrecheckForm
from uploads.pages.frame import Staff, StaffRequest, capacity_required, refresh_seconds, render_staff
from uploads.refusals import Refusal

PRECHECKERS = (*BY_CITIES, Capacity.PROVINCIAL_OPERATOR)
# The worker takes a job up within seconds.
WAITS_TOO_LONG = timedelta(minutes=2)
TOO_LARGE = "文件太大，没有检查。请分清是否选对了文件，或联系省中心。"


@dataclass(frozen=True, slots=True)
class PrecheckPage:
    """Everything about one pre-check that its page and its sheet show."""

    precheck: Precheck
    period: Period
    rules: tuple[RuleCount, ...]
    levels: tuple[LevelCount, ...]
    is_moving: bool
    was_given_up: bool
    waits_too_long: bool
    refresh: int
    may_upload: bool

    @property
    def is_unreadable(self) -> bool:
        return self.precheck.state == AttemptState.UNREADABLE


def offices_of(staff: Staff) -> dict[str, Capacity]:
    """The offices for which the person may have files checked, and in which capacity."""
    found = {
        grant.office_id: Capacity(grant.capacity)
        for grant in staff.grants
        if grant.office_id and grant.capacity in BY_CITIES
    }
    if staff.holds(Capacity.PROVINCIAL_OPERATOR):
        everyone = Office.objects.values_list("code", flat=True)
        found = dict.fromkeys(everyone, Capacity.PROVINCIAL_OPERATOR) | found
    return found


def _seen_by(staff: Staff) -> "QuerySet[Precheck]":
    return visible_prechecks(
        offices=staff.office_codes, is_provincial_operator=staff.holds(Capacity.PROVINCIAL_OPERATOR)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*PRECHECKERS)
def prechecks(request: StaffRequest) -> HttpResponse:
    """The form, and what the office has had checked since yesterday."""
    offices = offices_of(request.staff)
    form = PrecheckForm(
        request.POST or None,
        request.FILES or None,
        offices=list(offices),
        current=current_period(timezone.localdate(), holidays()),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            precheck = request_precheck(
                by=request.staff.actor(offices[given["office"].code]),
                office=given["office"],
                period=given["period"],
                kind=given["kind"],
                campaign=given["campaign"],
                profile=given.get("profile"),
                content=given["file"].chunks(),
                name=given["file"].name,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        except FileTooLarge:
            form.add_error("file", TOO_LARGE)
        else:
            return redirect("staff-precheck", precheck.id)
    listed = [(precheck, Period.parse(precheck.period_code)) for precheck in _seen_by(request.staff)]
    context = {"form": form, "listed": listed, "hours": settings.KEEP_UNSENT_HOURS}
    return render_staff(request, "uploads/prechecks/list.html", context)


def _page_of(request: StaffRequest, precheck_id: int) -> PrecheckPage:
    """One pre-check of the own office. Raises Http404."""
    given_up = was_given_up(precheck_id)
    precheck = get_object_or_404(_seen_by(request.staff), id=precheck_id)
    unchecked = precheck.state in UNCHECKED
    moving = unchecked and not given_up
    waiting = precheck.state == AttemptState.RECEIVED and timezone.now() - precheck.asked_at > WAITS_TOO_LONG
    counts = precheck.level_counts
    return PrecheckPage(
        precheck=precheck,
        period=Period.parse(precheck.period_code),
        rules=() if unchecked else tuple(count_by_rule(precheck)),
        levels=tuple(LevelCount(level, level_name(level), counts.get(str(level), 0)) for level in LEVELS),
        is_moving=moving,
        was_given_up=unchecked and given_up,
        waits_too_long=waiting,
        refresh=refresh_seconds(moving=moving, since=precheck.asked_at),
        may_upload=request.staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
    )


@require_safe
@capacity_required(*PRECHECKERS)
def precheck(request: StaffRequest, precheck_id: int) -> HttpResponse:
    """How far the check is, or what it found."""
    page = _page_of(request, precheck_id)
    context: dict[str, object] = {
        "shown": page,
        "has_report": has_report(page.precheck),
        "most_rows": MOST_ROWS,
    }
    if page.rules:
        record_view(
            by=request.staff.actor(),
            action="precheck.viewed",
            subject_kind="precheck",
            subject_id=str(page.precheck.pk),
        )
        context |= findings_context(request, page.precheck, page.rules)
    answer = render_staff(request, "uploads/prechecks/one.html", context)
    if page.refresh:
        answer.headers["Refresh"] = str(page.refresh)
    return answer


@require_safe
@capacity_required(*PRECHECKERS)
def sheet(request: StaffRequest, precheck_id: int) -> HttpResponse:
    """证书数据上报审签表 of an acceptable file, to be printed and signed."""
    page = _page_of(request, precheck_id)
    if not page.precheck.acceptable:
        raise Http404
    return render_staff(request, "uploads/prechecks/sheet.html", {"shown": page, "printed_at": timezone.now()})


@require_safe
@capacity_required(*PRECHECKERS)
def report(request: StaffRequest, precheck_id: int) -> HttpResponseBase:
    """核对报告 of a pre-checked file as a workbook."""
    found = get_object_or_404(_seen_by(request.staff), id=precheck_id)
    if not has_report(found):
        raise Http404
    made = hand_out_precheck_report(by=request.staff.actor(), precheck=found)
    name = f"{found.office_id}-{found.period_code}-precheck-{found.id}-report.xlsx"
    return FileResponse(made, as_attachment=True, filename=name, content_type="application/octet-stream")
