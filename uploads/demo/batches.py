"""The batches of the demo's half-months, each brought on from whatever state it is in.

Everything goes through the actions that the pages call. What was done before an interruption isn't done again: each
function looks at the state first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from certificates.models import Office
from certificates.reference import PROVINCE
from certlookup.calendar.periods import Period
from uploads.actor import Actor
from uploads.demo.cast import CITIES, Cast
from uploads.demo.queue import run_queue
from uploads.demo.scan import make_scan
from uploads.intake import staging
from uploads.intake.receive import PaperSigners, declare_no_data, receive_file
from uploads.intake.storage import store
from uploads.models import Attempt, Batch, BatchKind, Capacity, Origin, WayIn
from uploads.models.intake import UNCHECKED, BatchState
from uploads.samples.files import SampleFile
from uploads.signoff.compare import agree_to_all
from uploads.signoff.permissions import lacks_comparison
from uploads.signoff.sign import digest_of_batch, sign_batch, submit_batch

# A second process pays from about here.
ROWS_FOR_TWO_PROCESSES = 2_000


class DemoError(Exception):
    """The demo can't be set up; one sentence for whoever typed `make run`."""


@dataclass(frozen=True, slots=True)
class HalfMonth:
    """A half-month of the demo: its files by office, and which cities sign on paper or have nothing to report."""

    period: Period
    folder: Path
    files: Mapping[str, SampleFile]
    on_paper: Collection[str]
    without_data: Collection[str] = ()

    @property
    def rows(self) -> int:
        """How many data rows its files have."""
        return sum(sample.rows for sample in self.files.values())

    def batch(self, office: str) -> Batch | None:
        """The office's regular batch, if there is one."""
        return Batch.objects.filter(office_id=office, period_id=self.period.code, kind=BatchKind.REGULAR).first()


def receive_files(half_month: HalfMonth, cast: Cast, reported: datetime, *, but: Collection[str] = ()) -> int:
    """Take in the file of every office that hasn't sent one yet; `but` names offices that send none.

    reported is the day on the paper sheets. Returns how many were taken in; their checks are queued.
    """
    taken = 0
    offices = Office.objects.in_bulk()
    for code in (PROVINCE, *CITIES):
        if code in but or half_month.batch(code) is not None:
            continue
        taken += 1
        if code in half_month.without_data:
            declare_no_data(by=cast.reporter(code), office=offices[code], period=half_month.period)
            continue
        sample = half_month.files[code]
        on_paper = code in half_month.on_paper
        receive_file(
            by=cast.importer if on_paper else cast.reporter(code),
            office=offices[code],
            period=half_month.period,
            content=[(half_month.folder / sample.file).read_bytes()],
            name=f"{offices[code].name}{half_month.period.short_label}上报.xlsx",
            origin=Origin.EXAM_SYSTEM,
            paper=_paper(cast, code, reported, sample.rows) if on_paper else None,
        )
    return taken


def _paper(cast: Cast, city: str, reported: datetime, rows: int) -> PaperSigners:
    return PaperSigners(
        operator=cast.operator(city).person,
        director=cast.director(city).person,
        signed_on=reported.date(),
        scan=store([make_scan()]),
        stated_count=rows,
        states_comparison=True,
    )


def check_files(rows: int) -> None:
    """Have the worker's queue check what was taken in, in two processes where that many rows pay for it."""
    run_queue(beside=1 if rows >= ROWS_FOR_TWO_PROCESSES else 0)
    # What a killed worker left; its job waits for its next try, and then finds nothing to do.
    unchecked = Attempt.objects.filter(state__in=UNCHECKED)
    for attempt_id in list(unchecked.values_list("id", flat=True)):
        staging.check_attempt(attempt_id)


def submit(batch: Batch, cast: Cast, at: datetime) -> None:
    """Bring a checked batch in, at that time: signed by both of the city, or handed in by the provincial operator."""
    if batch.state == BatchState.CHECKED and batch.way_in == WayIn.ACCOUNT:
        sign_as_operator(batch, cast, at - timedelta(minutes=30))
    if batch.state == BatchState.SIGNED:
        director = cast.director(batch.office_id)
        sign_batch(by=director, batch=batch, digest=digest_of_batch(batch), effective_at=at)
    elif batch.state == BatchState.CHECKED:
        if batch.way_in == WayIn.PROVINCE:
            compare(batch, cast.importer, at - timedelta(minutes=20))
        submit_batch(by=cast.importer, batch=batch, digest=digest_of_batch(batch), effective_at=at)
    elif batch.state == BatchState.DRAFT:
        raise DemoError(
            f"The file of office {batch.office_id} for {batch.period_id} was refused, so the demo can't go on; "
            "its problems stand in the database."
        )
    batch.refresh_from_db()


def sign_as_operator(batch: Batch, cast: Cast, at: datetime) -> None:
    """The city operator's signature on a checked batch; refreshes it."""
    operator = cast.operator(batch.office_id)
    assert operator.capacity == Capacity.CITY_OPERATOR
    compare(batch, operator, at - timedelta(minutes=20))
    sign_batch(by=operator, batch=batch, digest=digest_of_batch(batch), effective_at=at)
    batch.refresh_from_db()


def compare(batch: Batch, by: Actor, at: datetime | None = None) -> None:
    """The sample of a checked file agrees with the archive, unless that was recorded before an interruption."""
    if lacks_comparison(batch):
        agree_to_all(by=by, batch=batch, digest=digest_of_batch(batch), effective_at=at)
