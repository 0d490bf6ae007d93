"""补录 in the demo: one open campaign, one city's file submitted and another's waiting for its operator."""

from datetime import timedelta

from django.utils import timezone

from certificates.models import Office
from certificates.reference import PROVINCE
from uploads.demo.batches import HalfMonth, check_files, compare
from uploads.demo.cast import Cast
from uploads.demo.offices import COLLECTING
from uploads.intake.campaigns import open_campaign
from uploads.intake.receive import receive_file
from uploads.models import Batch, BatchKind, Campaign, Capacity, Origin
from uploads.models.intake import BatchState
from uploads.samples.files import write_old_sample
from uploads.signoff.sign import digest_of_batch, sign_batch

NAME = "2004 至 2008 年证书补录"
YEARS = (2004, 2008)
DAYS = 60
SUBMITTED, WAITING = COLLECTING
# City: rows, and the seed that makes them differ.
FILES = {SUBMITTED: (24, 2004), WAITING: (18, 2005)}
REASON = "纸质档案录入，考务系统中没有这些年份的数据"


def leave_a_campaign(half_month: HalfMonth, cast: Cast) -> None:
    """Open the campaign, take in both files, have one signed by its city."""
    campaign = Campaign.objects.filter(name=NAME).first() or open_campaign(
        by=cast.of_province(Capacity.DEPARTMENT_HEAD),
        name=NAME,
        first_year=YEARS[0],
        last_year=YEARS[1],
        deadline=timezone.localdate() + timedelta(days=DAYS),
        offices=[PROVINCE, *COLLECTING],
    )
    for city in FILES:
        if not Batch.objects.filter(campaign=campaign, office_id=city).exists():
            _send(half_month, cast, campaign, city)
    check_files(0)
    batch = Batch.objects.get(campaign=campaign, office_id=SUBMITTED)
    signers = {BatchState.CHECKED: cast.operator, BatchState.SIGNED: cast.director}
    compare(batch, cast.operator(SUBMITTED))
    while signer := signers.get(BatchState(batch.state)):
        sign_batch(by=signer(SUBMITTED), batch=batch, digest=digest_of_batch(batch))
        batch.refresh_from_db()


def _send(half_month: HalfMonth, cast: Cast, campaign: Campaign, city: str) -> None:
    rows, seed = FILES[city]
    office = Office.objects.get(code=city)
    path = half_month.folder / f"{city}_backfill.xlsx"
    write_old_sample(path, office=city, years=YEARS, rows=rows, seed=seed)
    receive_file(
        by=cast.operator(city),
        office=office,
        period=half_month.period,
        content=[path.read_bytes()],
        name=f"{office.name}{YEARS[0]}至{YEARS[1]}年补录.xlsx",
        origin=Origin.HAND_MADE,
        hand_made_reason=REASON,
        kind=BatchKind.BACKFILL,
        campaign=campaign,
    )
