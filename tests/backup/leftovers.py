"""What a backup must not leave behind."""

from pathlib import Path

from django.conf import settings

from tests.databases import Copy


def left_behind(copy: Copy, places: list[Path]) -> list[str]:
    """Scratch databases and work folders of this database, and half-written files in the places."""
    with copy.connect("superuser") as connection:
        (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (
            "",
        )
        prefix = f"certlookup_scratch_{oid}_"
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
    found = [name for (name,) in names]
    found += [path.name for path in (settings.VAR / "backups" / "work").glob(f"{prefix}*")]
    found += [path.name for place in places if place.is_dir() for path in place.iterdir() if path.name.startswith(".")]
    return found
