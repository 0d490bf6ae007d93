"""本期工作: a period's offices by step, who is late, and what waits for the person who looks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, current_period, publication_day, window
from uploads.intake.periods import holidays
from uploads.intake.steps import UNREPORTED, Progress, Status, Step, has_refused, progress_of, releases_of, signers_of
from uploads.models import AttemptState, Batch, BatchKind, CapacityGrant, Extension, Person, Release, WayIn
from uploads.models.intake import CHANGES, OPEN_TO_FILES, REPORTED, BatchState
from uploads.models.people import Capacity
from uploads.models.release import ReleaseState
from uploads.release.reviews import open_reviews
from uploads.signoff.permissions import (
    may_compare,
    may_submit,
    ready_to_judge,
    releases_to_judge,
    why_not_sign_batch,
    why_not_sign_release,
)

ALL_OFFICES: None = None
Offices = Collection[str] | None


@dataclass(frozen=True, slots=True)
class PeriodDates:
    """A period with its dates as the calendar has them now; provisional: they may still move."""

    period: Period
    opens_at: datetime
    closes_at: datetime
    publication_day: date
    provisional: bool
    is_current: bool
    days_to_publication: int


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office's batch in the matrix, or the office without one (batch_id None)."""

    office: Office
    batch_id: int | None
    kind: str
    way_in: str
    files: int
    rows: int | None
    problems: int | None
    declares_no_data: bool
    steps: tuple[Step, ...]
    status: Status
    late: bool
    extended_until: datetime | None

    @property
    def kind_label(self) -> str:
        """The kind in Chinese."""
        return str(BatchKind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole matrix of a period."""

    dates: PeriodDates
    lines: tuple[OfficeLine, ...]
    offices: int
    reported: int
    rows_reported: int

    @property
    def missing(self) -> int:
        """How many offices have submitted nothing yet."""
        return self.offices - self.reported

    @property
    def late(self) -> tuple[OfficeLine, ...]:
        """The offices whose last window has closed without a submission."""
        return tuple(line for line in self.lines if line.late)


@dataclass(frozen=True, slots=True)
class CollectablePeriod:
    """A period whose submitted batches wait to be collected; changes: those that change published certificates."""

    period: Period
    changes: bool
    batches: int
    rows: int


class Target(StrEnum):
    """Where a thing to do is done; the page knows the address."""

    BATCH = "batch"
    UPLOAD = "upload"
    ASSEMBLE = "assemble"
    REPLACE = "replace"
    RELEASE = "release"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for the person: what, about what, and where it is done."""

    title: str
    text: str
    target: Target
    subject: int | str
    urgent: bool = False


def batches_of(offices: Offices) -> "QuerySet[Batch]":
    """The batches that are open to whoever may see these offices (None: all), with what a list shows of them."""
    batches = Batch.objects.select_related("office", "period", "attempt", "campaign")
    return batches if offices is None else batches.filter(office_id__in=offices)


def dates_of(period: Period, today: date, calendar: Holidays | None = None) -> PeriodDates:
    """The period's dates, computed anew from calendar and overrides."""
    calendar = calendar or holidays()
    opening, publication = window(period, calendar), publication_day(period, calendar)
    return PeriodDates(
        period=period,
        opens_at=opening.opens,
        closes_at=opening.closes,
        publication_day=publication.date,
        provisional=opening.provisional or publication.provisional,
        is_current=period == current_period(today, calendar),
        days_to_publication=(publication.date - today).days,
    )


def windows_of(
    office_code: str, dates: PeriodDates, extensions: Iterable[Extension]
) -> list[tuple[datetime, datetime]]:
    """The regular window and those of the period's extensions that hold for the office: (opens, closes) each."""
    own = [entry for entry in extensions if entry.office_id in {None, office_code}]
    return [(dates.opens_at, dates.closes_at), *((entry.opens_at, entry.closes_at) for entry in own)]


def overview(period: Period, at: datetime, today: date, offices: Offices = ALL_OFFICES) -> Overview:
    """The period's matrix for these offices (None: all in force on its last day) as of `at`."""
    dates = dates_of(period, today)
    shown = Office.objects.in_force(period.last_day).order_by("code")
    if offices is not None:
        shown = shown.filter(code__in=offices)
    batches = list(batches_of(offices).filter(period_id=period.code).annotate(files=Count("attempts")))
    signers, releases = signers_of(batches), releases_of(batches)
    extensions = list(Extension.objects.filter(period_id=period.code))
    lines: list[OfficeLine] = []
    for office in shown:
        own = [batch for batch in batches if batch.office_id == office.code]
        regular = [batch for batch in own if batch.kind == BatchKind.REGULAR]
        closings = _closings(dates, extensions, office.code)
        # Nobody is late before the regular window has closed, whatever was allowed before it.
        late = next(end for end in closings if end >= dates.closes_at) <= at and not any(
            batch.state in REPORTED for batch in regular
        )
        until = closings[-1] if at < closings[-1] != dates.closes_at else None
        if not regular:
            lines.append(_empty_line(office, late=late, until=until))
        lines += [
            _line(batch, progress_of(batch, signers[batch.id], releases.get(batch.id)), late=late, until=until)
            for batch in sorted(own, key=lambda batch: batch.kind != BatchKind.REGULAR)
        ]
    reported = [batch for batch in batches if batch.state in REPORTED and batch.kind == BatchKind.REGULAR]
    return Overview(
        dates=dates,
        lines=tuple(lines),
        offices=len(shown),
        reported=len({batch.office_id for batch in reported}),
        rows_reported=sum(batch.attempt.accepted_count for batch in reported if batch.attempt is not None),
    )


def _closings(dates: PeriodDates, extensions: Iterable[Extension], office_code: str) -> list[datetime]:
    """When the office's time to report ends, earliest first; an extension that joins a window prolongs it."""
    closings: list[datetime] = []
    for opens_at, closes_at in sorted(windows_of(office_code, dates, extensions)):
        if closings and opens_at <= closings[-1]:
            closings[-1] = max(closings[-1], closes_at)
        else:
            closings.append(closes_at)
    return closings


def _line(batch: Batch, progress: Progress, *, late: bool, until: datetime | None) -> OfficeLine:
    attempt = batch.attempt
    if batch.declares_no_data or (attempt is not None and attempt.state != AttemptState.CHECKED):
        attempt = None
    return OfficeLine(
        office=batch.office,
        batch_id=batch.id,
        kind=batch.kind,
        way_in=str(batch.get_way_in_display()),
        files=batch.files,  # type: ignore[attr-defined]
        rows=attempt.read_count if attempt else None,
        problems=attempt.refused_count if attempt else None,
        declares_no_data=batch.declares_no_data,
        steps=progress.steps,
        status=progress.status,
        late=late and batch.kind == BatchKind.REGULAR,
        extended_until=until if batch.state not in REPORTED and batch.kind == BatchKind.REGULAR else None,
    )


def _empty_line(office: Office, *, late: bool, until: datetime | None) -> OfficeLine:
    return OfficeLine(
        office=office,
        batch_id=None,
        kind=BatchKind.REGULAR,
        way_in="",
        files=0,
        rows=None,
        problems=None,
        declares_no_data=False,
        steps=UNREPORTED,
        status=Status("未上报", ""),
        late=late,
        extended_until=until,
    )


def todos_of(person: Person, grants: Sequence[CapacityGrant], current: Overview) -> list[Todo]:
    """What waits for the person in the capacities held now, the oldest first; current is this period's overview."""
    found: list[Todo] = []
    offices = {grant.office_id for grant in grants if grant.office_id}
    capacities = {grant.capacity for grant in grants}
    if offices:
        found += _of_city(person, offices, capacities, current)
    if Capacity.PROVINCIAL_OPERATOR in capacities:
        found += _of_provincial_operator(person)
    if Capacity.NETWORK_ADMINISTRATOR in capacities:
        found += _to_assemble()
    found += _of_releases(person, capacities)
    if Capacity.DEPUTY_DIRECTOR in capacities:
        found += _of_reviews()
    return found


def _of_city(person: Person, offices: set[str], capacities: set[str], current: Overview) -> list[Todo]:
    with_the_city = (*OPEN_TO_FILES, BatchState.SIGNED)
    found = []
    for batch in ready_to_judge(batches_of(offices).filter(state__in=with_the_city, way_in=WayIn.ACCOUNT)):
        if Capacity.CITY_OPERATOR in capacities and (mend := _to_mend(batch)):
            found.append(mend)
        elif may_compare(person, batch):
            found.append(_batch_todo(batch, "待您抽样核对", _content_of(batch)))
        elif not why_not_sign_batch(person, batch):
            found.append(_batch_todo(batch, "待您签字", _content_of(batch)))
    own = Office.objects.filter(code__in=offices, kind=OfficeKind.CITY)
    if Capacity.CITY_OPERATOR in capacities:
        begun = {line.office.code for line in current.lines if line.batch_id and line.kind == BatchKind.REGULAR}
        label = current.dates.period.short_label
        found += [
            Todo("本期尚未上传", f"{office.name} {label}", Target.UPLOAD, office.code)
            for office in own
            if office.code not in begun
        ]
    return found


def _of_provincial_operator(person: Person) -> list[Todo]:
    found = []
    others = batches_of(ALL_OFFICES).filter(state__in=OPEN_TO_FILES).exclude(way_in=WayIn.ACCOUNT)
    for batch in ready_to_judge(others):
        if mend := _to_mend(batch):
            found.append(mend)
        elif may_compare(person, batch):
            found.append(_batch_todo(batch, "待您抽样核对", _content_of(batch)))
        elif may_submit(person, batch):
            found.append(_batch_todo(batch, "待您提交", _content_of(batch)))
    return found


def _to_mend(batch: Batch) -> Todo | None:
    """A file with problems, or one that was sent back."""
    if batch.state == BatchState.RETURNED:
        return _batch_todo(batch, "被退回", batch.return_reason)
    if batch.state == BatchState.DRAFT and has_refused(batch.attempt):
        return _batch_todo(batch, "文件有问题", "请改正后重新上传")
    return None


def _content_of(batch: Batch) -> str:
    if batch.declares_no_data:
        return "本期无数据"
    return f"{batch.attempt.accepted_count:,} 条" if batch.attempt else ""


def _batch_todo(batch: Batch, title: str, text: str) -> Todo:
    period = Period.parse(batch.period_id)
    kind = "" if batch.kind == BatchKind.REGULAR else f"{batch.get_kind_display()} "
    return Todo(title, f"{batch.office.name} {period.short_label}：{kind}{text}", Target.BATCH, batch.id)


def collectable_periods() -> list[CollectablePeriod]:
    """The periods whose submitted batches wait to be put into a release, the oldest first, the changes by themselves."""
    waiting = (
        Batch.objects.filter(state=BatchState.SUBMITTED)
        .values("period_id", changes=Q(kind__in=CHANGES))
        .annotate(batches=Count("id"), rows=Sum("attempt__accepted_count"))
        .order_by("period_id", "changes")
    )
    return [
        CollectablePeriod(Period.parse(row["period_id"]), row["changes"], row["batches"], row["rows"] or 0)
        for row in waiting
    ]


def _to_assemble() -> list[Todo]:
    return [
        Todo(
            "待汇总",
            f"{waiting.period.short_label}：汇总 {waiting.batches} 个{'更改' if waiting.changes else ''}批次，提交审签",
            Target.REPLACE if waiting.changes else Target.ASSEMBLE,
            waiting.period.code,
        )
        for waiting in collectable_periods()
    ]


def _of_releases(person: Person, capacities: set[str]) -> list[Todo]:
    found = []
    open_releases = Release.objects.exclude(state__in=[ReleaseState.BACKED_UP, ReleaseState.RETURNED])
    for release in releases_to_judge(open_releases):
        name = f"{Period.parse(release.period_id).short_label} {release.get_kind_display()}汇总 {release.number}"
        if release.state == ReleaseState.PUBLISHED:
            if Capacity.NETWORK_ADMINISTRATOR in capacities:
                found.append(Todo("待备份", name, Target.RELEASE, release.id))
        elif release.state == ReleaseState.APPROVED:
            if not why_not_sign_release(person, release):
                found.append(Todo("待您上传上网", name, Target.RELEASE, release.id))
        elif not why_not_sign_release(person, release):
            found.append(Todo("待您签字", name, Target.RELEASE, release.id))
    return found


def _of_reviews() -> list[Todo]:
    """The certificates that are hidden and not decided about; overdue ones are urgent."""
    today = timezone.localdate()
    return [
        Todo(
            "核查待决定",
            f"证书 {review.order.certificate_number}，"
            + (f"逾期 {review.days_late} 天" if review.is_overdue else f"还有 {review.days_left} 天"),
            Target.REVIEW,
            review.order.id,
            urgent=review.is_overdue,
        )
        for review in open_reviews(today)
        if review.waits
    ]
