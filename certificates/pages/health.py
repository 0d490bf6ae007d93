"""For whoever watches the servers: whether the process lives, and whether it can answer lookups."""

from functools import cache

from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.urls import path

from certificates.models import Publication
from certlookup.databases import current_connection, primary_is_away, reads_register


class MigrationsPending(Exception):
    """The database lacks tables of this program."""


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the register can be read and its tables are this program's, else 503."""
    try:
        _require_register()
    except DatabaseError:
        return _not_ready("database unavailable")
    except MigrationsPending:
        return _not_ready("migrations pending")
    # Ready all the same: without the primary, this node is where lookups are answered.
    said = "ok: lookups only, the primary is away\n" if primary_is_away() else "ok\n"
    return HttpResponse(said, content_type="text/plain")


@reads_register
def _require_register() -> None:
    Publication.objects.exists()
    _require_complete()


@cache
def _require_complete() -> None:
    """Raise MigrationsPending while a migration isn't applied. A yes is kept: tables don't go away again."""
    executor = MigrationExecutor(current_connection())
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsPending


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(f"{reason}\n", status=503, content_type="text/plain", headers={"Retry-After": "5"})


urlpatterns = [path("healthz", healthz), path("readyz", readyz)]
