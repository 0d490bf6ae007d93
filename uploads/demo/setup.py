"""Setting the demo up, from an empty database to one that a visitor can work in; may be interrupted and run again."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from certificates.idnumber import IdType, parse
from certificates.models import Certificate
from certlookup.calendar.periods import OPENS_AT, SHANGHAI, current_period, window
from uploads.demo import backfill, changes, history, media, newest, visitors
from uploads.demo.accounts import accounts_in, open_accounts, write_privately
from uploads.demo.batches import DemoError, HalfMonth
from uploads.demo.cast import Cast
from uploads.demo.offices import describe_offices
from uploads.intake.periods import holidays
from uploads.models import AuditEntry, Installation
from uploads.oversight.audit import record
from uploads.samples.bodies import OFFICES
from uploads.samples.files import EARLIER_PERIODS, SampleFile, read_manifest, sample_periods, write_samples

BEGUN, COMPLETED = "demo.begun", "demo.completed"
SEED = 1
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for when the demo was begun; going on after an interruption keeps to it."""

    certificates: int
    today: date


def set_up_demo(*, certificates: int, say: Say) -> None:
    """Bring the demo to its end from wherever it stands. Writes var/keys/demo_accounts.json and demo_sample.json.

    certificates is how many are published at least. Raises DemoError in a database that isn't marked demo.
    """
    if not Installation.objects.filter(demo=True).exists():
        raise DemoError("This database wasn't created as a demo (DEMO=1), so no demo is set up in it.")
    begun = time.monotonic()
    accounts_file, sample_file = settings.KEYS_DIR / "demo_accounts.json", settings.KEYS_DIR / "demo_sample.json"
    if not AuditEntry.objects.filter(action=COMPLETED).exists():
        _build(_begin(certificates), accounts_file, sample_file, say)
        record(
            by=None, action=COMPLETED, subject_kind="installation", detail={"certificates": Certificate.objects.count()}
        )
        say(f"The demo is ready after {time.monotonic() - begun:.1f} s.")
    elif not accounts_file.exists():
        opened = open_accounts(accounts_in(accounts_file))
        say(f"{accounts_file.name} was missing: {opened} demo accounts have new passwords.")


def _begin(certificates: int) -> Wanted:
    entry = AuditEntry.objects.filter(action=BEGUN).first()
    if entry is not None:
        return Wanted(int(entry.detail["certificates"]), date.fromisoformat(entry.detail["today"]))
    wanted = Wanted(certificates, timezone.localdate())
    detail = {"certificates": certificates, "today": wanted.today.isoformat()}
    record(by=None, action=BEGUN, subject_kind="installation", detail=detail)
    return wanted


@contextmanager
def _phase(say: Say, what: str) -> Iterator[None]:
    """Say what is done and how long it took."""
    begun = time.monotonic()
    yield
    say(f"{time.monotonic() - begun:6.1f} s  {what}")


def _build(wanted: Wanted, accounts_file: Path, sample_file: Path, say: Say) -> None:
    periods = sample_periods(wanted.today, holidays())
    with _phase(say, "people, offices, assessment bodies and backup media"):
        open_accounts(accounts_in(accounts_file))
        describe_offices(periods[0].first_day)
        cast = Cast()
        media.register_media(cast)
    reported = _reported(wanted.today)
    with _phase(say, "spreadsheets such as the cities send, written"):
        folder, samples = _samples(wanted, reported)
    half_months = [
        HalfMonth(
            period,
            folder,
            {sample.office: sample for sample in samples if sample.period == period.code},
            history.ON_PAPER[place] if place < EARLIER_PERIODS else newest.ON_PAPER,
            newest.WITHOUT_DATA if place == EARLIER_PERIODS else (),
        )
        for place, period in enumerate(periods)
    ]
    earlier, present = half_months[:-1], half_months[-1]
    with _phase(say, f"{len(earlier)} half-months received and checked"):
        history.report(earlier, cast)
    with _phase(say, "signed by their cities and submitted"):
        history.submit_all(earlier, cast)
    for half_month in earlier:
        with _phase(say, f"{half_month.period.code} released, published, backed up"):
            history.publish_half_month(half_month, cast, has_late=half_month is earlier[-1])
    with _phase(say, "late cities left in supplementary releases, the newest half-month at its stages"):
        history.leave_late_ones(earlier[-1], cast)
        newest.leave_at_stages(present, cast, reported)
    with _phase(say, "a campaign for certificates of earlier years"):
        backfill.leave_a_campaign(present, cast)
    with _phase(say, "a third backup medium with the keeper"):
        media.leave_one_with_the_keeper(cast)
    with _phase(say, "a correction and a revocation published, another correction waiting"):
        changes.leave_changes(present, cast)
    with _phase(say, "enquiries and a report left by visitors"):
        visitors.leave_enquiries(cast)
    _write_sample(samples, sample_file)
    late = present.files[newest.LATE]
    say(f"A file that its city ({late.office}) has yet to send: {folder / late.file}")


def _reported(today: date) -> datetime:
    """When the newest half-month's offices have begun to submit: in its window if that is over, else a working day ago."""
    calendar = holidays()
    opening = window(current_period(today, calendar), calendar)
    if opening.closes.date() < today:
        return opening.opens
    day = today - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return datetime.combine(day, OPENS_AT, SHANGHAI)


def _samples(wanted: Wanted, reported: datetime) -> tuple[Path, list[SampleFile]]:
    """The spreadsheets, written if they aren't there yet: the same wish always gives the same ones.

    Where it can be, nothing in them is younger than the day on which the newest ones were sent.
    """
    folder = settings.VAR / "demo" / f"{wanted.today.isoformat()}-{wanted.certificates}"
    calendar = holidays()
    sent = reported.date()
    same_period = current_period(sent, calendar) == current_period(wanted.today, calendar)
    # The late cities' rows aren't published, so that much more is written.
    weights = {office.code: office.weight for office in OFFICES}
    late = sum(weights[city] for city in history.LATE) / sum(weights.values()) / EARLIER_PERIODS
    rows = int(wanted.certificates / (1 - late)) + 1
    present = read_manifest(folder)
    if not present:
        today = sent if same_period else wanted.today
        present = write_samples(
            folder, seed=SEED, rows=rows, today=today, holidays=calendar, processes=os.cpu_count() or 1
        )
    return folder, present


def _write_sample(samples: list[SampleFile], path: Path) -> None:
    """A pair that the public lookup finds: of a resident ID and a certificate number, ungrouped."""
    for sample in samples:
        id_number, certificate_number = sample.sample_pair
        canonical = parse(id_number, IdType.RESIDENT_ID).canonical
        if Certificate.objects.filter(certificate_number=certificate_number).exists():
            write_privately(path, {"id_number": canonical, "certificate_number": certificate_number})
            return
    raise DemoError("No certificate of the sample files was published, so the demo has nothing to look up.")
