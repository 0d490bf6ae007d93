"""补录: a file of earlier years comes in by a campaign that is open and asks its office, from its receipt to its submission."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from certificates.models import Certificate
from tests.campaigns.make import (
    let_the_deadline_pass,
    make_backfill,
    make_campaign,
    make_old_row,
    make_old_rows,
    make_submitted_backfill,
)
from tests.make import Cast, make_actor
from uploads.intake.campaigns import close_campaign, extend_campaign
from uploads.models import AuditEntry, Batch, Capacity
from uploads.refusals import Refusal
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


def refused(**wanted: object) -> str:
    """The key with which a backfill file is refused."""
    with pytest.raises(Refusal) as refusal:
        make_backfill(**wanted)  # type: ignore[arg-type]
    return refusal.value.key


def test_rows_of_its_years_go_the_whole_way_to_the_register(cast: Cast) -> None:
    batch = make_submitted_backfill(cast, make_campaign(cast.department_head), make_old_rows(2))
    assert batch.state == "submitted"
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    order_publication(by=cast.deputy_director, period=batch.period, reason="测试")
    for signer in (*cast.release_signers, cast.network_administrator):
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    assert Certificate.objects.count() == 2


def test_a_second_batch_begins_while_the_first_is_signed_and_a_file_can_name_its_batch(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    first = make_submitted_backfill(cast, campaign, make_old_rows(2))
    second = make_backfill(cast.operator, campaign, make_old_rows(2, first=10))
    assert second.batch_id != first.id
    again = make_backfill(cast.operator, campaign, make_old_rows(3, first=20))
    assert (again.batch_id, again.number) == (second.batch_id, 2)
    named = make_backfill(cast.operator, campaign, make_old_rows(1, first=30), replaces=second.batch_id)
    assert named.batch_id == second.batch_id
    assert refused(by=cast.operator, campaign=campaign, rows=make_old_rows(1), replaces=first.id) == "no_such_batch"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"year": 2003}, "发证日期"),
        ({"year": 2009}, "发证日期"),
        ({"year": 2009, "发证日期": ""}, "证书编号"),
    ],
)
def test_a_row_of_another_year_is_refused_by_a_rule_of_its_own(
    changes: dict[str, object], column: str, cast: Cast
) -> None:
    rows = [make_old_row(1), make_old_row(2, **changes)]  # type: ignore[arg-type]
    attempt = make_backfill(cast.operator, make_campaign(cast.department_head), rows)
    problems = [(p.row_number, p.column, p.rule) for p in attempt.problems.filter(severity="error")]
    assert problems == [(3, column, "R-221")]
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (2, 1, 1)


def test_old_records_that_contradict_themselves_are_warned_of(cast: Cast) -> None:
    row = make_old_row(1, year=2006, 发证日期="2005-03-01", 等级="五级/初级工")
    attempt = make_backfill(cast.operator, make_campaign(cast.department_head), [row])
    assert {p.rule for p in attempt.problems.filter(severity="warning")} >= {"R-127", "R-128"}
    assert attempt.refused_count == 0


def test_without_a_campaign_or_by_one_that_asks_others_nothing_comes_in(cast: Cast) -> None:
    others = make_campaign(cast.department_head, offices=["3701"])
    assert refused(by=cast.operator, campaign=None, rows=make_old_rows(1)) == "backfill_without_a_campaign"
    assert refused(by=cast.operator, campaign=others, rows=make_old_rows(1)) == "campaign_asks_other_offices"
    assert not Batch.objects.exists()


def test_after_the_deadline_neither_file_nor_submission_until_it_is_extended(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    batch = Batch.objects.get(id=make_backfill(cast.operator, campaign, make_old_rows(1)).batch_id)
    let_the_deadline_pass(campaign)
    assert refused(by=cast.operator, campaign=campaign, rows=make_old_rows(1, first=5)) == "campaign_is_over"
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    with pytest.raises(Refusal) as late:
        sign_batch(by=cast.director, batch=batch, digest=digest_of_batch(batch))
    assert late.value.key == "campaign_is_over"
    assert "截止日期" in late.value.sentence()
    extend_campaign(
        by=cast.department_head, campaign=campaign, deadline=timezone.localdate() + timedelta(days=3), reason="档案较多"
    )
    sign_batch(by=cast.director, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "submitted"
    assert AuditEntry.objects.filter(action="campaign.extended", detail__reason="档案较多").exists()


def test_a_closed_campaign_takes_nothing_more_and_stays_closed(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    close_campaign(by=cast.department_head, campaign=campaign, reason="已收齐")
    campaign.refresh_from_db()
    assert refused(by=cast.operator, campaign=campaign, rows=make_old_rows(1)) == "campaign_is_closed"
    with pytest.raises(Refusal) as refusal:
        extend_campaign(
            by=cast.department_head,
            campaign=campaign,
            deadline=timezone.localdate() + timedelta(days=90),
            reason="再开",
        )
    assert refusal.value.key == "campaign_is_closed"


@pytest.mark.parametrize("capacity", [Capacity.NETWORK_ADMINISTRATOR, Capacity.DEPUTY_DIRECTOR])
def test_only_a_department_head_opens_one(capacity: Capacity) -> None:
    with pytest.raises(Refusal) as refusal:
        make_campaign(make_actor(capacity))
    assert refusal.value.key == "person_not_entitled"
    assert AuditEntry.objects.get(action="campaign.open").outcome == "refused"


def test_the_database_holds_that_backfill_and_campaign_go_together(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head, offices=["3701"])
    insert = (
        "INSERT INTO batch (office_id, period_id, kind, campaign_id, way_in, state, round, declares_no_data,"
        " created_by_id, created_at, state_since, return_reason)"
        " VALUES ('3702', %s, %s, %s, 'account', 'draft', 1, false, %s, now(), now(), '')"
    )
    make_backfill(cast.operator, make_campaign(cast.department_head, name="另一个"), make_old_rows(1))
    period = Batch.objects.get().period_id
    for kind, given, said in (
        ("backfill", None, "backfill_without_a_campaign"),
        ("backfill", campaign.id, "campaign_asks_other_offices"),
        ("correction", campaign.id, "batch_backfill_belongs_to_a_campaign"),
    ):
        with (
            pytest.raises((DatabaseError, IntegrityError), match=said),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(insert, [period, kind, given, cast.operator.person.id])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM campaign",
        "UPDATE campaign SET deadline = '2099-01-01'",
        "DELETE FROM campaign_office",
        "DELETE FROM campaign_change",
        "UPDATE coverage SET state = 'complete'",
    ],
)
def test_the_staff_role_writes_none_of_it_past_the_functions(statement: str, cast: Cast) -> None:
    make_campaign(cast.department_head)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
