"""A good row, and rows that differ from it in one field."""

from __future__ import annotations

import datetime as dt

from certificates.idnumber import check_character
from certlookup.calendar.periods import Period
from certlookup.spreadsheets.cells import Cell
from uploads.intake.columns import FIELDS, HEADERS, ColumnMap, match_columns
from uploads.intake.fields import RowContext
from uploads.intake.rows import ParsedRow, parse_row

TODAY = dt.date(2026, 11, 12)
PERIOD = Period.parse("2026-11-A")


def make_id(birth: str = "19900307", serial: str = "151", address: str = "379901") -> str:
    """A resident ID number of an unassigned address code, its check character right."""
    first17 = address + birth + serial
    return first17 + check_character(first17)


GOOD_ROW: dict[str, Cell] = {
    "certificate_number": "2615010013400001",
    "holder_name": "林秋实",
    "sex": "男",
    "id_type": "居民身份证",
    "id_number": make_id(),
    "birth_date": dt.date(1990, 3, 7),
    "occupation": "电工",
    "occupation_code": "6-31-01-03",
    "level": "四级/中级工",
    "theory_score": 82.5,
    "skill_score": 79.0,
    "overall_score": "",
    "result": "合格",
    "processed_date": dt.date(2026, 11, 3),
    "issue_date": dt.date(2026, 11, 5),
    "issuing_authority": "济南市人力资源和社会保障局",
    "assessment_office": "济南市职业技能鉴定指导中心",
}


def make_columns(kind: str = "regular") -> ColumnMap:
    """The required layout's columns, in its order."""
    columns = match_columns([HEADERS[field] for field in FIELDS], 1, kind=kind).columns
    assert columns is not None
    return columns


def make_context(kind: str = "regular", period: Period | None = PERIOD) -> RowContext:
    """A batch of Jinan's, as of the day after the period's report day."""
    return RowContext(kind, period, TODAY, "3701")


def parse(*, kind: str = "regular", **changes: Cell) -> ParsedRow:
    """The good row with some fields changed, parsed as row 5 of a sheet."""
    cells = tuple((GOOD_ROW | changes)[field] for field in FIELDS)
    return parse_row(5, cells, make_columns(kind), make_context(kind))


def found(*, kind: str = "regular", **changes: Cell) -> list[tuple[str, str, str]]:
    """What is found in the good row with some fields changed: (field, rule, severity) each."""
    return [(problem.field, problem.rule, problem.severity.value) for problem in parse(kind=kind, **changes).problems]
