"""Trying an import profile out: a sample laid down for a while, and what the profile makes of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from certificates.idnumber import IdType
from certificates.levels import level_name, parse_level
from certificates.masking import mask_id
from certificates.models import Office
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell, column_letters
from certlookup.spreadsheets.reading import ReadLimits, Row
from uploads import jobs
from uploads.actor import Actor
from uploads.intake.columns import FIELDS, HEADERS, ColumnMap, field_of, header_text
from uploads.intake.conversion import Converter, header_names
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.profiles import TABLE_FIELDS, Profile
from uploads.intake.rows import ParsedRow, RowFields
from uploads.intake.savedprofiles import names_of
from uploads.intake.storage import discarded_on_error, path_of, shown_name, store
from uploads.intake.tables import Layout, Table, header_in, open_table
from uploads.models import Capacity, ImportProfile, Person, ProfileTrial
from uploads.oversight.audit import one_act, record
from uploads.oversight.retention import deletions_are_suspended
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

LARGEST_SAMPLE = 20 * 1024 * 1024
# A web page waits for it: a sample is a few rows, and whoever takes a whole year's file gets its beginning.
SAMPLE_LIMITS = ReadLimits(file_bytes=LARGEST_SAMPLE, memory_bytes=1024**3, cpu_seconds=20, wait_seconds=20.0)
ROWS_SHOWN, ROWS_READ, VALUES_SHOWN = 20, 500, 30
_SHOWN = 40
_LONG_NUMBER = re.compile(r"[A-Za-z]{0,3}[0-9]{8,}[0-9Xx×]+")


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """One column of the sample: its place, the sender's header, the field it is read as ("" if none), an example."""

    index: int
    letters: str
    header: str
    field: str
    example: str


@dataclass(frozen=True, slots=True)
class PreviewCell:
    """A field of a row: as it stands in the file, and as it is read ("" where it isn't)."""

    raw: str
    read: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row of the sample before and after, with what the rules say of it."""

    row_number: int
    cells: tuple[PreviewCell, ...]
    problems: tuple[Problem, ...]
    accepted: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as a profile reads it; ID numbers are masked everywhere.

    headings are the preview's columns as (header in the file, field's own name); values what stands in the columns of
    the fields that may have a table, each with its count; missing the required fields without a column.
    """

    sheets: tuple[str, ...]
    head: tuple[tuple[int, tuple[str, ...]], ...]
    header_row_number: int | None
    columns: tuple[SampleColumn, ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...]
    headings: tuple[tuple[str, str], ...]
    rows: tuple[PreviewRow, ...]
    values: Mapping[str, tuple[tuple[str, int], ...]]
    read_count: int
    accepted_count: int


def receive_sample(*, by: Actor, content: Iterable[bytes], name: str, base: ImportProfile | None) -> ProfileTrial:
    """Lay a sample down for KEEP_UNSENT_HOURS at the longest; base is the profile that the new one starts from.

    Writes profile_trial and audit. Raises Refusal and FileTooLarge.
    """
    stored = store(content, settings.UNSENT_DIR, by=by)
    now = timezone.now()
    with (
        discarded_on_error(stored, folder=settings.UNSENT_DIR),
        one_act(by=by, action="profile.sample", subject_kind="profile", subject_id=base.name if base else ""),
    ):
        if not holds(by.person, Capacity.PROVINCIAL_OPERATOR):
            raise Refusal("person_not_entitled", by.capacity)
        trial = ProfileTrial.objects.create(
            stored_name=stored.name,
            original_name=shown_name(name),
            base=base,
            created_by=by.person,
            created_at=now,
            expires_at=now + timedelta(hours=settings.KEEP_UNSENT_HOURS),
        )
        jobs.enqueue(jobs.FORGET_UNSENT, at=trial.expires_at, person_id=by.person.id)
        record(
            by=by, action="profile.sample", subject_kind="profile", subject_id=base.name if base else "",
            detail={"trial": trial.id, "file": stored.digest.hex()},
        )  # fmt: skip
    return trial


def trials_of(person: Person) -> "QuerySet[ProfileTrial]":
    """The person's own trials that aren't over; a sample is nobody else's."""
    return ProfileTrial.objects.select_related("base").filter(created_by=person, expires_at__gt=timezone.now())


def end_trial(*, trial: ProfileTrial) -> None:
    """Forget the sample: the line first, the file after. A file that stays is found by forget_expired().

    While deletions are suspended it stays until its time is over, or longer.
    """
    if deletions_are_suspended():
        return
    ProfileTrial.objects.filter(id=trial.id).delete()
    path_of(trial.stored_name, settings.UNSENT_DIR).unlink(missing_ok=True)


def read_sample(trial: ProfileTrial, profile: Profile, office: Office) -> Sample:
    """Read the sample's beginning as a regular batch's file of that office would be read; no half-month is judged.

    Raises SpreadsheetError, and FileNotFoundError where the sample is gone.
    """
    layout = Layout(profile=profile, office=names_of(office), trying=True)
    context = RowContext("regular", None, timezone.localdate(), office.code, settings.OWN_ISSUER_CODE)
    path = path_of(trial.stored_name, settings.UNSENT_DIR)
    with open_table(path, kind="regular", name=trial.original_name, limits=SAMPLE_LIMITS, layout=layout) as table:
        return _sample_of(table, profile, layout, context)


def _sample_of(table: Table, profile: Profile, layout: Layout, context: RowContext) -> Sample:
    header = header_in(profile, table.reading.head) or next(
        # The row that the author named, though nothing in it is known yet: that is what is being made.
        (row for row in table.reading.head if row[0] == profile.definition.header_row),
        None,
    )
    by_header = header_names(profile)
    columns = table.columns if isinstance(table.columns, ColumnMap) else None
    raw_rows: list[Row] = []
    if header is not None:
        for row in table.reading.rows:
            if row[0] > header[0]:
                raw_rows.append(row)
            if len(raw_rows) >= ROWS_READ:
                break
    described: list[SampleColumn] = []
    for index, cell in enumerate(header[1] if header else ()):
        text = header_text(cell)
        if text:
            field = field_of(text, by_header) or ""
            described.append(SampleColumn(index, column_letters(index), text, field, _example(raw_rows, index, field)))
    found = {column.field for column in described}
    outcomes: list[ParsedRow] = []
    converter = Converter(profile, columns, layout.office) if columns is not None else None
    if converter is not None:
        outcomes = [converter.parse(row_number, cells, context) for row_number, cells in raw_rows]
    shown = list(zip(raw_rows[:ROWS_SHOWN], outcomes, strict=False))
    places = _places(columns, profile) if columns is not None else ()
    return Sample(
        sheets=table.sheets,
        head=tuple((number, tuple(_masked(cell, "") for cell in cells)) for number, cells in table.reading.head),
        header_row_number=header[0] if header else None,
        columns=tuple(described),
        missing=tuple(
            problem.field for problem in table.problems if problem.rule == "R-052" and problem.field not in found
        ),
        problems=table.problems,
        headings=tuple((columns.header_of(field) if index >= 0 else "", HEADERS[field]) for field, index in places)
        if columns is not None
        else (),
        rows=tuple(_preview(row, outcome, places, converter) for row, outcome in shown) if converter else (),
        values={field: _values(raw_rows, described, field) for field in TABLE_FIELDS},
        read_count=len(raw_rows),
        accepted_count=sum(outcome.fields is not None for outcome in outcomes),
    )


def _places(columns: ColumnMap, profile: Profile) -> tuple[tuple[str, int], ...]:
    """The fields that the preview shows: those with a column, then those that the profile fills in (place -1)."""
    return tuple(
        (field, columns.indexes[FIELDS.index(field)])
        for field in FIELDS
        if columns.indexes[FIELDS.index(field)] >= 0 or field in profile.definition.fixed
    )


def _preview(row: Row, outcome: ParsedRow, places: Sequence[tuple[str, int]], converter: Converter) -> PreviewRow:
    row_number, cells = row
    wrong = {problem.field for problem in outcome.problems if problem.severity == "error"}
    converted, _ = converter.convert(row_number, cells)
    shown = []
    for field, index in places:
        raw = cells[index] if 0 <= index < len(cells) else None
        place = index if index >= 0 else converter.place_of(field)
        read = _read_as(field, outcome.fields) if outcome.fields else _masked(converted[place], field)
        shown.append(PreviewCell(_masked(raw, field), "" if field in wrong else read, field in wrong))
    return PreviewRow(row_number, tuple(shown), outcome.problems, outcome.fields is not None)


def _read_as(field: str, fields: RowFields) -> str:
    """A field of an accepted row as pages show it."""
    value = getattr(fields, field)
    if field == "level":
        return level_name(fields.level)
    if field == "id_type":
        return IdType(fields.id_type).label
    if field == "id_number":
        return mask_id(fields.id_number)
    return "" if value is None else str(value)


def _masked(cell: Cell, field: str) -> str:
    """A cell as it may be shown: never a whole ID number, wherever it stands."""
    if isinstance(cell, FormulaCell):
        cell = cell.value
    if isinstance(cell, ErrorCell):
        return cell.text
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else "" if cell is None else str(cell)
    text = text.strip()
    if field == "id_number":
        text = mask_id(text)
    elif field != "certificate_number":
        text = _LONG_NUMBER.sub(lambda found: mask_id(found[0]), text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _example(rows: Sequence[Row], index: int, field: str) -> str:
    texts = (_masked(cells[index], field) for _, cells in rows if index < len(cells))
    return next((text for text in texts if text), "")


def _values(rows: Sequence[Row], columns: Sequence[SampleColumn], field: str) -> tuple[tuple[str, int], ...]:
    """What the sample writes in the field's column, the commonest first."""
    index = next((column.index for column in columns if column.field == field), None)
    if index is None:
        return ()
    counted = Counter(_masked(cells[index], field) for _, cells in rows if index < len(cells))
    counted.pop("", None)
    return tuple(counted.most_common(VALUES_SHOWN))


def own_reading(field: str, text: str) -> str:
    """What the required layout itself reads in a value, as a table's target; "" where it reads nothing."""
    if field == "sex":
        return text if text in {"男", "女"} else ""
    if field == "level":
        level = parse_level(text)
        return level_name(level).split(" ")[0] if level else ""
    kind = IdType.from_text(text)
    return kind.label if kind else ""
