"""A list's rows: which column is which, what a cell says, and whether a row can be looked up at all."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from certificates import certnumber, dates, idnumber, names
from certificates.certnumber import CertificateNumber, CertNumberError
from certificates.dates import DateError
from certificates.idnumber import IdNumberError, ParsedId
from certificates.levels import parse_level
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell

# In the template's order, which is also the order of a list without a header.
FIELDS: Final = ("holder_name", "id_number", "certificate_number", "occupation", "level", "issue_date")
REQUIRED: Final = FIELDS[:3]
_HEADERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("姓名", "持证人", "持证人姓名", "name", "holder", "holdername", "fullname"), "holder_name"),
    **dict.fromkeys(
        ("证件号码", "证件号", "身份证号", "身份证号码", "身份证", "公民身份号码", "id", "idnumber", "idno", "idno."),
        "id_number",
    ),
    **dict.fromkeys(
        ("证书编号", "证书号", "证书号码", "职业资格证书编号", "certificatenumber", "certificateno", "certificateno."),
        "certificate_number",
    ),
    **dict.fromkeys(("职业(工种)", "职业", "工种", "职业工种", "职业名称", "occupation"), "occupation"),
    **dict.fromkeys(("等级", "级别", "技能等级", "职业等级", "level"), "level"),
    **dict.fromkeys(("发证日期", "颁证日期", "issuedate", "dateofissue"), "issue_date"),
}
_LONGEST: Final = 120
# A spreadsheet keeps 15 digits of a number; what is longer has lost its tail.
_WHOLE_NUMBERS_BELOW: Final = 10**15
_LEVEL_WORD: Final = re.compile(r"(?i)^level\s*")


class RowProblem(StrEnum):
    """What can be wrong with a row beside the form of its two numbers."""

    NAME_MISSING = "name_missing"
    NAME_WRONG = "name_wrong"
    LEVEL_UNKNOWN = "level_unknown"
    DATE_UNREADABLE = "date_unreadable"
    NUMBER_DAMAGED = "number_damaged"
    TOO_LONG = "too_long"


class RowError(ValueError):
    """A row that can't be looked up; field says where."""

    def __init__(self, problem: RowProblem, field: str) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.field = field


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A row as it was given: its number in the file or among the lines, and its texts by field; None: damaged."""

    number: int
    texts: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that can be looked up; what isn't given is None."""

    number: int
    holder_name: str = field(repr=False)
    id_number: ParsedId = field(repr=False)
    certificate_number: CertificateNumber
    occupation: str | None
    level: int | None
    level_text: str
    issue_date: dt.date | None


def fold_header(text: str) -> str:
    """A header without width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("*:")


def columns_of(cells: Sequence[Cell]) -> dict[str, int] | None:
    """Which field stands in which column, if this is a header: the three required ones are all there."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and (name := _HEADERS.get(fold_header(cell))):
            found.setdefault(name, place)
    return found if all(name in found for name in REQUIRED) else None


def cell_text(cell: Cell) -> str | None:
    """What a cell says; None where a spreadsheet program has damaged it."""
    if isinstance(cell, FormulaCell):
        cell = cell.value
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, ErrorCell):
        return None
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        whole = abs(cell) < _WHOLE_NUMBERS_BELOW and cell == int(cell)
        return str(int(cell)) if whole else None
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def read_row(row: GivenRow) -> ReadRow:
    """Read a row. Raises RowError, IdNumberError or CertNumberError, the first thing that is wrong in it."""
    texts = {name: _text(row, name) for name in FIELDS}
    name = names.normalise_name(texts["holder_name"])
    if not name:
        raise RowError(RowProblem.NAME_MISSING, "holder_name")
    if names.name_problem(name):
        raise RowError(RowProblem.NAME_WRONG, "holder_name")
    id_number = idnumber.parse(texts["id_number"])
    number = certnumber.parse(texts["certificate_number"])
    return ReadRow(
        number=row.number,
        holder_name=name,
        id_number=id_number,
        certificate_number=number,
        occupation=texts["occupation"] or None,
        level=_level(texts["level"]),
        level_text=texts["level"],
        issue_date=_date(texts["issue_date"]),
    )


def _text(row: GivenRow, name: str) -> str:
    text = row.texts.get(name, "")
    if text is None:
        raise RowError(RowProblem.NUMBER_DAMAGED, name)
    if len(text) > _LONGEST:
        raise RowError(RowProblem.TOO_LONG, name)
    return text


def _level(text: str) -> int | None:
    if not text:
        return None
    level = parse_level(_LEVEL_WORD.sub("", text))
    if level is None:
        raise RowError(RowProblem.LEVEL_UNKNOWN, "level")
    return level


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dates.parse_date(text)
    except DateError as error:
        raise RowError(RowProblem.DATE_UNREADABLE, "issue_date") from error


READ_ERRORS: Final = (RowError, IdNumberError, CertNumberError)
