"""Every address of the staff site, asked by everyone with every method; the outcome is the table of docs/permissions.md.

Each request is taken back afterwards, whatever it did. To print the table anew: python -m pytest tests/attacks
--print-permissions, and read every line of the difference. On the way the queries of each page are counted: with one of
everything, and again with many (docs/budgets.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from certificates.models import AssessmentBody, Enquiry, ForgeryReport, Notice, Office
from tests.attacks.many import make_many
from tests.backup.make import make_custody, make_restoration, make_restore_request
from tests.budgets.counting import counted
from tests.campaigns.make import make_campaign
from tests.databases import PROJECT
from tests.enquiries.make import REPORTED, make_enquiry
from tests.make import (
    Cast,
    make_actor,
    make_checked_batch,
    make_period,
    make_person,
    make_published_release,
    make_release,
    make_row,
    make_rows,
    make_workbook,
)
from tests.staff.make import sign_in
from tests.staff.oddsample import make_odd_sample
from uploads.actor import Actor
from uploads.intake.prechecks import request_precheck, run_precheck
from uploads.intake.trials import receive_sample
from uploads.models import BatchKind, Capacity, HazardGrade, IncidentKind
from uploads.oversight.incidents import open_incident
from uploads.oversight.upkeep import record_inspection, report_hazard
from uploads.people.capacities import delegate_capacity
from uploads.release.reviews import order_review

PAGE = PROJECT / "docs" / "permissions.md"
METHODS = ("GET", "POST")
OTHER_METHODS = ("PUT", "PATCH", "DELETE")
ALLOWED, LEADS_ON, NO_METHOD, TO_LOGIN = "✓", "→", "405", "登录"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: a column of the table."""

    label: str
    client: Client


@dataclass(frozen=True, slots=True)
class Route:
    """An address as it is written in the URL configuration, and its name."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Crawled:
    """What came out.

    rows: address, method, and what each visitor gets; addresses without the method are left out. costs: by the page's
    name, the most queries that an answer took. grown: pages that take another number with many of everything.
    """

    rows: list[tuple[str, ...]] = field(default_factory=list)
    costs: dict[str, int] = field(default_factory=dict)
    grown: list[str] = field(default_factory=list)


def make_visitors(cast: Cast) -> list[Visitor]:
    """Each capacity once; a colleague in another city, somebody without a capacity, and nobody at all."""
    own: dict[Capacity, Actor] = {
        Capacity.CITY_OPERATOR: cast.operator,
        Capacity.CITY_DIRECTOR: cast.director,
        Capacity.PROVINCIAL_OPERATOR: cast.provincial_operator,
        Capacity.DEPARTMENT_HEAD: cast.department_head,
        Capacity.DEPUTY_DIRECTOR: cast.deputy_director,
        Capacity.NETWORK_ADMINISTRATOR: cast.network_administrator,
    }
    people = [(str(capacity.label), own.get(capacity) or make_actor(capacity)) for capacity in Capacity]
    people.append(("他市经办人", make_actor(Capacity.CITY_OPERATOR, "3701")))
    people.append(("暂无身份", Actor(make_person(office="3702"), "", "127.0.0.1")))
    return [*(Visitor(label, sign_in(actor)) for label, actor in people), Visitor("未登录", Client())]


def make_subjects(cast: Cast) -> dict[str, object]:
    """One of everything that an address can name, Qingdao's or the province's, by the parameter's name."""
    batch = make_checked_batch(by=cast.operator)
    precheck = request_precheck(
        by=cast.operator,
        office=Office.objects.get(code="3702"),
        period=make_period(),
        kind=BatchKind.REGULAR,
        content=[make_workbook(make_rows(2, first=40))],
        name="预检.xlsx",
    )
    run_precheck(precheck.id)
    body = AssessmentBody.objects.create(name="青岛市测试鉴定所", office_id="3702", valid_from=timezone.localdate())
    trial = receive_sample(by=cast.provincial_operator, content=[make_odd_sample()], name="样表.xlsx", base=None)
    make_published_release(Cast("3704"), rows=make_rows(1, first=80))
    delegate_capacity(
        holder=cast.director.person,
        capacity=Capacity.CITY_DIRECTOR,
        office=Office.objects.get(code="3702"),
        to=(delegate := make_person(office="3702")),
        valid_to=timezone.now() + timedelta(days=9),
        by=cast.director,
    )
    given = make_custody(cast.network_administrator)
    record_inspection(
        by=cast.network_administrator,
        inspected_at=timezone.now(),
        all_well=True,
        seen="机房整洁",
        virus_data_on=None,
        checks=[],
    )
    visitor = Client()
    make_enquiry(visitor)
    visitor.post("/reports/", REPORTED)
    return {
        "medium_id": given.medium_id,
        "hand_over_id": given.pk,
        "request_id": make_restore_request().pk,
        "restoration_id": make_restoration().pk,
        "enquiry_id": Enquiry.objects.get().pk,
        "report_id": ForgeryReport.objects.get().pk,
        "person_id": delegate.pk,
        "grant_id": delegate.grants.get().pk,
        "act_name": "freeze",
        "key_id": 1,
        "order_id": order_review(
            by=cast.deputy_director,
            certificate_number=str(make_row(seed=80)["证书编号"]),
            reason="有人举报",
            document="鲁职鉴〔2026〕1号",
        ),
        "incident_id": open_incident(
            by=make_actor(Capacity.SECURITY_ADMINISTRATOR),
            kind=IncidentKind.ACCOUNT_LOSS,
            account=make_person(office="3702"),
            since=timezone.now() - timedelta(days=1),
            description="异地登录",
            suspected_crime=False,
        ).id,
        "hazard_id": report_hazard(
            by=make_actor(Capacity.KEEPER), grade=HazardGrade.GENERAL, description="空调故障", measure="更换"
        ).pk,
        "step_name": "instruction",
        "batch_id": batch.id,
        "number": 1,
        "kind": "correction",
        "precheck_id": precheck.id,
        "body_id": body.id,
        "notice_id": Notice.objects.create(title="停机维护", text="今晚维护。", shown_from=timezone.localdate()).id,
        "trial_id": trial.id,
        "campaign_id": make_campaign(cast.department_head).id,
        "release_id": make_release(Cast("3703"), rows=make_rows(2, first=60)).id,
        "code": "3702",
        "name": "exam-system",
        "version": 1,
        "token": "x" * 43,
    }


def routes() -> list[Route]:
    """Every named address below /staff/, by address."""
    found = {route.name: route for route in _walk(get_resolver(), "/")}
    return sorted(found.values(), key=lambda route: route.address)


def _walk(resolver: Any, prefix: str) -> Iterator[Route]:
    for part in resolver.url_patterns:
        address = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from _walk(part, address)
        elif address.startswith("/staff/") and part.name:
            yield Route(address, part.name)


def ask(client: Client, method: str, address: str) -> tuple[str, int]:
    """What comes out of a request without any content, and the queries it took; taken back afterwards."""
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with transaction.atomic(), counted() as sent:
        answer = client.post(address, {}) if method == "POST" else client.generic(method, address)
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[arg-type]
        transaction.set_rollback(True)
    client.cookies = cookies
    if answer.status_code in {301, 302} and answer.headers["Location"].startswith("/staff/login/"):
        return TO_LOGIN, len(sent)
    if answer.status_code in {403, 404, 405}:
        return str(answer.status_code), len(sent)
    assert answer.status_code < 500, f"{method} {address} is answered with {answer.status_code}"
    return LEADS_ON if method == "GET" and answer.status_code == 302 else ALLOWED, len(sent)


def crawl(cast: Cast) -> Crawled:
    """Every address, asked by everyone, first with one of everything, then, where it is a page, with many."""
    subjects, people = make_subjects(cast), make_visitors(cast)
    crawled = Crawled()
    openers: dict[str, dict[str, int]] = {}
    # What a process asks for once isn't a page's cost.
    for visitor in people:
        ask(visitor.client, "GET", "/staff/system/")
    for route in routes():
        address = address_of(route, subjects)
        for method in METHODS:
            answers = [ask(visitor.client, method, address) for visitor in people]
            outcomes = [outcome for outcome, _ in answers]
            if set(outcomes) != {NO_METHOD}:
                crawled.rows.append((PARAMETER.sub(r"<\1>", route.address), method, *outcomes))
            if method == "GET" and ALLOWED in outcomes:
                costs = {
                    v.label: cost for v, (outcome, cost) in zip(people, answers, strict=True) if outcome == ALLOWED
                }
                openers[route.name] = costs
                crawled.costs[route.name] = max(costs.values())
        for method in OTHER_METHODS:
            outcome, _ = ask(people[0].client, method, address)
            assert outcome != ALLOWED, f"{method} {route.address} is answered"
    many = subjects | make_many(cast)
    for route in routes():
        if route.name in openers:
            crawled.grown.extend(grown(route, address_of(route, many), people, openers[route.name]))
    return crawled


def address_of(route: Route, subjects: dict[str, object]) -> str:
    """The address about these subjects."""
    return PARAMETER.sub(lambda found: str(subjects[found[1]]), route.address)


def grown(route: Route, address: str, people: list[Visitor], before: dict[str, int]) -> Iterator[str]:
    """What a page costs now, where that is another number than before: for whom it cost most, and for who sees most."""
    labels = {max(before, key=lambda label: before[label]), list(before)[-1]}
    for visitor in people:
        if visitor.label in labels:
            outcome, cost = ask(visitor.client, "GET", address)
            # Of a larger one that is another city's, its own people know nothing.
            if outcome != "404" and cost != before[visitor.label]:
                yield f"{route.name} costs {visitor.label} {before[visitor.label]} with one and {cost} with many"


def labels() -> list[str]:
    """The table's columns."""
    return ["地址", "方法", *(str(capacity.label) for capacity in Capacity), "他市经办人", "暂无身份", "未登录"]


def as_table(rows: list[tuple[str, ...]]) -> str:
    """The rows as the document holds them."""
    lines = [labels(), ["---"] * len(labels()), *([f"`{row[0]}`", *row[1:]] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
