"""备份: each published release with its copies, what is due, and trying it again (R12)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from certlookup.calendar.periods import Period
from uploads import jobs
from uploads.backup.copies import BackupState, backup_state, proof_age, read_copies, retry_copies
from uploads.models import AuditEntry, Capacity, Release
from uploads.models.release import IS_PUBLIC, ReleaseState
from uploads.pages.frame import StaffRequest, capacity_required, refresh_seconds, render_staff, staff_required
from uploads.pages.media import SEES
from uploads.refusals import Refusal

RELEASES_SHOWN = 24


@dataclass(frozen=True, slots=True)
class BackupLine:
    """One published release and its copies; is_running while the worker has it before it."""

    release: Release
    period: Period
    state: BackupState
    is_running: bool

    @property
    def done(self) -> int:
        return sum(copy.verified for copy in self.state.copies)

    @property
    def is_due(self) -> bool:
        return self.release.state == ReleaseState.PUBLISHED


@require_safe
@staff_required
def backups(request: StaffRequest) -> HttpResponse:
    """The newest publications first; what is due stands out, with what went wrong."""
    published = Release.objects.filter(state__in=IS_PUBLIC).select_related("publication").order_by("-publication_id")
    newest = list(read_copies(published)[:RELEASES_SHOWN])
    due = [release.id for release in newest if release.state == ReleaseState.PUBLISHED]
    running = jobs.queued_among(jobs.FINISH_PUBLICATION, "release_id", due)
    lines = [
        BackupLine(
            release,
            Period.parse(release.period_id),
            backup_state(release),
            release.id in running,
        )
        for release in newest
    ]
    context = {
        "lines": lines,
        "proof": proof_age(timezone.now()),
        "opened": AuditEntry.objects.filter(action="backup.verified").order_by("-number").first(),
        "sees_media": request.staff.holds(*SEES),
        "due": sum(line.is_due for line in lines),
        "may_retry": request.staff.holds(Capacity.NETWORK_ADMINISTRATOR),
        "refresh": max(
            (refresh_seconds(moving=line.is_running, since=line.release.state_since) for line in lines), default=0
        ),
    }
    return render_staff(request, "uploads/backups/backups.html", context)


@require_POST
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def retry(request: StaffRequest, release_id: int) -> HttpResponse:
    """Have the due copies of a release written now."""
    try:
        retry_copies(by=request.staff.actor(Capacity.NETWORK_ADMINISTRATOR), release_id=release_id)
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
    else:
        messages.success(request, "已重新开始备份。")
    return redirect("staff-backups")
