"""A copy unpacked beside the live data, in a schema of its own, verified there before anything takes its place.

pg_dump's script names the schema it was taken from. In one transaction the live schema steps aside, the script runs, and
both get their names: nobody else sees anything of it, and a kill leaves nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from psycopg import IsolationLevel, sql

from certlookup.roles import SCHEMA
from certlookup.sealing import read_keys
from uploads.backup.proof import State, read_state
from uploads.backup.tools import BackupError, Tools
from uploads.oversight.auditchain import verify_audit
from uploads.oversight.verification import connection_parameters, verify_register

STAGING = f"{SCHEMA}_restoring"
_ASIDE_FOR_A_MOMENT = f"{SCHEMA}_present"
OWNER = "owner"
ADVISORY_CLASS = 7304
DIFFERENCES_NAMED = 20
OUR_APPS = ("certificates", "uploads")

_BEFORE = f"""
SELECT pg_advisory_xact_lock({ADVISORY_CLASS}, 1);
DROP SCHEMA IF EXISTS {STAGING} CASCADE;
DO $$ BEGIN
    IF to_regnamespace('{SCHEMA}') IS NOT NULL THEN
        ALTER SCHEMA {SCHEMA} RENAME TO {_ASIDE_FOR_A_MOMENT};
    END IF;
END $$;
"""
_AFTER = f"""
ALTER SCHEMA {SCHEMA} RENAME TO {STAGING};
DO $$ BEGIN
    IF to_regnamespace('{_ASIDE_FOR_A_MOMENT}') IS NOT NULL THEN
        ALTER SCHEMA {_ASIDE_FOR_A_MOMENT} RENAME TO {SCHEMA};
    END IF;
END $$;
"""


@contextmanager
def owner_connection(schema: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner's own that finds one schema's tables; autocommit. Closed afterwards."""
    with psycopg.connect(
        **connection_parameters(OWNER), autocommit=True, options=f"-c search_path={schema}"
    ) as connection:
        yield connection


def stage(tools: Tools, dump: Path, digest: bytes) -> None:
    """Unpack the dump into STAGING, unless an earlier run of the same file has. Raises BackupError."""
    with owner_connection(STAGING) as connection:
        noted = connection.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [STAGING]).fetchone()
    if noted == (digest.hex(),):
        return
    before, after = dump.with_name("before.sql"), dump.with_name("after.sql")
    script = dump.with_name("dump.sql")
    before.write_text(_BEFORE, encoding="utf-8")
    after.write_text(f"{_AFTER}COMMENT ON SCHEMA {STAGING} IS '{digest.hex()}';\n", encoding="utf-8")
    tools.write_script(dump, script)
    tools.run_scripts([before, script, after], alias=OWNER)
    script.unlink()


def verify_staged(stated: State | None) -> State:
    """Recompute all of what was staged, and compare it with the manifest. Raises BackupError, with what differs."""
    with owner_connection(STAGING) as connection:
        connection.autocommit = False
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        _require_fitting(connection)
        differences = [*verify_register(connection, unseal=True), *verify_audit(connection)]
        state = read_state(connection, STAGING)
    if differences:
        named = "; ".join(map(str, differences[:DIFFERENCES_NAMED]))
        raise BackupError(f"The copy is not sound, {len(differences)} differences: {named}")
    if stated is not None and stated != state:
        raise BackupError("The restored tables, root or audit head are not those in the manifest.")
    return state


def _require_fitting(connection: psycopg.Connection[Any]) -> None:
    """Of this kind of installation, and of this version of the program or an earlier one."""
    (demo,) = connection.execute("SELECT demo FROM installation").fetchone() or (None,)
    if demo is not settings.DEMO:
        raise BackupError(
            f"The copy is of a system with DEMO={int(bool(demo))}; this one runs with DEMO={int(settings.DEMO)}."
        )
    keys = {key.version: key.fingerprint() for key in read_keys(settings.CERTLOOKUP_KEYS)}
    for version, fingerprint in connection.execute(
        "SELECT version, fingerprint FROM key_fingerprint WHERE retired_at IS NULL ORDER BY version"
    ).fetchall():
        if keys.get(version) != bytes(fingerprint):
            wrong = "is another key" if version in keys else "is missing"
            raise BackupError(
                f"The copy's ID numbers are sealed under key version {version}, which {wrong} in CERTLOOKUP_KEYS. "
                "Put the keys of that time back (var/keys/certlookup_keys) and run this again."
            )
    loader = MigrationLoader(None)
    had = applied(connection)
    unknown = had - set(loader.disk_migrations)
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in sorted(unknown))
        raise BackupError(
            f"The copy is of a newer version of the program, which made {names}; install that version first."
        )
    ours = [done for done in had if done[0] in OUR_APPS and done in loader.graph.node_map]
    parents = {before.key for done in ours for before in loader.graph.node_map[done].parents}
    if any(key not in had for key in parents if key[0] in OUR_APPS):
        raise BackupError(
            "The copy is of a version of the program from which no way leads to this one; restore it with that version."
        )


def applied(connection: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """The migrations that a schema has had."""
    return set(connection.execute("SELECT app, name FROM django_migrations").fetchall())


def gather_statistics() -> None:
    """So that the first lookups after the restore are planned well."""
    with owner_connection(STAGING) as connection:
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", [STAGING]
        ).fetchall():
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(STAGING, name)))


def forget_staged() -> None:
    """Drop what was staged and is not to be used."""
    with owner_connection(STAGING) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(STAGING)))
