"""补录任务: opening, extending and closing campaigns, and how far each office has come with one (R3).

The database's functions check, write and record; a refusal is recorded here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from certificates.models import Coverage, Office
from certificates.models.offices import CoverageState
from uploads.actor import Actor
from uploads.models import Batch, Campaign, CampaignOffice
from uploads.models.intake import BatchState
from uploads.oversight.audit import one_act

WITH_PROVINCE = (BatchState.SUBMITTED, BatchState.IN_RELEASE)
WITH_OFFICE = (BatchState.DRAFT, BatchState.CHECKED, BatchState.SIGNED, BatchState.RETURNED)


@dataclass(frozen=True, slots=True)
class OfficeProgress:
    """One office in a campaign: its batches, its rows by how far they are, and what the public is told of its coverage."""

    office: Office
    batches: tuple[Batch, ...]
    with_office: int
    on_the_way: int
    published: int
    coverage: str

    @property
    def in_hand(self) -> int:
        """Rows that aren't public yet, wherever they are."""
        return self.with_office + self.on_the_way


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """A campaign with its offices; days_left counts the deadline's own day as 0."""

    campaign: Campaign
    offices: tuple[OfficeProgress, ...]
    is_open: bool
    days_left: int

    @property
    def begun(self) -> int:
        """How many offices have sent something."""
        return sum(bool(line.batches) for line in self.offices)

    @property
    def with_offices(self) -> int:
        return sum(line.with_office for line in self.offices)

    @property
    def with_province(self) -> int:
        return sum(line.on_the_way for line in self.offices)

    @property
    def on_the_way(self) -> int:
        return self.with_offices + self.with_province

    @property
    def published(self) -> int:
        return sum(line.published for line in self.offices)


def open_campaign(
    *, by: Actor, name: str, first_year: int, last_year: int, deadline: date, offices: Sequence[str]
) -> Campaign:
    """Ask these offices for the certificates of these years. Writes campaign, campaign_office and audit.

    Raises Refusal where the actor is no department head, the name is taken, or years or deadline can't be.
    """
    with one_act(by=by, action="campaign.open", subject_kind="campaign"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT open_campaign(%s, %s, %s, %s, %s, %s, %s)",
            [name.strip(), first_year, last_year, deadline, list(offices), by.person.id, by.address],
        )
        opened = int(cursor.fetchone()[0])
    return Campaign.objects.get(id=opened)


def extend_campaign(*, by: Actor, campaign: Campaign, deadline: date, reason: str) -> None:
    """A later deadline. Writes campaign, campaign_change and audit. Raises Refusal."""
    _change(by, campaign, deadline, reason)


def close_campaign(*, by: Actor, campaign: Campaign, reason: str) -> None:
    """No more files or submissions; what was submitted goes on its way. Writes campaign, campaign_change and audit."""
    _change(by, campaign, None, reason)


def _change(by: Actor, campaign: Campaign, deadline: date | None, reason: str) -> None:
    with (
        one_act(by=by, action="campaign.change", subject_kind="campaign", subject_id=str(campaign.id)),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT change_campaign(%s, %s, %s, %s, %s)",
            [campaign.id, deadline, reason, by.person.id, by.address],
        )


def campaigns_open_to(offices: Sequence[str], at: datetime) -> "QuerySet[Campaign]":
    """The campaigns into which one of these offices can send a file now, the most urgent first."""
    asking = Campaign.objects.open_on(timezone.localdate(at)).filter(asked__office_id__in=offices)
    return asking.distinct().order_by("deadline", "id")


def only_campaign_open_to(office: Office, at: datetime) -> Campaign | None:
    """The one that a backfill file of the office must mean; None where there is none, or more than one."""
    open_now = list(campaigns_open_to([office.code], at)[:2])
    return open_now[0] if len(open_now) == 1 else None


def progress_of_campaigns(
    campaigns: Iterable[Campaign], at: datetime, offices: Collection[str] | None = None
) -> list[CampaignProgress]:
    """Each campaign with every office that it asks (only these, where given), in the order of the codes."""
    listed, today = list(campaigns), timezone.localdate(at)
    asked = CampaignOffice.objects.filter(campaign__in=listed).select_related("office").order_by("office_id")
    batches = Batch.objects.filter(campaign__in=listed).select_related("attempt").order_by("id")
    if offices is not None:
        asked, batches = asked.filter(office_id__in=offices), batches.filter(office_id__in=offices)
    coverage = Coverage.objects.in_bulk()
    sent: dict[tuple[int | None, str], list[Batch]] = {}
    for batch in batches:
        sent.setdefault((batch.campaign_id, batch.office_id), []).append(batch)
    lines: dict[int, list[OfficeProgress]] = {}
    for entry in asked:
        own = sent.get((entry.campaign_id, entry.office_id), [])
        line = _office_progress(entry.office, own, describe_coverage(coverage.get(entry.office_id)))
        lines.setdefault(entry.campaign_id, []).append(line)
    return [
        CampaignProgress(
            campaign=campaign,
            offices=tuple(lines.get(campaign.id, ())),
            is_open=not campaign.refusal_on(today),
            days_left=(campaign.deadline - today).days,
        )
        for campaign in listed
    ]


def _office_progress(office: Office, batches: Sequence[Batch], coverage: str) -> OfficeProgress:
    def rows(states: Collection[str]) -> int:
        return sum(batch.attempt.read_count for batch in batches if batch.state in states and batch.attempt is not None)

    return OfficeProgress(
        office=office,
        batches=tuple(batches),
        with_office=rows(WITH_OFFICE),
        on_the_way=rows(WITH_PROVINCE),
        published=rows([BatchState.PUBLISHED]),
        coverage=coverage,
    )


def describe_coverage(coverage: Coverage | None) -> str:
    """An office's coverage in a word."""
    if coverage is None:
        return "未登记"
    state = CoverageState(coverage.state)
    if coverage.complete_from is None:
        return str(state.label)
    since = f"{coverage.complete_from:%Y-%m-%d} 起已齐全"
    return since if state is CoverageState.COMPLETE else f"{since}，更早的{state.label}"


def set_coverage(*, by: Actor, office: Office, state: CoverageState, complete_from: date | None) -> None:
    """What the public is told of the office's older certificates. Writes coverage and audit. Raises Refusal."""
    with (
        one_act(by=by, action="coverage.set", subject_kind="office", subject_id=office.code),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT set_coverage(%s, %s, %s, %s, %s)",
            [office.code, str(state), complete_from, by.person.id, by.address],
        )
