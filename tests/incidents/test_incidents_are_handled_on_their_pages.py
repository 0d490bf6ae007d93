"""事件 on the pages: reported, shown in red to who has to know, acknowledged, revised, closed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.incidents.make import Watch, make_incident
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, Incident, Person, PersonState

pytestmark = pytest.mark.django_db
LIST = "/staff/incidents/"


def page_of(incident: Incident, act: str = "") -> str:
    return f"{LIST}{incident.pk}/{act}"


def report(by: Actor, **given: str) -> object:
    moment = timezone.localtime() - timedelta(days=2)
    filled = {"since": f"{moment:%Y-%m-%dT%H:%M}", "description": "手机遗失"} | given
    return sign_in(by).post(f"{LIST}new/", confirmation(by, **filled), follow=True)


@pytest.mark.parametrize("who", ["security", "head", "deputy"])
def test_reporting_a_loss_freezes_the_account_and_opens_the_incident(who: str) -> None:
    watch = Watch()
    elsewhere = sign_in(Actor(watch.account))
    answer = report(getattr(watch, who), kind="account_loss", account=watch.account.staff_number, freeze="on")
    assert "账号已冻结" in text_of(answer)  # type: ignore[arg-type]
    assert Person.objects.get(pk=watch.account.pk).state == PersonState.FROZEN
    assert elsewhere.get("/staff/").status_code == 302
    assert Incident.objects.get().account == watch.account


def test_without_the_second_factor_nothing_happens() -> None:
    watch = Watch()
    answer = report(watch.security, kind="account_loss", account=watch.account.staff_number, freeze="on", otp="000000")
    assert "错误" in answer.content.decode()  # type: ignore[attr-defined]
    assert Person.objects.get(pk=watch.account.pk).is_active
    assert not Incident.objects.exists()


def test_a_leader_reports_nothing_but_a_loss() -> None:
    watch = Watch()
    report(watch.head, kind="data")
    assert not Incident.objects.exists()
    answer = report(watch.security, kind="data", suspected_crime="on")
    assert "已立" in text_of(answer)  # type: ignore[arg-type]
    assert Incident.objects.get().suspected_crime


@pytest.mark.parametrize(("given", "said"), [({"account": "NOBODY"}, "没有这个工号"), ({}, "请填写是哪个账号")])
def test_an_account_that_is_not_there_is_named(given: dict[str, str], said: str) -> None:
    answer = report(Watch().security, kind="account_loss", **given)
    assert said in text_of(answer)  # type: ignore[arg-type]


def test_it_stays_red_on_the_first_page_of_who_has_to_know_until_it_is_closed() -> None:
    watch = Watch()
    incident = make_incident(watch, suspected_crime=True)
    for actor in watch.notified:
        client = sign_in(actor)
        assert f"事件 {incident.pk}：账号失窃" in text_of(client.get("/staff/"))
        assert "已记录阅知" in text_of(client.post(page_of(incident, "acknowledge/"), follow=True))
        assert f"事件 {incident.pk}：账号失窃" in text_of(client.get("/staff/"))
    assert "尚未办结" not in text_of(sign_in(watch.system).get("/staff/"))
    client = sign_in(watch.security)
    answer = client.post(page_of(incident, "close/"), confirmation(watch.security, report="查明"), follow=True)
    assert "已办结" in text_of(answer)
    assert f"事件 {incident.pk}：账号失窃" not in text_of(client.get("/staff/"))


def test_the_page_lists_what_the_account_did_with_links_and_the_look_is_recorded_once() -> None:
    watch = Watch()
    incident = make_incident(watch)
    client = sign_in(watch.head)
    assert "立事件" not in text_of(client.get(page_of(incident)))
    sign_in(Actor(watch.account)).get("/staff/audit/")
    shown = text_of(client.get(page_of(incident)))
    assert "打开页面" in shown
    assert "被拒绝" in shown
    assert AuditEntry.objects.filter(action="incident.viewed").count() == 1


def test_nobody_else_opens_the_pages() -> None:
    watch = Watch()
    incident = make_incident(watch)
    for address in (LIST, page_of(incident), f"{LIST}new/", page_of(incident, "close/"), page_of(incident, "revise/")):
        assert sign_in(watch.system).get(address).status_code == 403
    for act in ("close/", "revise/"):
        assert sign_in(watch.head).get(page_of(incident, act)).status_code == 403
        assert sign_in(watch.auditor).get(page_of(incident, act)).status_code == 403
    assert sign_in(watch.auditor).get(f"{LIST}new/").status_code == 403
    assert sign_in(watch.auditor).post(page_of(incident, "acknowledge/")).status_code == 403
    assert sign_in(watch.head).post(page_of(incident, "evidence/")).status_code == 403


def test_the_person_whom_it_is_about_does_not_see_it() -> None:
    watch = Watch()
    incident = make_incident(Watch(account=watch.head.person))
    assert sign_in(watch.head).get(page_of(incident)).status_code == 404
    assert "尚未办结。" not in text_of(sign_in(watch.head).get("/staff/"))


def test_the_beginning_is_revised_and_the_suspicion_stays() -> None:
    watch = Watch()
    incident = make_incident(watch)
    moment = timezone.localtime() - timedelta(days=20)
    client = sign_in(watch.security)
    for ticked in ({"suspected_crime": "on"}, {}):
        given = confirmation(watch.security, since=f"{moment:%Y-%m-%dT%H:%M}", **ticked)
        client.post(page_of(incident, "revise/"), given)
    incident.refresh_from_db()
    assert incident.suspected_crime
    assert timezone.now() - incident.since > timedelta(days=19)


def test_the_bundle_comes_as_an_attachment_under_a_generated_name() -> None:
    watch = Watch()
    incident = make_incident(watch)
    answer = sign_in(watch.security).post(page_of(incident, "evidence/"))
    assert answer["Content-Disposition"].startswith(f'attachment; filename="incident-{incident.pk}-')
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["security", "head", "deputy"])
def test_an_account_that_is_still_in_use_is_frozen_from_its_incident(who: str) -> None:
    watch = Watch()
    incident = make_incident(watch)
    by = getattr(watch, who)
    client, elsewhere = sign_in(by), sign_in(Actor(watch.account))
    assert "冻结该账号" in text_of(client.get(page_of(incident)))
    assert "错误" in client.post(page_of(incident, "freeze/"), {}).content.decode()
    assert elsewhere.get("/staff/").status_code == 200
    answer = client.post(page_of(incident, "freeze/"), confirmation(by), follow=True)
    assert "账号已冻结" in text_of(answer)
    assert "冻结该账号" not in text_of(answer)
    assert elsewhere.get("/staff/").status_code == 302
    assert Incident.objects.count() == 1
    assert AuditEntry.objects.get(action="account.frozen", outcome="done").detail["reason"] == f"事件 {incident.pk}"
