"""版本: every state that a certificate ever had, for those who answer for it; each view is recorded (R6).

A city's people see what their own office published, or an office before theirs: the batch through which a revision came
tells whose it is. What isn't theirs is as unknown to them as what isn't there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils import timezone

from certificates import certnumber, idnumber
from certificates.certnumber import CertNumberError
from certificates.idnumber import IdNumberError, IdType
from certificates.levels import display_level
from certificates.masking import mask_id
from certificates.models import Certificate, Office, Revision, RevisionKind
from certlookup.sealing import SealedId, index_id, unseal_id
from uploads.actor import Actor
from uploads.intake.columns import HEADERS
from uploads.models import StagedRow
from uploads.models.intake import BatchState
from uploads.oversight.audit import one_act, record
from uploads.release.reviews import ShownReview, reviews_of

TONES = {
    RevisionKind.ISSUED: "good",
    RevisionKind.CORRECTED: "warn",
    RevisionKind.REVOKED: "bad",
    RevisionKind.REINSTATED: "good",
}
FIRST = "首次上网"
AT_MOST = 50


class NoNumber(ValueError):
    """What was typed is neither a certificate number nor an ID number."""


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One field; before is what the revision before had."""

    label: str
    value: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """One state of a certificate, by which publication it came, and what it changed."""

    number: int
    kind: str
    tone: str
    publication: str
    published_on: date
    reason: str
    document_number: str
    values: tuple[ShownValue, ...]
    changes: tuple[ShownValue, ...]
    is_present: bool


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A certificate with its revisions, the oldest first."""

    certificate_number: str
    holder_name: str
    revisions: tuple[ShownRevision, ...]
    status: str
    is_under_review: bool
    reviews: tuple[ShownReview, ...]

    @property
    def present(self) -> ShownRevision:
        return self.revisions[-1]


def find_revisions(*, by: Actor, text: str, offices: Collection[str] | None) -> list[ShownCertificate]:
    """The certificate of that number, or those of that ID number; offices are those of a city's person, None for all.

    Writes audit: the search, and each certificate that is shown; never the ID number. Raises NoNumber.
    """
    number, id_index = _parsed(text)
    found = Certificate.objects.select_related("publication").order_by("certificate_number")
    found = found.filter(certificate_number=number) if number else found.of_holder(id_index)
    seen = [entry for entry in found[:AT_MOST] if offices is None or _is_of(entry.certificate_number, offices)]
    with one_act(by=by, action="certificate.search", subject_kind="certificate"):
        for certificate in seen:
            record(
                by=by,
                action="certificate.viewed",
                subject_kind="certificate",
                subject_id=certificate.certificate_number,
                detail={"revisions": certificate.revision_number},
            )
        record(
            by=by,
            action="certificate.searched",
            subject_kind="certificate",
            subject_id=number,
            detail={"method": "证书编号" if number else "证件号码", "found": len(seen)},
        )
    return [_shown(certificate) for certificate in seen]


def _parsed(text: str) -> tuple[str, Sequence[bytes]]:
    """A certificate number, or the index of an ID number under every live key."""
    try:
        return certnumber.parse(text).text, ()
    except CertNumberError:
        pass
    try:
        return "", index_id(idnumber.parse(text).canonical)
    except IdNumberError as error:
        raise NoNumber from error


def _is_of(certificate_number: str, offices: Collection[str]) -> bool:
    """Whether a batch of one of these offices, or of one before it, put a revision of the certificate there."""
    own = {*offices, *Office.objects.filter(successor__in=offices).values_list("code", flat=True)}
    return StagedRow.objects.filter(
        certificate_number=certificate_number,
        attempt__batch__state=BatchState.PUBLISHED,
        attempt__batch__attempt_id=F("attempt_id"),
        attempt__batch__office_id__in=own,
    ).exists()


def _shown(certificate: Certificate) -> ShownCertificate:
    earlier = Revision.objects.filter(certificate_number=certificate.certificate_number).select_related("publication")
    revisions: list[ShownRevision] = []
    before: dict[str, str] = {}
    before_id = ""
    states: list[Certificate | Revision] = [*earlier.order_by("revision_number"), certificate]
    for state in states:
        id_number = unseal_id(
            SealedId(bytes(state.id_commitment), bytes(state.id_sealed), bytes(state.id_index), state.key_version)
        )
        values = _values(state, mask_id(id_number))
        changes = [
            ShownValue(HEADERS[name], value, before[name])
            for name, value in values.items()
            if revisions and value != before[name]
        ]
        # Two numbers may look alike once they are masked.
        if revisions and id_number != before_id and values["id_number"] == before["id_number"]:
            changes.append(
                ShownValue(HEADERS["id_number"], f"{values['id_number']}（已更换号码）", before["id_number"])
            )
        revisions.append(_revision(state, values, changes))
        before, before_id = values, id_number
    return ShownCertificate(
        certificate.certificate_number,
        certificate.holder_name,
        tuple(revisions),
        str(RevisionKind(certificate.kind).label),
        certificate.under_review_since is not None,
        tuple(reviews_of(certificate.certificate_number, timezone.localdate())),
    )


def _revision(state: Certificate | Revision, values: dict[str, str], changes: Sequence[ShownValue]) -> ShownRevision:
    kind = RevisionKind(state.kind)
    return ShownRevision(
        number=state.revision_number,
        kind=FIRST if kind is RevisionKind.ISSUED else str(kind.label),
        tone=TONES[kind],
        publication=state.publication.number,
        published_on=state.publication.published_on,
        reason=state.change_reason or "",
        document_number=state.document_number or "",
        values=tuple(ShownValue(HEADERS[name], value) for name, value in values.items()),
        changes=tuple(changes),
        is_present=isinstance(state, Certificate),
    )


def _values(state: Certificate | Revision, masked_id: str) -> dict[str, str]:
    """Every field of the required layout as a page shows it; what is empty is a dash."""
    shown: dict[str, object] = {
        name: getattr(state, name) for name in HEADERS if name not in {"id_number", "id_type", "level"}
    }
    shown |= {
        "id_type": IdType(state.id_type).label,
        "id_number": masked_id,
        "level": display_level(state.level, state.level_text),
    }
    return {name: _text(shown[name]) for name in HEADERS}


def _text(value: object) -> str:
    if value in (None, ""):
        return "–"
    return value.isoformat() if isinstance(value, date) else str(value)
