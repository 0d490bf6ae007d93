"""Who has signed what in a release and in its batches, for whoever reviews it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from uploads.models import Act, Capacity, Release, ReleaseItem, Signature
from uploads.signoff.acting import acting_among

_PARTS = {
    Capacity.CITY_OPERATOR.value: "经办人",
    Capacity.CITY_DIRECTOR.value: "主任",
    "importer": "导入",
    "submitter": "提交",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one person did to a batch: signed it (on paper or here), or brought it in without a signature."""

    label: str
    name: str
    at: datetime
    is_signature: bool
    on_paper: bool


@dataclass(frozen=True, slots=True)
class ReleaseSignature:
    """A signature on a release, in the present round or an earlier one, which no longer counts."""

    capacity: str
    label: str
    name: str
    staff_number: str
    at: datetime
    round: int
    acting: bool
    withdrawn: str

    @property
    def signed_by(self) -> str:
        """The name, and that it was in somebody else's place."""
        return f"{self.name}（代理）" if self.acting else self.name


@dataclass(frozen=True, slots=True)
class LeftBatch:
    """A batch that was in the release and was sent back."""

    batch_id: int
    office_name: str
    at: datetime


def parts_by_batch(release: Release) -> dict[int, tuple[Part, ...]]:
    """For each batch in the release: its signers, and who imported or submitted it, in its present round."""
    acts = (
        Act.objects.filter(
            batch__release_items__release=release,
            batch__release_items__left_at=None,
            round=F("batch__round"),
            capacity__in=_PARTS,
        )
        .select_related("person", "signature")
        .order_by("batch_id", "signature_id", "id")
    )
    acting = acting_among(Signature.objects.filter(id__in=acts.values("signature_id")))
    found: dict[int, list[Part]] = {}
    for act in acts:
        signature = act.signature
        if signature is None and act.capacity == Capacity.CITY_OPERATOR:
            continue
        part = Part(
            label=_PARTS[act.capacity] + ("（代理）" if act.signature_id in acting else ""),
            name=act.person.name,
            at=signature.effective_at if signature else act.at,
            is_signature=signature is not None,
            on_paper=signature is not None and signature.on_paper,
        )
        found.setdefault(act.batch_id, []).append(part)
    return {batch_id: tuple(parts) for batch_id, parts in found.items()}


def signatures_on(release: Release) -> tuple[ReleaseSignature, ...]:
    """All signatures ever given on the release, oldest first; those of the present round count."""
    given = Signature.objects.filter(release=release)
    acting = acting_among(given)
    return tuple(
        ReleaseSignature(
            capacity=signature.capacity,
            label=signature.get_capacity_display(),
            name=signature.person.name,
            staff_number=signature.person.staff_number,
            at=signature.effective_at,
            round=signature.round,
            acting=signature.id in acting,
            withdrawn=signature.withdrawal.reason if hasattr(signature, "withdrawal") else "",
        )
        for signature in given.select_related("person", "withdrawal").order_by("id")
    )


def left_batches(release: Release) -> tuple[LeftBatch, ...]:
    """The batches that were sent back out of the release while it went on."""
    items = ReleaseItem.objects.filter(release=release).exclude(left_at=None).select_related("batch__office")
    return tuple(
        LeftBatch(item.batch_id, item.batch.office.name, item.left_at)
        for item in items.order_by("left_at", "id")
        if item.left_at is not None
    )
