"""manage.py set_up_demo: people, four published half-months and one to work on, in a database marked demo."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from certlookup import env
from uploads.demo.batches import DemoError
from uploads.demo.setup import set_up_demo
from uploads.refusals import Refusal

LEAST, DEFAULT = 100, 50_000


class Command(BaseCommand):
    help = (
        "Sets the demo up: people, half-months received, signed, published and backed up, and the newest one at "
        "different stages. Goes on where it was interrupted; does nothing when the demo is complete."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--certificates", type=int, default=None, help="published at least; DEMO_CERTIFICATES, else 50,000"
        )

    def handle(self, *args: object, **options: object) -> None:
        wanted = self._wanted(options["certificates"])
        if "owner" not in settings.DATABASES:
            raise CommandError("DATABASE_OWNER_URL isn't set: only the database's owner gives the first capacities.")
        try:
            set_up_demo(certificates=wanted, say=self.stdout.write)
        except DemoError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(f"The demo can't be set up: {refusal.sentence()} ({refusal.key})") from refusal

    def _wanted(self, given: object) -> int:
        try:
            wanted = given if isinstance(given, int) else env.number("DEMO_CERTIFICATES", DEFAULT, least=LEAST)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if wanted < LEAST:
            raise CommandError(f"A demo has at least {LEAST} certificates, not {wanted}.")
        return wanted
