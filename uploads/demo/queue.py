"""Running the worker's queue from within the set-up, on as many processes as help."""

import asyncio
import signal
import subprocess
import sys

from django.conf import settings

from certlookup.postgres.keeper import die_with_parent
from uploads import worker


def run_queue(*, beside: int = 0) -> None:
    """Do what is due now, here and in `beside` further processes, each a one-shot worker; returns when all have ended.

    Jobs that failed and wait for another try are left: whoever calls looks at what came of them.
    """
    helpers = [
        subprocess.Popen(
            [sys.executable, "manage.py", "work", "--once"],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - no other thread runs
        )
        for _ in range(beside)
    ]
    asyncio.run(worker.work_once())
    for helper in helpers:
        helper.wait()
