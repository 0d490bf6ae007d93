"""The leader's two acts around a restore: the decision before it, the confirmation after it (R13)."""

from datetime import timedelta

from django.db import connection

from uploads.actor import Actor
from uploads.models import Restoration, RestoreRequest
from uploads.oversight.audit import one_act

# decide_restore() says the same.
REQUEST_LASTS = timedelta(days=7)


def decide_restore(*, by: Actor, request: RestoreRequest, approve: bool, allows_loss: bool, remark: str) -> None:
    """Order the restore that is described, or decline it. Raises Refusal."""
    with (
        one_act(by=by, action="restore.decide", subject_kind="restore", subject_id=str(request.pk)),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT decide_restore(%s, %s, %s, %s, %s, %s)",
            [request.pk, approve, allows_loss, remark.strip(), by.person.pk, by.address],
        )


def confirm_restoration(*, by: Actor, restoration: Restoration, remark: str) -> None:
    """What was restored is in order; only then may the state before it be removed. Raises Refusal."""
    with (
        one_act(by=by, action="restore.confirm", subject_kind="restore", subject_id=str(restoration.pk)),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT confirm_restoration(%s, %s, %s, %s)", [restoration.pk, remark.strip(), by.person.pk, by.address]
        )
