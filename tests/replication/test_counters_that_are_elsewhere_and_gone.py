"""CACHE_URL names where the limits are counted; while nothing answers there, strict limits of each process stand in."""

import subprocess
import sys
import time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from certificates.flooding import Limited, count_use
from tests.certificates_pages.reading import look_up, publish, read
from tests.databases import PROJECT
from tests.make import make_row
from uploads.oversight.matters.database import look_at_counters

NOBODY = "redis://127.0.0.1:1/0"
BACKEND = "certlookup.rediscounters.RedisRateCache"


@pytest.fixture
def gone(settings: Settings) -> None:
    settings.CACHE_URL = NOBODY
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": NOBODY}}


@pytest.mark.django_db
@pytest.mark.usefixtures("gone")
def test_lookups_go_on_under_strict_limits(settings: Settings) -> None:
    # This process's counters outlive a test: a pair that no other one looks up.
    [pair] = publish(make_row(seed=4711))
    settings.RATE_ADDRESS = settings.RATE_ID = settings.RATE_CERTIFICATE = "60/d"
    client = Client(REMOTE_ADDR="192.0.2.78")
    began = time.monotonic()
    answers = [look_up(client, pair.id_number, pair.certificate_number) for _ in range(5)]
    assert [(answer.status_code, read(answer).outcome) for answer in answers] == [
        *[(200, "found")] * 3, *[(429, "limited")] * 2,
    ]  # fmt: skip
    assert time.monotonic() - began < 3, "nobody waits for it again and again"


@pytest.mark.django_db
@pytest.mark.usefixtures("gone")
def test_what_else_is_counted_is_refused_and_check_system_says_so() -> None:
    assert count_use(kind="codes", address="192.0.2.79", rate="100/m") == Limited(60)
    assert look_at_counters().condition == "failure"


def test_an_address_of_another_kind_is_refused() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import certlookup.settings"],
        cwd=PROJECT, env={"CACHE_URL": "http://127.0.0.1:6379"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "CACHE_URL has to begin with redis://, rediss:// or unix://." in answer.stderr
