"""Signing, submitting and returning. The database's functions check, write and record; a refusal is recorded here.

Each action takes the digest that the signer saw: where the content changed since, nothing is signed.
effective_at is for the made-up history of a demo database; the database refuses it anywhere else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from uploads import jobs
from uploads.actor import Actor
from uploads.models import Batch, Release
from uploads.models.people import Capacity
from uploads.oversight.audit import one_act


def sign_batch(*, by: Actor, batch: Batch, digest: bytes, effective_at: datetime | None = None) -> None:
    """The operator's or director's signature on a batch; the last one submits it. Raises Refusal."""
    _call(
        by,
        "batch.sign",
        batch,
        "SELECT sign('batch', %s, %s, %s, %s, %s, %s)",
        [batch.id, by.person.id, by.capacity, digest, by.address, effective_at],
    )


def submit_batch(*, by: Actor, batch: Batch, digest: bytes, effective_at: datetime | None = None) -> None:
    """Hand in 省本级's own batch, or one signed on paper with its two paper signatures. Raises Refusal."""
    _call(
        by,
        "batch.submit",
        batch,
        "SELECT submit(%s, %s, %s, %s, %s)",
        [batch.id, by.person.id, digest, by.address, effective_at],
    )


def explain_warnings(*, by: Actor, batch: Batch, text: str) -> None:
    """Say why the file's warnings that ask for it are right; needed before the first signature. Raises Refusal."""
    _call(
        by,
        "batch.explain_warnings",
        batch,
        "SELECT explain_warnings(%s, %s, %s, %s)",
        [batch.id, by.person.id, text.strip(), by.address],
    )


def return_batch(*, by: Actor, batch: Batch, reason: str) -> None:
    """Send a batch back to its office; it leaves its release, which is then signed anew. Raises Refusal."""
    _call(
        by,
        "batch.return",
        batch,
        "SELECT return_batch(%s, %s, %s, %s, %s)",
        [batch.id, by.person.id, by.capacity, reason.strip(), by.address],
    )


def sign_release(*, by: Actor, release: Release, digest: bytes, effective_at: datetime | None = None) -> None:
    """One of the three signatures on a release, or the network administrator's 上传上网. Raises Refusal.

    The network administrator's queues the publication, which the worker carries out.
    """
    _call(
        by,
        "release.sign",
        release,
        "SELECT sign('release', %s, %s, %s, %s, %s, %s)",
        [release.id, by.person.id, by.capacity, digest, by.address, effective_at],
        publish=by.capacity == Capacity.NETWORK_ADMINISTRATOR,
    )


def return_release(*, by: Actor, release: Release, reason: str) -> None:
    """Send the whole release back: its batches are submitted again, with the cities' signatures. Raises Refusal."""
    _call(
        by,
        "release.return",
        release,
        "SELECT return_release(%s, %s, %s, %s, %s)",
        [release.id, by.person.id, by.capacity, reason.strip(), by.address],
    )


def withdraw_signature(*, by: Actor, subject: Batch | Release, reason: str) -> None:
    """Take one's own signature back, before the next step; a new round begins, all are to sign anew. Raises Refusal.

    A network administrator's 上传上网 can be taken back until the worker has published.
    """
    kind = "batch" if isinstance(subject, Batch) else "release"
    _call(
        by,
        "batch.withdraw" if kind == "batch" else "release.withdraw",
        subject,
        "SELECT withdraw_signature(%s, %s, %s, %s, %s)",
        [kind, subject.id, by.person.id, reason.strip(), by.address],
    )


def digest_of_batch(batch: Batch) -> bytes:
    """What a signature on the batch binds to, recomputed from its rows."""
    return _digest("SELECT batch_digest(%s)", batch.id)


def digest_of_release(release: Release) -> bytes:
    """What a signature on the release binds to, recomputed from its batches' rows."""
    return _digest("SELECT release_digest(%s)", release.id)


def digests_of_releases(releases: Iterable[Release]) -> dict[int, bytes]:
    """The same of each of these."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, release_digest(id) FROM unnest(%s::bigint[]) AS of (id)", [[release.id for release in releases]]
        )
        return {number: bytes(digest) for number, digest in cursor.fetchall()}


def _digest(query: str, subject_id: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(query, [subject_id])
        return bytes(cursor.fetchone()[0])


def _call(
    by: Actor,
    action: str,
    subject: Batch | Release,
    query: str,
    parameters: Sequence[int | str | bytes | datetime | None],
    *,
    publish: bool = False,
) -> None:
    kind = "batch" if isinstance(subject, Batch) else "release"
    with one_act(by=by, action=action, subject_kind=kind, subject_id=str(subject.id)):
        if publish:
            jobs.enqueue(jobs.PUBLISH_RELEASE, release_id=subject.id)
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
