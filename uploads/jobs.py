"""Putting work into the worker's queue, in the transaction of the act that causes it. Jobs carry ids only."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

CHECK_ATTEMPT = "uploads.tasks.check_attempt"
PUBLISH_RELEASE = "uploads.tasks.publish_release"
FINISH_PUBLICATION = "uploads.tasks.finish_publication"


def enqueue(task: str, **ids: int) -> None:
    """Queue one job; jobs on the same subject run one after the other."""
    lock = ",".join(f"{name}={value}" for name, value in ids.items())
    app.configure_task(task, allow_unknown=True, lock=f"{task}:{lock}").defer(**ids)


def is_queued(task: str, **ids: int) -> bool:
    """Whether such a job waits or runs."""
    return ProcrastinateJob.objects.filter(task_name=task, args=ids, status__in=["todo", "doing"]).exists()
