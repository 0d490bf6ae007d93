"""通知: the system administrator writes what visitors are told; it ends by a day, and the audit keeps every wording."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from certificates.models import Notice
from tests.make import make_actor
from tests.people.make import newest_entry
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.models import Capacity
from uploads.oversight.notices import NoticeDetails, add_notice
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
LIST, NEW = "/staff/notices/", "/staff/notices/new/"


def written(writer: Actor, **changes: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    text = "今晚 22 时起维护两小时。\n\n期间不能查询。"
    return confirmation(writer, title="系统维护", text=text, shown_from=today) | changes


def test_a_notice_is_shown_to_visitors_in_both_languages_and_taken_down() -> None:
    writer = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
    keeper, visitor = sign_in(writer), Client()
    assert "目前没有通知" in text_of(visitor.get("/notices/"))
    english = {"english_title": "Maintenance", "english_text": "No lookups tonight.", "on_home": "on"}
    assert "通知“系统维护”已发布" in text_of(keeper.post(NEW, written(writer, **english), follow=True))
    notice = Notice.objects.get()
    page = f"/notices/{notice.id}/"
    assert page in visitor.get("/").content.decode()
    assert "期间不能查询" in text_of(visitor.get(page))
    assert "No lookups tonight" in text_of(visitor.get(f"/en{page}"))
    assert newest_entry("notice.added").detail["title"] == "系统维护"

    over = (timezone.localdate() - timedelta(days=1)).isoformat()
    ended = written(writer, shown_from=over, shown_until=over)
    keeper.post(f"{LIST}{notice.id}/", ended)
    assert visitor.get(page).status_code == 404
    assert newest_entry("notice.changed").detail["english_title"] == ["Maintenance", ""]
    assert "已撤下" in text_of(keeper.get(LIST))


def test_what_is_wrong_is_said_at_its_field_and_without_the_code_nothing_happens() -> None:
    writer = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
    keeper = sign_in(writer)
    assert "请填写标题" in text_of(keeper.post(NEW, written(writer, title=" ")))
    assert "要么都填" in text_of(keeper.post(NEW, written(writer, english_title="Maintenance")))
    assert "早于开始显示的日期" in text_of(keeper.post(NEW, written(writer, shown_until="2020-01-01")))
    keeper.post(NEW, written(writer, otp="000000"))
    assert not Notice.objects.exists()


def test_only_the_system_administrator_writes_and_nobody_deletes() -> None:
    day = timezone.localdate()
    details = NoticeDetails("标题", "正文", "", "", day, None, on_home=False)
    with pytest.raises(Refusal):
        add_notice(by=make_actor(Capacity.NETWORK_ADMINISTRATOR), details=details)
    notice = add_notice(by=make_actor(Capacity.SYSTEM_ADMINISTRATOR), details=details)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        notice.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(shown_until=day - timedelta(days=1))
