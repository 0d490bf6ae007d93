"""staged_row and row_problem as COPY's binary format, put together by hand: a file has many rows, and few new values.

What repeats from row to row is encoded once (blocks.py), so a row is a handful of byte strings joined.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from struct import Struct

from uploads.intake.findings import Problem
from uploads.intake.rows import RowFields

# In the order of a row's bytes: what all rows share, the fields, what sealing makes.
SHARED_COLUMNS = ("attempt_id", "kind", "changed_fields", "key_version")
FIELD_COLUMNS = (
    "row_number", "certificate_number", "holder_name", "sex", "id_type", "birth_date", "occupation", "occupation_code",
    "level", "level_text", "theory_score", "skill_score", "overall_score", "result", "processed_date", "issue_date",
    "issuing_authority", "assessment_office",
)  # fmt: skip
SEALED_COLUMNS = ("id_commitment", "id_sealed", "id_index")
STAGED_COLUMNS = (*SHARED_COLUMNS, *FIELD_COLUMNS, *SEALED_COLUMNS)
PROBLEM_COLUMNS = ("attempt_id", "row_number", '"column"', "field", "rule", "severity", "message", "row_key")

COPY_START = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
# The longest column title that row_problem takes; a header is known by it (HEADER_SHOWN in columns.py).
COLUMN_SHOWN = 60

_EPOCH = dt.date(2000, 1, 1).toordinal()
_length = Struct(">i").pack
_count = Struct(">h").pack
_int2 = Struct(">ih").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack
# An array of no elements: no dimensions, no nulls, elements of type varchar.
_EMPTY_ARRAY = Struct(">iiii").pack(12, 0, 0, 1043)


def encode_text(text: str | None) -> bytes:
    """A text column; None is null."""
    if text is None:
        return NULL
    content = text.encode()
    return _length(len(content)) + content


def encode_date(day: dt.date | None) -> bytes:
    """A date column; None is null."""
    return NULL if day is None else _int4(4, day.toordinal() - _EPOCH)


def encode_level(level: int, text: str) -> bytes:
    """The columns level and level_text."""
    return _int2(2, level) + encode_text(text)


def encode_bytes(content: bytes | None) -> bytes:
    """A bytea column; None is null."""
    return NULL if content is None else _length(len(content)) + content


def encode_row_number(row_number: int) -> bytes:
    """The column row_number."""
    return _int4(4, row_number)


def encode_shared(attempt_id: int, key_version: int) -> bytes:
    """A row's number of columns and SHARED_COLUMNS."""
    return (
        _count(len(STAGED_COLUMNS)) + _int8(8, attempt_id) + encode_text("issued") + _EMPTY_ARRAY
        + _int2(2, key_version)
    )  # fmt: skip


def encode_fields(row_number: int, fields: RowFields) -> bytes:
    """FIELD_COLUMNS of one row."""
    return b"".join((
        _int4(4, row_number),
        encode_text(fields.certificate_number),
        encode_text(fields.holder_name),
        encode_text(fields.sex),
        encode_text(fields.id_type),
        encode_date(fields.birth_date),
        encode_text(fields.occupation),
        encode_text(fields.occupation_code),
        encode_level(fields.level, fields.level_text),
        encode_text(fields.theory_score),
        encode_text(fields.skill_score),
        encode_text(fields.overall_score),
        encode_text(fields.result),
        encode_date(fields.processed_date),
        encode_date(fields.issue_date),
        encode_text(fields.issuing_authority),
        encode_text(fields.assessment_office),
    ))  # fmt: skip


def encode_rows(shared: bytes, rows: Sequence[bytes], sealed: Iterable[tuple[bytes, bytes, bytes]]) -> bytes:
    """Whole rows: what they share, their FIELD_COLUMNS, and commitment, sealed ID and index of each."""
    thirty_two = _length(32)
    length = _length
    return b"".join([
        b"".join((shared, fields, thirty_two, commitment, length(len(closed)), closed, thirty_two, index))
        for fields, (commitment, closed, index) in zip(rows, sealed, strict=True)
    ])  # fmt: skip


def encode_problems(attempt_id: int, problems: Iterable[Problem], keys: Mapping[int, bytes]) -> Iterator[bytes]:
    """Rows of row_problem; keys has each row's key by its number."""
    start = _count(len(PROBLEM_COLUMNS)) + _int8(8, attempt_id)
    for problem in problems:
        yield b"".join((
            start,
            _int4(4, problem.row_number),
            encode_text(problem.column[:COLUMN_SHOWN]),
            encode_text(problem.field),
            encode_text(problem.rule),
            encode_text(problem.severity.value),
            encode_text(problem.message),
            encode_bytes(None if problem.field == "file" else keys.get(problem.row_number)),
        ))  # fmt: skip
