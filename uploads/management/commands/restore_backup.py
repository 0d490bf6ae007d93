"""manage.py restore_backup FILE --identity KEYFILE --order TEXT: exit status 0 restored, 1 not (and nothing changed)."""

import sys
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from uploads.backup.restoring import NotOrdered, restore_backup
from uploads.backup.staged import owner_connection
from uploads.backup.tools import BackupError


class Command(BaseCommand):
    help = (
        "Restores a backup copy: unpacks and verifies it beside the live data, lists what would be lost, and exchanges both in "
        "one transaction. Over live data only by the deputy director's order (page 备份, 恢复). May be killed and run again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="the file with the private age key")
        parser.add_argument("--order", required=True, help="the leader's order, as it goes on record")

    def handle(self, *args: object, file: Path, identity: Path, order: str, **options: object) -> None:
        missing = {"owner", "backup"} - settings.DATABASES.keys()
        if missing:
            raise CommandError("DATABASE_OWNER_URL and DATABASE_BACKUP_URL have to be set: the owner restores.")
        try:
            with owner_connection("pg_catalog"):
                pass
            restore_backup(file, identity, order, self.stdout.write)
        except NotOrdered as waiting:
            self.stderr.write(str(waiting))
            sys.exit(1)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except ImproperlyConfigured as error:
            raise CommandError(f"Without the keys of the ID numbers nothing can be verified: {error}") from error
        except (psycopg.OperationalError, OperationalError) as error:
            raise CommandError(
                f"The server or database can't be reached; has set_up_database run? {str(error).splitlines()[0]}"
            ) from error
        # A copy of an earlier version is brought up to date; of the same version, this only looks.
        call_command("set_up_database", verbosity=0, stdout=self.stdout)
