"""Every public page costs the queries that docs/budgets.md names, with little in the register or with much."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, reverse
from pytest_django.plugin import DjangoDbBlocker

from certificates.models import AssessmentBody, Publication
from certificates.pages import machines
from certificates.pages.urls import urlpatterns
from tests.budgets.counting import counted
from tests.budgets.table import hold
from tests.certificates_pages.answering import go_on
from tests.certificates_pages.reading import (
    ABSENT_ID,
    ABSENT_NUMBER,
    Pair,
    change_published,
    look_up,
    value_of,
)
from tests.enquiries.make import REPORTED, ask_after, leave_enquiry, make_enquiry
from tests.lists.make import hand_in, listed, pasted
from tests.make import Cast, make_actor, make_id_number, make_published_release, make_row, make_rows
from tests.sharing.make import code_on, make_slip, open_manager
from uploads.models import Capacity
from uploads.oversight.notices import NoticeDetails, add_notice

ABSENT = Pair(ABSENT_ID, ABSENT_NUMBER)
# Two lookups: one free, one after a challenge, and no third.
TIGHT = {"RATE_ADDRESS": "2/d", "RATE_ID": "900/d", "RATE_CERTIFICATE": "900/d"}
GENEROUS = {"RATE_ADDRESS": "9000/d", "RATE_ID": "900/d", "RATE_CERTIFICATE": "900/d"}
Send = Callable[[Client], HttpResponse]


def _nothing(_client: Client) -> None:
    """Nothing has to come first."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is sent, under its name in docs/budgets.md; what has to come first isn't counted."""

    words: str
    send: Send
    first: Callable[[Client], object] = _nothing
    limits: dict[str, str] = field(default_factory=lambda: GENEROUS)


@dataclass(frozen=True, slots=True)
class World:
    """What there is to be seen."""

    found: Pair
    revoked: Pair
    reviewed: Pair
    rows: Sequence[dict[str, object]]
    notice_id: int
    publication: str


def make_world() -> World:
    """One publication and one notice."""
    rows = make_rows(3)
    make_published_release(Cast(), rows=rows)
    found, revoked, reviewed = (Pair(str(row["证件号码"]), str(row["证书编号"])) for row in rows)
    change_published(revoked, "kind = 'revoked', change_reason = '错误核发', document_number = '1'")
    change_published(reviewed, "under_review_since = now()")
    number = Publication.objects.latest("id").number
    return World(found, revoked, reviewed, rows[:1], _add_notice(), number)


def make_more(world: World) -> World:
    """Some of everything besides, and a list of fifty."""
    for place, office in enumerate(("3703", "3704")):
        make_published_release(Cast(office), rows=make_rows(30, first=100 + 50 * place))
        AssessmentBody.objects.create(name=f"鉴定所{place}", office_id=office, valid_from=date(2020, 1, 1))
        notice = _add_notice()
        visitor = Client(REMOTE_ADDR=f"198.51.100.{place}")
        make_slip(visitor, world.found)
        make_enquiry(visitor, id_number=make_id_number(seed=900 + place))
    rows = [make_row(seed=place) for place in range(100, 130)]
    return World(world.found, world.revoked, world.reviewed, rows, notice, Publication.objects.latest("id").number)


def _add_notice() -> int:
    details = NoticeDetails("系统维护", "今晚维护。", "", "", date(2026, 1, 1), None, on_home=True)
    return add_notice(by=make_actor(Capacity.SYSTEM_ADMINISTRATOR), details=details).id


def visits(world: World) -> Iterator[Visit]:
    for part in (*urlpatterns, *machines.urlpatterns):
        if isinstance(part, URLPattern) and part.name and _is_plain(part):
            address = reverse(part.name)
            yield Visit(part.name, lambda client, address=address: client.get(address))
    for address in ("/healthz", "/readyz", "/no/such/page"):
        yield Visit(address, lambda client, address=address: client.get(address))
    yield from _of_lookups(world)
    yield from _of_codes(world)
    yield from _of_lists(world)
    yield Visit("notice", lambda client: client.get(f"/notices/{world.notice_id}/"))
    yield Visit("bulletin", lambda client: client.get(f"/bulletins/{world.publication}/"))
    yield Visit("bulletin-csv", lambda client: client.get(f"/bulletins/{world.publication}.csv"))
    yield Visit("list-template", lambda client: client.get("/lists/template.xlsx"))
    asked = {"basis": "received", "received_on": "2026-10-01", "office": "3702"}
    yield Visit("when: answered", lambda client: client.post("/when/", asked))
    yield Visit("enquiries: form and sending", leave_enquiry)
    yield Visit("reports: sent", lambda client: client.post("/reports/", REPORTED))
    kept: list[str] = []
    yield Visit(
        "enquiry-answer: asked",
        lambda client: ask_after(client, kept[-1]),
        first=lambda client: kept.append(make_enquiry(client)),
    )


def _is_plain(part: URLPattern) -> bool:
    """A page that has no parameter and doesn't answer forms alone."""
    only_forms = {"lookup", "code-new", "code-slip", "code-withdraw"}
    return not part.pattern.converters and "(?P<" not in str(part.pattern.regex.pattern) and part.name not in only_forms


def _of_lookups(world: World) -> Iterator[Visit]:
    outcomes = {"found": world.found, "revoked": world.revoked, "under review": world.reviewed, "not found": ABSENT}
    for words, pair in outcomes.items():
        yield Visit(f"lookup: {words}", _looking_up(pair))
    yield Visit("lookup: invalid", _looking_up(Pair("1", "2")))
    look = _looking_up(world.found)
    twice: Callable[[Client], object] = lambda client: [look(client), look(client)]  # noqa: E731
    yield Visit("lookup: challenge", look, first=look, limits=TIGHT)
    yield Visit("lookup: limited", look, first=twice, limits=TIGHT)
    asked: list[HttpResponse] = []
    yield Visit(
        "lookup: found after a challenge",
        lambda client: go_on(client, asked[-1]),
        first=lambda client: asked.extend([look(client), look(client)]),
        limits=TIGHT,
    )


def _looking_up(pair: Pair) -> Send:
    return lambda client: look_up(client, pair.id_number, pair.certificate_number)


def _of_codes(world: World) -> Iterator[Visit]:
    pages: list[HttpResponse] = []

    def fields(*names: str) -> dict[str, str]:
        return {name: value_of(pages[-1], name) for name in names}

    def manage(client: Client) -> None:
        pages.append(open_manager(client, world.found))

    def make(client: Client) -> None:
        pages.append(make_slip(client, world.found))

    def send_manager(client: Client) -> HttpResponse:
        return client.post("/codes/", {"found": value_of(pages[-1], "found")})

    def look(client: Client) -> None:
        pages.append(_looking_up(world.found)(client))

    yield Visit("codes: the holder's own", send_manager, first=look)
    yield Visit(
        "code-new", lambda client: client.post("/codes/new/", fields("found", "slip") | {"days": "7"}), first=manage
    )
    yield Visit("code-slip", lambda client: client.post("/codes/slip/", fields("found", "slip")), first=manage)
    withdrawn = {"code_id": "1"}
    yield Visit(
        "code-withdraw", lambda client: client.post("/codes/withdraw/", fields("found") | withdrawn), first=manage
    )
    yield Visit("code", lambda client: client.get(f"/codes/{code_on(pages[-1])}/"), first=make)
    yield Visit("code: unknown", lambda client: client.get("/codes/2222-2222-2222-2222/"))


def _of_lists(world: World) -> Iterator[Visit]:
    lines = pasted(*(listed(row) for row in world.rows))
    kept: list[str] = []

    def leave(client: Client) -> None:
        kept.append(hand_in(client, lines)["Location"])

    yield Visit("lists: handed in", lambda client: hand_in(client, lines))
    yield Visit("list", lambda client: client.get(kept[-1]), first=leave)
    yield Visit("list-sheet", lambda client: client.get(f"{kept[-1]}result.xlsx"), first=leave)


@dataclass(slots=True)
class Walked:
    """What each visit costs, and which addresses were visited."""

    costs: dict[str, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def walk(world: World) -> Walked:
    """Each visit from an address of its own, in a process that has answered it before; all taken back."""
    walked = Walked()
    for place, visit in enumerate(visits(world)):
        # A changed setting lets go of what a process holds.
        with override_settings(**visit.limits):
            answer, cost = [_cost(visit, place) for _ in range(2)][-1]
        assert answer.status_code < 500, f"{visit.words} is answered with {answer.status_code}"
        walked.costs[visit.words] = cost
        if match := answer.wsgi_request.resolver_match:
            walked.names.add(str(match.url_name))
    return walked


def _cost(visit: Visit, place: int) -> tuple[HttpResponse, int]:
    client = Client(REMOTE_ADDR=f"203.0.113.{place}")
    with transaction.atomic():
        visit.first(client)
        with counted() as sent:
            answer = visit.send(client)
        transaction.set_rollback(True)
    return answer, len(sent)


@pytest.fixture(scope="module")
def walks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> tuple[Walked, Walked]:
    """With little, and with more; made once for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        little = walk(world)
        much = walk(make_more(world))
        transaction.set_rollback(True)
    return little, much


def test_every_page_keeps_to_its_budget_of_queries(
    walks: tuple[Walked, Walked], request: pytest.FixtureRequest
) -> None:
    hold("Public pages", walks[0].costs, request)


def test_every_address_is_among_them(walks: tuple[Walked, Walked]) -> None:
    named = {part.name for part in urlpatterns if isinstance(part, URLPattern) and part.name}
    assert named <= walks[0].names


def test_no_page_takes_more_queries_when_there_is_more_to_show(walks: tuple[Walked, Walked]) -> None:
    little, much = walks
    grown = [
        f"{words}: {little.costs[words]}, {cost}" for words, cost in much.costs.items() if cost != little.costs[words]
    ]
    assert not grown, "\n".join(grown)
