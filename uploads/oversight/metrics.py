"""What the worker shows to Prometheus: how each matter of check_system stands, the queue, ages, lookups; nothing about anybody."""

from collections.abc import Iterable, Iterator

from django.db import DatabaseError, connection, connections
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from uploads.oversight.matters import Condition
from uploads.oversight.system import check_system

# What one query answers each: name, help, and a statement of one number; no row or null is left out.
_NUMBERS = (
    ("certlookup_jobs_waiting", "Jobs that wait, due or not.", "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"),
    ("certlookup_jobs_failed", "Jobs that failed for good.", "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"),
    ("certlookup_certificates", "Certificates in the register, by the planner's estimate.",
     "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'certificate'::regclass"),
    ("certlookup_backup_age_seconds", "Age of the newest verified copy.",
     "SELECT extract(epoch FROM clock_timestamp() - max(written_at)) FROM backup_copy WHERE state = 'verified'"),
    ("certlookup_proof_age_seconds", "Age of the newest proof by restore.",
     "SELECT extract(epoch FROM clock_timestamp() - max(proven_at)) FROM backup_proof"),
    ("certlookup_verification_age_seconds", "Age of the newest full recomputation of the register.",
     "SELECT extract(epoch FROM clock_timestamp() - max(ended_at)) FROM verification WHERE kind = 'register'"),
    ("certlookup_lookups_found_today", "Lookups of today that found a certificate.",
     "SELECT coalesce(sum(hits), 0) FROM lookup_count WHERE day = (now() AT TIME ZONE 'Asia/Shanghai')::date"),
    ("certlookup_lookups_missed_today", "Lookups of today that found none.",
     "SELECT coalesce(sum(misses), 0) FROM lookup_count WHERE day = (now() AT TIME ZONE 'Asia/Shanghai')::date"),
)  # fmt: skip
_LEVEL = {Condition.WELL: 0, Condition.WARNING: 1, Condition.FAILURE: 2}


class SystemCollector(Collector):
    """Asks when it is asked; a database that can't be reached is up = 0, and a scrape never fails."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge as it stands now. Runs in a thread of the metrics' own, whose connections end with it."""
        try:
            yield from self._system()
        finally:
            connections.close_all()

    def _system(self) -> Iterable[GaugeMetricFamily]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return [GaugeMetricFamily("certlookup_database_up", "Whether the database answers.", value=0)]
        gauges = [GaugeMetricFamily("certlookup_database_up", "Whether the database answers.", value=1)]
        checks = GaugeMetricFamily(
            "certlookup_check", "check_system: 0 well, 1 warning, 2 failure, by matter.", labels=["matter"]
        )
        for finding in check_system():
            checks.add_metric([finding.name], _LEVEL[finding.condition])
        gauges.append(checks)
        for name, told, statement in _NUMBERS:
            number = _number(statement)
            if number is not None:
                gauges.append(GaugeMetricFamily(name, told, value=number))
        return gauges


def _number(statement: str) -> float | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchone()[0]
    except DatabaseError:
        return None
    return None if found is None else float(found)


def serve_metrics(port: int, host: str) -> None:
    """Answer on a port of its own, in threads beside the worker. Raises OSError where the port is taken."""
    registry = CollectorRegistry()
    registry.register(SystemCollector())
    start_http_server(port, host, registry)
