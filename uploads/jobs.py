"""Putting work into the worker's queue, in the transaction of the act that causes it. Jobs carry ids only."""

from collections.abc import Collection
from datetime import datetime

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

CHECK_ATTEMPT = "uploads.tasks.check_attempt"
PUBLISH_RELEASE = "uploads.tasks.publish_release"
MAKE_REPORT = "uploads.tasks.make_report"
DELETE_REPORT = "uploads.tasks.delete_report"
FINISH_PUBLICATION = "uploads.tasks.finish_publication"
RUN_PRECHECK = "uploads.tasks.run_precheck"
FORGET_UNSENT = "uploads.tasks.forget_unsent"

# What is only tried out waits until nothing else does.
AFTER_ALL_ELSE = -10
RESUME_DELETIONS = "uploads.tasks.resume_deletions"
VERIFY = "uploads.tasks.verify"
CLOSE_ENQUIRIES = "uploads.tasks.close_enquiries"


def enqueue(task: str, *, at: datetime | None = None, priority: int | None = None, **ids: int) -> None:
    """Queue one job, for now or for a time; jobs on the same subject run one after the other."""
    lock = ",".join(f"{name}={value}" for name, value in ids.items())
    app.configure_task(task, allow_unknown=True, lock=f"{task}:{lock}", schedule_at=at, priority=priority).defer(**ids)


def queued_among(task: str, name: str, ids: Collection[int]) -> set[int]:
    """Those of the ids for which such a job waits or runs; name is what the job calls its id."""
    waiting = ProcrastinateJob.objects.filter(
        task_name=task, status__in=["todo", "doing"], **{f"args__{name}__in": ids}
    )
    return {int(args[name]) for args in waiting.values_list("args", flat=True)}


def is_queued(task: str, **ids: int) -> bool:
    """Whether such a job waits or runs."""
    return ProcrastinateJob.objects.filter(task_name=task, args=ids, status__in=["todo", "doing"]).exists()
