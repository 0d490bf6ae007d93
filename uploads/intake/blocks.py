"""Many rows at once: rows in which nothing is to be found pass by quickly, every other row goes through parse_row().

A file has many rows and few different values. Each column remembers what FieldReader made of a value, and what
staged_row gets for it (quickcolumns.py). So parse_row() alone decides what is wrong with a row, and this module only
whether to ask it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

from certificates.residentnumbers import ResidentNumbers
from certlookup.sealing import live_keys, seal_ids
from certlookup.spreadsheets.cells import Cell
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.reading import Row
from uploads.intake.columns import FIELDS, ColumnMap
from uploads.intake.conversion import Converter
from uploads.intake.fields import FieldReader, RowContext
from uploads.intake.findings import Problem
from uploads.intake.quickcolumns import (
    QuickCertificates,
    QuickGroup,
    QuickNames,
    date_column,
    id_type_column,
    level_column,
    sex_column,
    text_column,
)
from uploads.intake.rowkeys import RowKeys
from uploads.intake.rows import ParsedRow, parse_row
from uploads.intake.stagedcopy import encode_bytes, encode_fields, encode_row_number, encode_rows, encode_shared
from uploads.intake.stagedleaves import (
    AFTER_COMMITMENT,
    AFTER_NUMBER,
    AT_THE_END,
    BEFORE_COMMITMENT,
    BEFORE_NUMBER,
    encode_leaf_ends,
    leaves_of,
)

# Of these types two equal values are the same value.
_PLAIN = frozenset({str, float, type(None), dt.date, dt.datetime})

# A row's FIELD_COLUMNS for COPY, and what is hashed for its leaf before the commitment and after it.
QuickRow = tuple[bytes, tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class StagedBlock:
    """What some rows came to: how many were read and accepted, the accepted ones as COPY takes them, all findings.

    leaves has 32 bytes for each accepted row, whose numbers, first and last, span are; refused the outcome of each row
    that was refused, keys the key of each row in which anything was found.
    """

    read: int
    accepted: int
    rows: bytes
    leaves: bytes
    span: tuple[int, int]
    problems: tuple[Problem, ...]
    refused: tuple[ParsedRow, ...]
    keys: Mapping[int, bytes]


class BlockParser:
    """Parses and seals the rows of one attempt, block by block. Pure but for the keys."""

    def __init__(
        self, attempt_id: int, columns: ColumnMap, context: RowContext, converter: Converter | None = None
    ) -> None:
        """A file that a profile converts has no quick rows."""
        self._converter = converter
        self._columns = columns
        self._context = context
        self._shared = encode_shared(attempt_id, live_keys()[0].version)
        self._row_keys = RowKeys.of(columns)
        self._number = columns.indexes[FIELDS.index("certificate_number")]
        self._id_number = columns.indexes[FIELDS.index("id_number")]
        self._certificates = QuickCertificates(columns, context)
        self._residents = ResidentNumbers(context.today)
        given = (columns, context)
        self._name = QuickNames(*given)
        self._person = QuickGroup(sex_column(*given), id_type_column(*given))
        self._birth_date = QuickGroup(date_column("birth_date", FieldReader.birth_date, *given))
        self._occupation = QuickGroup(
            text_column("occupation", lambda row: row.text("occupation"), *given),
            text_column("occupation_code", FieldReader.occupation_code, *given),
            level_column(*given),
        )
        self._results = QuickGroup(
            text_column("theory_score", lambda row: row.score("theory_score"), *given),
            text_column("skill_score", lambda row: row.score("skill_score"), *given),
            text_column("overall_score", lambda row: row.score("overall_score"), *given),
            text_column("result", FieldReader.result, *given),
        )
        self._issue = QuickGroup(
            date_column("processed_date", FieldReader.processed_date, *given),
            date_column("issue_date", FieldReader.issue_date, *given),
            text_column("issuing_authority", lambda row: row.text("issuing_authority"), *given),
            text_column("assessment_office", lambda row: row.text("assessment_office"), *given),
        )

    def parse(self, block: Sequence[Row]) -> StagedBlock:
        """Check the rows of a block and seal those that are acceptable. Raises SpreadsheetError for rows out of order."""
        problems: list[Problem] = []
        refused: list[ParsedRow] = []
        keys: dict[int, bytes] = {}
        ids: list[str] = []
        numbers: list[int] = []
        rows: list[bytes] = []
        ends: list[tuple[bytes, bytes]] = []
        quick = self._quick_rows(block) if self._converter is None and block else [None] * len(block)
        for row, made in zip(block, quick, strict=True):
            if made is not None:
                ids.append(row[1][self._id_number])  # type: ignore[arg-type] # _quick_rows looked
                encoded = made
            else:
                parsed = self._parse_row(row)
                if parsed.problems:
                    problems.extend(parsed.problems)
                    keys[row[0]] = self._row_keys.key_of(row[1])
                if parsed.fields is None:
                    refused.append(parsed)
                    continue
                ids.append(parsed.fields.id_number)
                encoded = encode_fields(row[0], parsed.fields), encode_leaf_ends(parsed.fields)
            numbers.append(row[0])
            rows.append(encoded[0])
            ends.append(encoded[1])
        if any(first >= second for first, second in pairwise(numbers)):
            # The digest is over the rows in their order; our reader sends no others.
            raise SpreadsheetError("R-023")
        sealed = seal_ids(ids)
        return StagedBlock(
            len(block),
            len(rows),
            encode_rows(self._shared, rows, sealed),
            leaves_of(ends, (commitment for commitment, _, _ in sealed)),
            (numbers[0], numbers[-1]) if numbers else (0, 0),
            tuple(problems),
            tuple(refused),
            keys,
        )

    def _parse_row(self, row: Row) -> ParsedRow:
        if self._converter is None:
            return parse_row(row[0], row[1], self._columns, self._context)
        return self._converter.parse(row[0], row[1], self._context)

    def _quick_rows(self, block: Sequence[Row]) -> list[QuickRow | None]:
        """For each row its bytes; None where parse_row() has to look."""
        count = len(block)
        columns, odd = self._in_columns(block)
        name = self._name.of(columns, count, odd)
        person, born, occupation, results, issue = (
            group.of(columns, count, odd)
            for group in (self._person, self._birth_date, self._occupation, self._results, self._issue)
        )
        number, holders = columns[self._number], self._residents.read(columns[self._id_number])
        heads = self._certificates.heads(number)
        dated = zip(heads, [seen[0] for seen in occupation], [seen[0] for seen in issue], strict=True)
        # As check_person() has it: sex and birth date agree with the ID number, of whose kinds only one says them.
        for place, (latest, holder, ((sex, is_resident), _, _), ((day,), _, _)) in enumerate(
            zip(map(self._certificates.latest_birth, dated), holders, person, born, strict=True)
        ):
            if (
                latest is None or holder is None or not is_resident or holder[0] > latest or holder[1] != sex
                or (day is not None and day != holder[0])
            ):  # fmt: skip
                odd.add(place)
        texts = [str(cell).encode() if head else b"" for cell, head in zip(number, heads, strict=True)]
        before = (name, person)
        after = (born, occupation, results, issue)
        copies = zip(
            map(encode_row_number, [row[0] for row in block]), map(encode_bytes, texts),
            *([seen[1] for seen in group] for group in (*before, *after)), strict=True,
        )  # fmt: skip
        before_commitment = zip(
            repeat(BEFORE_NUMBER), texts, repeat(AFTER_NUMBER), *([seen[2] for seen in group] for group in before),
            repeat(BEFORE_COMMITMENT),
        )  # fmt: skip
        after_commitment = zip(
            repeat(AFTER_COMMITMENT), *([seen[2] for seen in group] for group in after), repeat(AT_THE_END)
        )
        join = b"".join
        ends = zip(map(join, before_commitment), map(join, after_commitment), strict=True)
        made: list[QuickRow | None] = list(zip(map(join, copies), ends, strict=True))
        for place in odd:
            made[place] = None
        return made

    def _in_columns(self, block: Sequence[Row]) -> tuple[list[Sequence[Cell]], set[int]]:
        """The block's cells by column, and the places of rows that hold what a column can't remember or isn't read."""
        cells: list[tuple[Cell, ...]] = [row[1] for row in block]
        widths = set(map(len, cells))
        width = max(*widths, 1 + max(self._columns.known))
        if len(widths) > 1 or width not in widths:
            cells = [row + (None,) * (width - len(row)) for row in cells]
        columns: list[Sequence[Cell]] = list(zip(*cells, strict=True))
        odd: set[int] = set()
        for index in self._columns.known:
            column = columns[index]
            if not _PLAIN.issuperset(map(type, column)):
                odd.update(place for place, cell in enumerate(column) if type(cell) not in _PLAIN)
                columns[index] = [cell if type(cell) in _PLAIN else None for cell in column]
        for column in columns[self._columns.width :]:
            odd.update(place for place, cell in enumerate(column) if cell is not None and cell != "")
        return columns, odd
