"""Publishing an approved release, in the worker: publish() in the database, all or nothing."""

import logging

from django.db import connection

from uploads import jobs
from uploads.actor import Actor
from uploads.backup.copies import back_up
from uploads.models import Capacity, Release
from uploads.models.release import ReleaseState
from uploads.oversight.audit import one_act, record
from uploads.oversight.roots import store_root
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

logger = logging.getLogger(__name__)

_ABOUT_A_CERTIFICATE = frozenset(
    {
        "certificate_already_in_register",
        "certificate_changed_meanwhile",
        "certificate_not_in_register",
        "certificate_of_another_office",
        "change_not_possible_in_this_state",
        "changed_fields_are_others",
    }
)


def publish_release(release_id: int) -> None:
    """Make the release public if its publication was ordered; run again, it does nothing more.

    Writes the register, batch, release, publication and audit in one transaction. A refusal is kept on the release
    for the network administrator to read and recorded.
    """
    release = Release.objects.get(id=release_id)
    if release.state != ReleaseState.PUBLISHING:
        return
    try:
        with one_act(by=None, action="release.publish", subject_kind="release", subject_id=str(release_id)):
            jobs.enqueue(jobs.FINISH_PUBLICATION, release_id=release_id)
            jobs.enqueue(jobs.CLOSE_ENQUIRIES, release_id=release_id)
            with connection.cursor() as cursor:
                cursor.execute("SELECT publish(%s)", [release_id])
    except Refusal as refusal:
        logger.warning("Release %s was not published: %s", release_id, refusal.key)
        Release.objects.filter(id=release_id, state=ReleaseState.PUBLISHING).update(
            publication_problem=_problem(refusal)
        )


def retry_publication(*, by: Actor, release: Release) -> None:
    """Queue an ordered publication again that didn't come about. Raises Refusal."""
    with one_act(by=by, action="release.retry", subject_kind="release", subject_id=str(release.id)):
        if not holds(by.person, Capacity.NETWORK_ADMINISTRATOR):
            raise Refusal("person_not_entitled", Capacity.NETWORK_ADMINISTRATOR)
        waiting = Release.objects.select_for_update().filter(id=release.id, state=ReleaseState.PUBLISHING)
        if waiting.first() is None or jobs.is_queued(jobs.PUBLISH_RELEASE, release_id=release.id):
            raise Refusal("release_is_not_to_be_published")
        waiting.update(publication_problem="")
        jobs.enqueue(jobs.PUBLISH_RELEASE, release_id=release.id)
        record(by=by, action="release.publication_retried", subject_kind="release", subject_id=str(release.id))


def finish_publication(release_id: int) -> None:
    """What follows a publication: its root, then the proven backup in every place; run again, what is left of it."""
    release = Release.objects.get(id=release_id)
    if release.publication_id is not None:
        store_root(release.publication_id)
        back_up(release_id)


def _problem(refusal: Refusal) -> str:
    """The sentence for the page, with the certificate number where that is what it met."""
    return refusal.sentence() + (f"（{refusal.detail}）" if refusal.key in _ABOUT_A_CERTIFICATE else "")
