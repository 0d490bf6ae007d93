"""The fields of one row, each read by its own rules.

Pure. Parsed values that repeat from row to row (dates, occupations, ID types) are cached. Only text cells count for ID
and certificate numbers: a number cell has lost digits, and the check character misses about one in twelve of those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from certificates import certnumber, idnumber
from certificates.certnumber import CertificateNumber, CertNumberError, CertNumberProblem
from certificates.idnumber import IdNumberError, IdProblem, IdType, ParsedId
from certificates.names import (
    LONGEST,
    NameProblem,
    has_letters,
    name_problem,
    normalise_name,
    odd_characters,
)
from certificates.scores import parse_score
from certificates.typed import fold_typed_number
from certlookup.calendar.periods import Period
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell, column_letters
from certlookup.spreadsheets.filerules import Severity
from uploads.intake.celltext import (
    NUMBER_OF_A_PROGRAM,
    as_hour,
    first_invisible,
    is_error_value,
    kind_of,
    shown,
    without_hour,
)
from uploads.intake.columns import FIELDS, ColumnMap
from uploads.intake.fieldtexts import checked_text, date_in, first_problem, id_type_in, level_in
from uploads.intake.findings import Problem
from uploads.intake.rules import RULES, severity_in

TEXT_LIMIT = 100
RESULTS = frozenset({"合格", "良好", "优秀"})

# Numbers that are dates written as 20261103.
_EARLIEST_DIGITS, _LATEST_DIGITS = 19000101, 21001231
# Earlier dates are a spreadsheet's day 0 or a slip: the ministry's certificates began in the 1980s.
EARLIEST_DATE, EARLIEST_BIRTH = dt.date(1980, 1, 1), dt.date(1900, 1, 2)
_LENGTHS = {
    IdType.RESIDENT_ID: "18 位（老证 15 位）", IdType.RESIDENCE_PERMIT: "18 位",
    IdType.HK_MACAU_PERMIT: "字母加 8 位或 10 位数字", IdType.TAIWAN_PERMIT: "8 位（一次性证件 10 至 12 位）",
    IdType.FOREIGNER_CARD: "18 位（旧证 15 位）", IdType.PASSPORT: "5 至 20 位",
}  # fmt: skip

_NUMBER_RULES: Mapping[CertNumberProblem, str] = {
    CertNumberProblem.EMPTY: "R-100",
    CertNumberProblem.WRONG_LENGTH: "R-122",
    CertNumberProblem.WRONG_CHARACTERS: "R-123",
    CertNumberProblem.LOOKS_LIKE_ID_NUMBER: "R-124",
    CertNumberProblem.OTHER_REGISTER: "R-125",
    CertNumberProblem.IMPOSSIBLE_LEVEL: "R-126",
}
_ID_RULES: Mapping[IdProblem, str] = {
    IdProblem.EMPTY: "R-100",
    IdProblem.WRONG_LENGTH: "R-111",
    IdProblem.WRONG_CHECK: "R-112",
    IdProblem.WRONG_CHARACTERS: "R-113",
    IdProblem.IMPOSSIBLE_DATE: "R-114",
    IdProblem.LOOKS_LIKE_CERTIFICATE_NUMBER: "R-115",
    IdProblem.WRONG_FORM: "R-116",
}
_NAME_RULES: Mapping[NameProblem, str] = {
    NameProblem.EMPTY: "R-100",
    NameProblem.TOO_LONG: "R-141",
    NameProblem.CONTROL_CHARACTER: "R-142",
    NameProblem.INVISIBLE_CHARACTER: "R-142",
    NameProblem.PRIVATE_USE_CHARACTER: "R-142",
    NameProblem.HARMFUL_CHARACTER: "R-143",
    NameProblem.FORMULA_START: "R-144",
    NameProblem.DAMAGED_CHARACTER: "R-146",
}
_POSITION = {field: position for position, field in enumerate(FIELDS)}


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a row is judged by: the batch's kind, its period, the office, today in Asia/Shanghai, the own issuer digits.

    period is None for kinds that belong to no half-month; campaign and years, its first and last year of issue, are a
    backfill batch's.
    """

    kind: str
    period: Period | None
    today: dt.date
    office_code: str
    own_issuer_code: str = "15"
    campaign: str = ""
    years: tuple[int, int] | None = None


def belonging_hint(error: IdNumberError) -> str:
    """What R-116 adds where the number has the form of another kind."""
    belongs_to = error.detail.get("belongs_to")
    return f"，像是{belongs_to.label}的号码" if isinstance(belongs_to, IdType) else ""


class FieldReader:
    """A row being read: hands out one field after the other and collects what is wrong."""

    __slots__ = ("cells", "columns", "context", "problems", "refused", "row_number")

    def __init__(self, row_number: int, cells: Sequence[Cell], columns: ColumnMap, context: RowContext) -> None:
        self.row_number = row_number
        self.cells = cells
        self.columns = columns
        self.context = context
        self.problems: list[Problem] = []
        self.refused = False

    def report(self, rule: str, field: str, **detail: object) -> None:
        """Add a finding; an error refuses the row."""
        header = self.columns.header_of(field) if field in _POSITION else ""
        severity = severity_in(RULES[rule], self.context.kind)
        message = RULES[rule].message(column=header, **detail)
        self.problems.append(Problem(self.row_number, header, field, rule, severity, message))
        if severity is Severity.ERROR:
            self.refused = True

    def cell(self, field: str) -> Cell:
        """The field's cell; None where the row or the file has none or it is blank. Reports an error value."""
        index = self.columns.indexes[_POSITION[field]]
        if index < 0 or index >= len(self.cells):
            return None
        cell = self.cells[index]
        if type(cell) is str:
            text = cell.strip()
            if not text or text[0] != "#" or not is_error_value(text):
                return text or None
            # A csv file has no error cells, but it has their text.
            cell = ErrorCell(text)
        if type(cell) is ErrorCell:
            self.report("R-102", field, value=cell.text)
        return cell

    def plain(self, field: str, *, required: bool) -> Cell:
        """The field's plain value: a formula's stored value, None (reported where required) if there is none."""
        cell = self.cell(field)
        if type(cell) is FormulaCell:
            cell = cell.value if cell.value != "" else None
            if cell is None:
                self.report("R-103", field)
                return None
        if cell is None and required:
            self.report("R-100", field)
        return None if type(cell) is ErrorCell else cell

    def number_text(self, field: str, numeric_rule: str) -> str | None:
        """The text of an ID or certificate number, which counts only from a text cell; None if reported."""
        cell = self.cell(field)
        if type(cell) is str:
            if NUMBER_OF_A_PROGRAM.fullmatch(cell):
                self.report(numeric_rule, field)
                return None
            return cell
        if cell is None:
            self.report("R-100", field)
        elif type(cell) is FormulaCell:
            self.report("R-103", field)
        elif type(cell) is float or type(cell) is int:
            self.report(numeric_rule, field)
        elif type(cell) is not ErrorCell:
            self.report("R-108", field, kind=kind_of(cell))
        return None

    def unknown(self, rule: str, field: str, cell: Cell) -> None:
        """Report a value that isn't one of a field's words; an invisible character in it is named instead."""
        if type(cell) is str and (found := first_invisible(cell)):
            self.report("R-104", field, position=found[0], code=f"U+{ord(found[1]):04X}")
        else:
            self.report(rule, field, value=shown(cell))

    def text(self, field: str) -> str:
        """A required line of text within the limits; "" where it is missing or refused."""
        cell = self.plain(field, required=True)
        return (self._line(field, cell, TEXT_LIMIT) or "") if cell is not None else ""

    def optional_text(self, field: str, limit: int) -> str | None:
        """An optional line of text, a whole number written out; None where there is none or it is refused."""
        cell = self.plain(field, required=False)
        if type(cell) is float and cell.is_integer():
            cell = str(int(cell))
        return self._line(field, cell, limit) if cell is not None else None

    def _line(self, field: str, cell: Cell, limit: int) -> str | None:
        if type(cell) is not str:
            self.report("R-108", field, kind=kind_of(cell))
            return None
        text, rule, detail = checked_text(cell, limit)
        if rule:
            self.report(rule, field, **dict(detail))
            return None
        return text

    def certificate_number(self) -> CertificateNumber | None:
        """The parsed certificate number, or None if reported."""
        text = self.number_text("certificate_number", "R-121")
        if text is None:
            return None
        try:
            number = certnumber.parse(text)
        except CertNumberError as error:
            hint = "，可能丢失了开头的 0" if error.detail.get("lost_zero") else ""
            length = len(certnumber.normalise(text))
            self.report(_NUMBER_RULES[error.problem], "certificate_number", length=length, hint=hint)
            return None
        if number.year is None and len(fold_typed_number(text)) != len(number.text):
            # Shanghai's short form: on lookup a courtesy, here a number of this province that lost three digits.
            self.report("R-122", "certificate_number", length=len(fold_typed_number(text)), hint="")
            return None
        if not number.serial.strip("0"):
            self.report("R-131", "certificate_number")
            return None
        return number

    def holder_name(self) -> str:
        """The name as it is stored, or "" if reported."""
        cell = self.plain("holder_name", required=True)
        if cell is None:
            return ""
        if type(cell) is not str:
            self.report("R-108", "holder_name", kind=kind_of(cell))
            return ""
        name = normalise_name(cell)
        problem = name_problem(name)
        if problem is not None:
            position, character = first_problem(name)
            self.report(
                _NAME_RULES[problem], "holder_name", length=len(name), limit=LONGEST, character=character,
                position=position, code=f"U+{ord(character):04X}",
            )  # fmt: skip
            return ""
        if not name.isalpha() and not has_letters(name):
            self.report("R-148", "holder_name")
            return ""
        if name != cell:
            self.report("R-145", "holder_name", value=shown(name))
        if not name.isalpha() and (odd := odd_characters(name)):
            self.report("R-147", "holder_name", characters=odd)
        return name

    def sex(self) -> str:
        """男 or 女, or "" if reported."""
        cell = self.plain("sex", required=True)
        if cell in ("男", "女"):
            return str(cell)
        if cell is not None:
            self.unknown("R-151", "sex", cell)
        return ""

    def id_type(self) -> IdType | None:
        """The ID type, or None if reported."""
        cell = self.plain("id_type", required=True)
        if cell is None:
            return None
        id_type = id_type_in(cell) if type(cell) is str else None
        if id_type is None:
            self.unknown("R-155", "id_type", cell)
        return id_type

    def id_number(self, id_type: IdType | None) -> ParsedId | None:
        """The parsed ID number, or None if reported. Without a usable type it is judged by its own form."""
        text = self.number_text("id_number", "R-101")
        if text is None:
            return None
        try:
            parsed = idnumber.parse(text, id_type, today=self.context.today)
        except IdNumberError as error:
            likely = id_type or IdType.RESIDENT_ID
            self.report(
                _ID_RULES[error.problem], "id_number",
                length=len(idnumber.normalise(text)),
                id_type=likely.label,
                expected=_LENGTHS.get(likely, ""),
                hint=belonging_hint(error),
            )  # fmt: skip
            return None
        if parsed.is_old_form:
            self.report("R-117", "id_number")
        return parsed

    def level(self) -> tuple[int | None, str]:
        """The level and the spelling that is stored, or (None, "") if reported."""
        cell = self.plain("level", required=True)
        if cell is None:
            return None, ""
        text = str(int(cell)) if type(cell) is float and cell.is_integer() else cell
        level, stored = level_in(text) if type(text) is str else (None, "")
        if level is None:
            self.unknown("R-171", "level", cell)
        return level, stored

    def score(self, field: str) -> str | None:
        """The canonical score, or None where there is none or it is reported."""
        cell = self.plain(field, required=False)
        if cell is None:
            return None
        score = parse_score(cell) if type(cell) is str or type(cell) is float or type(cell) is int else None
        if score is None:
            self.unknown("R-181", field, cell)
        return score

    def result(self) -> str | None:
        """合格, 良好, 优秀, or None where there is none or it is reported."""
        cell = self.plain("result", required=False)
        if cell is None:
            return None
        word = "".join(cell.split()) if type(cell) is str else ""
        if word in RESULTS:
            return word
        self.unknown("R-182", "result", cell)
        return None

    def birth_date(self) -> dt.date | None:
        """The birth date, or None where there is none or it is reported."""
        return self.date("birth_date", "R-161")

    def processed_date(self) -> dt.date | None:
        """The date of processing, or None where there is none or it is reported."""
        return self.date("processed_date", "R-191")

    def issue_date(self) -> dt.date | None:
        """The date of issue, which only a backfill batch may lack; None where there is none or it is reported."""
        return self.date("issue_date", "R-201", required=self.context.kind != "backfill")

    def occupation_code(self) -> str | None:
        """The occupation's code, or None where there is none or it is reported."""
        return self.optional_text("occupation_code", 30)

    def date(self, field: str, unreadable_rule: str, *, required: bool = False) -> dt.date | None:
        """The field's date, or None where there is none or it is reported."""
        cell = self.plain(field, required=required)
        if cell is None:
            return None
        date, hour = None, ""
        if type(cell) is dt.date:
            date = cell
        elif type(cell) is dt.datetime:
            date, hour = cell.date(), as_hour(cell.time())
        elif type(cell) is float or type(cell) is int:
            if _EARLIEST_DIGITS <= cell <= _LATEST_DIGITS and cell == int(cell):
                date, rule = date_in(str(int(cell)))
            else:
                rule = "R-207"
        elif type(cell) is str:
            date, rule = date_in(cell)
            if date is None and (split := without_hour(cell)):
                (date, rule), hour = date_in(split[0]), split[1]
        else:
            rule = ""
        if date is None:
            self.unknown(rule or unreadable_rule, field, cell)
            return None
        earliest = EARLIEST_BIRTH if field == "birth_date" else EARLIEST_DATE
        if date < earliest:
            self.report("R-209", field, date=date, first=earliest)
            return None
        if hour:
            self.report("R-208", field, date=date, hour=hour)
        return date

    def check_width(self) -> None:
        """Warn of content to the right of every header, which isn't read: a sign of a shifted row."""
        for index in range(self.columns.width, len(self.cells)):
            cell = self.cells[index]
            if cell is not None and cell != "":
                self.report("R-055", "row", place=f"{column_letters(index)}列")
                return
