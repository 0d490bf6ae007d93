"""Text files: csv and txt in UTF-8, UTF-16 or GB18030; comma, semicolon or tab.

The encoding is settled strictly over the whole file before the first row is handed out: UTF-8 first, then GB18030, which
takes almost anything. Every cell is text. Two ways in which programs mark a number as text are read as what they mean,
as a spreadsheet program does: ="0815", and an apostrophe before digits and letters.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from certlookup.spreadsheets.cells import column_letters
from certlookup.spreadsheets.contents import utf16_of
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
from certlookup.spreadsheets.gb18030 import as_of_2022, has_moved_characters
from certlookup.spreadsheets.source import ROWS_PER_FRAME, FileLimits

_BLOCK = 1024 * 1024
_START = 4096
_DELIMITERS = (",", "\t", ";")
_NAMES = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB18030"}
_QUOTED_AS_TEXT = re.compile(r'="([^"]*)"')
_APOSTROPHE_AS_TEXT = re.compile(r"'([0-9A-Za-z]{6,})")
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
# So many Chinese characters in a row that are valid UTF-8 don't occur in GB18030 by chance.
_SURELY_UTF8 = 8
_JUDGED_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is read: its encoding, and what its cells need beyond that."""

    encoding: str
    has_moved_characters: bool = False
    has_text_marks: bool = False


class TextSource:
    """A text file taken as one sheet without a name."""

    def __init__(self, path: Path, limits: FileLimits) -> None:
        """Settles the encoding and the delimiter. Raises SpreadsheetError R-013 or R-014."""
        self._path = path
        self._limits = limits
        csv.field_size_limit(limits.cell_characters)
        self._form = settle_form(path)
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
        """The delimiter that divides the first rows most; a comma where none divides anything."""

        def divisions(delimiter: str) -> int:
            count = 0
            try:
                for _, cells in islice(self._records(delimiter), HEAD_ROWS):
                    count += len(cells) - 1
            except SpreadsheetError:
                # A wrong delimiter stumbles over quotation marks; where the right one does, reading says so.
                return count
            return count

        return max(_DELIMITERS, key=divisions)

    def _rows(self, delimiter: str) -> Iterator[Row]:
        for number, cells in self._records(delimiter):
            # The mark at the end of texts from DOS is no row.
            if any(cell and cell != "\x1a" and not cell.isspace() for cell in cells):
                yield number, tuple(cells)

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        number = 0
        limit = self._limits.columns
        has_text_marks = self._form.has_text_marks
        with self._path.open(encoding=self._form.encoding, errors="strict", newline="") as file:
            # Strict: an unpaired quotation mark would otherwise swallow the rows up to the next one in silence.
            reader = csv.reader(self._lines(file), delimiter=delimiter, strict=True)
            try:
                for number, cells in enumerate(reader, 1):
                    if len(cells) > limit and any(cells[limit:]):
                        last = max(index for index, cell in enumerate(cells) if cell)
                        raise SpreadsheetError("R-008", limit=limit, last=column_letters(last))
                    yield number, [_meant(cell) for cell in cells] if has_text_marks else cells
            except csv.Error as error:
                raise SpreadsheetError("R-021", row=number + 1, limit=self._limits.cell_characters) from error

    def _lines(self, file: Iterable[str]) -> Iterable[str]:
        lines = file
        if self._form.has_moved_characters:
            lines = map(as_of_2022, lines)
        return _without_mark(lines) if self._form.encoding.startswith("utf-16") else lines


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    iterator = iter(lines)
    for first in iterator:
        yield first.removeprefix("\ufeff")
        break
    yield from iterator


def _meant(cell: str) -> str:
    """The text that a marked cell means; any other cell as it is."""
    if cell[:1] in ("=", "'"):
        match = _QUOTED_AS_TEXT.fullmatch(cell.strip()) or _APOSTROPHE_AS_TEXT.fullmatch(cell.strip())
        if match is not None:
            return match[1]
    return cell


def settle_form(path: Path) -> TextForm:
    """How the file is to be read, by strict decoding of the whole of it; raises SpreadsheetError R-013 or R-014.

    Where nothing fits, the encoding that got furthest is named with the byte at which it broke off.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if encoding := utf16_of(start):
        candidates = [encoding]
    elif start.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    failures: dict[str, int] = {}
    for encoding in candidates:
        decoded = _decode_all(path, encoding)
        if isinstance(decoded, TextForm):
            return decoded
        failures[encoding] = decoded
        if encoding == "utf-8-sig" and _is_damaged_utf8(path, decoded):
            break
    furthest = max(failures, key=lambda encoding: failures[encoding])
    offset = failures[furthest]
    raise SpreadsheetError("R-013", encoding=_NAMES[furthest], offset=offset + 1, row=_line_of(path, offset, furthest))


def _is_damaged_utf8(path: Path, failed_at: int) -> bool:
    """Whether a text that isn't valid UTF-8 is UTF-8 with damage: as GB18030 it would come out as other characters."""
    with path.open("rb") as file:
        content = file.read(_JUDGED_BYTES)
    if len(_THREE_BYTES.findall(content[:failed_at])) >= _SURELY_UTF8:
        return True
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    return good > 4 * max(bad, 1)


def _decode_all(path: Path, encoding: str) -> TextForm | int:
    """What strict decoding tells of a text, or the offset, from 0, at which it fails. A NUL character raises R-014."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = 0
    moved = marked = False
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return read - pending + error.start
            if "\0" in text:
                offset = read + _nul_place(text, block, encoding, pending)
                raise SpreadsheetError("R-014", offset=offset + 1, row=_line_of(path, offset, encoding))
            if not block:
                return TextForm(encoding, moved, marked)
            moved = moved or (encoding == "gb18030" and has_moved_characters(text))
            marked = marked or "=" in text or "'" in text
            read += len(block)


def _nul_place(text: str, block: bytes, encoding: str, pending: int) -> int:
    """The place of a decoded block's first NUL, in bytes from the block's start; UTF-16 has zero bytes everywhere.

    pending are the bytes that were left from the block before.
    """
    if not encoding.startswith("utf-16"):
        return block.index(0)
    return len(text[: text.index("\0")].encode("utf-16-le")) - pending


def _line_of(path: Path, offset: int, encoding: str) -> int:
    """The line, from 1, in which a byte stands."""
    with path.open("rb") as file:
        before = file.read(offset)
    if encoding.startswith("utf-16"):
        before = before.decode(encoding, "ignore").encode()
    return 1 + (before.count(b"\n") or before.count(b"\r"))
