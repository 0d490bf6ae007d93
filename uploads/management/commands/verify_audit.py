"""manage.py verify_audit: recompute and compare; exit status 0 if all is the same, 1 if something differs."""

import sys

from django.core.management.base import BaseCommand

from uploads.models import VerificationKind
from uploads.oversight.verifying import verify_and_note


class Command(BaseCommand):
    help = "Recomputes the audit trail's chain of hashes and looks for the states noted elsewhere; names what differs."

    def handle(self, *args: object, **options: object) -> None:
        noted, differences = verify_and_note(VerificationKind.AUDIT)
        entries = noted.row_count
        for difference in differences:
            self.stdout.write(str(difference))
        self.stdout.write(f"{entries} entries: {len(differences) or 'no'} differences.")
        sys.exit(1 if differences else 0)
