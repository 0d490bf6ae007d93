"""manage.py rotate_keys: every ID number under the newest key; exit status 0 done, 1 interrupted (run it again)."""

import sys

import psycopg
from django.core.management.base import BaseCommand, CommandError

from certificates.keycheck import KeysDoNotFit, require_fitting_keys
from certlookup.databases import current_connection
from certlookup.roles import SCHEMA
from certlookup.sealing import live_keys
from uploads.oversight.audit import record
from uploads.oversight.rekeying import RekeyError, rotate_keys
from uploads.oversight.verification import connection_parameters


class Command(BaseCommand):
    help = (
        "Seals and indexes every ID number under the newest of CERTLOOKUP_KEYS, while the site goes on answering. "
        "May be interrupted and run again."
    )

    def handle(self, *args: object, **options: object) -> None:
        current_connection().ensure_connection()
        try:
            require_fitting_keys()
        except KeysDoNotFit as error:
            raise CommandError(str(error)) from error
        newest = live_keys()[0].version
        record(by=None, action="keys.rotation_begun", subject_kind="keys", subject_id=str(newest))
        try:
            with psycopg.connect(
                **connection_parameters("rekey"), autocommit=True, options=f"-c search_path={SCHEMA}"
            ) as connection:
                total = rotate_keys(connection, self._show)
        except (KeyboardInterrupt, psycopg.OperationalError) as error:
            reason = "" if isinstance(error, KeyboardInterrupt) else f" ({str(error).splitlines()[0]})"
            self.stderr.write(f"Interrupted{reason}. Nothing is lost; run manage.py rotate_keys again.")
            sys.exit(1)
        except RekeyError as error:
            raise CommandError(f"{error} Run manage.py verify_register to see what differs.") from error
        record(by=None, action="keys.rotated", subject_kind="keys", subject_id=str(newest), detail={"rows": total})
        self.stdout.write(
            f"{total} ID numbers are now sealed under key version {newest}. "
            "Older versions may be taken out of CERTLOOKUP_KEYS; keep them for older backups."
        )

    def _show(self, table: str, done: int) -> None:
        self.stdout.write(f"{table}: {done}")
