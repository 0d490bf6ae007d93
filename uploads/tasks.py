"""What the worker does: each task takes an id, may be killed at any point, and run again does no harm."""

from procrastinate.contrib.django import app

from uploads.intake import staging
from uploads.release import publish


@app.task(name="uploads.tasks.check_attempt")
def check_attempt(*, attempt_id: int) -> None:
    """Check a received file."""
    staging.check_attempt(attempt_id)


@app.task(name="uploads.tasks.publish_release")
def publish_release(*, release_id: int) -> None:
    """Make an approved release public."""
    publish.publish_release(release_id)


@app.task(name="uploads.tasks.finish_publication")
def finish_publication(*, release_id: int) -> None:
    """After a publication: its root, then the proven backup in three copies."""
