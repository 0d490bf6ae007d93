"""What the page of one batch shows, gathered into plain objects."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from certlookup.calendar.periods import Period
from uploads import jobs
from uploads.intake.comparison import Comparison, comparison_of
from uploads.intake.findings_shown import RuleCount, count_by_rule
from uploads.intake.overview import PeriodDates, dates_of, windows_of
from uploads.intake.periods import holidays
from uploads.intake.steps import Progress, has_refused, problem_of, progress_of, releases_of
from uploads.models import (
    Act,
    Attempt,
    AttemptState,
    Batch,
    BatchKind,
    Capacity,
    Extension,
    Origin,
    PaperSheet,
    Release,
    SampleComparison,
    Signature,
    WarningExplanation,
    WayIn,
)
from uploads.models.intake import OPEN_TO_FILES, UNCHECKED, BatchState
from uploads.pages.frame import Staff, refresh_seconds
from uploads.refusals import SENTENCES
from uploads.signoff.acting import acting_among
from uploads.signoff.permissions import (
    acts_of,
    capacity_to_return_batch,
    capacity_to_withdraw,
    holds,
    lacks_explanation,
    may_compare,
    may_explain,
    may_submit,
    sample_compared,
    signature_due_on_batch,
    why_not_compared,
    why_not_sign_batch,
)
from uploads.signoff.sign import digest_of_batch

# The worker takes a job up within seconds.
WAITS_TOO_LONG = timedelta(minutes=2)
STATED_OTHERWISE = "paper_sheet_states_something_else"


@dataclass(frozen=True, slots=True)
class ShownSignature:
    """One signature on the batch; one of an earlier round counts no more."""

    label: str
    name: str
    staff_number: str
    at: datetime
    on_paper: bool
    counts: bool
    withdrawn: str


@dataclass(frozen=True, slots=True)
class Windows:
    """When the batch may be submitted: now, next, and until when."""

    is_open: bool
    closes_at: datetime | None
    opens_next: datetime | None


@dataclass(frozen=True, slots=True)
class Acts:
    """What the person who looks may do now. refusal says why the step that is due isn't for him."""

    signs_as: Capacity | None
    submits: bool
    returns_as: Capacity | None
    uploads_again: bool
    explains: bool
    compares: bool
    withdraws: bool
    refusal: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Everything about one batch that its page shows."""

    batch: Batch
    period: Period
    dates: PeriodDates
    attempt: Attempt | None
    paper: PaperSheet | None
    release: Release | None
    progress: Progress
    digest: str
    rows: int
    blocked: str
    rules: tuple[RuleCount, ...]
    comparison: Comparison | None
    attempts: tuple[Attempt, ...]
    signatures: tuple[ShownSignature, ...]
    brought_by: Act | None
    explanations: tuple[WarningExplanation, ...]
    sample: SampleComparison | None
    windows: Windows
    acts: Acts
    sees_rows: bool
    is_moving: bool
    was_given_up: bool
    waits_too_long: bool
    refresh: int

    @property
    def is_hand_made(self) -> bool:
        return self.attempt is not None and self.attempt.origin == Origin.HAND_MADE

    @property
    def has_acts(self) -> bool:
        return self.acts.signs_as is not None or self.acts.submits

    @property
    def file_is_refused(self) -> bool:
        """Whether the file as a whole has an error, whatever its rows say."""
        return any(line.is_of_file and line.severity == "error" for line in self.rules)

    @property
    def paper_disagrees(self) -> bool:
        return self.blocked == SENTENCES[STATED_OTHERWISE]


def may_see_rows(staff: Staff, batch: Batch) -> bool:
    """Rows, file and scan are for those who review: the office's own people and the signers of releases."""
    return batch.office_id in staff.office_codes or staff.holds(
        Capacity.PROVINCIAL_OPERATOR,
        Capacity.DEPARTMENT_HEAD,
        Capacity.DEPUTY_DIRECTOR,
        Capacity.NETWORK_ADMINISTRATOR,
    )


def sheet_of(batch: Batch) -> PaperSheet | None:
    """The signed sheet on which the batch as it is now came in: with its file, or of 本期无数据."""
    return _sheets_of([batch]).get(batch.id)


def _sheets_of(batches: Sequence[Batch]) -> dict[int, PaperSheet]:
    of_files = {batch.attempt_id: batch.id for batch in batches if batch.attempt_id and not batch.declares_no_data}
    without_data = [batch.id for batch in batches if batch.declares_no_data]
    sheets = PaperSheet.objects.select_related("operator", "director", "attempt__batch", "batch").order_by("round")
    found = sheets.filter(Q(attempt_id__in=of_files) | Q(batch_id__in=without_data))
    return {of_files[sheet.attempt_id] if sheet.attempt_id else sheet.batch_id: sheet for sheet in found}


def batch_page(batch: Batch, staff: Staff) -> BatchPage:
    """Gather the page for this person. Reads only."""
    [page] = batch_pages([batch], staff)
    attempt = page.attempt
    checked = attempt if attempt is not None and not page.is_moving else None
    return replace(
        page,
        rules=tuple(count_by_rule(checked)) if checked is not None else (),
        comparison=comparison_of(checked) if checked is not None else None,
        attempts=tuple(batch.attempts.select_related("uploaded_by").order_by("-number")),
    )


def batch_pages(batches: Iterable[Batch], staff: Staff) -> list[BatchPage]:
    """For lists: without what was found in the files and which came before. Many cost no more queries than one."""
    batches = list(batches)
    queued = _queued(batches)
    for batch in batches:
        # A finished job is taken away: what is still unchecked without one was given up, what was checked meanwhile not.
        if batch.attempt is not None and batch.attempt.state in UNCHECKED and batch.attempt_id not in queued:
            batch.refresh_from_db()
    beside = _beside(batches)
    return [_page(batch, staff, beside, is_queued=batch.attempt_id in queued) for batch in batches]


def _queued(batches: Sequence[Batch]) -> set[int]:
    """The attempts whose check waits or runs."""
    unchecked = [batch.attempt.id for batch in batches if batch.attempt and batch.attempt.state in UNCHECKED]
    return jobs.queued_among(jobs.CHECK_ATTEMPT, "attempt_id", unchecked) if unchecked else set()


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside several batches, read once for all of them."""

    sheets: Mapping[int, PaperSheet]
    releases: Mapping[int, Release]
    dates: Mapping[str, PeriodDates]
    extensions: Sequence[Extension]
    signatures: Sequence[Signature]
    acting: Container[int]
    explanations: Sequence[WarningExplanation]


def _beside(batches: Sequence[Batch]) -> _Beside:
    calendar, today = holidays(), timezone.localdate()
    periods = {batch.period_id for batch in batches}
    given = Signature.objects.filter(batch__in=[batch.id for batch in batches])
    attempts = [batch.attempt_id for batch in batches if batch.attempt_id]
    return _Beside(
        sheets=_sheets_of(batches),
        releases=releases_of(batches),
        dates={code: dates_of(Period.parse(code), today, calendar) for code in periods},
        extensions=list(Extension.objects.filter(period_id__in=periods)),
        signatures=list(given.select_related("person", "withdrawal").order_by("id")),
        acting=acting_among(given),
        explanations=list(WarningExplanation.objects.filter(attempt_id__in=attempts).select_related("explained_by")),
    )


def _page(batch: Batch, staff: Staff, beside: _Beside, *, is_queued: bool) -> BatchPage:
    attempt, now = batch.attempt, timezone.now()
    paper, release = beside.sheets.get(batch.id), beside.releases.get(batch.id)
    dates = beside.dates[batch.period_id]
    digest = _digest(batch)
    unchecked = attempt is not None and attempt.state in UNCHECKED and batch.state == BatchState.DRAFT
    moving = unchecked and is_queued
    rows = attempt.accepted_count if attempt is not None and not batch.declares_no_data else 0
    blocked = _blocked(batch, paper, rows, digest)
    windows = _windows(batch, dates, beside.extensions, now)
    acts = acts_of(batch)
    return BatchPage(
        batch=batch,
        period=dates.period,
        dates=dates,
        attempt=attempt,
        paper=paper,
        release=release,
        progress=progress_of(batch, {act.capacity: act for act in acts if act.signature_id}, release),
        digest=digest,
        rows=rows,
        blocked=blocked,
        rules=(),
        comparison=None,
        attempts=(),
        signatures=_signatures(batch, acts, beside),
        brought_by=next((act for act in acts if act.capacity in {"importer", "submitter"}), None),
        explanations=tuple(said for said in beside.explanations if said.attempt_id == batch.attempt_id),
        sample=sample_compared(attempt) if attempt is not None else None,
        windows=windows,
        acts=_acts(batch, staff, windows, blocked=bool(blocked)),
        sees_rows=may_see_rows(staff, batch),
        is_moving=moving,
        was_given_up=unchecked and not moving,
        waits_too_long=moving and attempt is not None and _waits_too_long(attempt, now),
        refresh=refresh_seconds(moving=moving, since=attempt.received_at) if attempt is not None else 0,
    )


def _digest(batch: Batch) -> str:
    """What a signature binds to, as stored after the check; sign() recomputes it from the rows, and refuses another."""
    if batch.declares_no_data:
        return digest_of_batch(batch).hex()
    attempt = batch.attempt
    return bytes(attempt.digest).hex() if attempt is not None and attempt.digest is not None else ""


def _waits_too_long(attempt: Attempt, now: datetime) -> bool:
    return attempt.state == AttemptState.RECEIVED and now - attempt.received_at > WAITS_TOO_LONG


def _blocked(batch: Batch, paper: PaperSheet | None, rows: int, digest: str) -> str:
    """Why nobody can sign or submit the batch, whoever he is; '' if nothing is in the way."""
    if batch.state == BatchState.DRAFT and batch.attempt is not None and has_refused(batch.attempt):
        return problem_of(batch.attempt)
    if batch.way_in != WayIn.PAPER or batch.state != BatchState.CHECKED:
        return ""
    if paper is None:
        return SENTENCES["paper_sheet_is_missing"]
    states_other_count = paper.stated_count is not None and paper.stated_count != rows
    states_other_digest = paper.stated_digest is not None and bytes(paper.stated_digest).hex() != digest
    return SENTENCES[STATED_OTHERWISE] if states_other_count or states_other_digest else ""


def _windows(batch: Batch, dates: PeriodDates, extensions: Sequence[Extension], now: datetime) -> Windows:
    """Only a regular batch is bound to the window (R7), a backfill batch to its campaign's deadline."""
    if batch.campaign is not None:
        return Windows(is_open=not batch.campaign.refusal_on(timezone.localdate(now)), closes_at=None, opens_next=None)
    if batch.kind != BatchKind.REGULAR:
        return Windows(is_open=True, closes_at=None, opens_next=None)
    windows = windows_of(batch.office_id, dates, [entry for entry in extensions if entry.period_id == batch.period_id])
    now_open = [closes for opens, closes in windows if opens <= now < closes]
    later = [opens for opens, _ in windows if opens > now]
    return Windows(bool(now_open), max(now_open, default=None), min(later, default=None))


def _acts(batch: Batch, staff: Staff, windows: Windows, *, blocked: bool) -> Acts:
    person = staff.person
    closed = batch.campaign.refusal_on(timezone.localdate()) if batch.campaign else "outside_the_window"
    due = signature_due_on_batch(batch)
    refusal, signs_as = "", None
    if due is not None and due.capacity in staff.capacities and not blocked:
        refusal = why_not_sign_batch(person, batch)
        if not refusal and due.capacity == Capacity.CITY_DIRECTOR and not windows.is_open:
            refusal = closed
        signs_as = None if refusal else due.capacity
    submits = not blocked and may_submit(person, batch)
    if submits and not windows.is_open:
        refusal, submits = closed, False
    if submits and lacks_explanation(batch):
        refusal, submits = "warnings_without_explanation", False
    if submits and (uncompared := why_not_compared(batch)):
        refusal, submits = uncompared, False
    returns_as = capacity_to_return_batch(person, batch)
    return Acts(
        signs_as=signs_as,
        submits=submits,
        returns_as=Capacity(returns_as) if returns_as else None,
        explains=may_explain(person, batch),
        compares=may_compare(person, batch),
        withdraws=bool(capacity_to_withdraw(person, batch)),
        uploads_again=batch.state in OPEN_TO_FILES
        and _may_bring(batch, staff)
        and (batch.campaign is None or windows.is_open),
        refusal="" if refusal == "person_not_entitled" else SENTENCES.get(refusal, ""),
    )


def _may_bring(batch: Batch, staff: Staff) -> bool:
    capacity = Capacity.CITY_OPERATOR if batch.way_in == WayIn.ACCOUNT else Capacity.PROVINCIAL_OPERATOR
    return holds(staff.person, capacity, batch.office_id)


def _signatures(batch: Batch, acts: Sequence[Act], beside: _Beside) -> tuple[ShownSignature, ...]:
    """All signatures ever given on the batch, oldest first."""
    counting = {act.signature_id for act in acts}
    return tuple(
        ShownSignature(
            label=f"{signature.get_capacity_display()}{'（代理）' if signature.id in beside.acting else ''}",
            name=signature.person.name,
            staff_number=signature.person.staff_number,
            at=signature.effective_at,
            on_paper=signature.on_paper,
            counts=signature.id in counting,
            withdrawn=signature.withdrawal.reason if hasattr(signature, "withdrawal") else "",
        )
        for signature in beside.signatures
        if signature.batch_id == batch.id
    )
