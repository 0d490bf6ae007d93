"""Corrections, revocations and reinstatements: their columns, and one row of them against the register's present state.

Pure. A correction row names a certificate and holds only what changes: an empty cell leaves a field as it is, the word
清空 empties an optional one. A revocation or reinstatement row changes no field; a name or ID number beside the
certificate number only guards against a mistyped one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from certificates import idnumber
from certificates.idnumber import IdNumberError, IdType, ParsedId
from certlookup.spreadsheets.cells import Cell, ErrorCell
from certlookup.spreadsheets.filerules import Severity
from uploads.intake.columns import (
    FIELDS,
    HEADER_SEARCH_ROWS,
    HEADER_SHOWN,
    HEADERS,
    OPTIONAL_FIELDS,
    ColumnMap,
    ColumnMatch,
    Header,
    double_column_problem,
    extra_columns_problem,
    field_of,
    header_problem,
    header_text,
    header_width,
    normalise_header,
)
from uploads.intake.fields import FieldReader, RowContext, belonging_hint
from uploads.intake.findings import Problem
from uploads.intake.rows import RowFields, check_dates, check_number, check_person
from uploads.intake.rules import RULES, severity_in

CORRECTION, REVOCATION, REINSTATEMENT = "correction", "revocation", "reinstatement"
CHANGE_KINDS = frozenset({CORRECTION, REVOCATION, REINSTATEMENT})
REASON, DOCUMENT = "change_reason", "document_number"
CLEAR = "清空"
REVOCATION_REASONS = ("错误核发", "以欺骗等不正当手段取得", "其他决定")

ACTS: Mapping[str, str] = {CORRECTION: "更正", REVOCATION: "撤销", REINSTATEMENT: "恢复"}
REASON_HEADERS: Mapping[str, str] = {CORRECTION: "更正原因", REVOCATION: "撤销原因", REINSTATEMENT: "恢复原因"}
DOCUMENT_HEADER = "文号"
_DOCUMENT_ALIASES = (DOCUMENT_HEADER, "文件号", "决定文号", "文件文号", "批准文号")
# A revocation and a reinstatement read these beside the certificate number, to compare them with the register.
GUARDS = ("holder_name", "id_number")
_LEAST_KNOWN_HEADERS = 2
_REASON_LIMIT, _DOCUMENT_LIMIT = 200, 100
_LIKE_AN_ID_NUMBER = re.compile(r"(?<!\d)(\d{15}|\d{17}[\dXx])(?![\dXx])")
# What became of the register's present state: the kind of its newest revision.
REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ChangeColumns(ColumnMap):
    """Where a change's fields stand; places and names are those of change_reason and document_number (-1: no column)."""

    kind: str = CORRECTION
    places: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def header_of(self, field: str) -> str:
        """The header in the file, or in the template where the file has none."""
        return self.names[field] if field in self.names else self.headers[FIELDS.index(field)]


@dataclass(frozen=True, slots=True)
class Present:
    """A certificate as the register has it now; fields.id_number is canonical."""

    fields: RowFields
    kind: str
    revision_number: int


@dataclass(frozen=True, slots=True)
class Change:
    """A row's outcome: the whole record after the change and what differs, or None where the row is refused."""

    row_number: int
    certificate_number: str | None
    fields: RowFields | None
    changed: tuple[str, ...]
    reason: str | None
    document: str | None
    problems: tuple[Problem, ...]


def change_field_of(text: str, kind: str) -> str | None:
    """The field under a header in a file of that kind; None for a column that isn't read there."""
    folded = normalise_header(text)
    if not folded:
        return None
    if folded in {normalise_header(name) for name in _DOCUMENT_ALIASES}:
        return DOCUMENT
    header = REASON_HEADERS[kind]
    if folded in {header, header.replace("原因", "理由"), "原因", "理由"}:
        return REASON
    known = field_of(text)
    if kind != CORRECTION and known not in {"certificate_number", *GUARDS}:
        return None
    return known


def find_change_header(rows: Sequence[Header], kind: str) -> Header | None:
    """The header among a sheet's first rows: the first that names the certificate number and most other columns."""
    best: Header | None = None
    best_count = _LEAST_KNOWN_HEADERS - 1
    for row_number, cells in rows[:HEADER_SEARCH_ROWS]:
        found = {change_field_of(header_text(cell), kind) for cell in cells} - {None}
        if "certificate_number" in found and len(found) > best_count:
            best, best_count = (row_number, cells), len(found)
    return best


def match_change_columns(header_row: Sequence[Cell], row_number: int, kind: str) -> ColumnMatch:
    """Map the header row of a file of that kind; missing and double columns are errors, others a note."""
    found: dict[str, list[int]] = {}
    extra: list[str] = []
    for index, cell in enumerate(header_row):
        text = header_text(cell)
        name = change_field_of(text, kind)
        if name is not None:
            found.setdefault(name, []).append(index)
        elif text:
            extra.append(text)
    standard = {REASON: REASON_HEADERS[kind], DOCUMENT: DOCUMENT_HEADER}
    required = {"certificate_number", REASON} | (set() if kind == CORRECTION else {DOCUMENT})
    problems: list[Problem] = []
    for name in (*FIELDS, REASON, DOCUMENT):
        header = standard.get(name) or HEADERS[name]
        places = found.get(name, [])
        if not places and name in required:
            problems.append(header_problem("R-052", row_number, header, name, column=header))
        if len(places) > 1:
            problems.append(double_column_problem(row_number, header, name, header_row, places))
    if kind == CORRECTION and not found.keys() - {"certificate_number", REASON, DOCUMENT}:
        problems.append(header_problem("R-514", row_number, "", "file"))
    refused = bool(problems)
    if extra:
        problems.append(extra_columns_problem(row_number, extra))

    def written(name: str, default: str) -> str:
        return header_text(header_row[found[name][0]])[:HEADER_SHOWN] if name in found else default

    columns = ChangeColumns(
        row_number,
        tuple(found.get(name, [-1])[0] for name in FIELDS),
        tuple(written(name, HEADERS[name]) for name in FIELDS),
        frozenset(places[0] for places in found.values()),
        tuple(extra),
        header_width(header_row),
        kind=kind,
        places={name: found.get(name, [-1])[0] for name in standard},
        names={name: written(name, default) for name, default in standard.items()},
    )
    return ColumnMatch(None if refused else columns, tuple(problems))


def no_change_header_problem(kind: str) -> Problem:
    """The finding for a sheet in which find_change_header found nothing."""
    return header_problem("R-515", 1, "", "file", rows=HEADER_SEARCH_ROWS, kind=ACTS[kind], reason=REASON_HEADERS[kind])


class ChangeReader(FieldReader):
    """A change's row being read: the fields of the layout, the reason and the document's number."""

    __slots__ = ("layout",)

    def __init__(self, row_number: int, cells: Sequence[Cell], layout: ChangeColumns, context: RowContext) -> None:
        super().__init__(row_number, cells, layout, context)
        self.layout = layout

    def report(self, rule: str, field: str, **detail: object) -> None:
        """Add a finding; an error refuses the row."""
        header = self.layout.header_of(field) if field != "row" else ""
        severity = severity_in(RULES[rule], self.context.kind)
        message = RULES[rule].message(**{"column": header, "act": ACTS[self.layout.kind]} | detail)
        self.problems.append(Problem(self.row_number, header, field, rule, severity, message))
        if severity is Severity.ERROR:
            self.refused = True

    def raw(self, field: str) -> Cell:
        """The field's cell as it stands there, without spaces around; None where it is empty."""
        place = self.layout.places.get(field)
        index = self.layout.indexes[FIELDS.index(field)] if place is None else place
        cell = self.cells[index] if 0 <= index < len(self.cells) else None
        return (cell.strip() or None) if isinstance(cell, str) else cell

    def cell(self, field: str) -> Cell:
        """As raw, reporting an error value."""
        cell = self.raw(field)
        if isinstance(cell, ErrorCell):
            self.report("R-102", field, value=cell.text)
        return cell

    def note(self, field: str, limit: int, missing: str, *, required: bool) -> str | None:
        """The reason or the document's number; None where there is none or it is reported."""
        before = len(self.problems)
        text = self.optional_text(field, limit)
        if text is None:
            if required and len(self.problems) == before:
                self.report(missing, field)
        elif _LIKE_AN_ID_NUMBER.search(unicodedata.normalize("NFKC", text)):
            self.report("R-513", field)
        return text


_READERS: Mapping[str, Callable[[ChangeReader], object]] = {
    "holder_name": lambda row: row.holder_name(),
    "sex": lambda row: row.sex(),
    "id_type": lambda row: row.id_type(),
    "birth_date": lambda row: row.date("birth_date", "R-161"),
    "occupation": lambda row: row.text("occupation"),
    "occupation_code": lambda row: row.optional_text("occupation_code", 30),
    "level": lambda row: row.level()[0],
    "theory_score": lambda row: row.score("theory_score"),
    "skill_score": lambda row: row.score("skill_score"),
    "overall_score": lambda row: row.score("overall_score"),
    "result": lambda row: row.result(),
    "processed_date": lambda row: row.date("processed_date", "R-191"),
    "issue_date": lambda row: row.date("issue_date", "R-201"),
    "issuing_authority": lambda row: row.text("issuing_authority"),
    "assessment_office": lambda row: row.text("assessment_office"),
}


@dataclass(slots=True)
class ReadChange:
    """A row as far as it can be read without the register; finish() compares it with the certificate's present state."""

    reader: ChangeReader
    number: str | None
    reason: str | None
    document: str | None
    given: dict[str, Any]

    def finish(self, present: Present | None) -> Change:
        """The row's outcome; present is None where the register has no such certificate."""
        reader, kind = self.reader, self.reader.layout.kind
        fields: RowFields | None = None
        changed: tuple[str, ...] = ()
        if self.number is not None and present is None:
            reader.report("R-501", "certificate_number")
        elif present is not None:
            rule = _impossible(kind, present.kind)
            if rule:
                reader.report(rule, "certificate_number")
            if kind == CORRECTION:
                fields, changed = self._correct(present)
            else:
                self._guard(present)
                fields = present.fields
        reader.check_width()
        refused = any(problem.severity is Severity.ERROR for problem in reader.problems)
        return Change(
            reader.row_number,
            self.number,
            None if refused else fields,
            changed,
            self.reason,
            self.document,
            tuple(reader.problems),
        )

    def _correct(self, present: Present) -> tuple[RowFields | None, tuple[str, ...]]:
        """The corrected record and the fields that differ; what the register contradicts already is a warning."""
        reader = self.reader
        parsed, id_changes = self._id_number(present)
        if reader.refused:
            return None, ()
        after = replace(present.fields, **(self.given | id_changes))
        changed = changed_between(present.fields, after)
        if not changed:
            reader.report("R-502", "row")
            return None, ()
        known = {problem.rule for problem in _contradictions(reader, present.fields, _parse_id(present.fields))}
        for problem in _contradictions(reader, after, parsed):
            lenient = problem.rule in known and problem.severity is Severity.ERROR
            reader.problems.append(replace(problem, severity=Severity.WARNING) if lenient else problem)
        return after, changed

    def _id_number(self, present: Present) -> tuple[ParsedId | None, dict[str, Any]]:
        """The ID number after the correction, and what that changes; a new type has to fit the number."""
        reader, fields = self.reader, present.fields
        new_type = self.given.get("id_type")
        id_type = new_type if isinstance(new_type, IdType) else IdType(fields.id_type)
        if reader.raw("id_number") is not None:
            if reader.raw("id_number") == CLEAR:
                reader.report("R-511", "id_number")
                return None, {}
            parsed = reader.id_number(id_type)
        elif new_type is None:
            return _parse_id(fields), {}
        else:
            try:
                parsed = idnumber.parse(fields.id_number, id_type)
            except IdNumberError as error:
                reader.report("R-116", "id_number", id_type=id_type.label, hint=belonging_hint(error))
                parsed = None
        return parsed, {} if parsed is None else {"id_type": id_type.value, "id_number": parsed.canonical}

    def _guard(self, present: Present) -> None:
        """Name and ID number beside the certificate number have to be the register's."""
        reader, fields = self.reader, present.fields
        if reader.raw("holder_name") is not None:
            name = reader.holder_name()
            if name and name != fields.holder_name:
                reader.report("R-512", "holder_name")
        if reader.raw("id_number") is not None:
            parsed = reader.id_number(IdType(fields.id_type))
            if parsed is not None and parsed.canonical != fields.id_number:
                reader.report("R-512", "id_number")


def read_change(row_number: int, cells: Sequence[Cell], columns: ChangeColumns, context: RowContext) -> ReadChange:
    """Read one data row; cells are the whole row from column A, row_number is the spreadsheet's own."""
    row = ChangeReader(row_number, cells, columns, context)
    number = row.certificate_number()
    given: dict[str, Any] = {}
    if columns.kind == CORRECTION:
        for name, read in _READERS.items():
            raw = row.raw(name)
            if raw is None:
                continue
            if raw != CLEAR and name == "level":
                given["level"], given["level_text"] = row.level()
            elif raw != CLEAR:
                given[name] = read(row)
            elif name in OPTIONAL_FIELDS:
                given[name] = None
            else:
                row.report("R-511", name)
    reason = row.note(REASON, _REASON_LIMIT, "R-509", required=True)
    if columns.kind == REVOCATION and reason is not None and reason not in REVOCATION_REASONS:
        row.report("R-508", REASON, value=reason[:30])
    document = row.note(DOCUMENT, _DOCUMENT_LIMIT, "R-510", required=columns.kind != CORRECTION)
    return ReadChange(row, number.text if number else None, reason, document, given)


def changed_between(before: RowFields, after: RowFields) -> tuple[str, ...]:
    """The names of the fields that differ, in the layout's order; level stands for its spelling too."""
    differ = {name for name in FIELDS if getattr(before, name) != getattr(after, name)}
    if before.level_text != after.level_text:
        differ.add("level")
    return tuple(name for name in FIELDS if name in differ)


def _impossible(kind: str, present_kind: str) -> str:
    """The rule that a change of that kind breaks on a certificate in that state, or ""."""
    if kind == REINSTATEMENT:
        return "" if present_kind == REVOKED else "R-505"
    return {CORRECTION: "R-503", REVOCATION: "R-504"}[kind] if present_kind == REVOKED else ""


def _parse_id(fields: RowFields) -> ParsedId | None:
    try:
        return idnumber.parse(fields.id_number, IdType(fields.id_type))
    except IdNumberError:
        return None


def _contradictions(reader: ChangeReader, fields: RowFields, parsed: ParsedId | None) -> list[Problem]:
    """What a whole record says against itself, by the rules of an issued one."""
    row = ChangeReader(reader.row_number, reader.cells, reader.layout, reader.context)
    number = row.certificate_number()
    check_person(row, fields.sex, parsed, fields.birth_date)
    check_number(row, number, fields.level, fields.issue_date)
    check_dates(
        row, fields.processed_date, fields.issue_date, fields.birth_date or (parsed.birth_date if parsed else None)
    )
    return row.problems
