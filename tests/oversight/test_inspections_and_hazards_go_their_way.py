"""巡检 and 安全隐患: recorded, reported, instructed, acted on, closed by who may, and never changed: on both levels."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.databases import acting_as
from tests.make import make_actor
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.models import (
    HAZARD_MOVES,
    AuditEntry,
    Capacity,
    Hazard,
    HazardGrade,
    HazardState,
    HazardStepKind,
    Inspection,
)
from uploads.oversight.matters import Condition
from uploads.oversight.system import Finding
from uploads.oversight.upkeep import (
    INSPECTORS,
    REPORTERS,
    TAKERS,
    hazards_waiting_for,
    record_inspection,
    report_hazard,
    take_hazard_step,
)
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
WELL = Finding("disk", "磁盘空间", Condition.WELL, "there is room", "有空间")
BROKEN = Finding("worker", "后台任务程序", Condition.FAILURE, "no worker", "没有运行")


def actor(capacity: Capacity) -> Actor:
    return make_actor(capacity, "3702" if capacity.belongs_to_an_office else None)


def hazard_reported_by(by: Actor) -> Hazard:
    return report_hazard(by=by, grade=HazardGrade.SERIOUS, description="机房空调故障", measure="更换压缩机")


def inspect(by: Actor, *, all_well: bool = True, checks: tuple[Finding, ...] = (WELL,), days: int = 0) -> Inspection:
    at = timezone.now() + timedelta(days=days)
    return record_inspection(
        by=by, inspected_at=at, all_well=all_well, seen="查看机房", virus_data_on=None, checks=checks
    )


def test_an_inspection_keeps_what_the_system_saw_and_calls_no_failure_well() -> None:
    by = actor(Capacity.SYSTEM_ADMINISTRATOR)
    recorded = inspect(by)
    assert recorded.checks == [{"name": "disk", "condition": "well", "told": "有空间"}]
    with pytest.raises(Refusal, match="inspection_calls_failures_well"):
        inspect(by, checks=(WELL, BROKEN))
    with pytest.raises(Refusal, match="inspection_in_the_future"):
        inspect(by, days=1)
    assert not inspect(by, all_well=False, checks=(BROKEN,)).all_well
    assert AuditEntry.objects.filter(action="inspection.recorded", person_id=by.person.pk).count() == 2


def test_only_those_entitled_inspect_and_report() -> None:
    acts: list[tuple[Callable[[Actor], object], tuple[Capacity, ...]]] = [
        (inspect, INSPECTORS), (hazard_reported_by, REPORTERS),
    ]  # fmt: skip
    for capacity in Capacity:
        by = actor(capacity)
        for act, entitled in acts:
            if capacity in entitled:
                act(by)
            else:
                with pytest.raises(Refusal, match="person_not_entitled"):
                    act(by)


def test_python_and_the_database_know_the_same_moves() -> None:
    with connection.cursor() as cursor, acting_as("owner"):
        for state in HazardState:
            for step in HazardStepKind:
                cursor.execute("SELECT hazard_state_after(%s, %s)", [state, step])
                assert cursor.fetchone()[0] == HAZARD_MOVES.get((state, step))


def test_a_hazard_goes_from_report_to_closing() -> None:
    reporter, head = actor(Capacity.NETWORK_ADMINISTRATOR), actor(Capacity.DEPARTMENT_HEAD)
    deputy = actor(Capacity.DEPUTY_DIRECTOR)
    hazard = hazard_reported_by(reporter)

    def step(by: Actor, kind: HazardStepKind, text: str = "办理") -> None:
        hazard.refresh_from_db()
        take_hazard_step(by=by, hazard=hazard, seen=hazard.state, step=kind, text=text)

    with pytest.raises(Refusal, match="hazard_step_is_not_due"):
        step(reporter, HazardStepKind.ACTION)
    assert list(hazards_waiting_for(head.person, [Capacity.DEPARTMENT_HEAD])) == [hazard]
    step(head, HazardStepKind.INSTRUCTION)
    assert list(hazards_waiting_for(reporter.person, [Capacity.NETWORK_ADMINISTRATOR])) == [hazard]
    step(reporter, HazardStepKind.ACTION)
    step(deputy, HazardStepKind.INSTRUCTION, "不够，再查")
    step(reporter, HazardStepKind.ACTION)
    with pytest.raises(Refusal, match="hazard_step_says_nothing"):
        step(head, HazardStepKind.CLOSING, "  ")
    step(head, HazardStepKind.CLOSING)
    hazard.refresh_from_db()
    assert hazard.state == HazardState.CLOSED
    with pytest.raises(Refusal, match="hazard_step_is_not_due"):
        step(head, HazardStepKind.INSTRUCTION)
    done = AuditEntry.objects.filter(subject_kind="hazard", subject_id=str(hazard.pk), outcome="done")
    assert [entry.detail.get("step") for entry in done.order_by("number")] == [
        None, "instruction", "action", "instruction", "action", "closing",
    ]  # fmt: skip


def test_a_step_is_taken_by_whose_it_is() -> None:
    hazard = hazard_reported_by(actor(Capacity.KEEPER))
    for capacity in Capacity:
        by = actor(capacity)
        for kind in HazardStepKind:
            if capacity not in TAKERS[kind]:
                with pytest.raises(Refusal, match="person_not_entitled"):
                    take_hazard_step(by=by, hazard=hazard, seen=hazard.state, step=kind, text="x")


def test_who_acted_or_reported_does_not_close() -> None:
    both = make_actor(Capacity.NETWORK_ADMINISTRATOR)
    head = make_actor(Capacity.DEPARTMENT_HEAD, person=both.person)
    deputy = make_actor(Capacity.DEPUTY_DIRECTOR)
    hazard = hazard_reported_by(make_actor(Capacity.KEEPER))
    take_hazard_step(by=head, hazard=hazard, seen="reported", step=HazardStepKind.INSTRUCTION, text="处理")
    take_hazard_step(by=both, hazard=hazard, seen="instructed", step=HazardStepKind.ACTION, text="已换")
    with pytest.raises(Refusal, match="hazard_is_closed_by_another"):
        take_hazard_step(by=head, hazard=hazard, seen="acted", step=HazardStepKind.CLOSING, text="好")
    take_hazard_step(by=deputy, hazard=hazard, seen="acted", step=HazardStepKind.CLOSING, text="好")


def test_what_was_written_stays_for_the_owner_too() -> None:
    inspect(actor(Capacity.SYSTEM_ADMINISTRATOR))
    hazard = hazard_reported_by(actor(Capacity.KEEPER))
    head = actor(Capacity.DEPARTMENT_HEAD)
    take_hazard_step(by=head, hazard=hazard, seen="reported", step=HazardStepKind.INSTRUCTION, text="处理")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for role in ("staff", "owner"):
            for table in ("inspection", "hazard", "hazard_step"):
                for act in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                    with acting_as(role), pytest.raises(DatabaseError), transaction.atomic():
                        cursor.execute(act)
        for act in ("UPDATE hazard SET state = 'closed'", "INSERT INTO hazard_step DEFAULT VALUES"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(act)


def test_on_the_pages_it_goes_the_same_way() -> None:
    system, head = actor(Capacity.SYSTEM_ADMINISTRATOR), actor(Capacity.DEPARTMENT_HEAD)
    at = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    client = sign_in(system)
    page = text_of(client.get("/staff/system/"))
    assert "未配置：上传的文件没有查毒" in page
    assert "✕ 故障 后台任务程序没有运行" in page
    answer = client.post(
        "/staff/system/inspections/new/", confirmation(system, inspected_at=at, outcome="yes", seen="查看机房")
    )
    assert "不能登记为“正常”" in text_of(answer)
    answer = client.post(
        "/staff/system/inspections/new/",
        confirmation(system, inspected_at=at, outcome="no", seen="任务程序没有运行"),
        follow=True,
    )
    assert "请接着报告隐患" in text_of(answer)
    client.post("/staff/hazards/new/", confirmation(system, grade="general", description="停了", measure="重启"))
    hazard = Hazard.objects.get()
    assert hazard.inspection == Inspection.objects.get()
    address = f"/staff/hazards/{hazard.pk}/"
    tomorrow = f"{timezone.localdate() + timedelta(days=1)}"
    leader = sign_in(head)
    assert "批示" in text_of(leader.get(address))
    leader.post(f"{address}instruction/", confirmation(head, state="reported", text="同意", due_on=tomorrow))
    client.post(f"{address}action/", confirmation(system, state="instructed", text="已重启"))
    leader.post(f"{address}closing/", confirmation(head, state="acted", text="已复核"))
    hazard.refresh_from_db()
    assert hazard.state == HazardState.CLOSED
    assert "已消除" in text_of(leader.get("/staff/hazards/"))
    assert "任务程序没有运行" in text_of(leader.get("/staff/system/inspections/"))
