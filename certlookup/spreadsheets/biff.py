"""What an .xls says beyond what the parser tells: formulas, error values, hidden rows and columns.

A reader of the few BIFF8 records that matter ([MS-XLS] 2.4), over the Workbook stream of the old Microsoft container.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile

from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.marks import MOST_COLUMNS, SheetMarks

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA, _BOOLERR, _ROW, _COLINFO = 0x0006, 0x0205, 0x0208, 0x007D
_BIFF8 = 0x0600
_MACRO_SHEET = 1
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x01
_HEIGHT = 0x7FFF
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_RECORD = struct.Struct("<HH")
_CELL = struct.Struct("<HH")
_NOT_A_NUMBER = b"\xff\xff"
_ERROR_VALUE = 2
# What olefile raises for damaged containers, a circle of entries included.
CONTAINER_DAMAGED = (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError, struct.error)


class BiffBook:
    """The Workbook stream of an .xls, its sheets in the order of the workbook."""

    def __init__(self, path: Path) -> None:
        """Reads the stream. Raises SpreadsheetError R-002 to R-005."""
        self._stream = _workbook_stream(path)
        self._sheets: list[int] = []
        self._read_globals()

    def marks(self, index: int) -> SheetMarks:
        """What the sheet says beyond values; raises SpreadsheetError R-004."""
        marks = SheetMarks()
        try:
            for kind, place, length in self._records(self._sheets[index]):
                self._take(kind, self._stream[place : place + length], marks)
        except (struct.error, IndexError) as error:
            raise SpreadsheetError("R-004") from error
        return marks

    def _read_globals(self) -> None:
        try:
            (version,) = struct.unpack_from("<H", self._stream, 4)
            if _RECORD.unpack_from(self._stream, 0)[0] != _BOF:
                raise SpreadsheetError("R-004")
            if version != _BIFF8:
                raise SpreadsheetError("R-002", seems="Excel 5.0/95 工作簿")
            for kind, place, _ in self._records(0):
                if kind == _FILEPASS:
                    raise SpreadsheetError("R-003")
                if kind == _BOUNDSHEET:
                    offset, _, sheet_type = struct.unpack_from("<IBB", self._stream, place)
                    if sheet_type == _MACRO_SHEET:
                        raise SpreadsheetError("R-005")
                    self._sheets.append(offset)
        except struct.error as error:
            raise SpreadsheetError("R-004") from error

    def _records(self, start: int) -> Iterator[tuple[int, int, int]]:
        """The records of one substream with the place and length of their data; charts inside it are left out."""
        place = start
        depth = 0
        while True:
            kind, length = _RECORD.unpack_from(self._stream, place)
            place += _RECORD.size
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
            if depth <= 0:
                return
            if depth == 1:
                yield kind, place, length
            place += length

    def _take(self, kind: int, data: bytes, marks: SheetMarks) -> None:
        if kind == _FORMULA:
            row, column = _CELL.unpack_from(data)
            marks.formulas.setdefault(row, set()).add(column)
            if data[12:14] == _NOT_A_NUMBER and data[6] == _ERROR_VALUE:
                marks.errors.setdefault(row, {})[column] = _error(data[8])
        elif kind == _BOOLERR:
            row, column = _CELL.unpack_from(data)
            if data[7]:
                marks.errors.setdefault(row, {})[column] = _error(data[6])
        elif kind == _ROW:
            row, _, _, height = struct.unpack_from("<HHHH", data)
            (flags,) = struct.unpack_from("<H", data, 12)
            if flags & _HIDDEN_ROW or not height & _HEIGHT:
                marks.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, width, _, flags = struct.unpack_from("<HHHHH", data)
            if flags & _HIDDEN_COLUMN or not width:
                marks.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))


def _error(code: int) -> str:
    return _ERRORS.get(code, f"#{code:02X}")


def _workbook_stream(path: Path) -> bytes:
    try:
        with olefile.OleFileIO(str(path)) as container:
            stream: bytes = container.openstream("Workbook").read()
            return stream
    except CONTAINER_DAMAGED as error:
        raise SpreadsheetError("R-004") from error
