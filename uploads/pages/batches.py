"""上报批次: the list, one batch, its rows, its file and its printed sheet."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Office
from certlookup.calendar.periods import Period
from uploads.intake.differences import show_changes
from uploads.intake.disclosure import Handout, hand_out_file, hand_out_scan, record_search
from uploads.intake.overview import batches_of
from uploads.intake.stagedrows import count_by_level, is_id_number, rows_of, search_rows, show_rows
from uploads.intake.steps import Status, progress_of, releases_of, signers_of
from uploads.models import Attempt, Batch, Capacity, PeriodDays
from uploads.models.intake import BatchState
from uploads.oversight.viewing import record_view
from uploads.pages.batch_page import BatchPage, batch_page, may_see_rows, sheet_of
from uploads.pages.confirmation import ReturnForm, SigningForm
from uploads.pages.findings import findings_context
from uploads.pages.forms.batches import BatchFilterForm, RowSearchForm
from uploads.pages.forms.explanations import ExplanationForm
from uploads.pages.frame import Staff, StaffRequest, render_staff, staff_required
from uploads.pages.paging import turn_pages
from uploads.signoff.permissions import ready_to_judge

BATCHES_PER_PAGE = 50
ROWS_PER_PAGE = 50
CHANGES_AT_FIRST = 5
CHANGES_ON_SHEET = 200
FOUND_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch in the list."""

    batch: Batch
    period: Period
    status: Status


def visible_batches(staff: Staff) -> "QuerySet[Batch]":
    """All batches for provincial people, the own office's for a city's."""
    return batches_of(None if staff.is_provincial else staff.office_codes)


def batch_or_404(staff: Staff, batch_id: int) -> Batch:
    """A batch that the person may see; another city's is as unknown as one that isn't there."""
    return get_object_or_404(ready_to_judge(visible_batches(staff)), id=batch_id)


@require_safe
@staff_required
def batches(request: StaffRequest) -> HttpResponse:
    """The batches, the newest period first."""
    staff = request.staff
    offices = Office.objects.order_by("code")
    if not staff.is_provincial:
        offices = offices.filter(code__in=staff.office_codes)
    codes = PeriodDays.objects.order_by("-code").values_list("code", flat=True)
    form = BatchFilterForm(
        request.GET,
        periods=[(code, Period.parse(code).short_label) for code in codes],
        offices=[(office.code, office.name) for office in offices],
        states=BatchState.choices,
    )
    found = visible_batches(staff).filter(**form.chosen).order_by("-period_id", "office_id", "-id")
    turned = turn_pages(request, found, BATCHES_PER_PAGE)
    listed = list(turned["page"])
    signers, releases = signers_of(listed), releases_of(listed)
    lines = [
        BatchLine(
            batch,
            Period.parse(batch.period_id),
            progress_of(batch, signers[batch.id], releases.get(batch.id)).status,
        )
        for batch in listed
    ]
    context = {
        "form": form,
        "lines": lines,
        "may_upload": staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
        "may_import": staff.holds(Capacity.PROVINCIAL_OPERATOR),
        **turned,
    }
    return render_staff(request, "uploads/batches/list.html", context)


@require_safe
@staff_required
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """One batch: where it stands, what was found, who signed, and what is asked of whoever looks."""
    return show_batch(request, batch_page(batch_or_404(request.staff, batch_id), request.staff))


def show_batch(
    request: StaffRequest,
    page: BatchPage,
    *,
    signing: SigningForm | None = None,
    returning: ReturnForm | None = None,
    explaining: ExplanationForm | None = None,
) -> HttpResponse:
    """The page with the forms for what the person may do; a form that was refused comes back with what was typed."""
    acts = page.acts
    due = [acts.signs_as] if acts.signs_as else [Capacity.PROVINCIAL_OPERATOR] if acts.submits else []
    if signing is None and due:
        signing = SigningForm(staff=request.staff, capacities=due, initial={"digest": page.digest})
    if returning is None and acts.returns_as:
        returning = ReturnForm(staff=request.staff, capacities=[acts.returns_as])
    if explaining is None and acts.explains:
        explaining = ExplanationForm()
    refused = next((form for form in (returning, explaining) if form is not None and form.errors), signing)
    context: dict[str, object] = {
        "page_of_batch": page,
        "signing": signing,
        "returning": returning,
        "explaining": explaining,
        "form": refused,
    }
    if page.attempt is not None and page.sees_rows and page.batch.is_change:
        listed = rows_of(page.attempt)
        context |= {
            "changes": show_changes(listed[:CHANGES_AT_FIRST], page.attempt),
            "changes_staged": listed.count(),
        }
    if page.attempt is not None:
        compared = page.comparison is not None and page.comparison.readable
        if page.rules or (page.comparison is not None and page.comparison.gone):
            context |= findings_context(request, page.attempt, page.rules, compared=compared)
    if "changes" in context or ("findings" in context and page.sees_rows):
        record_batch_view(request, page.batch)
    answer = render_staff(request, "uploads/batches/one.html", context)
    if page.refresh and request.method == "GET":
        answer.headers["Refresh"] = str(page.refresh)
    return answer


def reviewed_attempt(request: StaffRequest, batch_id: int) -> Attempt:
    """The batch's present file, for those who review it. Raises Http404 and PermissionDenied."""
    found = batch_or_404(request.staff, batch_id)
    if not may_see_rows(request.staff, found):
        raise PermissionDenied
    if found.attempt is None or found.declares_no_data:
        raise Http404
    return found.attempt


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def rows(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The accepted rows, by page; a search comes by POST, for no name or number belongs in an address."""
    attempt = reviewed_attempt(request, batch_id)
    form = RowSearchForm(request.POST or None)
    context: dict[str, object] = {"batch": attempt.batch, "attempt": attempt, "form": form}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if is_id_number(text):
            record_search(by=request.staff.actor(), attempt=attempt)
        found = search_rows(attempt, text)
        context |= {"found": found.count(), "limit": FOUND_AT_MOST, "rows": show_rows(found[:FOUND_AT_MOST], attempt)}
    else:
        turned = turn_pages(request, rows_of(attempt), ROWS_PER_PAGE)
        context |= {**turned, "rows": show_rows(turned["page"], attempt)}
    context["period"] = Period.parse(attempt.batch.period_id)
    record_batch_view(request, attempt.batch)
    return render_staff(request, "uploads/batches/rows.html", context)


def record_batch_view(request: StaffRequest, batch: Batch) -> None:
    """Someone has looked at people's records in a batch; noted once a day for each person and batch."""
    record_view(by=request.staff.actor(), action="rows.viewed", subject_kind="batch", subject_id=str(batch.pk))


@require_safe
@staff_required
def file(request: StaffRequest, batch_id: int, number: int) -> HttpResponseBase:
    """One of the batch's files as it came."""
    found = batch_or_404(request.staff, batch_id)
    if not may_see_rows(request.staff, found):
        raise PermissionDenied
    attempt = get_object_or_404(found.attempts.select_related("batch"), number=number)
    return hand_out(request, hand_out_file(by=request.staff.actor(), attempt=attempt))


@require_safe
@staff_required
def scan(request: StaffRequest, batch_id: int) -> HttpResponseBase:
    """The scan of the signed sheet."""
    found = batch_or_404(request.staff, batch_id)
    if not may_see_rows(request.staff, found):
        raise PermissionDenied
    sheet = sheet_of(found)
    if sheet is None:
        raise Http404
    return hand_out(request, hand_out_scan(by=request.staff.actor(), sheet=sheet))


def hand_out(request: StaffRequest, handout: Handout) -> HttpResponseBase:
    """A stored file as an attachment, or the page that says it is gone."""
    if not handout.is_there:
        return render_staff(request, "uploads/batches/file_missing.html", {"name": handout.name}, status=410)
    return FileResponse(
        handout.path.open("rb"),
        as_attachment=True,
        filename=handout.name,
        content_type="application/octet-stream",
    )


@require_safe
@staff_required
def sheet(request: StaffRequest, batch_id: int) -> HttpResponse:
    """证书数据上报审签表, to be printed and signed."""
    page = batch_page(batch_or_404(request.staff, batch_id), request.staff)
    if not page.digest or (page.blocked and not page.paper_disagrees):
        raise Http404
    context: dict[str, object] = {
        "page_of_batch": page,
        "levels": count_by_level(None if page.batch.declares_no_data else page.attempt),
        "printed_at": timezone.now(),
    }
    if page.attempt is not None and page.sees_rows and page.batch.is_change:
        listed = rows_of(page.attempt)
        context["changes"] = show_changes(listed[:CHANGES_ON_SHEET], page.attempt)
        context["changes_left"] = max(0, listed.count() - CHANGES_ON_SHEET)
        record_batch_view(request, page.batch)
    return render_staff(request, "uploads/batches/sheet.html", context)
