"""The worker's metrics: each matter of check_system, the queue and the ages; a database that is gone is a number, too."""

import pytest
from django.db import connection, connections
from prometheus_client import CollectorRegistry, generate_latest

from tests.databases import Copy
from tests.oversight.test_the_system_is_checked import MATTERS
from uploads.oversight.metrics import SystemCollector


@pytest.fixture
def shown(fresh_database: Copy) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry._collector_to_names[SystemCollector()] = []
    return registry


def test_every_matter_and_the_queue_are_numbers(shown: CollectorRegistry) -> None:
    told = generate_latest(shown).decode()
    for matter in MATTERS:
        assert f'certlookup_check{{matter="{matter}"}}' in told
    assert 'certlookup_check{matter="worker"} 2.0' in told
    assert 'certlookup_check{matter="scanner"} 1.0' in told
    for name in ("jobs_waiting", "jobs_failed", "certificates", "lookups_found_today", "lookups_missed_today"):
        assert f"certlookup_{name} " in told
    assert "certlookup_database_up 1.0" in told
    assert "certlookup_backup_age_seconds " not in told, "what there isn't has no age"


def test_a_database_that_is_gone_is_told(shown: CollectorRegistry, fresh_database: Copy) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = "gone"
    assert "certlookup_database_up 0.0" in generate_latest(shown).decode()
