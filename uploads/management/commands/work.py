"""manage.py work: the worker, in the foreground until SIGTERM or Ctrl-C."""

import asyncio

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from certlookup.checks import require_sound_deployment
from uploads import worker
from uploads.oversight.metrics import serve_metrics


class Command(BaseCommand):
    help = (
        "Runs the jobs of the queue: checks files, publishes, backs up. Ends on SIGTERM or Ctrl-C. Any number may run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end, for scripts and tests")

    def handle(self, *args: object, once: bool, **options: object) -> None:
        require_sound_deployment()
        if settings.METRICS_PORT and not once:
            serve_metrics(settings.METRICS_PORT, settings.METRICS_HOST)
        asyncio.run(worker.work_once() if once else worker.work())
