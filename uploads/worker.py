"""The worker's life: runs the queue's jobs until it is told to stop, and puts back what a dead worker left behind.

A worker that is killed leaves its jobs 'doing'. Each worker holds an advisory lock as long as it is connected, so a
worker that starts as the only one knows at once that such jobs are nobody's; beside others it goes by heartbeats.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout

logger = logging.getLogger(__name__)

ADVISORY_CLASS = 7302
# A long check of a file doesn't keep a publication waiting.
CONCURRENCY = 2
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 30.0
LOOK_FOR_STALLED_SECONDS = 15.0
COME_BACK_SECONDS = 3.0

DATABASE_IS_AWAY = (ConnectorException, psycopg.OperationalError, PoolTimeout, OSError)


async def work() -> None:
    """Run jobs until SIGTERM or SIGINT; a job that runs then is finished first. Comes back when the database does."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            # What puts in the jobs that are due by the clock uses Django's connection, which nothing else would renew.
            await sync_to_async(connections.close_all)()
            await _run_until(stop)
        except DATABASE_IS_AWAY as error:
            logger.warning("The worker lost the database and tries again: %s", error)
        try:
            await asyncio.wait_for(stop.wait(), COME_BACK_SECONDS)
        except TimeoutError:
            continue


async def work_once() -> None:
    """Run the jobs that are due now and come back."""
    async with _worker_app().open_async() as worker_app, _present(worker_app):
        await _worker(worker_app, wait=False).run()  # type: ignore[no-untyped-call]


def _worker_app() -> App:
    # Not replace_connector: the tasks' own app keeps Django's connection, so that a job put into the queue by an act
    # belongs to the act's transaction.
    connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=CONCURRENCY + 2)
    return app.with_connector(connector)


def _worker(worker_app: App, *, wait: bool) -> Worker:
    return Worker(
        worker_app,
        wait=wait,
        concurrency=CONCURRENCY,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        task_middleware=(worker_app.worker_defaults or {}).get("task_middleware"),
    )


async def _run_until(stop: asyncio.Event) -> None:
    """One connection's life: until told to stop (then it returns), or until the database goes away (then it raises)."""
    async with _worker_app().open_async() as worker_app, _present(worker_app):
        worker = _worker(worker_app, wait=True)
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        beside = [
            asyncio.create_task(stop.wait()),
            asyncio.create_task(_put_back_stalled_jobs(worker_app, worker)),
        ]
        await asyncio.wait([running, *beside], return_when=asyncio.FIRST_COMPLETED)
        worker.stop()  # type: ignore[no-untyped-call]
        for task in beside:
            task.cancel()
        for answer in await asyncio.gather(running, *beside, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, asyncio.CancelledError):
                raise answer


@asynccontextmanager
async def _present(worker_app: App) -> AsyncIterator[None]:
    """Hold this worker's lock; if there is no other worker, whatever is 'doing' has nobody who does it."""
    connection = await psycopg.AsyncConnection.connect(**connector_params("default"), autocommit=True)
    async with connection:
        alone = await (await connection.execute("SELECT pg_try_advisory_lock(%s, 0)", [ADVISORY_CLASS])).fetchone()
        if alone == (True,):
            await _put_back(worker_app, await worker_app.job_manager.list_jobs_async(status="doing"))
        await connection.execute("SELECT pg_advisory_lock_shared(%s, 0)", [ADVISORY_CLASS])
        if alone == (True,):
            await connection.execute("SELECT pg_advisory_unlock(%s, 0)", [ADVISORY_CLASS])
        yield


async def _put_back_stalled_jobs(worker_app: App, worker: Worker) -> None:
    """From time to time: the jobs of other workers that have fallen silent. Our own are still being done."""
    while True:
        await asyncio.sleep(LOOK_FOR_STALLED_SECONDS)
        stalled = await worker_app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
        await _put_back(worker_app, [job for job in stalled if job.worker_id != worker.worker_id])


async def _put_back(worker_app: App, jobs: Iterable[Job]) -> None:
    for job in jobs:
        logger.warning("Job %s was left behind by a worker that ended and is done again.", job.call_string)
        await worker_app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
