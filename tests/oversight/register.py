"""The register and the trail as these tests look at them: in the test's own transaction, as staff."""

from django.db import connection

from certificates.models import Publication
from tests.databases import acting_as
from tests.make import Cast, make_published_release, make_rows
from uploads.oversight.auditchain import verify_audit
from uploads.oversight.roots import store_root
from uploads.oversight.verification import verify_register


def make_register(count: int = 5) -> Publication:
    """One publication with its root."""
    release = make_published_release(Cast(), rows=make_rows(count))
    assert release.publication is not None
    store_root(release.publication.pk)
    release.publication.refresh_from_db()
    return release.publication


def in_register(*, unseal: bool = True) -> list[tuple[str, str]]:
    """What differs in the register: (rule, subject)."""
    with acting_as("staff"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return [(found.key, found.subject) for found in verify_register(connection.connection, unseal=unseal)]


def in_trail() -> list[tuple[str, str]]:
    """What differs in the audit trail: (rule, subject)."""
    with acting_as("staff"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return [(found.key, found.subject) for found in verify_audit(connection.connection)]
