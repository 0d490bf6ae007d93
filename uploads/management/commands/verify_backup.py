"""manage.py verify_backup FILE --identity KEYFILE: exit status 0 if the copy is whole and sound, else 1."""

import sys
import time
from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from uploads.backup.places import digest_of
from uploads.backup.restore import verify_backup
from uploads.backup.tools import BackupError
from uploads.models import Outcome
from uploads.oversight.audit import record


class Command(BaseCommand):
    help = "Decrypts a backup copy, restores it into a scratch database, recomputes everything and says what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="the file with the private age key")

    def handle(self, *args: object, file: Path, identity: Path, **options: object) -> None:
        begun = time.monotonic()
        try:
            verdict = verify_backup(file, identity)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except psycopg.OperationalError as error:
            raise CommandError(
                f"The server can't be reached under the backup role; has set_up_database run? {str(error).splitlines()[0]}"
            ) from error
        state, seconds = verdict.state, time.monotonic() - begun
        for said in verdict.problems:
            self.stdout.write(said)
        if not verdict.has_manifest:
            self.stderr.write("There is no manifest beside the file: it was compared with nothing but itself.")
        if not verdict.unsealed:
            self.stderr.write("CERTLOOKUP_KEYS is not set: the ID numbers were not opened.")
        self.stdout.write(
            f"{state.rows_of('certificate')} certificates, {state.rows_of('publication')} publications, the last one "
            f"{state.publication or 'none'} with root {state.root or 'none'}; audit trail up to entry "
            f"{state.audit_number}, {state.audit_hash}; {verdict.file_count} uploaded files: {len(verdict.problems) or 'no'} differences. It took {seconds:.1f} s."
        )
        self._record(file, len(verdict.problems), seconds)
        sys.exit(1 if verdict.problems else 0)

    def _record(self, file: Path, differences: int, seconds: float) -> None:
        """In the audit of the database that is in use; a copy is also looked at where there is none any more."""
        try:
            record(
                by=None,
                action="backup.verified",
                subject_kind="backup",
                subject_id=file.name[:40],
                outcome=Outcome.REFUSED if differences else Outcome.DONE,
                detail={"file": digest_of(file).hex(), "differences": differences, "seconds": round(seconds, 1)},
            )
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"Not recorded in the audit, which can't be reached: {str(error).splitlines()[0]}")
