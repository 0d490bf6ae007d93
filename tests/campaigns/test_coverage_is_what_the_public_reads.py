"""收录情况: a system administrator sets it, the audit keeps it, the not-found page tells it."""

import re

import pytest
from django.test import Client

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up
from tests.make import Cast, make_actor
from tests.staff.make import confirmation, sign_in, text_of
from uploads.models import AuditEntry, Capacity

pytestmark = pytest.mark.django_db
EDIT = "/staff/coverage/3702/"


def not_found() -> str:
    """What a visitor is told whose certificate isn't there."""
    return text_of(look_up(Client(), ABSENT_ID, ABSENT_NUMBER))


def test_what_the_system_administrator_sets_stands_on_the_not_found_page() -> None:
    administrator = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
    client = sign_in(administrator)
    assert "未登记" in text_of(client.get("/staff/coverage/"))
    form = confirmation(administrator, state="complete", complete_from="2005-03-01")
    assert "收录情况已登记" in text_of(client.post(EDIT, form, follow=True))
    assert "2005-03-01 起已齐全" in text_of(client.get("/staff/coverage/"))
    assert re.search(r"2005\s*年\s*3\s*月\s*1\s*日\s*起的已齐全", not_found())
    form = confirmation(administrator, state="collecting", complete_from="")
    client.post(EDIT, form)
    assert "正在整理" in not_found()
    changed = AuditEntry.objects.filter(action="coverage.set").latest("number")
    assert changed.detail == {"before": "complete 2005-03-01", "after": "collecting"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "complete", "complete_from": ""}, "请填写从哪一天起"),
        ({"state": "complete", "complete_from": "2999-01-01"}, "不能晚于今天"),
        ({"state": "", "complete_from": ""}, "请选择收录情况"),
    ],
)
def test_complete_says_from_when(changes: dict[str, str], said: str) -> None:
    administrator = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
    assert said in text_of(sign_in(administrator).post(EDIT, confirmation(administrator, **changes)))


def test_others_read_it_and_set_nothing() -> None:
    cast = Cast()
    for actor in (cast.operator, cast.network_administrator):
        client = sign_in(actor)
        assert client.get("/staff/coverage/").status_code == 200
        assert client.get(EDIT).status_code == 403
