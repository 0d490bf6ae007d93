"""Misses, scraping and sudden load are counted for the staff; an address is stored only where it is conspicuous."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates import load
from certificates.models import LookupMinute, LookupPattern, NotedAddress
from certlookup.databases import current_connection
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish
from tests.make import make_id_number

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def begin(settings: Settings) -> None:
    load.tally.forget()
    settings.RATE_ADDRESS = "1000/d"


def use_now() -> load.LookupLoad:
    """What the staff see once this process has told what it counted."""
    load.tell_beside()
    return load.lookup_load(timezone.now())


def miss(client: Client, place: int) -> None:
    look_up(client, make_id_number(seed=place), f"{815_012_003_400_001 + 7 * place:016d}")


def test_an_ordinary_visitor_leaves_a_count_and_no_address(client: Client) -> None:
    [pair] = publish()
    for _ in range(3):
        look_up(client, pair.id_number, pair.certificate_number)
    look_up(client, ABSENT_ID, ABSENT_NUMBER)
    use = use_now()
    assert (use.lookups, use.misses, use.miss_percent, use.challenged, use.limited) == (4, 1, 25, 0, 0)
    assert (use.addresses, use.warnings) == ((), ())
    assert not NotedAddress.objects.exists()


def test_whoever_misses_again_and_again_or_tries_number_by_number_is_named(client: Client) -> None:
    for place in range(31):
        miss(client, place)
    miss(Client(REMOTE_ADDR="203.0.113.5"), 99)
    noted = {(line.address, line.pattern): line.count for line in use_now().addresses}
    assert noted[("127.0.0.1", LookupPattern.MISSES.label)] == 31
    assert noted[("127.0.0.1", LookupPattern.SEQUENCE.label)] == 30
    assert {address for address, _ in noted} == {"127.0.0.1"}


def test_whoever_guesses_at_one_person_is_named(client: Client, settings: Settings) -> None:
    settings.RATE_ID = "3/d"
    for place in range(7):
        look_up(client, ABSENT_ID, f"{815_012_003_400_001 + 100 * place:016d}")
    use = use_now()
    assert [(line.pattern, line.count) for line in use.addresses] == [(LookupPattern.GUESSING.label, 4)]
    assert "异常的查询记录" in " ".join(use.warnings)


def test_sudden_load_and_many_misses_are_said() -> None:
    now = timezone.now()
    quiet = [
        LookupMinute(minute=now - timedelta(minutes=back), lookups=2, misses=0, challenged=0, limited=0)
        for back in range(6, 1440)
    ]
    busy = LookupMinute(minute=now - timedelta(minutes=1), lookups=400, misses=390, challenged=0, limited=0)
    counts = [(entry.minute.isoformat(), entry.lookups, entry.misses) for entry in (*quiet, busy)]
    write(counts)
    use = load.lookup_load(now)
    assert (use.lately, use.usual) == (400, 10)
    assert len(use.warnings) == 2
    load.forget_old_load(now + load.KEEP)
    assert LookupMinute.objects.count() == 0


def write(counts: list[tuple[str, int, int]]) -> None:
    told = json.dumps(
        [
            {"minute": minute, "lookups": lookups, "misses": misses, "challenged": 0, "limited": 0}
            for minute, lookups, misses in counts
        ]
    )
    with current_connection().cursor() as cursor:
        cursor.execute(load._NOTE, [told, "[]"])
