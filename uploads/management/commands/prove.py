"""manage.py prove CERTIFICATE_NUMBER: an inclusion proof as JSON; exit status 1 if the register doesn't have it."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from certificates.certnumber import CertNumberError
from certificates.certnumber import parse as parse_number
from uploads.oversight.audit import record
from uploads.oversight.proofs import prove
from uploads.oversight.verification import open_connection


class Command(BaseCommand):
    help = "Prints the proof that the register holds what was published; docs/verify_proof.py checks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("certificate_number")

    def handle(self, *args: object, **options: object) -> None:
        try:
            number = parse_number(str(options["certificate_number"])).text
        except CertNumberError as error:
            raise CommandError("This is not a certificate number.") from error
        try:
            with open_connection("default") as connection:
                proof = prove(connection, number)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if proof is None:
            self.stderr.write(f"The register has no certificate {number}.")
            sys.exit(1)
        record(by=None, action="certificate.proven", subject_kind="certificate", subject_id=number)
        self.stdout.write(json.dumps(proof, ensure_ascii=False, indent=1))
