"""What the reading process and its parent say to each other: length-prefixed pickles of plain values.

The child has just opened a stranger's file, so the parent unpickles nothing but the classes named here.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from certlookup.spreadsheets.cells import Cell, CellRange

Row = tuple[int, tuple[Cell, ...]]

LENGTH_BYTES = 4
LONGEST_FRAME = 256 * 1024 * 1024
HEAD_ROWS = 20
# A frame's first byte: whoever only passes rows on needn't take the frame apart.
ROWS, OTHER = b"R", b"F"


class FileKind(StrEnum):
    """What a file is by its content."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "csv"

    def __reduce_ex__(self, protocol: object, /) -> tuple[type[FileKind], tuple[str]]:
        # Python up to 3.11.3 would pickle a member as a call of getattr, which the parent rightly refuses.
        return type(self), (self.value,)


@dataclass(frozen=True, slots=True)
class SheetHead:
    """A sheet's name and its first rows with content (up to HEAD_ROWS), from which the right sheet is chosen."""

    index: int
    name: str
    hidden: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class HeadsFrame:
    """First frame: the kind of the file and every sheet's head."""

    kind: FileKind
    heads: tuple[SheetHead, ...]


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """Second frame, after the parent named a sheet: notes as (rule, detail), and the merged ranges."""

    notes: tuple[tuple[str, dict[str, Any]], ...]
    merged: tuple[CellRange, ...]


@dataclass(frozen=True, slots=True)
class RowsFrame:
    """Rows with content, each with the spreadsheet's own row number."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class EndFrame:
    """Last frame of a file that was read to its end."""

    row_count: int


@dataclass(frozen=True, slots=True)
class ErrorFrame:
    """Last frame of a file that can't be read."""

    rule: str
    detail: dict[str, Any]


Frame = HeadsFrame | SheetFrame | RowsFrame | EndFrame | ErrorFrame

_ALLOWED = {
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("certlookup.spreadsheets.cells", "FormulaCell"),
    ("certlookup.spreadsheets.cells", "ErrorCell"),
    *(
        (__name__, name)
        for name in ("FileKind", "SheetHead", "HeadsFrame", "SheetFrame", "RowsFrame", "EndFrame", "ErrorFrame")
    ),
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> object:
        """Only the classes of frames and cells; anything else raises UnpicklingError."""
        if (module_name, global_name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not part of a frame")
        return super().find_class(module_name, global_name)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write one frame, flushed."""
    body = pickle.dumps(frame, protocol=5)
    stream.write((1 + len(body)).to_bytes(LENGTH_BYTES, "big"))
    stream.write(ROWS if isinstance(frame, RowsFrame) else OTHER)
    stream.write(body)
    stream.flush()


def decode_frame(body: bytes) -> Frame:
    """Take a frame's bytes apart; raises pickle.UnpicklingError for anything but a frame."""
    frame = _PlainUnpickler(io.BytesIO(memoryview(body)[1:])).load()
    if not isinstance(frame, HeadsFrame | SheetFrame | RowsFrame | EndFrame | ErrorFrame):
        raise pickle.UnpicklingError("not a frame")
    return frame
