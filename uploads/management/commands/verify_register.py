"""manage.py verify_register: recompute and compare; exit status 0 if all is the same, 1 if something differs."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from uploads.oversight.verification import open_connection, verify_register


class Command(BaseCommand):
    help = "Recomputes leaves, digests, roots, counts and every ID number's commitment and index; names what differs."

    def handle(self, *args: object, **options: object) -> None:
        unseal = bool(settings.CERTLOOKUP_KEYS)
        with open_connection("default") as connection:
            differences = verify_register(connection, unseal=unseal)
            rows, publications = connection.execute(
                "SELECT (SELECT count(*) FROM certificate) + (SELECT count(*) FROM revision), count(*) FROM publication"
            ).fetchone() or (0, 0)
        for difference in differences:
            self.stdout.write(str(difference))
        if not unseal:
            self.stderr.write("CERTLOOKUP_KEYS is not set: the ID numbers were not opened.")
        self.stdout.write(f"{publications} publications, {rows} rows: {len(differences) or 'no'} differences.")
        sys.exit(1 if differences else 0)
