"""Where a list's rows come from: a file, opened by the reading process under small limits, or pasted lines."""

import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from certificates.lists import ROWS_AT_MOST
from certificates.lists.rows import FIELDS, REQUIRED, GivenRow, cell_text, columns_of
from certlookup.spreadsheets.cells import Cell
from certlookup.spreadsheets.reading import FileKind, ReadLimits, Row, SheetHead, first_with_content, read_sheet

_MIB = 1024 * 1024
FILE_BYTES: Final = _MIB
TEXT_CHARACTERS: Final = 100_000
# A list of 200 rows is a few kilobytes; a stranger's file gets no more than that needs.
LIMITS: Final = ReadLimits(
    file_bytes=FILE_BYTES,
    memory_bytes=768 * _MIB,
    cpu_seconds=5,
    wait_seconds=10.0,
    archive_entries=200,
    unpacked_bytes=64 * _MIB,
    sheets=20,
    rows=5000,
    columns=64,
    cell_characters=2000,
    beside_from_bytes=FILE_BYTES,
)
# So many at once in each web process; the others' visitors shouldn't wait for files.
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 3.0
_HEADER_WITHIN = 10
_COMMAS = re.compile(r"[,，;；]")
_HAS_DIGIT = re.compile(r"\d")


class ListProblem(StrEnum):
    """Why a list as a whole can't be checked."""

    EMPTY = "empty"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_LONG = "too_long"
    NO_HEADER = "no_header"
    WRONG_KIND = "wrong_kind"
    BUSY = "busy"


class ListError(ValueError):
    """A list that can't be checked; count is the number of its rows, where that is the problem."""

    def __init__(self, problem: ListProblem, count: int = 0) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.count = count


@dataclass(frozen=True, slots=True)
class GivenList:
    """A list as it was given, and the headers of columns that aren't read."""

    rows: tuple[GivenRow, ...]
    unread: tuple[str, ...] = ()


def read_file(content: bytes, name: str) -> GivenList:
    """The rows of an .xlsx or .csv. Raises ListError, and SpreadsheetError for what can't be read."""
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise ListError(ListProblem.BUSY)
    try:
        with tempfile.NamedTemporaryFile(prefix="list-") as file:
            file.write(content)
            file.flush()
            with read_sheet(Path(file.name), LIMITS, choose_sheet=_sheet_with_header, name=name) as reading:
                if reading.kind not in (FileKind.XLSX, FileKind.TEXT):
                    raise ListError(ListProblem.WRONG_KIND)
                return _given(list(reading.rows))
    finally:
        _AT_ONCE.release()


def read_text(text: str) -> GivenList:
    """The rows of pasted lines: columns apart by tabs (as copied from a sheet), commas or spaces."""
    if len(text) > TEXT_CHARACTERS:
        raise ListError(ListProblem.TOO_LONG)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    return _given([(number, _parted(line)) for number, line in enumerate(lines, 1) if line.strip()])


def _sheet_with_header(heads: Sequence[SheetHead]) -> int:
    for head in heads:
        if not head.hidden and any(columns_of(cells) for _, cells in head.rows[:_HEADER_WITHIN]):
            return head.index
    return first_with_content(heads)


def _given(rows: Sequence[Row]) -> GivenList:
    for place, (_, cells) in enumerate(rows[:_HEADER_WITHIN]):
        if columns := columns_of(cells):
            unread = [
                cell.strip() for i, cell in enumerate(cells) if isinstance(cell, str) and i not in columns.values()
            ]
            return _checked(_rows(rows[place + 1 :], columns), [text for text in unread if text])
    if not rows:
        raise ListError(ListProblem.EMPTY)
    if len(rows[0][1]) < len(REQUIRED) or not any(_HAS_DIGIT.search(cell_text(cell) or "") for cell in rows[0][1]):
        # Words in the first row, and not the ones that are needed: in which order the columns stand isn't known.
        raise ListError(ListProblem.NO_HEADER)
    return _checked(_rows(rows, {name: place for place, name in enumerate(FIELDS)}), [])


def _checked(rows: Iterable[GivenRow], unread: Sequence[str]) -> GivenList:
    kept = tuple(rows)
    if not kept:
        raise ListError(ListProblem.EMPTY)
    if len(kept) > ROWS_AT_MOST:
        raise ListError(ListProblem.TOO_MANY_ROWS, len(kept))
    return GivenList(kept, tuple(unread))


def _rows(rows: Iterable[Row], columns: dict[str, int]) -> Iterator[GivenRow]:
    for number, cells in rows:
        texts = {name: cell_text(cells[place]) if place < len(cells) else "" for name, place in columns.items()}
        if any(text != "" for text in texts.values()):
            yield GivenRow(number, texts)


def _parted(line: str) -> tuple[Cell, ...]:
    if "\t" in line:
        return tuple(line.split("\t"))
    if _COMMAS.search(line):
        return tuple(part.strip() for part in _COMMAS.split(line))
    words = line.split()
    # A name may have spaces; the numbers after it have digits.
    first = next((place for place, word in enumerate(words) if _HAS_DIGIT.search(word)), len(words))
    if columns_of(words):
        return tuple(words)
    return (" ".join(words[:first]), *words[first:])
