"""The half-month that staff are working on: left at different stages, so that a visitor finds something to do."""

from datetime import datetime, timedelta

from certificates.reference import PROVINCE
from uploads.demo.batches import HalfMonth, check_files, receive_files, sign_as_operator, submit
from uploads.demo.cast import CITIES, Cast
from uploads.intake.periods import fix_period
from uploads.models import Capacity, Extension, PeriodDays, PublicationOrder
from uploads.models.intake import BatchState
from uploads.release.assemble import order_publication, record_extension
from uploads.samples.files import OFFICE_WITH_ERRORS
from uploads.signoff.sign import return_batch

LATE = "3711"
RETURNED = "3715"
WITHOUT_DIRECTOR = "3709"
WITHOUT_DATA = ("3705",)
ON_PAPER = ("3716",)

EARLY_REASON = "演示：部分单位提前上报"
LONG_REASON = "演示：便于随时体验上报"
LONG_DAYS = 365
ORDER_REASON = "演示：便于随时体验上网"
RETURN_REASON = "抽查3条记录，其中2条的操作技能考核成绩与档案不一致，请核对后重新上报。"


def leave_at_stages(half_month: HalfMonth, cast: Cast, reported: datetime) -> None:
    """Bring each office to its stage. reported is the opening of the hours in which the others have submitted."""
    days = fix_period(half_month.period)
    _give_leave(days, cast, reported)
    receive_files(half_month, cast, reported, but=[LATE])
    check_files(half_month.rows)
    for place, office in enumerate((PROVINCE, *CITIES)):
        batch = half_month.batch(office)
        at = reported + timedelta(minutes=45 + 17 * place)
        if batch is None or office in {LATE, OFFICE_WITH_ERRORS}:
            continue
        if office == WITHOUT_DIRECTOR:
            if batch.state == BatchState.CHECKED:
                sign_as_operator(batch, cast, at)
        elif batch.state in {BatchState.DRAFT, BatchState.CHECKED, BatchState.SIGNED}:
            submit(batch, cast, at)
        if office == RETURNED and batch.state == BatchState.SUBMITTED:
            return_batch(by=cast.of_province(Capacity.PROVINCIAL_OPERATOR), batch=batch, reason=RETURN_REASON)


def _give_leave(days: PeriodDays, cast: Cast, reported: datetime) -> None:
    """What lets a visitor go the whole way on any day, and the others have submitted before the window."""
    head = cast.of_province(Capacity.DEPARTMENT_HEAD)
    # It doesn't join the window before it: who sent nothing by then is late, and may send all the same.
    reopened = reported.replace(hour=16, minute=1)
    wanted = [(LONG_REASON, reopened, reopened + timedelta(days=LONG_DAYS))]
    if reported != days.opens_at:
        wanted.insert(0, (EARLY_REASON, reported, reported.replace(hour=16)))
    given = set(Extension.objects.filter(period=days).values_list("reason", flat=True))
    for reason, opens_at, closes_at in wanted:
        if reason not in given:
            record_extension(
                by=head, period=days, office_code=None, opens_at=opens_at, closes_at=closes_at, reason=reason
            )
    if not PublicationOrder.objects.filter(period=days).exists():
        order_publication(by=cast.of_province(Capacity.DEPUTY_DIRECTOR), period=days, reason=ORDER_REASON)
