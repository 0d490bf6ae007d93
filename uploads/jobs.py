"""Putting work into the worker's queue, in the transaction of the act that causes it. Jobs carry ids only."""

from procrastinate.contrib.django import app

CHECK_ATTEMPT = "uploads.tasks.check_attempt"
PUBLISH_RELEASE = "uploads.tasks.publish_release"
FINISH_PUBLICATION = "uploads.tasks.finish_publication"


def enqueue(task: str, **ids: int) -> None:
    """Queue one job; jobs on the same subject run one after the other."""
    lock = ",".join(f"{name}={value}" for name, value in ids.items())
    app.configure_task(task, allow_unknown=True, lock=f"{task}:{lock}").defer(**ids)
