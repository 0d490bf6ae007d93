"""Servers that hang, that are cut off, and that take over: lookups go on, and nobody waits long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.certificates_pages.reading import Pair as Numbers
from tests.certificates_pages.reading import publish
from tests.conftest import serving
from tests.make import make_row
from tests.replication.standby import (
    Pair,
    StandbyCopy,
    hanging,
    primary_and_standby,
    processes_of,
    standby_of,
    wait_until,
)
from tests.replication.visiting import LIMITS, Visitor
from tests.switching import working_on

LAG = 3
# Never the limits' own answer.
MANY = LIMITS | {name: value.replace("400", "90000") for name, value in LIMITS.items()}


@pytest.fixture
def pair(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Pair, Numbers]]:
    """Primary and standby with one published certificate."""
    with primary_and_standby() as both, django_db_blocker.unblock():
        with working_on(both.copy):
            [numbers] = publish(make_row(seed=7))
        both.wait_until_all_is_replayed()
        yield both, numbers


@contextmanager
def site(pair: Pair, numbers: Numbers, *replicas: str, **more: str) -> Iterator[Visitor]:
    """A public site, whose replicas are these, with a visitor."""
    variables = {
        "SITE": "public",
        "DATABASE_REPLICA_URL": ",".join(replicas or (pair.at_standby.url("public"),)),
        "REPLICA_LAG_SECONDS": str(LAG),
    }
    with serving(pair.copy, **variables, **MANY, **more) as address:
        visitor = Visitor(address, numbers)
        wait_until(lambda: visitor.look_up().as_of)
        yield visitor


def test_a_standby_that_hangs_is_waited_for_once_and_not_long(pair: tuple[Pair, Numbers]) -> None:
    with site(*pair) as visitor:
        with hanging(pair[0].standby.processes()):
            answers = [visitor.look_up() for _ in range(20)]
        assert {(answer.status, answer.as_of) for answer in answers} == {(200, "")}
        assert max(answer.seconds for answer in answers) < 2
        assert sum(answer.seconds > 0.5 for answer in answers) <= 1
        wait_until(lambda: visitor.look_up().as_of)


def test_a_standby_that_is_cut_off_without_knowing_is_noticed(pair: tuple[Pair, Numbers]) -> None:
    with site(*pair) as visitor:
        with hanging([pair[0].standby.receiver()]):
            wait_until(lambda: not visitor.look_up().as_of, LAG + 2)
        wait_until(lambda: visitor.look_up().as_of)


def test_a_primary_that_hangs_is_passed_over(pair: tuple[Pair, Numbers]) -> None:
    with site(*pair) as visitor:
        with hanging(processes_of(pair[0].primary.running.pid)):
            answers = [visitor.look_up() for _ in range(10)]
            assert {answer.status for answer in answers} == {200}
            assert all(answer.as_of for answer in answers)
            assert max(answer.seconds for answer in answers) < 3
            wait_until(lambda: "lookups only" in visitor.open("/readyz").text)
            assert max(visitor.look_up().seconds for _ in range(5)) < 0.5
            for path in ("/", "/bulletins/", "/contacts/"):
                answer = visitor.open(path)
                assert (answer.status, answer.seconds < 1) == (503, True)
        wait_until(lambda: visitor.open("/").status == 200)


def test_several_standbys_share_the_lookups_and_one_is_enough(pair: tuple[Pair, Numbers]) -> None:
    both, _ = pair
    with standby_of(both.primary, "two") as second:
        other = StandbyCopy(both.copy.name, second)
        with site(*pair, both.at_standby.url("public"), other.url("public")) as visitor:
            # Held still, the second one's data are older and tell it from the first.
            second.run("SELECT pg_wal_replay_pause(), 1")
            time.sleep(LAG / 2)
            seen = [visitor.look_up().as_of for _ in range(30)]
            assert len(set(seen)) > 1
            assert seen.count(min(seen)) > 3
            second.run("SELECT pg_wal_replay_resume(), 1")
            both.standby.stop()
            both.primary.server.stop()
            wait_until(lambda: "lookups only" in visitor.open("/readyz").text)
            assert {visitor.look_up().outcome for _ in range(10)} == {"found"}


def test_a_site_that_knows_both_servers_follows_the_one_that_takes_over(pair: tuple[Pair, Numbers]) -> None:
    """DATABASE_PUBLIC_URL may name several hosts, of which the one that can be written to is the primary."""
    both, _ = pair
    urls = [urlsplit(copy.url("public")) for copy in (both.copy, both.at_standby)]
    places = [parse_qs(url.query) for url in urls]
    hosts, ports = (",".join(place[part][0] for place in places) for part in ("host", "port"))
    url = f"{urls[0]._replace(query='').geturl()}?host={hosts}&port={ports}&target_session_attrs=read-write"
    with site(*pair, DATABASE_PUBLIC_URL=url) as visitor:
        both.primary.server.stop()
        wait_until(lambda: "lookups only" in visitor.open("/readyz").text)
        both.standby.promote()
        wait_until(lambda: visitor.open("/").status == 200)
        wait_until(lambda: not visitor.look_up().as_of)
        assert visitor.look_up().outcome == "found"
