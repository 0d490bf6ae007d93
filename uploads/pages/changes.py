"""What a correction, revocation or reinstatement changes, row by row, for every signer; and the empty files to fill in."""

import io

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from certlookup.calendar.periods import Period
from certlookup.spreadsheets.writing import write_workbook
from uploads.intake.differences import search_changes, show_changes
from uploads.intake.disclosure import record_search
from uploads.intake.filetemplates import template_sheet
from uploads.intake.stagedrows import is_id_number, rows_of
from uploads.models import BatchKind
from uploads.pages.batches import FOUND_AT_MOST, ROWS_PER_PAGE, record_batch_view, reviewed_attempt
from uploads.pages.forms.batches import RowSearchForm
from uploads.pages.frame import StaffRequest, render_staff, staff_required
from uploads.pages.paging import turn_pages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def changes(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Before and after of every field, by page; a search comes by POST, for no name or number belongs in an address."""
    attempt = reviewed_attempt(request, batch_id)
    if not attempt.batch.is_change:
        raise Http404
    form = RowSearchForm(request.POST or None)
    context: dict[str, object] = {"batch": attempt.batch, "attempt": attempt, "form": form}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if is_id_number(text):
            record_search(by=request.staff.actor(), attempt=attempt)
        found = search_changes(attempt, text)
        shown = show_changes(found[:FOUND_AT_MOST], attempt)
        context |= {"found": found.count(), "limit": FOUND_AT_MOST, "changes": shown}
    else:
        turned = turn_pages(request, rows_of(attempt), ROWS_PER_PAGE)
        context |= {**turned, "changes": show_changes(turned["page"], attempt)}  # type: ignore[arg-type]
    context |= {"period": Period.parse(attempt.batch.period_id), "staged": rows_of(attempt).count()}
    record_batch_view(request, attempt.batch)
    return render_staff(request, "uploads/batches/changes.html", context)


@require_safe
@staff_required
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty .xlsx with the columns of that kind."""
    if kind not in BatchKind.values:
        raise Http404
    content = io.BytesIO()
    write_workbook(content, [template_sheet(BatchKind(kind))])
    headers = {"Content-Disposition": f'attachment; filename="template-{kind}.xlsx"'}
    return HttpResponse(content.getvalue(), content_type=XLSX, headers=headers)
