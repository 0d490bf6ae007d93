"""What the XML of an .xlsx says beyond what the parser tells: formulas, error values, hidden rows and columns."""

from __future__ import annotations

import zipfile
from pathlib import Path
from posixpath import join, normpath
from xml.parsers import expat

from certlookup.spreadsheets.archives import DAMAGED
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.marks import MOST_COLUMNS, SheetMarks
from certlookup.spreadsheets.xmlparsing import make_parser

_ERROR_SHOWN = 30


def worksheet_parts(path: Path) -> dict[str, str]:
    """The part of each worksheet of an .xlsx by the sheet's name; raises SpreadsheetError R-004."""
    targets: dict[str, str] = {}
    parts: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "sheet":
            reference = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            target = targets.get(reference, "")
            parts[attributes.get("name", "")] = target.lstrip("/") if target.startswith("/") else _below_xl(target)

    try:
        with zipfile.ZipFile(path) as archive:
            _parse(archive, "xl/_rels/workbook.xml.rels", relationship)
            _parse(archive, "xl/workbook.xml", sheet)
    except (KeyError, expat.ExpatError, *DAMAGED) as error:
        raise SpreadsheetError("R-004") from error
    return parts


def _below_xl(target: str) -> str:
    return normpath(join("xl", target))


def local_name(tag: str) -> str:
    """A tag without its prefix."""
    return tag.rpartition(":")[2]


def _parse(archive: zipfile.ZipFile, part: str, on_start: object) -> None:
    parser = make_parser()
    parser.StartElementHandler = on_start  # type: ignore[assignment]
    with archive.open(part) as file:
        parser.ParseFile(file)


def sheet_marks(path: Path, part: str) -> SheetMarks:
    """Where a worksheet has formulas, error values, hidden rows and columns; raises SpreadsheetError R-004."""
    collector = _MarkCollector()
    parser = make_parser()
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as file:
            parser.ParseFile(file)
    except (KeyError, expat.ExpatError, *DAMAGED) as error:
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
        name = local_name(tag)
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
            if _is_true(attributes.get("hidden")) or _is_zero(attributes.get("ht")):
                self.marks.hidden_rows.add(self._row)
        elif name == "col" and (_is_true(attributes.get("hidden")) or _is_zero(attributes.get("width"))):
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self.marks.hidden_columns.update(range(max(first - 1, 0), min(last, MOST_COLUMNS)))

    def text(self, data: str) -> None:
        """Characters of an element."""
        if self._value is not None:
            self._value.append(data)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._value is not None and local_name(tag) == "v":
            self.marks.errors.setdefault(self._row, {})[self._column] = "".join(self._value)[:_ERROR_SHOWN]
            self._value = None


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")


def _is_zero(size: str | None) -> bool:
    """A height or width of nothing hides as well."""
    return size is not None and not size.strip("0.")


def _column_of(reference: str) -> int:
    """The column, from 0, of a reference such as AB12; raises ValueError beyond the last one there is."""
    column = 0
    for letter in reference:
        if not letter.isalpha():
            break
        column = column * 26 + ord(letter.upper()) - 64
    if not 0 < column <= MOST_COLUMNS:
        raise ValueError(reference)
    return column - 1
