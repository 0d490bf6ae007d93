"""抽样核对: the sample of a batch's file beside the archive, and what came of it."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from certlookup.calendar.periods import Period
from uploads.intake.stagedrows import rows_of, show_rows
from uploads.models import Batch
from uploads.oversight.viewing import record_view
from uploads.pages.batch_page import batch_page, may_see_rows
from uploads.pages.batches import batch_or_404
from uploads.pages.forms.comparison import ComparisonForm
from uploads.pages.frame import StaffRequest, render_staff, staff_required
from uploads.refusals import Refusal
from uploads.signoff.compare import SampleRow, compare_sample, show_sample
from uploads.signoff.permissions import comparing_capacity, may_compare


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff_required
def comparison(request: StaffRequest, batch_id: int) -> HttpResponse:
    """For whoever compares, the sample with whole ID numbers; for every other reviewer, the result."""
    batch = batch_or_404(request.staff, batch_id)
    if not may_see_rows(request.staff, batch):
        raise PermissionDenied
    if may_compare(request.staff.person, batch) and batch.attempt is not None:
        actor = request.staff.actor(comparing_capacity(batch))
        return _compare(request, batch, show_sample(by=actor, batch=batch, attempt=batch.attempt))
    return _result(request, batch)


def _compare(request: StaffRequest, batch: Batch, sample: Sequence[SampleRow]) -> HttpResponse:
    digest = batch_page(batch, request.staff).digest
    numbers = [row.row.row_number for row in sample]
    data = request.POST if request.method == "POST" else None
    form = ComparisonForm(data, rows=numbers, initial={"digest": digest})
    if request.method == "POST" and form.is_valid():
        actor = request.staff.actor(comparing_capacity(batch))
        try:
            compare_sample(by=actor, batch=batch, digest=form.seen, findings=form.findings)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            if all(finding.agrees for finding in form.findings.values()):
                messages.success(request, f"已记录：抽取的 {len(numbers)} 条与档案一致。现在可以签字或提交。")
            else:
                messages.warning(request, "已记录：有记录与档案不一致，这份文件不能签字。请改正后重新上传。")
            return redirect("staff-batch", batch.id)
    lines = [(row, *form.fields_of(row.row.row_number)) for row in sample]
    return _render(request, batch, {"form": form, "lines": lines})


def _result(request: StaffRequest, batch: Batch) -> HttpResponse:
    page = batch_page(batch, request.staff)
    if page.sample is None or page.attempt is None:
        raise Http404
    found = {row.row_number: row for row in page.sample.rows.all()}
    listed = rows_of(page.attempt).filter(row_number__in=found)
    lines = [(row, found[row.row_number]) for row in show_rows(listed, page.attempt)]
    record_view(by=request.staff.actor(), action="rows.viewed", subject_kind="batch", subject_id=str(batch.pk))
    return _render(request, batch, {"sample": page.sample, "results": lines})


def _render(request: StaffRequest, batch: Batch, context: dict[str, object]) -> HttpResponse:
    fields: dict[str, object] = {"batch": batch, "period": Period.parse(batch.period_id)}
    return render_staff(request, "uploads/batches/comparison.html", fields | context)
