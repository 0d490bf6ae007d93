"""What a change's rows change: before and after of every field, as every signer reads it. ID numbers are masked.

Before is the certificate's state in the revision that the change was made against, whatever became of it since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.idnumber import IdType, parse
from certificates.levels import display_level
from certificates.masking import mask_id
from certificates.models import Certificate, Revision, RevisionKind
from certificates.names import normalise_name
from certlookup.sealing import SealedId, index_id, unseal_id
from uploads.intake.columns import HEADERS
from uploads.intake.stagedrows import is_id_number, rows_of, search_rows
from uploads.models import Attempt, StagedRow
from uploads.models.intake import BatchState

EMPTY = "（空）"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after; hidden: the masks look alike, though the ID numbers differ."""

    field: str
    label: str
    before: str
    after: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One row of a change. overtaken: the certificate has another revision since, so the change can't be published."""

    row_number: int
    certificate_number: str
    holder_name: str
    kind: str
    state_before: str
    reason: str
    document: str
    fields: tuple[FieldChange, ...]
    overtaken: bool

    @property
    def lines(self) -> int:
        """How many lines of the table the row takes: one per field or one for the state, the reason, a warning."""
        return max(1, len(self.fields)) + 1 + self.overtaken


State = Certificate | Revision
Row = StagedRow | Certificate | Revision


def search_changes(attempt: Attempt, text: str) -> "QuerySet[StagedRow]":
    """The rows with this ID number, certificate number or name, before or after the change."""
    certificates = Certificate.objects.filter(certificate_number=OuterRef("certificate_number"))
    revisions = Revision.objects.filter(
        certificate_number=OuterRef("certificate_number"), revision_number=OuterRef("base_revision")
    )
    if is_id_number(text):
        wanted = Q(id_index__in=index_id(parse(text).canonical))
    else:
        wanted = Q(holder_name__contains=normalise_name(text))
    found = search_rows(attempt, text).values("row_number")
    before = Exists(certificates.filter(wanted)) | Exists(revisions.filter(wanted))
    return rows_of(attempt).filter(Q(row_number__in=found) | Q(before))


def show_changes(rows: Iterable[StagedRow], attempt: Attempt) -> tuple[ShownChange, ...]:
    """The rows with every field that differs, in the layout's order."""
    listed = list(rows)
    present = Certificate.objects.in_bulk([row.certificate_number for row in listed])
    earlier = {
        (state.certificate_number, state.revision_number): state
        for state in Revision.objects.filter(certificate_number__in=present)
    }
    published = attempt.batch.state == BatchState.PUBLISHED
    return tuple(_show(row, present.get(row.certificate_number), earlier, published=published) for row in listed)


def _show(
    row: StagedRow, present: Certificate | None, earlier: Mapping[tuple[str, int], Revision], *, published: bool
) -> ShownChange:
    base = row.base_revision or 0
    now = present if present is not None and present.revision_number == base else None
    before: State | None = now or earlier.get((row.certificate_number, base))
    return ShownChange(
        row_number=row.row_number,
        certificate_number=row.certificate_number,
        holder_name=before.holder_name if before is not None else row.holder_name,
        kind=str(RevisionKind(row.kind).label),
        state_before=str(RevisionKind(before.kind).label) if before is not None else "",
        reason=row.change_reason or "",
        document=row.document_number or "",
        fields=tuple(_field(name, before, row) for name in row.changed_fields) if before is not None else (),
        overtaken=now is None and not published,
    )


def _field(name: str, before: State, after: StagedRow) -> FieldChange:
    old, new = _value(name, before), _value(name, after)
    if name == "level" and old == new:
        # The same level, spelled otherwise.
        old, new = before.level_text, after.level_text
    return FieldChange(name, HEADERS[name], old, new, hidden=name == "id_number" and old == new)


def _value(name: str, row: Row) -> str:
    """The field as it is shown to staff."""
    if name == "id_number":
        sealed = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
        return mask_id(unseal_id(sealed))
    if name == "id_type":
        return IdType(row.id_type).label
    if name == "level":
        return display_level(row.level, row.level_text)
    value = getattr(row, name)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value else EMPTY
