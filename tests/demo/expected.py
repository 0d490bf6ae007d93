"""What a finished demo looks like, whatever happened on the way."""

from collections import Counter
from pathlib import Path

from certificates.models import Certificate, Coverage, Enquiry, ForgeryReport, Publication
from tests.demo.site import CERTIFICATES, accounts
from uploads.demo import newest, visitors
from uploads.demo.cast import CITIES
from uploads.intake.periods import holidays
from uploads.models import (
    Act,
    Attempt,
    AuditEntry,
    BackupCopy,
    Batch,
    Campaign,
    Person,
    PersonState,
    Release,
    StagedRow,
)
from uploads.models.backup import CopyState
from uploads.samples.files import OFFICE_WITH_ERRORS, sample_periods


def begun_periods() -> list[str]:
    """The demo's half-months by the day on which it was begun, oldest first."""
    day = AuditEntry.objects.get(action="demo.begun").recorded_at.astimezone().date()
    return [period.code for period in sample_periods(day, holidays())]


def assert_complete(folder: Path) -> None:
    *earlier, present = begun_periods()
    assert AuditEntry.objects.filter(action="demo.completed").count() == 1
    assert Person.objects.filter(state=PersonState.ACTIVE).count() == len(accounts(folder)) == 2 * len(CITIES) + 9
    assert list(Publication.objects.values_list("period_code", "kind")) == [
        *((period, "regular") for period in earlier),
        (present, "replacement"),
    ]
    assert (
        Certificate.objects.count() == sum(Publication.objects.values_list("issued_count", flat=True)) >= CERTIFICATES
    )
    replaced = Publication.objects.get(kind="replacement")
    assert (replaced.corrected_count, replaced.revoked_count) == (1, 1)
    assert Batch.objects.get(kind="correction", office_id="3702").state == "checked"
    assert Batch.objects.filter(period_id__in=earlier).count() == 4 * (len(CITIES) + 1)
    # One attempt per batch: nothing was received twice.
    assert Attempt.objects.count() == Batch.objects.filter(declares_no_data=False).count()
    _assert_everything_published_was_signed()
    regular = Release.objects.filter(period_id__in=earlier, kind="regular")
    assert {release.state for release in regular} == {"backed_up"}
    assert BackupCopy.objects.filter(release__in=regular, state=CopyState.VERIFIED).count() == 3 * 4
    waiting = Release.objects.filter(period_id=earlier[-1], kind="supplementary").order_by("id")
    assert [release.state for release in waiting] == ["assembled", "op_signed", "head_signed", "approved"]
    _assert_stages(present)


def _assert_everything_published_was_signed() -> None:
    for batch in Batch.objects.filter(state="published"):
        acts = Act.objects.filter(batch=batch, round=batch.round)
        assert acts.values("person").distinct().count() == acts.count()
        assert acts.filter(signature__isnull=False).count() == (4 if batch.way_in == "province" else 6)
    rows = StagedRow.objects.filter(attempt__batch__state="published", kind="issued").count()
    assert rows == Certificate.objects.count()


def _assert_stages(present: str) -> None:
    regular = Batch.objects.filter(period_id=present, kind="regular")
    states = dict(regular.values_list("office_id", "state"))
    assert newest.LATE not in states
    assert states.pop(newest.RETURNED) == "returned"
    assert states.pop(newest.WITHOUT_DIRECTOR) == "signed"
    assert states.pop(OFFICE_WITH_ERRORS) == "draft"
    assert Counter(states.values()) == {"submitted": len(CITIES) + 1 - 4}
    assert regular.get(office_id=newest.WITHOUT_DATA[0]).declares_no_data
    assert regular.get(office_id=newest.ON_PAPER[0]).way_in == "paper"
    returned = regular.get(office_id=newest.RETURNED)
    assert returned.return_reason == newest.RETURN_REASON
    refused = Attempt.objects.get(batch__in=regular, batch__office_id=OFFICE_WITH_ERRORS)
    assert refused.refused_count >= 17
    assert refused.read_count == refused.accepted_count + refused.refused_count
    campaign = Campaign.objects.get()
    assert campaign.refusal_on(campaign.opened_at.date()) == ""
    backfill = dict(Batch.objects.filter(campaign=campaign).values_list("office_id", "state"))
    assert backfill == {"3704": "submitted", "3717": "checked"}
    states = Counter(Enquiry.objects.values_list("state", flat=True))
    assert states == {"answered": 1, "waiting": visitors.ENQUIRIES - 1}
    assert ForgeryReport.objects.count() == 1
    assert set(Coverage.objects.values_list("state", flat=True)) == {"complete", "collecting", "not_begun"}
