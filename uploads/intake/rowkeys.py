"""Which row a finding belongs to, whatever number the row has in the next file.

Three keyed marks of 16 bytes, one after the other: of the certificate number, of the ID number, of all other cells. A mark
is zeros where there is nothing readable. No plain hash: ID numbers are few enough to try them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from certificates import certnumber, idnumber
from certificates.certnumber import CertNumberError
from certificates.idnumber import IdNumberError
from certlookup.sealing import MARK_BYTES, Key, live_keys
from certlookup.spreadsheets.cells import Cell
from uploads.intake.columns import FIELDS, ColumnMap

NOTHING = bytes(MARK_BYTES)


@dataclass(frozen=True, slots=True)
class RowKeys:
    """Makes the keys of one file's rows; key is the installation's newest."""

    key: Key
    number_column: int
    id_column: int

    @classmethod
    def of(cls, columns: ColumnMap) -> "RowKeys":
        """For a file with these columns."""
        number, id_number = (columns.indexes[FIELDS.index(name)] for name in ("certificate_number", "id_number"))
        return cls(live_keys()[0], number, id_number)

    def key_of(self, cells: Sequence[Cell]) -> bytes:
        """The key of a row as it stands in the file."""
        number = _number_of(cells, self.number_column)
        canonical = _id_of(cells, self.id_column)
        others = [
            "" if cell is None else str(cell).strip()
            for column, cell in enumerate(cells)
            if column not in {self.number_column, self.id_column}
        ]
        return _key(
            self.key,
            number,
            self.key.index(canonical) if canonical else b"",
            "\x1f".join(others).rstrip("\x1f"),
        )


def key_of_number(certificate_number: str) -> bytes:
    """The key of a row of which no more than its certificate number is known."""
    return _key(live_keys()[0], certificate_number, b"", "")


def keys_of_staged_rows(attempt_id: int, row_numbers: Sequence[int]) -> Mapping[int, bytes]:
    """The keys of rows that are staged already, without the mark of their other cells."""
    key = live_keys()[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_number, certificate_number, id_index FROM staged_row "
            "WHERE attempt_id = %s AND row_number = ANY(%s)",
            [attempt_id, list(row_numbers)],
        )
        return {row: _key(key, number, bytes(index), "") for row, number, index in cursor.fetchall()}


def _key(key: Key, number: str, id_index: bytes, others: str) -> bytes:
    parts = ((b"certificate ", number.encode()), (b"id ", id_index), (b"row ", others.encode(errors="replace")))
    return b"".join(key.mark(kind + content) if content else NOTHING for kind, content in parts)


def _text_at(cells: Sequence[Cell], column: int) -> str:
    cell = cells[column] if 0 <= column < len(cells) else None
    return cell.strip() if isinstance(cell, str) else ""


def _number_of(cells: Sequence[Cell], column: int) -> str:
    """The certificate number in its canonical spelling, "" where it can't be read."""
    try:
        return certnumber.parse(_text_at(cells, column)).text
    except CertNumberError:
        return ""


def _id_of(cells: Sequence[Cell], column: int) -> str:
    try:
        return idnumber.parse(_text_at(cells, column)).canonical
    except IdNumberError:
        return ""
