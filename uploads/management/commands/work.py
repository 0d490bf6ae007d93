"""manage.py work: takes jobs from the queue until it is told to end."""

import asyncio

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

# A job whose worker was killed stays 'doing'; its worker's heartbeat, every 10 seconds, tells that it is gone.
STALLED_SECONDS = 30
SHUTDOWN_SECONDS = 10


class Command(BaseCommand):
    help = "Runs the worker: checks received files, publishes, backs up. Any number may run; each job runs once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is queued and end, for scripts and tests")

    def handle(self, *args: object, **options: object) -> None:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            asyncio.run(_work(until_told=not options["once"]))


async def _work(*, until_told: bool) -> None:
    """Run jobs, and put those of dead workers back into the queue, now and again and again."""
    async with app.open_async():
        await _retry_stalled()
        rescue = asyncio.create_task(_retry_stalled_for_ever()) if until_told else None
        try:
            await app.run_worker_async(wait=until_told, shutdown_graceful_timeout=SHUTDOWN_SECONDS)
        finally:
            if rescue is not None:
                rescue.cancel()


async def _retry_stalled() -> None:
    """Queue again what a dead worker had begun; every job may be run again without harm."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await app.job_manager.retry_job(job)


async def _retry_stalled_for_ever() -> None:
    while True:
        await asyncio.sleep(STALLED_SECONDS)
        await _retry_stalled()
