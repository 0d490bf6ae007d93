"""核对: what recomputing register and audit trail came to, and having it done now (R9)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from uploads import jobs
from uploads.models import Capacity, Verification, VerificationKind
from uploads.oversight.verifying import MAY_ASK, ask_for_verification, newest
from uploads.oversight.wording import difference_sentence, difference_subject
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.refusals import Refusal

RUNS_SHOWN = 30
REFRESH_SECONDS = 3
MAY_SEE = (
    *MAY_ASK,
    Capacity.SECURITY_ADMINISTRATOR,
    Capacity.PROVINCIAL_OPERATOR,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
)


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One thing that isn't as it was signed, in Chinese."""

    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest recomputation of one kind, None if there never was one."""

    label: str
    run: Verification | None
    lines: tuple[DifferenceLine, ...]


@require_safe
@capacity_required(*MAY_SEE)
def verification(request: StaffRequest) -> HttpResponse:
    """The newest recomputations, what differed, and those before."""
    found = newest()
    asked = jobs.is_queued(jobs.VERIFY, person_id=request.staff.person.pk)
    context = {
        "newest": [_newest(kind, found.get(kind)) for kind in VerificationKind],
        "stopped": any(not run.is_clean for run in found.values()),
        "runs": Verification.objects.select_related("asked_by").order_by("-id")[:RUNS_SHOWN],
        "may_ask": request.staff.holds(*MAY_ASK),
        "asked": asked,
        "refresh": REFRESH_SECONDS if asked else 0,
    }
    return render_staff(request, "uploads/verification/verification.html", context)


def _newest(kind: VerificationKind, run: Verification | None) -> Newest:
    lines = () if run is None else tuple(_line(difference) for difference in run.differences)
    return Newest(str(kind.label), run, lines)


def _line(difference: dict[str, str]) -> DifferenceLine:
    return DifferenceLine(difference_subject(difference["subject"]), difference_sentence(difference["key"]))


@require_POST
@capacity_required(*MAY_ASK)
def ask(request: StaffRequest) -> HttpResponse:
    """Have both recomputed now."""
    capacity = next(capacity for capacity in MAY_ASK if request.staff.holds(capacity))
    try:
        ask_for_verification(by=request.staff.actor(capacity))
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
    else:
        messages.success(request, "已开始核对，完成后在本页显示结果。")
    return redirect("staff-verification")
