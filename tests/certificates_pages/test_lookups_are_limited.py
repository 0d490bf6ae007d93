"""Each address, ID number and certificate number is looked up so often and no oftener, by however many at once."""

import itertools
import threading

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from tests.cases import RACES
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, look_up, publish, read, value_of
from tests.databases import Copy
from tests.make import make_id_number

LOOKUP = "/lookup/"
FIRST_SERIAL = 815_012_003_400_001


def number(place: int) -> str:
    return f"{FIRST_SERIAL + place:016d}"


@pytest.fixture
def tight(settings: Settings) -> Settings:
    """Five a day of each."""
    settings.RATE_ADDRESS = settings.RATE_ID = settings.RATE_CERTIFICATE = "5/d"
    return settings


def ask(*, id_number: str = ABSENT_ID, certificate_number: str = ABSENT_NUMBER, address: str = "203.0.113.1") -> int:
    fields = {"id_number": id_number, "certificate_number": certificate_number}
    return Client(REMOTE_ADDR=address).post(LOOKUP, fields).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["address", "id_number", "certificate_number"])
def test_each_of_three_keys_has_its_limit(tight: Settings, key: str) -> None:
    def others(place: int) -> dict[str, str]:
        different = {
            "address": f"203.0.113.{place}",
            "id_number": make_id_number(seed=place),
            "certificate_number": number(place),
        }
        del different[key]
        return different

    assert [ask(**others(place)) for place in range(7)] == [200] * 5 + [429] * 2
    fresh = {"address": "198.51.100.7", "id_number": make_id_number(seed=99), "certificate_number": number(99)}
    assert ask(**others(8) | {key: fresh[key]}) == 200


@pytest.mark.django_db
def test_an_ipv6_household_is_one_address(tight: Settings) -> None:
    answers = [
        ask(id_number=make_id_number(seed=place), certificate_number=number(place), address=f"2001:db8:0:1::{place}")
        for place in range(6)
    ]
    assert answers == [200] * 5 + [429]
    assert ask(id_number=make_id_number(seed=9), certificate_number=number(9), address="2001:db8:0:2::1") == 200


@pytest.mark.django_db
def test_however_a_number_is_typed_it_is_counted_as_one(tight: Settings) -> None:
    old = ABSENT_ID[:6] + ABSENT_ID[8:17]
    spellings = itertools.cycle([ABSENT_ID, old, f" {ABSENT_ID[:6]}-{ABSENT_ID[6:]}"])
    answers = [
        ask(id_number=next(spellings), certificate_number=number(place), address=f"203.0.113.{place}")
        for place in range(6)
    ]
    assert answers == [200] * 5 + [429]


@pytest.mark.django_db
def test_the_page_says_when_to_come_back_and_keeps_what_was_typed(tight: Settings, client: Client) -> None:
    for _ in range(5):
        look_up(client, ABSENT_ID, ABSENT_NUMBER)
    response = look_up(client, ABSENT_ID, ABSENT_NUMBER)
    answer = read(response)
    assert (response.status_code, answer.outcome) == (429, "limited")
    seconds = int(response["Retry-After"])
    assert 0 < seconds <= 86_400
    assert f"请在 {-(-seconds // 60)} 分钟后再查" in answer.text
    back = client.post(LOOKUP, {"query": value_of(response, "query"), "edit": "1"})
    assert value_of(back, "id_number") == ABSENT_ID
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_a_form_with_messages_is_not_counted(tight: Settings) -> None:
    for _ in range(7):
        assert ask(id_number="1") == 200
    assert ask() == 200


@pytest.mark.parametrize("round_number", range(RACES))
def test_exactly_the_limit_passes_when_all_ask_at_once(
    fresh_database: Copy, settings: Settings, round_number: int
) -> None:
    settings.RATE_ADDRESS = settings.RATE_ID = settings.RATE_CERTIFICATE = "10/d"
    start = threading.Barrier(8)
    answers: list[int] = []

    def visit() -> None:
        start.wait()
        answers.extend(ask(address=f"203.0.113.{round_number + 1}") for _ in range(4))
        connections.close_all()

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert sorted(answers) == [200] * 10 + [429] * 22


def test_without_the_counters_strict_limits_stand_in_and_the_lookup_goes_on(
    fresh_database: Copy, settings: Settings
) -> None:
    [pair] = publish()
    settings.RATE_ADDRESS = settings.RATE_ID = settings.RATE_CERTIFICATE = "60/d"
    with fresh_database.connect("superuser", autocommit=True) as connection:
        connection.execute("DROP TABLE rate_counter")
    assert answers_of(pair, times=5) == [(200, "found")] * 3 + [(429, "limited")] * 2


def answers_of(pair: Pair, *, times: int) -> list[tuple[int, str | None]]:
    client = Client(REMOTE_ADDR="192.0.2.77")
    responses = [look_up(client, pair.id_number, pair.certificate_number) for _ in range(times)]
    return [(response.status_code, read(response).outcome) for response in responses]
