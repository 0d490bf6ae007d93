"""A row of another layout made into one of the required layout, as an import profile says.

Pure. The step stands before parse_row and is absent for the required layout. Cells are replaced where they stand, so
that every finding names the column by the sender's own header; what the profile doesn't know is refused, and the ID and
certificate numbers are never touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from certificates.idnumber import kind_of_form
from certificates.levels import level_name, parse_level
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell, column_letters
from certlookup.spreadsheets.filerules import Severity
from uploads.intake.columns import FIELDS, HEADERS, ColumnMap, with_headers
from uploads.intake.dateforms import read_date
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.profiles import (
    AUTHORITY_PLACEHOLDER,
    BY_NUMBER,
    LEVEL_TARGETS,
    OFFICE_PLACEHOLDER,
    Profile,
    Refused,
    ValueTable,
    value_key,
)
from uploads.intake.rows import ParsedRow, RefusedKeys, RowFields, parse_row
from uploads.intake.rules import RULES

DATE_FIELDS = ("birth_date", "processed_date", "issue_date")
# Numbers that are dates without marks, such as 20261103 or 3112026 (a number has no leading 0).
_EARLIEST_DIGITS, _LATEST_DIGITS = 1_01_0000, 31_12_9999
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class OfficeNames:
    """What the placeholders of fixed values stand for: the reporting office's full name and its issuing authority."""

    full_name: str
    issuing_authority: str


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A cell that isn't read: the rule and what its sentence is filled with."""

    rule: str
    detail: Mapping[str, object]


Reader = Callable[[Cell], "Cell | _Refusal"]


def header_names(profile: Profile) -> Mapping[str, str]:
    """The fields by header, as match_columns takes them."""
    headers = profile.definition.headers
    return with_headers(
        {field: entry.names for field, entry in headers.items()},
        [field for field, entry in headers.items() if entry.only],
    )


def filled_fields(profile: Profile, columns: ColumnMap) -> tuple[str, ...]:
    """The fields that the profile fills in, because the file has no column for them."""
    return tuple(field for field in profile.definition.fixed if columns.indexes[FIELDS.index(field)] < 0)


def converts(profile: Profile, columns: ColumnMap) -> bool:
    """Whether rows need a step of their own; another name for a column alone needs none."""
    return bool(profile.definition.tables or profile.definition.dates or filled_fields(profile, columns))


def fixed_problems(profile: Profile, columns: ColumnMap, office: OfficeNames) -> list[Problem]:
    """One note on everything that the profile fills in, and an error for each name that the office doesn't have."""
    problems = []
    filled = []
    for field in filled_fields(profile, columns):
        text = profile.definition.fixed[field]
        filled.append(f"{HEADERS[field]}“{_shown(_fixed_text(text, office))}”")
        for placeholder, name, what in (
            (OFFICE_PLACEHOLDER, office.full_name, "全称"),
            (AUTHORITY_PLACEHOLDER, office.issuing_authority, "发证机关"),
        ):
            if placeholder in text and not name:
                problems.append(profile_problem("R-086", columns, profile, column=HEADERS[field], what=what))
    if filled and not problems:
        problems.append(profile_problem("R-088", columns, profile, filled="、".join(filled)))
    return problems


def profile_problem(rule: str, columns: ColumnMap | None, profile: Profile, **detail: object) -> Problem:
    """A finding about the file as a whole."""
    message = RULES[rule].message(profile=profile.title, **detail)
    row_number = columns.header_row_number if columns else 1
    return Problem(row_number, "", "file", rule, RULES[rule].severity, message)


class Converter:
    """One file's rows, converted and parsed. Parses like parse_row, under its own map of columns."""

    def __init__(self, profile: Profile, columns: ColumnMap, office: OfficeNames) -> None:
        """columns: as match_columns found them in the file."""
        self.profile = profile
        self._source = columns
        self._by_number = -1
        self._fixed: list[Cell] = []
        indexes = list(columns.indexes)
        for field in filled_fields(profile, columns):
            text = profile.definition.fixed[field]
            place = columns.width + len(self._fixed)
            if text == BY_NUMBER:
                self._by_number = place
            indexes[FIELDS.index(field)] = place
            self._fixed.append(None if text == BY_NUMBER else _fixed_text(text, office))
        self._columns = replace(columns, indexes=tuple(indexes), width=columns.width + len(self._fixed))
        self._id_number = columns.indexes[FIELDS.index("id_number")]
        self._steps: list[tuple[str, int, Reader, dict[object, Cell | _Refusal]]] = [
            (field, columns.indexes[FIELDS.index(field)], reader, {})
            for field, reader in _readers(profile)
            if columns.indexes[FIELDS.index(field)] >= 0
        ]

    def parse(self, row_number: int, cells: Sequence[Cell], context: RowContext) -> ParsedRow:
        """Convert and check one data row; a value that the profile refuses is the one finding of its field."""
        converted, refusals = self.convert(row_number, cells)
        parsed = parse_row(row_number, converted, self._columns, context)
        beyond = self._beyond(row_number, cells)
        if not refusals and beyond is None:
            return parsed
        refused = {problem.field for problem in refusals}
        others = [problem for problem in parsed.problems if problem.field not in refused]
        problems = (*refusals, *others, *([beyond] if beyond else []))
        if not refusals:
            return replace(parsed, problems=problems)
        return replace(parsed, fields=None, problems=problems, keys=parsed.keys or _keys_of(parsed.fields))

    def place_of(self, field: str) -> int:
        """Where convert() puts a field; -1 where the file has none and the profile fills none in."""
        return self._columns.indexes[FIELDS.index(field)]

    def convert(self, row_number: int, cells: Sequence[Cell]) -> tuple[list[Cell], list[Problem]]:
        """The row as the required layout's rules read it, and what the profile refuses in it (empty cells then)."""
        width = self._source.width
        converted = [*cells[:width], *[None] * (width - len(cells)), *self._fixed]
        problems: list[Problem] = []
        for field, index, reader, remembered in self._steps:
            cell = _plain(converted[index])
            if cell is None:
                continue
            # True equals 1.0, and is no 1.
            key = cell if type(cell) is str else (type(cell), cell)
            outcome = remembered.get(key)
            if outcome is None:
                outcome = reader(cell)
                if len(remembered) < _REMEMBERED:
                    remembered[key] = outcome
            if isinstance(outcome, _Refusal):
                problems.append(self._problem(row_number, field, outcome))
                converted[index] = None
            else:
                converted[index] = outcome
        if self._by_number >= 0:
            number = converted[self._id_number] if self._id_number >= 0 else None
            converted[self._by_number] = kind_of_form(number if isinstance(number, str) else "").label
        return converted, problems

    def _problem(self, row_number: int, field: str, refusal: _Refusal) -> Problem:
        header = self._source.header_of(field)
        message = RULES[refusal.rule].message(column=header, profile=self.profile.title, **refusal.detail)
        return Problem(row_number, header, field, refusal.rule, Severity.ERROR, message)

    def _beyond(self, row_number: int, cells: Sequence[Cell]) -> Problem | None:
        """Content to the right of every header; the fixed values take its place before parse_row looks."""
        for index in range(self._source.width, len(cells)):
            if cells[index] is not None and cells[index] != "":
                rule = RULES["R-055"]
                message = rule.message(place=f"{column_letters(index)}列")
                return Problem(row_number, "", "row", rule.number, rule.severity, message)
        return None


def _keys_of(fields: RowFields | None) -> RefusedKeys | None:
    """What the checks across rows compare of a row that nothing but the profile refuses."""
    if fields is None:
        return None
    return RefusedKeys(
        certificate_number=fields.certificate_number,
        id_number=fields.id_number,
        holder_name=fields.holder_name,
        occupation=fields.occupation,
        level=fields.level,
        assessment_office=fields.assessment_office,
    )


def _fixed_text(text: str, office: OfficeNames) -> str:
    if text == BY_NUMBER:
        return "按证件号码的形式"
    return text.replace(OFFICE_PLACEHOLDER, office.full_name).replace(AUTHORITY_PLACEHOLDER, office.issuing_authority)


def _plain(cell: Cell) -> Cell:
    """What a table or a form of dates is looked up by: None for what parse_row itself has a word on.

    That is an empty cell, an error value, a formula without a stored value.
    """
    if type(cell) is FormulaCell:
        cell = cell.value
    if type(cell) is str:
        return cell.strip() or None
    return None if type(cell) is ErrorCell else cell


def _readers(profile: Profile) -> list[tuple[str, Reader]]:
    definition = profile.definition
    readers: list[tuple[str, Reader]] = [
        (field, _table_reader(field, table)) for field, table in definition.tables.items()
    ]
    if definition.dates:
        readers += [(field, _date_reader(definition.dates)) for field in DATE_FIELDS]
    return readers


def _table_reader(field: str, table: ValueTable) -> Reader:
    by_key = {value_key(text): target for text, target in table.items()}

    def read(cell: Cell) -> Cell | _Refusal:
        text = _written(cell)
        target = by_key.get(value_key(text)) if not isinstance(cell, bool) else None
        if target is None:
            return _Refusal("R-081", {"value": _shown(text)})
        if isinstance(target, Refused):
            return _Refusal("R-082", {"value": _shown(text), "reason": target.reason})
        return _level_text(text, LEVEL_TARGETS[target]) if field == "level" else target

    return read


def _level_text(text: str, level: int) -> str:
    """The sender's own words where they say that level by themselves (they are shown as stored), else its name."""
    return text if parse_level(text) == level else level_name(level).replace(" ", "")


def _date_reader(forms: Sequence[str]) -> Reader:
    def read(cell: Cell) -> Cell | _Refusal:
        if isinstance(cell, float | int) and _EARLIEST_DIGITS <= cell <= _LATEST_DIGITS and cell == int(cell):
            cell = f"{int(cell):08}"
        if type(cell) is not str:
            return cell
        day = read_date(cell, forms)
        return day if day is not None else _Refusal("R-083", {"value": _shown(cell), "forms": "、".join(forms)})

    return read


def _written(cell: Cell) -> str:
    """A cell as text: a whole number without its decimals, as the sheet shows it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _shown(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"
