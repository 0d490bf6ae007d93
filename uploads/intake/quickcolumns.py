"""Columns that remember: what FieldReader made of a value, and how staged_row and a leaf write it.

A value in which FieldReader found anything isn't remembered as good; neither is one that could be another's double
(blocks.py keeps those out).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast
from unicodedata import is_normalized

from certificates.certnumber import CertificateNumber
from certificates.idnumber import IdType
from certificates.leaves import leaf_part, plain_leaf_part
from certificates.names import LONGEST
from certlookup.remembering import Remembered
from certlookup.spreadsheets.cells import Cell
from uploads.intake.columns import FIELDS, ColumnMap
from uploads.intake.fields import FieldReader, RowContext
from uploads.intake.rows import check_certificate, latest_birth
from uploads.intake.stagedcopy import encode_date, encode_level, encode_text

Value = TypeVar("Value")

# What a cell comes to: the value that other fields are checked against, its bytes for COPY, its part of the leaf.
Seen = tuple[Value, bytes, bytes]
# Year, body and level of a national certificate number, and its serial.
NUMBER_LENGTH, _HEAD_LENGTH = 16, 11
_NO_SERIAL = "00000"


class QuickColumn(Generic[Value]):
    """One column of a file, value by value."""

    def __init__(
        self, field: str, read: Callable[[FieldReader], Seen[Value]], columns: ColumnMap, context: RowContext
    ) -> None:
        self._read = read
        self._context = context
        place = FIELDS.index(field)
        self.index = columns.indexes[place]
        # The same columns, only that this one is the first of the row and there is no other.
        self._alone = replace(columns, indexes=tuple(0 if other == place else -1 for other in range(len(FIELDS))))
        self.seen: Remembered[Cell, Seen[Value] | None] = Remembered(self._look)

    def _look(self, cell: Cell) -> Seen[Value] | None:
        """What FieldReader makes of a cell; None where it finds anything."""
        reader = FieldReader(0, (cell,) if self.index >= 0 else (), self._alone, self._context)
        value = self._read(reader)
        return None if reader.problems else value

    def cells(self, columns: Sequence[Sequence[Cell]], count: int) -> Sequence[Cell]:
        """The column's cells in a block of that many rows; as good as empty where the file has no such column."""
        return columns[self.index] if 0 <= self.index < len(columns) else [None] * count


class QuickGroup:
    """Neighbours in staged_row and in the leaf, of which a file has few combinations: looked up together."""

    def __init__(self, *parts: QuickColumn[Any]) -> None:
        self._parts = parts
        self._seen: Remembered[tuple[Cell, ...], Seen[tuple[Any, ...]] | None] = Remembered(self._look)
        self._otherwise: Seen[tuple[Any, ...]] = (None,) * len(parts), b"", b""

    def _look(self, cells: tuple[Cell, ...]) -> Seen[tuple[Any, ...]] | None:
        parts = [part.seen[cell] for part, cell in zip(self._parts, cells, strict=True)]
        seen = [part for part in parts if part is not None]
        if len(seen) < len(parts):
            return None
        return tuple(part[0] for part in seen), b"".join(part[1] for part in seen), b"".join(part[2] for part in seen)

    def of(self, columns: Sequence[Sequence[Cell]], count: int, odd: set[int]) -> list[Seen[tuple[Any, ...]]]:
        """What a block's rows come to; where parse_row() has to look the row's place is added to `odd`."""
        cells = zip(*(part.cells(columns, count) for part in self._parts), strict=True)
        return without_odd(list(map(self._seen.__getitem__, cells)), odd, self._otherwise)


def without_odd(seen: list[Seen[Value] | None], odd: set[int], otherwise: Seen[Value]) -> list[Seen[Value]]:
    """The same, with something in the place of each None, which is noted in `odd`."""
    if None not in seen:
        return cast(list[Seen[Value]], seen)
    odd.update(place for place, one in enumerate(seen) if one is None)
    return [otherwise if one is None else one for one in seen]


class QuickNames:
    """Names, of which nearly every one is new: what is known is their characters.

    A name of nothing but letters, in NFC and not too long, in which each letter was in a name that FieldReader passed
    as it was, is passed by it as well: it judges such names letter by letter.
    """

    def __init__(self, columns: ColumnMap, context: RowContext) -> None:
        self._column = QuickColumn("holder_name", self._read, columns, context)
        self._letters: set[str] = set()

    def _read(self, row: FieldReader) -> Seen[None]:
        name = row.holder_name()
        if not row.problems and name.isalpha():
            self._letters.update(name)
        return _text(name)

    def of(self, columns: Sequence[Sequence[Cell]], count: int, odd: set[int]) -> list[Seen[None]]:
        """What a block's rows come to, as QuickGroup.of()."""
        only_known, seen = self._letters.issuperset, self._column.seen
        made = [
            _written(cell)
            if type(cell) is str and 0 < len(cell) <= LONGEST and only_known(cell) and is_normalized("NFC", cell)
            else seen[cell]
            for cell in self._column.cells(columns, count)
        ]
        return without_odd(made, odd, (None, b"", b""))


# What stands before a number's serial; of these groups the values: occupation, its code, level; the dates of processing
# and of issue, issuing authority, body.
Dated = tuple[str, tuple[Any, ...], tuple[Any, ...]]


class QuickCertificates:
    """What many rows share of the certificate itself: the number up to its serial, level and dates, and whether they agree."""

    def __init__(self, columns: ColumnMap, context: RowContext) -> None:
        self._silent = FieldReader(0, (), columns, context)
        self._column = QuickColumn("certificate_number", _number, columns, context)
        self._numbers: Remembered[str, CertificateNumber | None] = Remembered(self._read)
        self._latest_births: Remembered[Dated, dt.date | None] = Remembered(self._look)
        # The last day on which a holder may be born; None where parse_row() has to look.
        self.latest_birth = self._latest_births.__getitem__

    @staticmethod
    def heads(cells: Sequence[Cell]) -> list[str]:
        """Of each cell what stands before the serial; nothing where parse_row() has to look."""
        return [
            cell[:_HEAD_LENGTH]
            if type(cell) is str and len(cell) == NUMBER_LENGTH and cell.isascii() and cell.isdigit()
            and cell[_HEAD_LENGTH:] != _NO_SERIAL
            else ""
            for cell in cells
        ]  # fmt: skip

    def _read(self, head: str) -> CertificateNumber | None:
        """A number that begins so: serials differ in nothing that is checked, once zeros are kept out."""
        seen = self._column.seen[head + "1" * (NUMBER_LENGTH - _HEAD_LENGTH)] if head else None
        return None if seen is None else seen[0]

    def _look(self, dated: Dated) -> dt.date | None:
        head, (_, _, level), (processed, issued, _, _) = dated
        number = self._numbers[head]
        if number is None:
            return None
        row = self._silent
        check_certificate(row, number, level, processed, issued, None)
        if row.problems:
            row.problems.clear()
            return None
        return row.context.today if issued is None else latest_birth(issued)


def _written(text: str) -> Seen[None]:
    """Letters alone, which no statement has to escape."""
    content = text.encode()
    return None, len(content).to_bytes(4, "big") + content, plain_leaf_part(content)


def text_column(
    field: str, read: Callable[[FieldReader], str | None], columns: ColumnMap, context: RowContext
) -> QuickColumn[None]:
    """A column that no other field is checked against."""
    return QuickColumn(field, lambda row: _text(read(row)), columns, context)


def date_column(
    field: str, read: Callable[[FieldReader], dt.date | None], columns: ColumnMap, context: RowContext
) -> QuickColumn[dt.date | None]:
    """A column of days."""
    return QuickColumn(field, lambda row: _day(read(row)), columns, context)


def sex_column(columns: ColumnMap, context: RowContext) -> QuickColumn[str]:
    """男 or 女."""
    return QuickColumn("sex", _sex, columns, context)


def id_type_column(columns: ColumnMap, context: RowContext) -> QuickColumn[bool]:
    """Whether it is a resident ID, the one that residentnumbers.py reads."""
    return QuickColumn("id_type", _id_type, columns, context)


def level_column(columns: ColumnMap, context: RowContext) -> QuickColumn[int | None]:
    """The level, written as level and level_text."""
    return QuickColumn("level", _level, columns, context)


def _text(text: str | None) -> Seen[None]:
    return None, encode_text(text), leaf_part(text)


def _number(row: FieldReader) -> Seen[CertificateNumber | None]:
    return row.certificate_number(), b"", b""


def _day(day: dt.date | None) -> Seen[dt.date | None]:
    return day, encode_date(day), leaf_part(day.isoformat() if day else None)


def _sex(row: FieldReader) -> Seen[str]:
    sex = row.sex()
    return sex, encode_text(sex), leaf_part(sex)


def _id_type(row: FieldReader) -> Seen[bool]:
    id_type = row.id_type()
    value = id_type and id_type.value
    return id_type is IdType.RESIDENT_ID, encode_text(value), leaf_part(value)


def _level(row: FieldReader) -> Seen[int | None]:
    level, text = row.level()
    return level, encode_level(level or 0, text), leaf_part(str(level)) + leaf_part(text)
