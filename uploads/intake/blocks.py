"""Many rows at once: rows in which nothing is to be found pass by quickly, every other row goes through parse_row().

A file has many rows and few different values. Each column remembers what FieldReader made of a value, and what
staged_row gets for it; a value in which it found anything, or that could be another's double (True is 1), isn't
remembered as good. So parse_row() alone decides what is wrong with a row, and this module only whether to ask it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from unicodedata import is_normalized

from certificates.certnumber import CertificateNumber
from certificates.idnumber import IdType, said_by_resident
from certificates.names import LONGEST
from certlookup.sealing import live_keys, seal_ids
from certlookup.spreadsheets.cells import Cell
from certlookup.spreadsheets.reading import Row
from uploads.intake.columns import FIELDS, ColumnMap
from uploads.intake.conversion import Converter
from uploads.intake.fields import FieldReader, RowContext
from uploads.intake.findings import Problem
from uploads.intake.rowkeys import RowKeys
from uploads.intake.rows import ParsedRow, check_across_fields, parse_row
from uploads.intake.stagedcopy import (
    encode_date,
    encode_fields,
    encode_level,
    encode_row_number,
    encode_rows,
    encode_shared,
    encode_text,
)

Value = TypeVar("Value")

# Values remembered per column; then it begins anew, so that memory doesn't grow with the file.
_REMEMBERED = 20_000
# Of these types two equal values are the same value.
_PLAIN = frozenset({str, float, type(None), dt.date, dt.datetime})
# Year, body and level of a national certificate number, and its serial.
_NUMBER_LENGTH, _NUMBER_HEAD = 16, 11
_NO_SERIAL = "00000"


@dataclass(frozen=True, slots=True)
class StagedBlock:
    """What some rows came to: how many were read and accepted, the accepted ones as COPY takes them, all findings.

    refused has the outcome of each row that was refused, keys the key of each row in which anything was found.
    """

    read: int
    accepted: int
    rows: bytes
    problems: tuple[Problem, ...]
    refused: tuple[ParsedRow, ...]
    keys: Mapping[int, bytes]


class _Column(dict[Cell, Value | None]):
    """What a column's values come to; None where parse_row() has to look."""

    def __init__(
        self, read: Callable[[FieldReader], Value], field: str, columns: ColumnMap, context: RowContext
    ) -> None:
        super().__init__()
        self._read = read
        self._context = context
        place = FIELDS.index(field)
        self.index = columns.indexes[place]
        # The same columns, only that this one is the first of the row and there is no other.
        self._alone = replace(columns, indexes=tuple(0 if other == place else -1 for other in range(len(FIELDS))))

    def __missing__(self, cell: Cell) -> Value | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        reader = FieldReader(0, (cell,) if self.index >= 0 else (), self._alone, self._context)
        value = self._read(reader)
        made = self[cell] = None if reader.problems else value
        return made

    def of(self, columns: Sequence[Sequence[Cell]], count: int) -> list[Value | None]:
        """The values of a block's rows."""
        if not 0 <= self.index < len(columns):
            return [self[None]] * count
        return list(map(self.__getitem__, columns[self.index]))


class _Names(_Column[bytes]):
    """Names, of which nearly every one is new: what is known is their characters.

    A name of nothing but letters, in NFC and not too long, in which each letter was in a name that FieldReader passed
    as it was, is passed by it as well: it judges such names letter by letter.
    """

    def __init__(self, columns: ColumnMap, context: RowContext) -> None:
        super().__init__(lambda row: encode_text(row.holder_name()), "holder_name", columns, context)
        self._letters: set[str] = set()

    def __missing__(self, cell: Cell) -> bytes | None:
        made = super().__missing__(cell)
        if type(cell) is str and cell.isalpha() and made == encode_text(cell):
            self._letters.update(cell)
        return made

    def of(self, columns: Sequence[Sequence[Cell]], count: int) -> list[bytes | None]:
        """The values of a block's rows."""
        if not 0 <= self.index < len(columns):
            return [self[None]] * count
        only_known, encode = self._letters.issuperset, encode_text
        return [
            encode(cell)
            if type(cell) is str and 0 < len(cell) <= LONGEST and only_known(cell) and is_normalized("NFC", cell)
            else self[cell]
            for cell in columns[self.index]
        ]


class _Numbers(dict[str, CertificateNumber | None]):
    """Certificate numbers by all that stands before the serial; None where parse_row() has to look."""

    def __init__(self, columns: ColumnMap, context: RowContext) -> None:
        super().__init__()
        self._column = _Column(FieldReader.certificate_number, "certificate_number", columns, context)

    def __missing__(self, head: str) -> CertificateNumber | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[head] = self._column.__missing__(head + "1" * (_NUMBER_LENGTH - _NUMBER_HEAD))
        return found


class BlockParser:
    """Parses and seals the rows of one attempt, block by block. Pure but for the keys."""

    def __init__(
        self, attempt_id: int, columns: ColumnMap, context: RowContext, converter: Converter | None = None
    ) -> None:
        """A file that a profile converts has no quick rows."""
        self._converter = converter
        self._columns = columns
        self._context = context
        self._shared = encode_shared(attempt_id, live_keys()[0].version)
        self._silent = FieldReader(0, (), columns, context)
        self._numbers = _Numbers(columns, context)
        self._row_keys = RowKeys.of(columns)

        def column(field: str, read: Callable[[FieldReader], Value]) -> _Column[Value]:
            return _Column(read, field, columns, context)

        self._number = columns.indexes[FIELDS.index("certificate_number")]
        self._id_number = columns.indexes[FIELDS.index("id_number")]
        self._name = _Names(columns, context)
        self._sex = column("sex", _sex)
        self._id_type = column("id_type", _id_type)
        self._birth_date = column("birth_date", lambda row: _day(row.birth_date()))
        self._occupation = column("occupation", lambda row: encode_text(row.text("occupation")))
        self._code = column("occupation_code", lambda row: encode_text(row.occupation_code()))
        self._level = column("level", _level)
        self._theory = column("theory_score", lambda row: encode_text(row.score("theory_score")))
        self._skill = column("skill_score", lambda row: encode_text(row.score("skill_score")))
        self._overall = column("overall_score", lambda row: encode_text(row.score("overall_score")))
        self._result = column("result", lambda row: encode_text(row.result()))
        self._processed = column("processed_date", lambda row: _day(row.processed_date()))
        self._issued = column("issue_date", lambda row: _day(row.issue_date()))
        self._authority = column("issuing_authority", lambda row: encode_text(row.text("issuing_authority")))
        self._office = column("assessment_office", lambda row: encode_text(row.text("assessment_office")))

    def parse(self, block: Sequence[Row]) -> StagedBlock:
        """Check the rows of a block and seal those that are acceptable."""
        problems: list[Problem] = []
        refused: list[ParsedRow] = []
        keys: dict[int, bytes] = {}
        ids: list[str] = []
        rows: list[bytes] = []
        quick = self._quick_rows(block) if self._converter is None else [None] * len(block)
        for row, fields in zip(block, quick, strict=True):
            if fields is not None:
                rows.append(fields)
                ids.append(row[1][self._id_number])  # type: ignore[arg-type] # _quick_rows looked
                continue
            if self._converter is None:
                parsed = parse_row(row[0], row[1], self._columns, self._context)
            else:
                parsed = self._converter.parse(row[0], row[1], self._context)
            if parsed.problems:
                problems.extend(parsed.problems)
                keys[row[0]] = self._row_keys.key_of(row[1])
            if parsed.fields is not None:
                rows.append(encode_fields(row[0], parsed.fields))
                ids.append(parsed.fields.id_number)
            else:
                refused.append(parsed)
        sealed = seal_ids(ids)
        encoded = encode_rows(self._shared, rows, sealed)
        return StagedBlock(len(block), len(rows), encoded, tuple(problems), tuple(refused), keys)

    def _quick_rows(self, block: Sequence[Row]) -> list[bytes | None]:
        """For each row the bytes of its fields; None where parse_row() has to look."""
        count = len(block)
        columns, odd = self._in_columns(block)
        made: list[bytes | None] = []
        silent = self._silent
        numbers = self._numbers
        today = self._context.today
        for place, (
            (row_number, _), number_cell, name, sex, id_type, id_cell, birth_date, occupation, code, level, theory,
            skill, overall, result, processed, issued, authority, office,
        ) in enumerate(
            zip(
                block, columns[self._number], self._name.of(columns, count), self._sex.of(columns, count),
                self._id_type.of(columns, count), columns[self._id_number], self._birth_date.of(columns, count),
                self._occupation.of(columns, count), self._code.of(columns, count), self._level.of(columns, count),
                self._theory.of(columns, count), self._skill.of(columns, count), self._overall.of(columns, count),
                self._result.of(columns, count), self._processed.of(columns, count), self._issued.of(columns, count),
                self._authority.of(columns, count), self._office.of(columns, count), strict=True,
            )
        ):  # fmt: skip
            made.append(None)
            if (
                name is None or sex is None or id_type is None or birth_date is None or occupation is None
                or code is None or level is None or theory is None or skill is None or overall is None
                or result is None or processed is None or issued is None or authority is None or office is None
                or not id_type[0] or type(number_cell) is not str or type(id_cell) is not str
                or len(number_cell) != _NUMBER_LENGTH or not number_cell.isascii() or not number_cell.isdigit()
                or number_cell.endswith(_NO_SERIAL) or place in odd
            ):  # fmt: skip
                continue
            number = numbers[number_cell[:_NUMBER_HEAD]]
            said = said_by_resident(id_cell, today)
            if number is None or said is None:
                continue
            check_across_fields(silent, number, sex[0], said, birth_date[0], level[0], processed[0], issued[0])
            if silent.problems:
                silent.problems.clear()
                continue
            made[-1] = b"".join((
                encode_row_number(row_number), b"\0\0\0\x10", number_cell.encode(), name, sex[1], id_type[1],
                birth_date[1], occupation, code, level[1], theory, skill, overall, result, processed[1], issued[1],
                authority, office,
            ))  # fmt: skip
        return made

    def _in_columns(self, block: Sequence[Row]) -> tuple[list[Sequence[Cell]], set[int]]:
        """The block's cells by column, and the places of rows that hold what a column can't remember or isn't read."""
        cells: list[tuple[Cell, ...]] = [row[1] for row in block]
        widths = set(map(len, cells))
        width = max(*widths, 1 + max(self._columns.known))
        if len(widths) > 1 or width not in widths:
            cells = [row + (None,) * (width - len(row)) for row in cells]
        columns: list[Sequence[Cell]] = list(zip(*cells, strict=True))
        odd: set[int] = set()
        for index in self._columns.known:
            column = columns[index]
            if not _PLAIN.issuperset(map(type, column)):
                odd.update(place for place, cell in enumerate(column) if type(cell) not in _PLAIN)
                columns[index] = [cell if type(cell) in _PLAIN else None for cell in column]
        for column in columns[self._columns.width :]:
            odd.update(place for place, cell in enumerate(column) if cell is not None and cell != "")
        return columns, odd


def _day(day: dt.date | None) -> tuple[dt.date | None, bytes]:
    return day, encode_date(day)


def _sex(row: FieldReader) -> tuple[str, bytes]:
    sex = row.sex()
    return sex, encode_text(sex)


def _id_type(row: FieldReader) -> tuple[bool, bytes]:
    """Whether it is a resident ID, the one that said_by_resident() reads."""
    id_type = row.id_type()
    return id_type is IdType.RESIDENT_ID, encode_text(id_type and id_type.value)


def _level(row: FieldReader) -> tuple[int, bytes]:
    level, text = row.level()
    return level or 0, encode_level(level or 0, text)
