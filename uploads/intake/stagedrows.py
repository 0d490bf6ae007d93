"""A batch's accepted rows for whoever reviews them: by page, or searched; ID numbers masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from certificates.idnumber import IdNumberError, IdType, parse
from certificates.levels import LEVELS, display_level, level_name
from certificates.masking import mask_id
from certificates.names import normalise_name
from certificates.typed import fold_typed_number
from certlookup.sealing import SealedId, index_id, unseal_id
from certlookup.spreadsheets.filerules import Severity
from uploads.intake.findings_shown import Finding, shown
from uploads.models import Attempt, StagedRow

LEAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One accepted row as a page shows it."""

    row_number: int
    certificate_number: str
    holder_name: str
    sex: str
    id_type: str
    masked_id: str
    birth_date: date | None
    occupation: str
    occupation_code: str
    level: int
    level_name: str
    theory_score: str
    skill_score: str
    overall_score: str
    result: str
    processed_date: date | None
    issue_date: date | None
    issuing_authority: str
    assessment_office: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many rows a level has."""

    level: int
    name: str
    rows: int


def rows_of(attempt: Attempt) -> "QuerySet[StagedRow]":
    """The accepted rows in the file's order."""
    return StagedRow.objects.filter(attempt=attempt).order_by("row_number")


def search_rows(attempt: Attempt, text: str) -> "QuerySet[StagedRow]":
    """The rows with this ID number, certificate number (or part of one, four digits or more), or part of a name."""
    rows = rows_of(attempt)
    if is_id_number(text):
        return rows.filter(id_index__in=index_id(parse(text).canonical))
    number = fold_typed_number(text)
    if number.isascii() and number.isdigit() and len(number) >= LEAST_DIGITS:
        return rows.filter(certificate_number__contains=number)
    return rows.filter(holder_name__contains=normalise_name(text))


def is_id_number(text: str) -> bool:
    """Whether what was typed is an ID number: such a search goes through the index and into the audit."""
    try:
        parse(text)
    except IdNumberError:
        return False
    return True


def show_rows(rows: Iterable[StagedRow], attempt: Attempt) -> tuple[ShownRow, ...]:
    """The rows with the warnings that their signers answer for. Opens each ID number to mask it."""
    listed = list(rows)
    found: dict[int, list[Finding]] = {}
    numbers = [row.row_number for row in listed]
    for problem in attempt.problems.filter(row_number__in=numbers, severity=Severity.WARNING).exclude(field="file"):
        found.setdefault(problem.row_number, []).append(shown(problem))
    return tuple(_show(row, tuple(found.get(row.row_number, ()))) for row in listed)


def _show(row: StagedRow, findings: tuple[Finding, ...]) -> ShownRow:
    sealed = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
    return ShownRow(
        row_number=row.row_number,
        certificate_number=row.certificate_number,
        holder_name=row.holder_name,
        sex=row.sex,
        id_type=IdType(row.id_type).label,
        masked_id=mask_id(unseal_id(sealed)),
        birth_date=row.birth_date,
        occupation=row.occupation,
        occupation_code=row.occupation_code or "",
        level=row.level,
        level_name=display_level(row.level, row.level_text),
        theory_score=row.theory_score or "",
        skill_score=row.skill_score or "",
        overall_score=row.overall_score or "",
        result=row.result or "",
        processed_date=row.processed_date,
        issue_date=row.issue_date,
        issuing_authority=row.issuing_authority,
        assessment_office=row.assessment_office,
        findings=findings,
    )


def count_by_level(attempt: Attempt | None) -> Sequence[LevelCount]:
    """The accepted rows by level, five to one as the regulation lists them; all five, zeros included."""
    counts: dict[int, int] = {}
    if attempt is not None:
        counted = rows_of(attempt).order_by().values("level").annotate(rows=Count("row_number"))
        counts = {row["level"]: row["rows"] for row in counted}
    return [LevelCount(level, level_name(level), counts.get(level, 0)) for level in LEVELS]
