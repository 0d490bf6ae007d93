"""补录: everybody sees the campaigns that concern him; the department head opens, extends and closes them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.campaigns.make import (
    let_the_deadline_pass,
    make_campaign,
    make_old_rows,
    make_submitted_backfill,
)
from tests.make import Cast, make_actor, make_period, make_workbook
from tests.staff.make import confirmation, sign_in, text_of
from uploads.models import Batch, Campaign, Capacity

pytestmark = pytest.mark.django_db
LIST, NEW, UPLOAD = "/staff/campaigns/", "/staff/campaigns/new/", "/staff/batches/upload/"


@pytest.fixture
def cast() -> Cast:
    return Cast()


def opening(**changes: object) -> dict[str, object]:
    return {
        "name": "早年证书补录",
        "first_year": "1998",
        "last_year": "2003",
        "deadline": (timezone.localdate() + timedelta(days=20)).isoformat(),
        "offices": ["3700", "3702"],
    } | changes


def sending(campaign: Campaign | None, **changes: object) -> dict[str, object]:
    return {
        "office": "3702",
        "period": make_period().code,
        "kind": "backfill",
        "campaign": str(campaign.id) if campaign else "",
        "file": SimpleUploadedFile("补录.xlsx", make_workbook(make_old_rows(2))),
        "origin": "hand_made",
        "hand_made_reason": "原始档案录入",
    } | changes


def test_a_department_head_opens_one_with_his_code(cast: Cast) -> None:
    client = sign_in(cast.department_head)
    assert "要求上报的单位" in text_of(client.get(NEW))
    form = confirmation(cast.department_head) | opening()
    shown = text_of(client.post(NEW, form, follow=True))
    assert "补录任务“早年证书补录”已开设" in shown
    assert "1998 至 2003" in shown
    assert "剩 20 天" in shown
    assert "青岛市" in shown
    assert "济南市" not in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first_year": "2005"}, "截止年份不能早于起始年份"),
        ({"last_year": "2099"}, "截止年份不能晚于今年"),
        ({"first_year": "九八"}, "起始年份是四位数的年份"),
        ({"deadline": "2020-01-01"}, "截止日期不能早于今天"),
        ({"deadline": "2999-01-01"}, "请核对年份"),
        ({"offices": []}, "请至少选择一个上报单位"),
        ({"otp": "000000"}, "动态码"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(changes: dict[str, object], said: str, cast: Cast) -> None:
    client = sign_in(cast.department_head)
    form = confirmation(cast.department_head) | opening(**changes)
    assert said in text_of(client.post(NEW, form))
    assert not Campaign.objects.exists()


def test_a_name_is_given_once(cast: Cast) -> None:
    make_campaign(cast.department_head, name="早年证书补录")
    client = sign_in(cast.department_head)
    assert "已有同名的补录任务" in text_of(client.post(NEW, confirmation(cast.department_head) | opening()))


def test_nobody_else_opens_extends_or_closes(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    for actor in (cast.operator, cast.network_administrator, cast.deputy_director):
        client = sign_in(actor)
        for address in (NEW, f"{LIST}{campaign.id}/extend/", f"{LIST}{campaign.id}/close/"):
            assert client.get(address).status_code == 403


def test_each_office_shows_how_far_it_is(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    batch = make_submitted_backfill(cast, campaign, make_old_rows(2))
    shown = text_of(sign_in(cast.network_administrator).get(f"{LIST}{campaign.id}/"))
    assert f"青岛市 批次 {batch.id}（已上报）" in shown
    assert "1 / 3 个单位已报" in shown
    assert "未登记" in shown
    assert "1 / 3" in text_of(sign_in(cast.provincial_operator).get(LIST))


def test_a_city_sees_its_own_line_of_its_own_campaigns(cast: Cast) -> None:
    mine = make_campaign(cast.department_head)
    others = make_campaign(cast.department_head, name="别市的补录", offices=["3705"])
    client = sign_in(cast.operator)
    assert "别市的补录" not in text_of(client.get(LIST))
    assert client.get(f"{LIST}{others.id}/").status_code == 404
    shown = text_of(client.get(f"{LIST}{mine.id}/"))
    assert "青岛市" in shown
    assert "济南市" not in shown


def test_extending_and_closing_leave_their_reasons(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    let_the_deadline_pass(campaign)
    client = sign_in(cast.department_head)
    assert "已截止" in text_of(client.get(LIST))
    later = (timezone.localdate() + timedelta(days=9)).isoformat()
    form = confirmation(cast.department_head, deadline=later, reason="档案搬迁")
    shown = text_of(client.post(f"{LIST}{campaign.id}/extend/", form, follow=True))
    assert "档案搬迁" in shown
    assert "剩 9 天" in shown
    earlier = confirmation(cast.department_head, deadline=timezone.localdate().isoformat(), reason="提前")
    assert "要晚于原来的" in text_of(client.post(f"{LIST}{campaign.id}/extend/", earlier))
    closed = client.post(
        f"{LIST}{campaign.id}/close/", confirmation(cast.department_head, reason="已收齐"), follow=True
    )
    assert "已关闭" in text_of(closed)
    assert "已收齐" in text_of(closed)


def test_the_upload_page_offers_the_open_campaigns_of_the_office(cast: Cast) -> None:
    client = sign_in(cast.operator)
    assert "补录任务" not in text_of(client.get(UPLOAD))
    campaign = make_campaign(cast.department_head)
    make_campaign(cast.department_head, name="别市的补录", offices=["3705"])
    shown = text_of(client.get(f"{UPLOAD}?kind=backfill&campaign={campaign.id}"))
    assert campaign.name in shown
    assert "别市的补录" not in shown
    assert client.post(UPLOAD, sending(campaign)).status_code == 302
    assert Batch.objects.get().campaign == campaign


def test_kind_and_campaign_go_together_on_the_page(cast: Cast) -> None:
    client = sign_in(cast.operator)
    campaign = make_campaign(cast.department_head)
    assert "请选择补录任务" in text_of(client.post(UPLOAD, sending(None)))
    assert "种类却不是补录" in text_of(client.post(UPLOAD, sending(campaign, kind="regular")))
    let_the_deadline_pass(campaign)
    assert "不能上报这一种类" in text_of(client.post(UPLOAD, sending(campaign)))
    assert not Batch.objects.exists()


def test_the_batch_page_names_its_campaign_and_leads_back_into_it(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    client = sign_in(cast.operator)
    client.post(UPLOAD, sending(campaign))
    from_page = client.get(f"/staff/batches/{Batch.objects.get().id}/")
    assert campaign.name in text_of(from_page)


def test_province_reports_its_own_backfill(cast: Cast) -> None:
    campaign = make_campaign(cast.department_head)
    client = sign_in(make_actor(Capacity.PROVINCIAL_OPERATOR))
    answer = client.post(UPLOAD, sending(campaign, office="3700"))
    assert answer.status_code == 302, text_of(answer)
    assert Batch.objects.get().way_in == "province"
