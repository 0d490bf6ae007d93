"""The zip container of .xlsx and .ods, looked through before a parser touches it.

Sizes are checked twice: as the archive declares them, and while unpacking (zipfile refuses an entry that doesn't hold
what it declares). On the way the XML is searched for what the parser doesn't tell: formulas, error values, hidden rows
and columns, and document type declarations, which no spreadsheet program writes.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath
from xml.parsers import expat

from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.source import FileLimits

_BLOCK = 1024 * 1024
_OVERLAP = 64
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_MARKS = (b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/", b't="e"', b"t='e'", b"hidden=")
_MIB = 1024 * 1024


@dataclass(slots=True)
class SheetMarks:
    """What a worksheet's XML says beyond values. Rows and columns count from 0."""

    formulas: dict[int, set[int]] = field(default_factory=dict)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def inspect_archive(path: Path, limits: FileLimits) -> frozenset[str]:
    """Check an archive against the limits and unpack all its XML once.

    Returns the parts that hold marks worth a closer look (sheet_marks). Raises SpreadsheetError R-003, R-004, R-006 or
    R-015.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_declared_sizes(entries, limits)
            return frozenset(
                entry.filename for entry in entries if entry.filename.endswith(".xml") and _has_marks(archive, entry)
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise SpreadsheetError("R-004") from error


def _check_declared_sizes(entries: list[zipfile.ZipInfo], limits: FileLimits) -> None:
    if len(entries) > limits.archive_entries:
        raise SpreadsheetError("R-006", what="文件数", limit=limits.archive_entries)
    if len({entry.filename for entry in entries}) < len(entries):
        raise SpreadsheetError("R-004")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SpreadsheetError("R-003")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise SpreadsheetError("R-006", what="大小", limit=f"{limits.unpacked_bytes // _MIB} MB")
    for entry in entries:
        if entry.file_size > limits.ratio_from_bytes and entry.file_size > limits.unpacked_ratio * entry.compress_size:
            raise SpreadsheetError("R-006", what="压缩比", limit=f"{limits.unpacked_ratio} 倍")


def _has_marks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    found = False
    before = b""
    with archive.open(entry) as part:
        while block := part.read(_BLOCK):
            text = before + block
            if any(declaration in text for declaration in _DECLARATIONS):
                raise SpreadsheetError("R-015")
            found = found or any(mark in text for mark in _MARKS)
            before = block[-_OVERLAP:]
    return found


def worksheet_parts(path: Path) -> dict[str, str]:
    """The part of each worksheet of an .xlsx by the sheet's name; raises SpreadsheetError R-004."""
    targets: dict[str, str] = {}
    parts: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            reference = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            target = targets.get(reference, "")
            parts[attributes.get("name", "")] = target.lstrip("/") if target.startswith("/") else _below_xl(target)

    try:
        with zipfile.ZipFile(path) as archive:
            _parse(archive, "xl/_rels/workbook.xml.rels", relationship)
            _parse(archive, "xl/workbook.xml", sheet)
    except (KeyError, zipfile.BadZipFile, expat.ExpatError) as error:
        raise SpreadsheetError("R-004") from error
    return parts


def _below_xl(target: str) -> str:
    return normpath(join("xl", target))


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parse(archive: zipfile.ZipFile, part: str, on_start: object) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start  # type: ignore[assignment]
    with archive.open(part) as file:
        parser.ParseFile(file)


def sheet_marks(path: Path, part: str) -> SheetMarks:
    """Where a worksheet has formulas, error values, hidden rows and columns; raises SpreadsheetError R-004."""
    collector = _MarkCollector()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as file:
            parser.ParseFile(file)
    except (KeyError, ValueError, zipfile.BadZipFile, expat.ExpatError) as error:
        raise SpreadsheetError("R-004") from error
    return collector.marks


class _MarkCollector:
    """Follows a worksheet's rows and cells; positions may be left out in the XML and then follow the one before."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._row = -1
        self._column = -1
        self._is_error = False
        self._value: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        if name == "c":
            reference = attributes.get("r", "")
            self._column = _column_of(reference) if reference else self._column + 1
            self._is_error = attributes.get("t") == "e"
        elif name == "f":
            self.marks.formulas.setdefault(self._row, set()).add(self._column)
        elif name == "v" and self._is_error:
            self._value = []
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            if _is_true(attributes.get("hidden")):
                self.marks.hidden_rows.add(self._row)
        elif name == "col" and _is_true(attributes.get("hidden")):
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self.marks.hidden_columns.update(range(first - 1, min(last, 16_384)))

    def text(self, data: str) -> None:
        """Characters of an element."""
        if self._value is not None:
            self._value.append(data)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._value is not None and _local(tag) == "v":
            self.marks.errors.setdefault(self._row, {})[self._column] = "".join(self._value)[:30]
            self._value = None


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")


def _column_of(reference: str) -> int:
    """The column, from 0, of a reference such as AB12."""
    column = 0
    for letter in reference:
        if not letter.isalpha():
            break
        column = column * 26 + ord(letter.upper()) - 64
    return column - 1
