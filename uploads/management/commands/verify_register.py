"""manage.py verify_register: recompute and compare; exit status 0 if all is the same, 1 if something differs."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from certificates.models import Publication
from uploads.models import VerificationKind
from uploads.oversight.verifying import verify_and_note


class Command(BaseCommand):
    help = "Recomputes leaves, digests, roots, counts and every ID number's commitment and index; names what differs."

    def handle(self, *args: object, **options: object) -> None:
        unseal = bool(settings.CERTLOOKUP_KEYS)
        noted, differences = verify_and_note(VerificationKind.REGISTER)
        rows, publications = noted.row_count, Publication.objects.count()
        for difference in differences:
            self.stdout.write(str(difference))
        if not unseal:
            self.stderr.write("CERTLOOKUP_KEYS is not set: the ID numbers were not opened.")
        self.stdout.write(f"{publications} publications, {rows} rows: {len(differences) or 'no'} differences.")
        sys.exit(1 if differences else 0)
