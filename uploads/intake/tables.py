"""A sender's file as a table: the right sheet, its columns, its data rows.

What is wrong with the file as a whole comes out as findings, so that a report can show them beside those of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from certlookup.spreadsheets.filerules import Severity
from certlookup.spreadsheets.reading import ReadLimits, Row, SheetReading, read_sheet
from uploads.intake.columns import (
    ColumnMap,
    choose_sheet,
    find_header,
    match_columns,
    merged_data_problem,
    no_header_problem,
)
from uploads.intake.findings import Problem
from uploads.intake.rules import RULES


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file. columns is None where the file is refused as a whole; problems then say why.

    rows are the data rows, to be read once. Use it as a context manager, so that the reading process ends.
    """

    reading: SheetReading
    columns: ColumnMap | None
    problems: tuple[Problem, ...]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows below the header, with the spreadsheet's own row numbers; none where the file is refused."""
        if self.columns is None:
            return
        for row_number, cells in self.reading.rows:
            if row_number > self.columns.header_row_number:
                yield row_number, cells

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reading.close()


def open_table(path: Path, *, kind: str, name: str | None = None, limits: ReadLimits | None = None) -> Table:
    """Open a file for a batch of that kind; name is the file's name as the sender gave it.

    Raises SpreadsheetError for a file that can't be read. Missing, double and merged columns are findings.
    """
    reading = read_sheet(path, limits, choose_sheet=choose_sheet, name=name)
    problems = [Problem(1, "", "file", note.rule, note.severity, note.message) for note in reading.notes]
    header = find_header(reading.head)
    if header is None:
        return Table(reading, None, (*problems, no_header_problem()))
    match = match_columns(header[1], header[0], kind=kind)
    problems.extend(match.problems)
    if match.columns is not None and (merged := merged_data_problem(match.columns, reading.merged)):
        problems.append(merged)
    refused = any(problem.severity is Severity.ERROR for problem in problems)
    return Table(reading, None if refused else match.columns, tuple(problems))


def no_rows_problem(columns: ColumnMap) -> Problem:
    """The finding for a table without a single data row."""
    rule = RULES["R-056"]
    return Problem(columns.header_row_number, "", "file", rule.number, rule.severity, rule.message())
