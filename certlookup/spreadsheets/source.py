"""What every kind of file offers to the reading process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from certlookup.spreadsheets.frames import EndFrame, HeadsFrame, RowsFrame, SheetFrame

ROWS_PER_FRAME = 1000


@dataclass(frozen=True, slots=True)
class FileLimits:
    """The limits that the reading process keeps itself; the same names and units as reading.ReadLimits."""

    memory_bytes: int
    cpu_seconds: int
    archive_entries: int
    unpacked_bytes: int
    unpacked_ratio: int
    ratio_from_bytes: int
    sheets: int
    rows: int
    columns: int
    cell_characters: int
    beside_from_bytes: int


class Source(Protocol):
    """An opened file. Both methods raise SpreadsheetError."""

    def heads(self) -> HeadsFrame:
        """The sheets with their first rows."""

    def frames(self, index: int) -> Iterator[SheetFrame | RowsFrame | EndFrame]:
        """The chosen sheet: a SheetFrame, its rows, an EndFrame."""
