"""manage.py work: the worker, in the foreground until SIGTERM or Ctrl-C."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from certlookup.checks import require_sound_deployment
from uploads import worker
from uploads.oversight.metrics import serve_metrics

# Where processors are short, lookups and staff's pages go first: a backup's proof is felt by nobody then.
NICENESS = 10


def step_back() -> None:
    """Be nicer than the site's processes, and so is the session where it is this process's own: Linux may weigh those first."""
    # Only an administrator's process may be less nice than it was started.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    if os.getsid(0) == os.getpid():
        # Only where the kernel groups by session.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")


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
        if not once:
            step_back()
        asyncio.run(worker.work_once() if once else worker.work())
