"""A sender's file as a table: the right sheet, its columns, its data rows.

What is wrong with the file as a whole comes out as findings, so that a report can show them beside those of the rows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from certlookup.spreadsheets.filerules import Severity, SpreadsheetError
from certlookup.spreadsheets.reading import ReadLimits, Row, SheetHead, SheetReading, read_sheet, unpack_rows
from uploads.intake.changes import (
    CHANGE_KINDS,
    find_change_header,
    match_change_columns,
    no_change_header_problem,
)
from uploads.intake.columns import (
    HEADERS,
    ColumnMap,
    ColumnMatch,
    Header,
    choose_sheet,
    field_of,
    find_header,
    header_text,
    match_columns,
    merged_data_problem,
    no_header_problem,
    normalise_header,
)
from uploads.intake.conversion import (
    Converter,
    OfficeNames,
    converts,
    fixed_problems,
    header_names,
    profile_problem,
)
from uploads.intake.findings import Problem
from uploads.intake.profiles import Profile
from uploads.intake.rules import RULES
from uploads.intake.shippedprofiles import REQUIRED

_SHEETS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: by which profile, for which office; others are those that may fit a refused file better."""

    profile: Profile = REQUIRED
    office: OfficeNames = field(default_factory=lambda: OfficeNames("", ""))
    others: tuple[Profile, ...] = ()
    # While a profile is being made: of two sheets with the header the first is read, and the finding stands beside it.
    trying: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file. columns is None where the file is refused as a whole; problems then say why.

    rows are the data rows, to be read once; converter is the step of an import profile before a row's check, None where
    the file is in the required layout. Use it as a context manager, so that the reading process ends.
    """

    reading: SheetReading
    columns: ColumnMap | None
    problems: tuple[Problem, ...]
    converter: Converter | None = None
    # The names of the sheets that the sender sees.
    sheets: tuple[str, ...] = ()

    @property
    def blocks(self) -> Iterator[Sequence[Row]]:
        """The rows below the header, many at a time, with the spreadsheet's own row numbers; none of a refused file."""
        if self.columns is None:
            return
        for block in self.reading.blocks:
            if below := self._below_header(block):
                yield below

    def unpack(self, packed: bytes) -> Sequence[Row]:
        """The rows below the header in one item of reading.packed; there may be none. Raises SpreadsheetError."""
        return self._below_header(unpack_rows(packed))

    def _below_header(self, block: Sequence[Row]) -> Sequence[Row]:
        header = self.columns.header_row_number if self.columns is not None else 0
        return block if block and block[0][0] > header else [row for row in block if row[0] > header]

    @property
    def rows(self) -> Iterator[Row]:
        """The same rows one by one."""
        return chain.from_iterable(self.blocks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reading.close()


def open_table(
    path: Path,
    *,
    kind: str,
    name: str | None = None,
    limits: ReadLimits | None = None,
    layout: Layout | None = None,
) -> Table:
    """Open a file for a batch of that kind; name is the file's name as the sender gave it.

    Raises SpreadsheetError for a file that can't be read. Missing, double and merged columns are findings. A file of
    changes has columns of its own, whatever the layout.
    """
    if kind in CHANGE_KINDS:
        return _open_changes(path, kind=kind, name=name, limits=limits)
    layout = layout or Layout()
    profile = layout.profile
    chosen = _SheetChoice(profile, trying=layout.trying)
    reading = read_sheet(path, limits, choose_sheet=chosen, name=name)
    problems = [Problem(1, "", "file", note.rule, note.severity, note.message) for note in reading.notes]
    if chosen.several is not None:
        problems.append(Problem(1, "", "file", chosen.several.rule, Severity.ERROR, chosen.several.message_zh))
    if chosen.named_one_is_missing:
        shown = "、".join(f"“{sheet}”" for sheet in chosen.names[:_SHEETS_SHOWN])
        if len(chosen.names) > _SHEETS_SHOWN:
            shown += f" 等 {len(chosen.names)} 张"
        problems.append(profile_problem("R-085", None, profile, sheet=profile.definition.sheet, sheets=shown))
        return Table(reading, None, tuple(problems), sheets=chosen.names)
    match = match_layout(reading.head, profile, kind=kind)
    problems.extend(match.problems)
    if match.columns is None:
        better = _better_profile(reading.head, layout, kind=kind)
        return Table(reading, None, (*problems, *([better] if better else [])), sheets=chosen.names)
    problems += fixed_problems(profile, match.columns, layout.office)
    if merged := merged_data_problem(match.columns, reading.merged):
        problems.append(merged)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Table(reading, None, tuple(problems), sheets=chosen.names)
    converter = Converter(profile, match.columns, layout.office) if converts(profile, match.columns) else None
    return Table(reading, match.columns, tuple(problems), converter, sheets=chosen.names)


def _open_changes(path: Path, *, kind: str, name: str | None, limits: ReadLimits | None) -> Table:
    find = partial(find_change_header, kind=kind)
    reading = read_sheet(path, limits, choose_sheet=partial(choose_sheet, find=find), name=name)
    problems = [Problem(1, "", "file", note.rule, note.severity, note.message) for note in reading.notes]
    header = find(reading.head)
    if header is None:
        return Table(reading, None, (*problems, no_change_header_problem(kind)))
    match = match_change_columns(header[1], header[0], kind)
    problems.extend(match.problems)
    if match.columns is not None and (merged := merged_data_problem(match.columns, reading.merged)):
        problems.append(merged)
    refused = any(problem.severity is Severity.ERROR for problem in problems)
    return Table(reading, None if refused else match.columns, tuple(problems))


class _SheetChoice:
    """The sheet that the profile names, else the one with the header; given to read_sheet."""

    def __init__(self, profile: Profile, *, trying: bool) -> None:
        self._profile = profile
        self._trying = trying
        self.several: SpreadsheetError | None = None
        self.names: tuple[str, ...] = ()
        self.named_one_is_missing = False

    def __call__(self, heads: Sequence[SheetHead]) -> int:
        self.names = tuple(head.name for head in heads if not head.hidden and head.name)
        wanted = _folded(self._profile.definition.sheet)
        # A text file's only sheet has no name.
        if wanted and any(head.name for head in heads):
            for head in heads:
                if _folded(head.name) == wanted:
                    return head.index
            self.named_one_is_missing = True
            return heads[0].index
        find = partial(header_in, self._profile)
        try:
            return choose_sheet(heads, find)
        except SpreadsheetError as error:
            if not self._trying:
                raise
            self.several = error
            return next(head.index for head in heads if not head.hidden and find(head.rows) is not None)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def header_in(profile: Profile, rows: Sequence[Header]) -> Header | None:
    """The header row where the profile has it: the row that it names, else the likeliest."""
    by_header = header_names(profile)
    wanted = profile.definition.header_row
    if wanted is None:
        return find_header(rows, by_header)
    row = next((row for row in rows if row[0] == wanted), None)
    return row if row is not None and any(field_of(header_text(cell), by_header) for cell in row[1]) else None


def match_layout(head: Sequence[Row], profile: Profile, *, kind: str) -> ColumnMatch:
    """The header where the profile has it, mapped to the fields by the profile's names."""
    by_header = header_names(profile)
    wanted = profile.definition.header_row
    header = header_in(profile, head)
    if header is None:
        problem = no_header_problem() if wanted is None else profile_problem("R-084", None, profile, row=wanted)
        return ColumnMatch(None, (problem,))
    return match_columns(header[1], header[0], kind=kind, by_header=by_header, fixed=tuple(profile.definition.fixed))


def _better_profile(head: Sequence[Row], layout: Layout, *, kind: str) -> Problem | None:
    """A note naming the profile whose layout the refused header rather has: fewer errors, more of its own names."""
    used = _errors(head, layout.profile, kind), -_own_names(head, layout.profile)
    fitting = [
        (_errors(head, other, kind), -_own_names(head, other), other.name, other)
        for other in layout.others
        if other.name != layout.profile.name
    ]
    best = min((entry for entry in fitting if entry[0] < used[0] and entry[1] < used[1]), default=None)
    return None if best is None else profile_problem("R-087", None, best[3])


def _errors(head: Sequence[Row], profile: Profile, kind: str) -> int:
    problems = match_layout(head, profile, kind=kind).problems
    # Without a header nothing was counted: worse than any header with gaps.
    unfound = any(problem.rule in {"R-051", "R-084"} for problem in problems)
    return len(HEADERS) + 1 if unfound else sum(problem.severity is Severity.ERROR for problem in problems)


def _own_names(head: Sequence[Row], profile: Profile) -> int:
    """How many cells of the likeliest header row are names that the profile itself gives, or the required layout does."""
    names = {name for headers in profile.definition.headers.values() for name in headers.names} or set(HEADERS.values())
    folded = {normalise_header(name) for name in names}
    return max(
        (sum(isinstance(cell, str) and normalise_header(cell) in folded for cell in cells) for _, cells in head),
        default=0,
    )


def no_rows_problem(columns: ColumnMap) -> Problem:
    """The finding for a table without a single data row."""
    rule = RULES["R-056"]
    return Problem(columns.header_row_number, "", "file", rule.number, rule.severity, rule.message())
