"""Read a spreadsheet that a stranger sent, in a process of its own, row by row.

read_sheet starts `python -m certlookup.spreadsheets.reader` with limits on memory, CPU and waiting time and without any
of our secrets in its environment. Whatever the file does to that process, the caller gets rows or a SpreadsheetError
with one clear sentence.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from certlookup.spreadsheets.cells import CellRange
from certlookup.spreadsheets.filerules import FileNote, SpreadsheetError, reason_of
from certlookup.spreadsheets.frames import (
    LENGTH_BYTES,
    LONGEST_FRAME,
    ROWS,
    EndFrame,
    ErrorFrame,
    FileKind,
    Frame,
    HeadsFrame,
    Row,
    RowsFrame,
    SheetFrame,
    SheetHead,
    decode_frame,
)

__all__ = [
    "FileKind",
    "ReadLimits",
    "Row",
    "SheetHead",
    "SheetReading",
    "SpreadsheetError",
    "read_sheet",
    "unpack_rows",
]

_MIB = 1024 * 1024
_PROJECT = Path(__file__).resolve().parents[2]
_CHUNK = 256 * 1024

SUFFIXES: dict[FileKind, frozenset[str]] = {
    FileKind.XLSX: frozenset({".xlsx"}),
    FileKind.XLS: frozenset({".xls", ".et"}),
    FileKind.ODS: frozenset({".ods"}),
    FileKind.TEXT: frozenset({".csv", ".txt"}),
}


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What a file may cost: sizes in bytes, times in seconds, the rest in counts."""

    file_bytes: int = 200 * _MIB
    memory_bytes: int = 2048 * _MIB
    cpu_seconds: int = 300
    wait_seconds: float = 300.0
    archive_entries: int = 2_000
    unpacked_bytes: int = 1536 * _MIB
    # Judged only above ratio_from_bytes: small sheets of empty cells pack 300 times and harm nobody.
    unpacked_ratio: int = 200
    ratio_from_bytes: int = 32 * _MIB
    sheets: int = 100
    rows: int = 1_048_576
    columns: int = 128
    cell_characters: int = 32_767
    # From this size on it pays to load an .xlsx while it is being inspected.
    beside_from_bytes: int = 500_000


class SheetReading:
    """A sheet being read: iterate rows once, or use it as a context manager to stop early. Closing ends the process.

    rows yields (row number as the spreadsheet shows it, cells from column A); rows without content are left out.
    """

    def __init__(
        self,
        channel: _Channel,
        kind: FileKind,
        head: SheetHead,
        notes: tuple[FileNote, ...],
        merged: tuple[CellRange, ...],
    ) -> None:
        """Made by read_sheet alone."""
        self._channel = channel
        self.kind = kind
        self.sheet_name = head.name
        self.head: tuple[Row, ...] = head.rows
        self.notes = notes
        self.merged = merged
        # The same rows, many at a time or one by one.
        self.blocks: Iterator[tuple[Row, ...]] = self._iterate()
        self.rows: Iterator[Row] = chain.from_iterable(self.blocks)

    def _iterate(self) -> Iterator[tuple[Row, ...]]:
        try:
            while True:
                frame = self._channel.receive()
                if isinstance(frame, RowsFrame):
                    yield frame.rows
                elif isinstance(frame, EndFrame):
                    return
                else:
                    raise SpreadsheetError("R-023")
        finally:
            self.close()

    @property
    def packed(self) -> Iterator[bytes]:
        """The blocks as they come, each to be taken apart by unpack_rows(): instead of blocks or rows."""
        while True:
            body = self._channel.receive_body()
            if body.startswith(ROWS):
                yield body
            elif isinstance(_unpack(body), EndFrame):
                return
            else:
                raise SpreadsheetError("R-023")

    def stop(self) -> None:
        """End the reading process while another thread may wait for its rows, which then get an error."""
        self._channel.kill()

    def close(self) -> None:
        """End the reading process; rows that weren't read are gone."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unpack_rows(body: bytes) -> tuple[Row, ...]:
    """One block of SheetReading.packed; raises SpreadsheetError."""
    frame = _unpack(body)
    if not isinstance(frame, RowsFrame):
        raise SpreadsheetError("R-023")
    return frame.rows


def _unpack(body: bytes) -> Frame:
    """A frame that isn't an error; one that is, or none at all, raises SpreadsheetError."""
    try:
        frame = decode_frame(body)
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError) as error:
        raise SpreadsheetError("R-023") from error
    if isinstance(frame, ErrorFrame):
        raise SpreadsheetError(frame.rule, **frame.detail)
    return frame


def first_with_content(heads: Sequence[SheetHead]) -> int:
    """Choose the first visible sheet that holds anything, else the first that does."""
    for head in sorted(heads, key=lambda head: head.hidden):
        if head.rows:
            return head.index
    return 0


def read_sheet(
    path: Path,
    limits: ReadLimits | None = None,
    *,
    choose_sheet: Callable[[Sequence[SheetHead]], int] = first_with_content,
    name: str | None = None,
) -> SheetReading:
    """Open a spreadsheet file, decided by its content, and hand out the rows of one sheet.

    choose_sheet picks among the sheets' heads (and may raise SpreadsheetError); name is the file's name as the sender
    gave it, for the note on a wrong extension. Raises SpreadsheetError, here or while rows are read. Writes nothing;
    the process ends when rows are exhausted, on close(), or with the caller.
    """
    limits = limits or ReadLimits()
    size = _size_of(path)
    if size == 0:
        raise SpreadsheetError("R-001")
    if size > limits.file_bytes:
        raise SpreadsheetError("R-020", limit=limits.file_bytes // _MIB)
    channel = _Channel(path, limits)
    try:
        return _open_sheet(channel, choose_sheet, name)
    except BaseException:
        channel.close()
        raise


def _size_of(path: Path) -> int:
    """The size of a regular file; anything else could keep a reader waiting for ever."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise SpreadsheetError(
            "R-024", reason=reason_of(error) if isinstance(error, OSError) else "文件名中有无效的字符"
        ) from error
    if stat.S_ISDIR(status.st_mode):
        raise SpreadsheetError("R-024", reason="是文件夹")
    if not stat.S_ISREG(status.st_mode):
        raise SpreadsheetError("R-024", reason="不是普通文件")
    return status.st_size


def _open_sheet(
    channel: _Channel, choose_sheet: Callable[[Sequence[SheetHead]], int], name: str | None
) -> SheetReading:
    opened = channel.receive()
    if not isinstance(opened, HeadsFrame):
        raise SpreadsheetError("R-023")
    if not any(head.rows for head in opened.heads):
        raise SpreadsheetError("R-012")
    chosen = choose_sheet(opened.heads)
    channel.send(chosen)
    sheet = channel.receive()
    if not isinstance(sheet, SheetFrame):
        raise SpreadsheetError("R-023")
    notes = [FileNote.of(rule, **detail) for rule, detail in sheet.notes]
    suffix = Path(name).suffix.lower() if name else ""
    if name and suffix not in SUFFIXES[opened.kind]:
        notes.append(FileNote.of("R-019", suffix=suffix or "（无）", kind=f".{opened.kind.value}"))
    head = next(head for head in opened.heads if head.index == chosen)
    return SheetReading(channel, opened.kind, head, tuple(notes), sheet.merged)


class _Channel:
    """The reading process and the pipes to it. Waiting time counts, the caller's own time between rows doesn't."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        arguments = [f"{key}={value}" for key, value in asdict(limits).items()]
        self._limits = limits
        self._left = limits.wait_seconds
        self._process = subprocess.Popen(
            [sys.executable, "-E", "-s", "-m", "certlookup.spreadsheets.reader", str(path.resolve()), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PROJECT,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )
        self._stdin = cast(BinaryIO, self._process.stdin)
        self._stdout = cast(BinaryIO, self._process.stdout)
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)

    def send(self, index: int) -> None:
        """Name the sheet to read."""
        try:
            self._stdin.write(index.to_bytes(LENGTH_BYTES, "big"))
            self._stdin.flush()
        except BrokenPipeError:
            # The process is gone; receive() says why.
            return

    def receive(self) -> Frame:
        """The next frame; an error frame, the process's death or too long a wait raises SpreadsheetError."""
        return _unpack(self.receive_body())

    def receive_body(self) -> bytes:
        """The next frame's bytes; the process's death or too long a wait raises SpreadsheetError."""
        length = int.from_bytes(self._take(LENGTH_BYTES), "big")
        if not 0 < length <= LONGEST_FRAME:
            raise SpreadsheetError("R-023")
        return self._take(length)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            started = time.monotonic()
            ready = self._selector.select(max(self._left, 0))
            self._left -= time.monotonic() - started
            if not ready:
                raise SpreadsheetError("R-009", limit=round(self._limits.wait_seconds))
            chunk = os.read(self._stdout.fileno(), _CHUNK)
            if not chunk:
                raise self._death()
            self._buffer += chunk
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _death(self) -> SpreadsheetError:
        """Why the process ended before its last frame: its limits, as far as the signal tells."""
        status = self._process.wait()
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            return SpreadsheetError("R-009", limit=self._limits.cpu_seconds)
        if status == -signal.SIGABRT:
            return SpreadsheetError("R-010")
        return SpreadsheetError("R-023")

    def kill(self) -> None:
        """End the process without waiting for it."""
        if self._process.poll() is None:
            self._process.kill()

    def close(self) -> None:
        """End the process and wait for it; calling it again does nothing."""
        self.kill()
        self._process.wait()
        self._selector.close()
        self._stdout.close()
        try:
            self._stdin.close()
        except BrokenPipeError:
            # What was left to send has no reader any more.
            return
