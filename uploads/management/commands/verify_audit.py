"""manage.py verify_audit: recompute and compare; exit status 0 if all is the same, 1 if something differs."""

import sys

from django.core.management.base import BaseCommand

from uploads.oversight.auditchain import verify_audit
from uploads.oversight.verification import open_connection


class Command(BaseCommand):
    help = "Recomputes the audit trail's chain of hashes and looks for the states noted elsewhere; names what differs."

    def handle(self, *args: object, **options: object) -> None:
        with open_connection("default") as connection:
            differences = verify_audit(connection)
            (entries,) = connection.execute("SELECT count(*) FROM audit_entry").fetchone() or (0,)
        for difference in differences:
            self.stdout.write(str(difference))
        self.stdout.write(f"{entries} entries: {len(differences) or 'no'} differences.")
        sys.exit(1 if differences else 0)
