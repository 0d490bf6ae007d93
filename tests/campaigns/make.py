"""Campaigns and the rows of earlier years."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connections
from django.utils import timezone

from certificates.models import Office
from tests.make import Cast, make_comparison, make_period, make_row, make_tampering, make_workbook
from uploads.actor import Actor
from uploads.intake import staging
from uploads.intake.campaigns import open_campaign
from uploads.intake.receive import receive_file
from uploads.models import Attempt, Batch, BatchKind, Campaign, Origin
from uploads.signoff.sign import digest_of_batch, sign_batch

FIRST, LAST = 2004, 2008


def make_campaign(
    by: Actor, *, name: str = "2004至2008年证书补录", offices: Sequence[str] = ("3700", "3701", "3702"), days: int = 30
) -> Campaign:
    """A campaign for the years 2004 to 2008, open for that many days."""
    deadline = timezone.localdate() + timedelta(days=days)
    return open_campaign(by=by, name=name, first_year=FIRST, last_year=LAST, deadline=deadline, offices=offices)


def make_old_row(seed: int = 0, *, year: int = 2006, **changes: object) -> dict[str, object]:
    """A row of that year's, without a processing date."""
    row = make_row(seed=seed)
    number = f"{year % 100:02d}{str(row['证书编号'])[2:]}"
    return row | {"证书编号": number, "办理日期": "", "发证日期": date(year, 5, 11).isoformat()} | changes


def make_old_rows(count: int, *, first: int = 0) -> list[dict[str, object]]:
    """That many of them."""
    return [make_old_row(first + place) for place in range(count)]


def make_backfill(
    by: Actor, campaign: Campaign | None, rows: Sequence[dict[str, object]], *, office: str = "3702", replaces: int | None = None
) -> Attempt:  # fmt: skip
    """A backfill file received and checked."""
    attempt = receive_file(
        by=by,
        office=Office.objects.get(code=office),
        period=make_period(),
        content=[make_workbook(rows)],
        name="补录.xlsx",
        origin=Origin.HAND_MADE,
        hand_made_reason="原始档案录入",
        kind=BatchKind.BACKFILL,
        campaign=campaign,
        replaces=replaces,
    )
    staging.check_attempt(attempt.id)
    attempt.refresh_from_db()
    make_comparison(by=by, batch=Batch.objects.get(id=attempt.batch_id))
    return attempt


def make_submitted_backfill(cast: Cast, campaign: Campaign, rows: Sequence[dict[str, object]]) -> Batch:
    """A backfill batch with both signatures of its city."""
    batch = Batch.objects.get(id=make_backfill(cast.operator, campaign, rows).batch_id)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    return batch


def let_the_deadline_pass(campaign: Campaign) -> None:
    """As if days had gone by: a superuser moves the deadline to yesterday."""
    with make_tampering("campaign") as cursor:
        cursor.execute("UPDATE campaign SET deadline = current_date - 2 WHERE id = %s", [campaign.id])
    assert connections["default"].in_atomic_block
    campaign.refresh_from_db()
