"""我的账号 shows the own last logins with time, address and outcome, so that a use by somebody else is noticed."""

import pytest
from django.test import Client

from tests.people.make import LOGIN, PASSWORD, log_in, make_person
from tests.staff.make import text_of
from uploads.people.logins import last_logins

pytestmark = pytest.mark.django_db


def test_the_own_logins_are_listed_newest_first_with_what_failed(client: Client) -> None:
    person, other = make_person(), make_person("370902", "张伟")
    stranger = Client(REMOTE_ADDR="10.1.2.3")
    stranger.post(LOGIN, {"staff_number": person.staff_number, "password": "no-such-password-1"})
    stranger.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    stranger.post(LOGIN, {"otp": "000000"})
    person.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    log_in(Client(), other)
    log_in(client, person)
    found = [(login.refused, login.half, login.reason) for login in last_logins(person)]
    assert found == [
        (False, False, ""),
        (True, False, "code_wrong"),
        (False, True, ""),
        (True, False, "wrong_password"),
    ]
    shown = text_of(client.get("/staff/account/"))
    for said in ("最近的登录", "动态码不正确", "工号或密码不正确", "未完成", "登录 动态码"):
        assert said in shown
