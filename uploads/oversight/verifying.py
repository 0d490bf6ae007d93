"""核对: recomputing register and audit trail, noting what differed, and what that means for the next publication."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from uploads import jobs
from uploads.actor import Actor
from uploads.models import Capacity, Verification, VerificationKind
from uploads.oversight.audit import one_act, record
from uploads.oversight.auditchain import verify_audit
from uploads.oversight.verification import Difference, open_connection, verify_register
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

# The page names that many; the command, run again, names all.
DIFFERENCES_KEPT = 200
MAY_ASK = (Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, Capacity.NETWORK_ADMINISTRATOR)


def verify_and_note(kind: VerificationKind, *, asked_by: int | None = None) -> tuple[Verification, list[Difference]]:
    """Recompute the register or the audit trail as it is now and note the outcome, whatever it is.

    Writes verification and audit. asked_by is the id of the person who asked for it, if anybody did.
    """
    begun_at = timezone.now()
    with open_connection("default") as beside:
        if kind is VerificationKind.REGISTER:
            found = list(verify_register(beside, unseal=bool(settings.CERTLOOKUP_KEYS)))
            counted = "SELECT (SELECT count(*) FROM certificate) + (SELECT count(*) FROM revision)"
        else:
            found = list(verify_audit(beside))
            counted = "SELECT count(*) FROM audit_entry"
        (rows,) = beside.execute(counted).fetchone() or (0,)
    return note(kind, found, begun_at=begun_at, rows=rows, asked_by=asked_by), found


def note(
    kind: VerificationKind, found: Sequence[Difference], *, begun_at: datetime, rows: int, asked_by: int | None = None
) -> Verification:
    """Keep what a recomputation came to. Writes verification and audit."""
    kept = [{"key": it.key, "subject": it.subject, "detail": it.detail} for it in found[:DIFFERENCES_KEPT]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT note_verification(%s, %s, %s, %s, %s::jsonb, %s)",
            [str(kind), begun_at, rows, len(found), json.dumps(kept, ensure_ascii=False), asked_by],
        )
        return Verification.objects.get(id=cursor.fetchone()[0])


def ask_for_verification(*, by: Actor) -> None:
    """Queue both recomputations now. Writes audit. Raises Refusal."""
    with one_act(by=by, action="verification.ask", subject_kind="verification"):
        if by.capacity not in MAY_ASK or not holds(by.person, Capacity(by.capacity)):
            raise Refusal("person_not_entitled", by.capacity)
        if not jobs.is_queued(jobs.VERIFY, person_id=by.person.pk):
            jobs.enqueue(jobs.VERIFY, person_id=by.person.pk)
        record(by=by, action="verification.asked", subject_kind="verification")


def newest() -> dict[VerificationKind, Verification]:
    """The newest recomputation of each kind."""
    found = Verification.objects.order_by("kind", "-id").distinct("kind").select_related("asked_by")
    return {VerificationKind(verification.kind): verification for verification in found}


def is_publication_stopped() -> bool:
    """Whether the newest recomputation of either kind found differences: then nothing is published."""
    return any(not verification.is_clean for verification in newest().values())
