"""What became of the files imported together: each one's check, and one confirmation to submit all that are clean."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from certlookup.calendar.periods import Period
from uploads.intake.parked import imported_by
from uploads.models import Attempt, AttemptState, Batch, Capacity
from uploads.pages.batch_page import BatchPage, batch_pages
from uploads.pages.batches import visible_batches
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paper_confirmations import Seen, SubmitManyForm, value_of
from uploads.refusals import Refusal
from uploads.signoff.permissions import ready_to_judge
from uploads.signoff.sign import submit_batch


@dataclass(frozen=True, slots=True)
class Result:
    """One imported file: its batch as it stands, unless a later file has taken its place."""

    name: str
    attempt: Attempt
    page: BatchPage

    @property
    def is_replaced(self) -> bool:
        return self.page.batch.attempt_id != self.attempt.id

    @property
    def is_unreadable(self) -> bool:
        return self.attempt.state == AttemptState.UNREADABLE

    @property
    def submits(self) -> bool:
        return not self.is_replaced and self.page.acts.submits

    @property
    def title(self) -> str:
        return title_of(self.page.batch)


def title_of(batch: Batch) -> str:
    """Office and half-month."""
    return f"{batch.office.name} {Period.parse(batch.period_id).short_label}"


def _results(request: StaffRequest) -> list[Result]:
    imported = [(parked.original_name, parked.attempt) for parked in imported_by(request.staff.person)]
    batches = visible_batches(request.staff).filter(id__in=[attempt.batch_id for _, attempt in imported if attempt])
    pages = {page.batch.id: page for page in batch_pages(ready_to_judge(batches), request.staff)}
    return [Result(name, attempt, pages[attempt.batch_id]) for name, attempt in imported if attempt is not None]


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.PROVINCIAL_OPERATOR)
def results(request: StaffRequest) -> HttpResponse:
    """Every file's check until all are done; the clean ones are submitted by one code, each for itself."""
    listed = _results(request)
    ready = [result for result in listed if result.submits]
    offered = [(value_of(result.page.batch.id, result.page.digest), _offer(result)) for result in ready]
    form = SubmitManyForm(request.POST or None, staff=request.staff, offered=offered)
    if request.method == "POST" and form.is_valid():
        for seen in form.chosen:
            _submit(request, seen, form)
        return redirect("staff-batch-papers-results")
    moving = [result for result in listed if result.page.is_moving]
    refresh = 0 if form.is_bound else max((result.page.refresh for result in moving), default=0)
    context = {"results": listed, "form": form, "ready": len(ready), "moving": len(moving), "refresh": refresh}
    context["done"] = len(listed) - len(moving)
    answer = render_staff(request, "uploads/papers/results.html", context)
    if refresh:
        answer.headers["Refresh"] = str(refresh)
    return answer


def _offer(result: Result) -> str:
    return f"{result.title}，{result.page.rows:,} 条"


def _submit(request: StaffRequest, seen: Seen, form: SubmitManyForm) -> None:
    batch = visible_batches(request.staff).get(id=seen.batch_id)
    try:
        submit_batch(by=form.actor, batch=batch, digest=seen.digest)
    except Refusal as refusal:
        messages.error(request, f"{title_of(batch)}：没有提交。{refusal.sentence()}")
    else:
        messages.success(request, f"{title_of(batch)}：已提交，等待网络管理专员汇总。")
