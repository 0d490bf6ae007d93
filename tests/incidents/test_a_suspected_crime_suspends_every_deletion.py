"""While an incident marked 涉嫌违法 is open nothing is deleted that could be evidence; afterwards it is made up for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.databases import acting_as
from tests.incidents.make import Watch, make_incident
from tests.make import PNG, Cast, make_attempt, make_period, make_rows, make_workbook
from uploads import jobs
from uploads.intake.parked import Offered, discard_parked, drop_imported, park_files
from uploads.intake.prechecks import request_precheck
from uploads.intake.reports import ask_for_report, delete_overdue_reports, delete_report
from uploads.intake.trials import end_trial, receive_sample
from uploads.intake.unsent import forget_expired
from uploads.models import BatchKind, ParkedFile, Precheck, ProfileTrial, ReportFile
from uploads.oversight.incidents import acknowledge_incident, close_incident
from uploads.oversight.retention import deletions_are_suspended
from uploads.people.sessions import forget_expired_sessions
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=30)


class Kept:
    """One of everything that goes when its time is over, all of it overdue."""

    def __init__(self) -> None:
        cast = Cast()
        self.by = cast.provincial_operator
        office = make_attempt(by=cast.operator, office="3702", rows=make_rows(2)).batch.office
        request_precheck(
            by=cast.operator, office=office, period=make_period(), kind=BatchKind.REGULAR, campaign=None, profile=None,
            content=[make_workbook(make_rows(1, first=10))], name="预检.xlsx",
        )  # fmt: skip
        park_files(
            by=self.by, files=[Offered("审签表.png", [PNG]), Offered("上报.xlsx", [make_workbook(make_rows(1))])]
        )
        self.trial = receive_sample(by=self.by, content=[make_workbook(make_rows(1))], name="样表.xlsx", base=None)
        report = ask_for_report(make_attempt(by=cast.operator, office="3702", rows=make_rows(1, first=20)))
        self.attempt_id = report.attempt_id
        long_ago = timezone.now() - LONG_AGO
        with acting_as("owner"):
            for model in (Precheck, ParkedFile, ProfileTrial):
                model.objects.update(expires_at=long_ago)  # type: ignore[attr-defined]
        ReportFile.objects.update(made_at=long_ago)
        Session.objects.create(session_key="over", session_data="", expire_date=long_ago)

    def rows(self) -> list[int]:
        counted = (Precheck, ParkedFile, ProfileTrial, ReportFile, Session)
        return [model.objects.count() for model in counted]  # type: ignore[attr-defined]

    def files(self) -> int:
        report = ReportFile.objects.filter(attempt_id=self.attempt_id).values_list("stored_name", flat=True)
        return len(list(settings.UNSENT_DIR.iterdir())) + sum((settings.UPLOADS_DIR / name).exists() for name in report)


def all_deletions(kept: Kept) -> dict[str, Callable[[], None]]:
    return {
        "what is over": forget_expired,
        "reports": lambda: delete_report(kept.attempt_id),
        "overdue reports": delete_overdue_reports,
        "samples": lambda: end_trial(trial=kept.trial),
        "imported files": lambda: drop_imported(
            ParkedFile.objects.filter(kind="data"), ParkedFile.objects.filter(kind="scan")
        ),
        "sessions": forget_expired_sessions,
    }


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    settings.UNSENT_DIR.mkdir(parents=True, exist_ok=True)
    for path in settings.UNSENT_DIR.iterdir():
        path.unlink()


def test_nothing_goes_while_it_is_open_and_everything_afterwards() -> None:
    kept = Kept()
    watch = Watch()
    incident = make_incident(watch, suspected_crime=True)
    before = kept.rows(), kept.files()
    assert min(before[0]) > 0
    for delete in all_deletions(kept).values():
        delete()
    assert (kept.rows(), kept.files()) == before
    acknowledge_incident(by=watch.head, incident=incident)
    close_incident(by=watch.security, incident=incident, report="查明")
    assert jobs.is_queued(jobs.RESUME_DELETIONS, incident_id=incident.pk)
    for delete in all_deletions(kept).values():
        delete()
    assert kept.rows()[:4] == [0, 0, 0, 0]
    assert not Session.objects.filter(session_key="over").exists()
    assert kept.files() == 0


def test_a_file_laid_down_is_not_discarded_either() -> None:
    by = Cast().provincial_operator
    park_files(by=by, files=[Offered("审签表.png", [PNG])])
    make_incident(Watch(), suspected_crime=True)
    with pytest.raises(Refusal, match="deletions_are_suspended"):
        discard_parked(by=by, parked_id=ParkedFile.objects.get().id)
    assert ParkedFile.objects.exists()


def test_an_incident_without_suspicion_suspends_nothing() -> None:
    kept = Kept()
    make_incident(Watch())
    assert not deletions_are_suspended()
    forget_expired()
    assert kept.rows()[:3] == [0, 0, 0]


def test_one_of_two_that_is_closed_suspends_still() -> None:
    watch = Watch()
    first, _ = make_incident(watch, suspected_crime=True), make_incident(watch, suspected_crime=True)
    acknowledge_incident(by=watch.head, incident=first)
    close_incident(by=watch.security, incident=first, report="查明")
    assert deletions_are_suspended()


UNSENT = ("precheck_problem", "precheck", "parked_file", "profile_trial", "report_file")


@pytest.mark.parametrize(
    ("table", "role"),
    # Overrides are deleted by a function of the owner's alone.
    [*((table, role) for table in UNSENT for role in ("staff", "owner")), ("holiday_override", "owner")],
)
def test_the_database_refuses_it_too(table: str, role: str) -> None:
    make_incident(Watch(), suspected_crime=True)
    refused = pytest.raises(DatabaseError, match="deletions_are_suspended")
    with acting_as(role), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(f"DELETE FROM {table}")
