"""How far a publication has come, while nothing of it is to be seen yet: it is one transaction.

tell_progress() in the database names release, step and rows in the session's application_name, which pg_stat_activity
shows to others at once. It ends with the transaction, however that ends: a killed publication leaves no progress behind.
"""

from dataclasses import dataclass

from django.db import connection

_NAME = "certlookup publication"
CHECKED, WRITTEN = "checked", "written"


@dataclass(frozen=True, slots=True)
class PublicationProgress:
    """Rows whose content was compared with its signatures, or rows written, of all that the release has."""

    step: str
    rows: int

    @property
    def is_writing(self) -> bool:
        return self.step == WRITTEN


def publication_progress(release_id: int) -> PublicationProgress | None:
    """Where the release's publication stands at this moment; None while no worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() "
            "AND starts_with(application_name, %s)",
            [f"{_NAME} {release_id} "],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    step, _, rows = found[0].removeprefix(f"{_NAME} {release_id} ").partition(" ")
    return PublicationProgress(step, int(rows)) if step in {CHECKED, WRITTEN} and rows.isdigit() else None
