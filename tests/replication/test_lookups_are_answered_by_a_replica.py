"""With a replica, lookups are answered by it while it is near, by the primary while it isn't, and without a primary at all."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tests.certificates_pages.reading import Pair as Numbers
from tests.certificates_pages.reading import publish
from tests.conftest import serving
from tests.make import (
    Cast,
    make_approved_change,
    make_revocation,
    make_row,
)
from tests.replication.standby import Pair, Standby, primary_and_standby, wait_until
from tests.replication.visiting import LIMITS, RATE, Visitor, moment
from tests.switching import describe, working_on
from uploads.models import BatchKind, Release
from uploads.oversight.matters.replication import look_at_replicas
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, sign_release

LAG = 3


@dataclass
class World:
    """Primary and standby, a site that knows both, a published certificate, and its revocation, signed by all."""

    pair: Pair
    visitor: Visitor
    cast: Cast
    revocation: Release


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with primary_and_standby() as pair, django_db_blocker.unblock():
        with working_on(pair.copy):
            [numbers] = publish(make_row(seed=7))
            cast = Cast()
            revocation = make_approved_change(cast, BatchKind.REVOCATION, [make_revocation(numbers.certificate_number)])
        pair.wait_until_all_is_replayed()
        replica = pair.at_standby.url("public")
        with serving(pair.copy, DATABASE_REPLICA_URL=replica, REPLICA_LAG_SECONDS=str(LAG), **LIMITS) as site:
            yield World(pair, Visitor(site, numbers), cast, revocation)


def test_the_standby_answers_with_what_it_has_and_the_primary_when_that_is_too_old(world: World) -> None:
    look_up = world.visitor.look_up
    wait_until(lambda: look_up().as_of)
    world.pair.standby.run("SELECT pg_wal_replay_pause()")
    before = datetime.now(ZoneInfo("Asia/Shanghai"))
    release = world.revocation
    with working_on(world.pair.copy):
        sign_release(by=world.cast.network_administrator, release=release, digest=digest_of_release(release))
        publish_release(release.id)
    published = time.monotonic()
    late = look_up()
    assert late.outcome == "found", "the standby doesn't know of the revocation"
    assert moment(late.as_of) <= before, "and says so"
    wait_until(lambda: look_up().outcome == "revoked")
    assert time.monotonic() - published < LAG + 1
    assert not look_up().as_of, "the primary answers: its data are present"
    world.pair.standby.run("SELECT pg_wal_replay_resume(), 1")
    wait_until(lambda: look_up().as_of)
    near = look_up()
    assert near.outcome == "revoked"
    assert moment(near.as_of) > before


def test_check_system_says_how_far_a_replica_is_behind(world: World) -> None:
    def seen() -> tuple[str, str]:
        found = look_at_replicas()
        return found.condition, found.english

    with reading_replica(world.pair) as standby:
        condition, told = seen()
        assert (condition, told.split(" is ")[0]) == ("well", "replica_1")
        assert float(told.split()[2]) < 2
        standby.run("SELECT pg_wal_replay_pause(), 1")
        time.sleep(1)
        settings.REPLICA_LAG_SECONDS = 1
        condition, told = seen()
        assert condition == "warning"
        assert told.endswith("the primary answers lookups meanwhile")
        standby.run("SELECT pg_wal_replay_resume(), 1")
        wait_until(lambda: seen()[0] == "well")


@contextmanager
def reading_replica(pair: Pair) -> Iterator[Standby]:
    """This process works on the primary and knows the standby."""
    lag = settings.REPLICA_LAG_SECONDS
    with working_on(pair.copy):
        settings.DATABASES["replica_1"] = describe(pair.at_standby.url("public"))
        try:
            yield pair.standby
        finally:
            connections["replica_1"].close()
            del connections["replica_1"]
            settings.REPLICA_LAG_SECONDS = lag


def test_a_standby_that_is_gone_costs_nobody_more_than_one_short_wait(world: World) -> None:
    look_up = world.visitor.look_up
    wait_until(lambda: look_up().as_of)
    world.pair.standby.stop()
    answers = [look_up() for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert {answer.outcome for answer in answers} <= {"found", "revoked"}
    assert not any(answer.as_of for answer in answers), "the primary answers"
    assert max(answer.seconds for answer in answers) < 2
    assert sum(answer.seconds > 0.8 for answer in answers) <= 1
    world.pair.standby.start()
    wait_until(lambda: look_up().as_of)


def test_without_the_primary_lookups_go_on_under_strict_limits_and_nothing_else(world: World) -> None:
    visitor, pair = world.visitor, world.pair
    wait_until(lambda: visitor.look_up().as_of)
    pair.wait_until_all_is_replayed()
    stopped = datetime.now(ZoneInfo("Asia/Shanghai"))
    pair.primary.server.stop()
    first = visitor.look_up()
    assert first.status == 200
    assert first.as_of
    assert first.seconds < 3
    wait_until(lambda: "lookups only" in visitor.open("/readyz").text)
    for path in ("/", "/en/", "/bulletins/", "/schedule/", "/staff/login/"):
        answer = visitor.open(path)
        assert (path, answer.status, answer.seconds < 3) == (path, 503, True)
        assert int(answer.headers["Retry-After"]) > 0
    home = visitor.open("/")
    assert 'action="/lookup/"' in home.text, "the form is had all the same"
    assert "目前只能查询证书" in home.text
    assert home.outcome == "unavailable"
    assert visitor.open("/codes/2345-6789-2345-6789/").status == 503
    assert visitor.open("/lookup/", {"id_number": "12", "certificate_number": ""}).outcome == "invalid"
    answers = [visitor.look_up() for _ in range(RATE // 20 + 1)]
    assert answers[0].status == 200
    assert moment(answers[0].as_of) <= stopped
    assert answers[-1].status == 429
    assert max(answer.seconds for answer in answers) < 1

    pair.standby.promote()
    with working_on(pair.at_standby), serving(pair.at_standby, **LIMITS) as site:
        [numbers] = publish(make_row(seed=8))
        assert Visitor(site, numbers).look_up().outcome == "found"
        assert Visitor(site, Numbers(*visitor.form.values())).look_up().outcome in {"found", "revoked"}
