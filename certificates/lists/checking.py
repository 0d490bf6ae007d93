"""Each row of a list beside the register: what it ends as, and where the two differ."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from certificates.levels import display_level
from certificates.lists.rows import ReadRow
from certificates.lookup import Listed, find_listed
from certificates.masking import mask_id
from certificates.models import RevisionKind
from certificates.names import fold_for_comparison


class RowState(StrEnum):
    """What a row ends as. LATER: its numbers are beyond their limit, and they are no pair."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CORRECTED = "corrected"
    REVOKED = "revoked"
    UNDER_REVIEW = "under-review"
    NOT_FOUND = "not-found"
    FORM_ERROR = "form-error"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the list and the register tell differently."""

    field: str
    given: str
    found: str


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row's end. published_on is the publication that the state comes from; reinstated: it had been revoked once."""

    number: int
    holder_name: str = field(repr=False)
    masked_id: str = field(repr=False)
    certificate_number: str
    state: RowState
    published_on: date | None = None
    reinstated: bool = False
    differences: tuple[Difference, ...] = ()


def check_rows(rows: Sequence[ReadRow], beyond: Collection[int]) -> list[CheckedRow]:
    """Look all rows up, in one query. beyond: places of rows that are answered only if their two numbers are a pair."""
    found = find_listed([(row.id_number, row.certificate_number.text) for row in rows])
    return [
        _checked(row, listed, is_beyond=place in beyond)
        for place, (row, listed) in enumerate(zip(rows, found, strict=True))
    ]


def _checked(row: ReadRow, listed: Listed | None, *, is_beyond: bool) -> CheckedRow:
    def ends_as(state: RowState, **more: object) -> CheckedRow:
        return CheckedRow(
            row.number,
            row.holder_name,
            mask_id(row.id_number.canonical),
            row.certificate_number.text,
            state,
            **more,  # type: ignore[arg-type]
        )

    if listed is None:
        return ends_as(RowState.LATER if is_beyond else RowState.NOT_FOUND)
    if listed.is_under_review:
        return ends_as(RowState.UNDER_REVIEW)
    differences = tuple(_differences(row, listed))
    told = {"published_on": listed.published_on, "differences": differences}
    if listed.kind is RevisionKind.REVOKED:
        return ends_as(RowState.REVOKED, **told)
    if listed.kind is RevisionKind.CORRECTED:
        return ends_as(RowState.CORRECTED, **told)
    reinstated = listed.kind is RevisionKind.REINSTATED
    return ends_as(RowState.DIFFERS if differences else RowState.AGREES, reinstated=reinstated, **told)


def _differences(row: ReadRow, listed: Listed) -> list[Difference]:
    differences = []
    if fold_for_comparison(row.holder_name) != fold_for_comparison(listed.holder_name):
        differences.append(Difference("holder_name", row.holder_name, listed.holder_name))
    if row.occupation is not None and _fold(row.occupation) != _fold(listed.occupation):
        differences.append(Difference("occupation", row.occupation, listed.occupation))
    if row.level is not None and row.level != listed.level:
        differences.append(Difference("level", row.level_text, display_level(listed.level, listed.level_text)))
    if row.issue_date is not None and row.issue_date != listed.issue_date:
        found = listed.issue_date.isoformat() if listed.issue_date else ""
        differences.append(Difference("issue_date", row.issue_date.isoformat(), found))
    return differences


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
