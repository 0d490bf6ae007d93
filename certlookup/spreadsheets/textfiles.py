"""Text files: csv and txt in UTF-8, UTF-16 with a mark, or GB18030; comma, semicolon or tab.

The encoding is settled strictly over the whole file before the first row is handed out: UTF-8 first, then GB18030, which
takes almost anything. Every cell is text.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.frames import (
    HEAD_ROWS,
    EndFrame,
    FileKind,
    HeadsFrame,
    Row,
    RowsFrame,
    SheetFrame,
    SheetHead,
)
from certlookup.spreadsheets.source import ROWS_PER_FRAME, FileLimits

_BLOCK = 1024 * 1024
_DELIMITERS = (",", "\t", ";")
_NAMES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030"}


class TextSource:
    """A text file taken as one sheet without a name."""

    def __init__(self, path: Path, limits: FileLimits) -> None:
        """Settles the encoding and the delimiter. Raises SpreadsheetError R-013, R-014 or R-021."""
        self._path = path
        self._limits = limits
        csv.field_size_limit(limits.cell_characters)
        self._encoding = settle_encoding(path)
        self._delimiter = self._settle_delimiter()

    def heads(self) -> HeadsFrame:
        """The one sheet with its first rows."""
        rows = tuple(islice(self._rows(self._delimiter), HEAD_ROWS))
        return HeadsFrame(FileKind.TEXT, (SheetHead(0, "", hidden=False, rows=rows),))

    def frames(self, index: int) -> Iterator[SheetFrame | RowsFrame | EndFrame]:
        """All rows; index is always 0."""
        yield SheetFrame((), ())
        rows = self._rows(self._delimiter)
        count = 0
        while block := tuple(islice(rows, ROWS_PER_FRAME)):
            count += len(block)
            if count > self._limits.rows:
                raise SpreadsheetError("R-007", limit=self._limits.rows)
            yield RowsFrame(block)
        yield EndFrame(count)

    def _settle_delimiter(self) -> str:
        """The delimiter that gives the widest row among the first ones; a comma where none divides anything."""

        def width(delimiter: str) -> int:
            return max((len(cells) for _, cells in islice(self._records(delimiter), HEAD_ROWS)), default=0)

        return max(_DELIMITERS, key=width)

    def _rows(self, delimiter: str) -> Iterator[Row]:
        for number, cells in self._records(delimiter):
            if any(cell and not cell.isspace() for cell in cells):
                yield number, tuple(cells)

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        number = 0
        with self._path.open(encoding=self._encoding, errors="strict", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            try:
                for number, cells in enumerate(reader, 1):
                    if len(cells) > self._limits.columns and any(cells[self._limits.columns :]):
                        raise SpreadsheetError("R-008", limit=self._limits.columns)
                    yield number, cells
            except csv.Error as error:
                raise SpreadsheetError("R-021", row=number + 1, limit=self._limits.cell_characters) from error


def settle_encoding(path: Path) -> str:
    """The file's encoding, by strict decoding of the whole of it; raises SpreadsheetError R-013 or R-014.

    Where nothing fits, the encoding that got furthest is named with the byte at which it broke off.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif start.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    failures: dict[str, int] = {}
    for encoding in candidates:
        failed_at = _first_invalid_byte(path, encoding)
        if failed_at is None:
            return encoding
        failures[encoding] = failed_at
    furthest = max(failures, key=lambda encoding: failures[encoding])
    raise SpreadsheetError("R-013", encoding=_NAMES[furthest], offset=failures[furthest] + 1)


def _first_invalid_byte(path: Path, encoding: str) -> int | None:
    """The offset, from 0, at which strict decoding fails; None if it doesn't. A NUL character raises R-014."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return read - pending + error.start
            if "\0" in text:
                place = _nul_place(text, block, encoding, 0 if read else len(codecs.BOM_UTF16_LE), pending)
                raise SpreadsheetError("R-014", offset=read + place + 1)
            if not block:
                return None
            read += len(block)


def _nul_place(text: str, block: bytes, encoding: str, mark: int, pending: int) -> int:
    """The place of a decoded block's first NUL, in bytes from the block's start; UTF-16 has zero bytes everywhere.

    mark is the length of the mark at the block's start, pending the bytes that were left from the block before.
    """
    if encoding != "utf-16":
        return block.index(0)
    return mark - pending + len(text[: text.index("\0")].encode("utf-16-le"))
