"""Many files signed on paper, imported on one page: laid down, described one by one, imported together, submitted together."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.periods import current_period
from uploads.actor import Actor
from uploads.intake.parked import (
    NotParked,
    Offered,
    become_attempt,
    discard_parked,
    drop_imported,
    imported_by,
    known_signers,
    park_files,
    waiting_of,
)
from uploads.intake.periods import holidays
from uploads.intake.storage import FileTooLarge
from uploads.models import Attempt, Capacity, ParkedFile, ParkedKind
from uploads.pages.batch_intake import receive_from, sentence_of, signed_sheet
from uploads.pages.forms.paperfiles import LayDownForm, PaperBlockForm, prefix_of, refuse_doubles
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the person's desk: files to import with their forms, and the scans."""

    blocks: tuple[PaperBlockForm, ...]
    scans: tuple[ParkedFile, ...]

    @property
    def has_errors(self) -> bool:
        return any(block.is_bound and block.errors for block in self.blocks)


def _desk(request: StaffRequest, *, importing: bool) -> Desk:
    """The blocks, with what was typed; bound, and so looked at, only where they are to be imported."""
    person = request.staff.person
    scans = tuple(waiting_of(person, ParkedKind.SCAN))
    cities = list(Office.objects.filter(kind=OfficeKind.CITY).order_by("code"))
    signers, current = list(known_signers()), current_period(timezone.localdate(), holidays())
    blocks = []
    for parked in waiting_of(person, ParkedKind.DATA):
        beginning = f"{prefix_of(parked)}-"
        typed = {
            name.removeprefix(beginning): value for name, value in request.POST.items() if name.startswith(beginning)
        }
        blocks.append(
            PaperBlockForm(
                request.POST if importing and typed else None,
                parked=parked,
                scans=scans,
                signers=signers,
                cities=cities,
                current=current,
                initial=typed,
            )
        )
    return Desk(tuple(blocks), scans)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.PROVINCIAL_OPERATOR)
def papers(request: StaffRequest) -> HttpResponse:
    """The desk. What was typed stays, whichever button was pressed; what was imported moves to the results."""
    actor = request.staff.actor(Capacity.PROVINCIAL_OPERATOR)
    if request.method != "POST":
        return _show(request, _desk(request, importing=False), [])
    refused = _park(request, actor)
    if "discard" in request.POST:
        _discard(request, actor)
    importing = "import" in request.POST
    desk = _desk(request, importing=importing)
    if importing:
        imported = _import_all(desk, by=actor)
        if imported:
            messages.success(request, f"{len(imported)} 份文件已导入，正在检查。")
            left = [block for block in desk.blocks if block.parked.id not in imported]
            if not left and not refused:
                return redirect("staff-batch-papers-results")
            desk = Desk(tuple(left), tuple(waiting_of(request.staff.person, ParkedKind.SCAN)))
    return _show(request, desk, refused)


def _show(request: StaffRequest, desk: Desk, refused: list[NotParked]) -> HttpResponse:
    context = {
        "desk": desk,
        "lay_down": LayDownForm(),
        "refused": refused,
        "imported": imported_by(request.staff.person).count(),
        "hours": settings.KEEP_UNSENT_HOURS,
    }
    return render_staff(request, "uploads/papers/desk.html", context)


def _park(request: StaffRequest, actor: Actor) -> list[NotParked]:
    files = request.FILES.getlist("files")
    if not files:
        if "park" in request.POST:
            messages.warning(request, "没有选择文件，请先选择再放入。")
        return []
    return park_files(by=actor, files=[Offered(file.name or "", file.chunks()) for file in files])


def _discard(request: StaffRequest, actor: Actor) -> None:
    number = request.POST["discard"]
    try:
        discard_parked(by=actor, parked_id=int(number) if number.isdecimal() and len(number) < 18 else 0)
    except Refusal as refusal:
        messages.warning(request, refusal.sentence())


def _import_all(desk: Desk, *, by: Actor) -> set[int]:
    """Each file for itself, in a transaction of its own; a refused one keeps its form, with the reason. Gives the ids."""
    bound = [block for block in desk.blocks if block.is_bound]
    refuse_doubles(bound)
    imported = [block for block in bound if block.is_valid() and _import(block, by=by)]
    still_needed = {str(block["scan"].value()) for block in desk.blocks if block not in imported}
    used = {str(block.data[block.add_prefix("scan")]) for block in imported} - still_needed
    drop_imported([block.parked for block in imported], [scan for scan in desk.scans if str(scan.id) in used])
    return {block.parked.id for block in imported}


def _import(block: PaperBlockForm, *, by: Actor) -> bool:
    def also(attempt: Attempt) -> None:
        become_attempt(block.parked, attempt)

    try:
        receive_from(block, by=by, paper=signed_sheet(block, by=by), also=also)
    except (Refusal, FileTooLarge) as refusal:
        block.add_error(None, sentence_of(refusal))
        return False
    return True
