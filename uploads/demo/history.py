"""The half-months that are over: reported in their windows, released, published on their days, backed up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from certificates.models import Publication
from certificates.reference import PROVINCE
from uploads.demo.batches import HalfMonth, check_files, receive_files, submit
from uploads.demo.cast import CITIES, Cast
from uploads.demo.releases import BETWEEN_STEPS, explain, late_release, publish, regular_release, sign_until
from uploads.intake.periods import fix_period
from uploads.models import Batch, Capacity, Extension, PeriodDays
from uploads.models.intake import BatchState
from uploads.release.assemble import record_extension

# The last half-month that is over has cities that came late, each in a supplementary release of its own, which waits
# for another signature: so that everyone in the province finds something to do. City: signatures given.
LATE = {"3704": 0, "3705": 1, "3710": 2, "3714": 3}
LATE_AFTER = timedelta(hours=2)
LATE_REASON = "机房检修停电，当日未能上报"
ON_PAPER: tuple[tuple[str, ...], ...] = (
    ("3708", "3716"),
    ("3713", "3716", "3717"),
    ("3708", "3716"),
    ("3716", "3717"),
)


def report(half_months: Sequence[HalfMonth], cast: Cast) -> None:
    """Take in and check every file of these half-months."""
    for half_month in half_months:
        receive_files(half_month, cast, localtime(fix_period(half_month.period).opens_at))
    check_files(sum(half_month.rows for half_month in half_months))


def submit_all(half_months: Sequence[HalfMonth], cast: Cast) -> None:
    """Have every batch signed and submitted inside its window, the late ones under an extension."""
    for half_month in half_months:
        days = fix_period(half_month.period)
        late = LATE if half_month is half_months[-1] else {}
        for city in late:
            _extend(days, city, cast)
        for place, office in enumerate((PROVINCE, *CITIES)):
            at = days.closes_at + LATE_AFTER if office in late else days.opens_at + timedelta(minutes=45 + 17 * place)
            _submit_one(half_month, office, cast, at)


def _submit_one(half_month: HalfMonth, office: str, cast: Cast, at: datetime) -> None:
    batch = half_month.batch(office)
    if batch is not None and batch.state in {BatchState.DRAFT, BatchState.CHECKED, BatchState.SIGNED}:
        submit(batch, cast, at)


def _extend(days: PeriodDays, city: str, cast: Cast) -> None:
    if not Extension.objects.filter(period=days, office_id=city).exists():
        record_extension(
            by=cast.of_province(Capacity.DEPARTMENT_HEAD),
            period=days,
            office_code=city,
            opens_at=days.closes_at,
            closes_at=days.closes_at + 2 * LATE_AFTER,
            reason=LATE_REASON,
        )


def publish_half_month(half_month: HalfMonth, cast: Cast, *, has_late: bool) -> int:
    """Release, sign, publish and back up the half-month's regular batches; returns how many certificates that were."""
    days = fix_period(half_month.period)
    submitted = Batch.objects.filter(period=days, state=BatchState.SUBMITTED).order_by("office_id")
    batches = [batch for batch in submitted if not (has_late and batch.office_id in LATE)]
    release = regular_release(days, cast, batches)
    sign_until(release, cast, 3, days.closes_at + 2 * BETWEEN_STEPS)
    publish(release, days, cast)
    return Publication.objects.get(release=release).row_count


def leave_late_ones(half_month: HalfMonth, cast: Cast) -> None:
    """Put each late city's batch into a supplementary release and leave it one signature further than the one before."""
    days = fix_period(half_month.period)
    morning = days.closes_at + timedelta(hours=3)
    for city, signatures in LATE.items():
        batch = half_month.batch(city)
        if batch is None or batch.state not in {BatchState.SUBMITTED, BatchState.IN_RELEASE}:
            continue
        release = late_release(days, cast, batch, morning)
        sign_until(release, cast, signatures, morning + BETWEEN_STEPS)
        explain(release, cast, LATE_REASON)
