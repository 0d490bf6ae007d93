"""审计: the trail, newest first, filtered and paged, for audit administrators alone."""

import re

import pytest
from django.utils import timezone

from tests.databases import PROJECT
from tests.make import Cast, make_actor, make_release
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, AuditHead, Capacity
from uploads.oversight.audit import record
from uploads.oversight.wording import ACTIONS

pytestmark = pytest.mark.django_db


def auditor() -> Actor:
    return make_actor(Capacity.AUDIT_ADMINISTRATOR)


def numbers(page: str) -> list[int]:
    return [int(part.split("<")[0]) for part in page.split('<tr><td class="count">')[1:]]


def test_every_entry_is_shown_the_newest_first_with_the_head_of_the_chain() -> None:
    make_release(Cast())
    client = sign_in(auditor())
    answer = client.get("/staff/audit/")
    head = AuditHead.objects.get()
    shown = numbers(answer.content.decode())
    assert shown == list(range(head.number, head.number - len(shown), -1))
    assert f"第 {head.number} 条 {bytes(head.hash).hex()[:8]}" in text_of(answer)
    assert "汇总批次" in text_of(answer)


def test_nobody_else_reads_it_and_the_attempt_is_in_it() -> None:
    cast = Cast()
    for actor in (cast.network_administrator, cast.deputy_director, make_actor(Capacity.SYSTEM_ADMINISTRATOR)):
        assert sign_in(actor).get("/staff/audit/").status_code == 403
    assert AuditEntry.objects.filter(action="page.opened", subject_id="staff-audit", outcome="refused").count() == 3


def test_it_is_filtered_by_person_action_outcome_and_day() -> None:
    cast = Cast()
    make_release(cast)
    client = sign_in(auditor())
    person = cast.operator.person
    page = client.get("/staff/audit/", {"person": person.staff_number}).content.decode()
    assert numbers(page) == list(
        AuditEntry.objects.filter(person_id=person.id).order_by("-number").values_list("number", flat=True)
    )
    page = client.get("/staff/audit/", {"action": "批次签字"}).content.decode()
    assert len(numbers(page)) == AuditEntry.objects.filter(action="batch.signed").count() == 2
    assert not numbers(client.get("/staff/audit/", {"outcome": "refused"}).content.decode())
    today = f"{timezone.localdate():%Y-%m-%d}"
    assert numbers(client.get("/staff/audit/", {"first_day": today, "last_day": today}).content.decode())
    assert not numbers(client.get("/staff/audit/", {"first_day": "2099-01-01"}).content.decode())
    assert "不能早于" in text_of(client.get("/staff/audit/", {"first_day": "2026-02-02", "last_day": "2026-02-01"}))


def test_it_is_paged() -> None:
    reader = auditor()
    for _ in range(70):
        record(by=reader, action="login")
    client = sign_in(reader)
    first = numbers(client.get("/staff/audit/?action=登录").content.decode())
    second = numbers(client.get("/staff/audit/?action=登录&page=2").content.decode())
    assert len(first) == 50
    assert len(second) >= 20
    assert first[-1] > second[0]


def test_every_action_that_the_sources_record_has_a_name() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "uploads").rglob("*.py"))
    recorded = set(re.findall(r'action="([a-z_]+\.[a-z_]+|login|logout)"', sources))
    recorded |= set(re.findall(r"p_address, '([a-z_]+\.[a-z_]+)', '", sources))
    assert {"release.published", "release.assembled", "login"} <= recorded
    assert sorted(recorded - ACTIONS.keys()) == []
