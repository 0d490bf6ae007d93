"""The required layout: which columns a file must have, under which headers, and where its header row is.

Pure. A missing or double column is refused, never guessed; columns in any order, title rows above the header and extra
columns are taken. Source of the headers: the fields of the required layout and the exam system's export.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from certlookup.spreadsheets.cells import Cell, CellRange, FormulaCell, column_letters, range_address
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.reading import SheetHead
from uploads.intake.findings import Problem
from uploads.intake.rules import RULES

# Field names in the order of the required layout, each with the header that the layout gives it.
HEADERS: Mapping[str, str] = {
    "certificate_number": "证书编号",
    "holder_name": "姓名",
    "sex": "性别",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "birth_date": "出生日期",
    "occupation": "职业(工种)",
    "occupation_code": "职业编码",
    "level": "等级",
    "theory_score": "理论知识考试成绩",
    "skill_score": "操作技能考核成绩",
    "overall_score": "综合评审成绩",
    "result": "评定成绩",
    "processed_date": "办理日期",
    "issue_date": "发证日期",
    "issuing_authority": "发证机关",
    "assessment_office": "鉴定机构",
}
FIELDS: tuple[str, ...] = tuple(HEADERS)
OPTIONAL_FIELDS = frozenset(
    {"birth_date", "occupation_code", "theory_score", "skill_score", "overall_score", "result", "processed_date"}
)

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "certificate_number": ("证书编码", "证书号码", "证书号", "职业资格证书编号", "职业资格证书号", "编号"),
    "holder_name": ("考生姓名", "持证人姓名", "持证人", "名字"),
    "sex": ("男女",),
    "id_type": ("证件类别", "证件种类", "身份证件类型", "有效证件类型"),
    "id_number": (
        "证件号",
        "身份证号",
        "身份证号码",
        "身份证",
        "身份证件号码",
        "居民身份证号码",
        "有效证件号码",
        "公民身份号码",
    ),
    "birth_date": ("出生年月日", "生日", "出生年月"),
    "occupation": (
        "职业",
        "工种",
        "职业工种",
        "职业/工种",
        "职业名称",
        "职业(工种)名称",
        "鉴定职业",
        "鉴定工种",
        "职业及工种",
    ),
    "occupation_code": ("职业代码", "工种代码", "工种编码", "职业(工种)编码", "职业(工种)代码"),
    "level": ("级别", "技能等级", "职业等级", "鉴定等级", "鉴定级别", "职业资格等级", "证书等级", "技术等级"),
    "theory_score": ("理论知识成绩", "理论成绩", "理论考试成绩", "理论分数", "理论知识", "理论"),
    "skill_score": (
        "操作技能成绩",
        "实操成绩",
        "技能成绩",
        "操作成绩",
        "技能操作成绩",
        "实操考核成绩",
        "实际操作成绩",
        "操作技能",
        "实操",
    ),
    "overall_score": ("综合成绩", "综合评审", "综合评审分数", "论文成绩"),
    "result": ("评定结果", "鉴定结果", "总评成绩", "评定等次"),
    "processed_date": ("办证日期", "受理日期", "办理时间", "办证时间"),
    "issue_date": ("颁证日期", "发证时间", "颁发日期", "颁证时间", "证书签发日期", "签发日期", "证书日期"),
    "issuing_authority": ("颁证机关", "颁发机关", "发证单位", "颁证单位", "发证机构", "签发机关"),
    "assessment_office": (
        "鉴定单位",
        "鉴定所",
        "鉴定站",
        "鉴定所(站)",
        "职业技能鉴定机构",
        "考核鉴定机构",
        "鉴定机构名称",
    ),
}

HEADER_SEARCH_ROWS = 20
HEADER_SHOWN = 60
_EXTRA_SHOWN = 15
# A row with fewer known headers is a title or data, not a header.
_LEAST_KNOWN_HEADERS = 4


def normalise_header(text: str) -> str:
    """A header without what people add to it: widths, spaces and line breaks, a required mark, a colon."""
    folded = "".join(unicodedata.normalize("NFKC", text).split()).strip("*:※★")
    for mark in ("(必填)", "(选填)", "(可选)", "[必填]", "(文本)", "(文本格式)"):
        folded = folded.removesuffix(mark)
    return folded.strip("*:※★")


FIELD_BY_HEADER: Mapping[str, str] = {
    normalise_header(header): field for field in FIELDS for header in (HEADERS[field], *_ALIASES[field])
}


def field_of(text: str, by_header: Mapping[str, str] = FIELD_BY_HEADER) -> str | None:
    """The field whose header (or one of its aliases) this is, or None."""
    return by_header.get(normalise_header(text)) if text else None


def with_headers(names: Mapping[str, Sequence[str]], only: Collection[str]) -> Mapping[str, str]:
    """FIELD_BY_HEADER as another layout changes it: more names per field, and for the fields in `only` no others."""
    own = {header: field for header, field in FIELD_BY_HEADER.items() if field not in only}
    return own | {normalise_header(name): field for field, written in names.items() for name in written}


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each field stands in a file: column indexes counted from 0, and the headers as the sender wrote them.

    indexes has one entry per field of FIELDS, in that order, -1 for an optional column that the file doesn't have;
    known are the columns that are read, extra the headers outside the layout, width the columns under any header.
    """

    header_row_number: int
    indexes: tuple[int, ...]
    headers: tuple[str, ...]
    known: frozenset[int]
    extra: tuple[str, ...]
    width: int

    def header_of(self, field: str) -> str:
        """The header of a field's column in the file, or in the required layout where the file has none."""
        return self.headers[FIELDS.index(field)]


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """The outcome of looking at a header row: a map, or the problems why there is none (notes may stand beside it)."""

    columns: ColumnMap | None
    problems: tuple[Problem, ...]


def header_text(cell: Cell) -> str:
    """What a header cell says; "" where it holds no text."""
    if isinstance(cell, FormulaCell):
        cell = cell.value
    return cell.strip() if isinstance(cell, str) else ""


def _fields_in(cells: Sequence[Cell], by_header: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns of each known field in a row taken as a header."""
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        text = header_text(cell)
        field = field_of(text, by_header)
        if field is not None:
            found.setdefault(field, []).append(index)
    return found


Header = tuple[int, Sequence[Cell]]
HeaderFinder = Callable[[Sequence[Header]], Header | None]


def find_header(
    rows: Sequence[tuple[int, Sequence[Cell]]], by_header: Mapping[str, str] = FIELD_BY_HEADER
) -> tuple[int, Sequence[Cell]] | None:
    """The header among a sheet's first rows with content: its row number and cells; the first with most known headers.

    Returns None where no row names at least four fields.
    """
    best: tuple[int, Sequence[Cell]] | None = None
    best_count = _LEAST_KNOWN_HEADERS - 1
    for row_number, cells in rows[:HEADER_SEARCH_ROWS]:
        count = len(_fields_in(cells, by_header))
        if count > best_count:
            best, best_count = (row_number, cells), count
    return best


def match_columns(
    header_row: Sequence[Cell],
    row_number: int = 1,
    *,
    kind: str = "regular",
    by_header: Mapping[str, str] = FIELD_BY_HEADER,
    fixed: Collection[str] = (),
) -> ColumnMatch:
    """Map a header row to the fields.

    kind is the batch's kind: a backfill batch needs no issue date. by_header are the names of the columns, fixed the
    fields that a profile fills in where they have none. Missing and double columns are errors, each naming the column;
    columns outside the layout are one note.
    """
    found = _fields_in(header_row, by_header)
    optional = OPTIONAL_FIELDS | {"issue_date"} if kind == "backfill" else OPTIONAL_FIELDS
    optional = optional.union(fixed)
    problems: list[Problem] = []
    indexes: list[int] = []
    headers: list[str] = []
    for field in FIELDS:
        places = found.get(field, [])
        if not places and field not in optional:
            problems.append(header_problem("R-052", row_number, HEADERS[field], field, column=HEADERS[field]))
        if len(places) > 1:
            problems.append(double_column_problem(row_number, HEADERS[field], field, header_row, places))
        indexes.append(places[0] if places else -1)
        headers.append(header_text(header_row[places[0]])[:HEADER_SHOWN] if places else HEADERS[field])
    known = frozenset(index for index in indexes if index >= 0)
    extra = tuple(
        text
        for index, cell in enumerate(header_row)
        if (text := header_text(cell)) and field_of(text, by_header) is None
    )
    refused = bool(problems)
    if extra:
        problems.append(extra_columns_problem(row_number, extra))
    columns = ColumnMap(row_number, tuple(indexes), tuple(headers), known, extra, header_width(header_row))
    return ColumnMatch(None if refused else columns, tuple(problems))


def extra_columns_problem(row_number: int, extra: Sequence[str]) -> Problem:
    """The note that names the columns which aren't read."""
    shown = "、".join(f"“{text[:20]}”" for text in extra[:_EXTRA_SHOWN])
    if len(extra) > _EXTRA_SHOWN:
        shown += f" 等 {len(extra)} 列"
    return header_problem("R-054", row_number, "", "file", columns=shown)


def double_column_problem(
    row_number: int, header: str, field: str, header_row: Sequence[Cell], places: Sequence[int]
) -> Problem:
    """The finding for a field that has more than one column."""
    written = "、".join(f"{column_letters(index)}列“{header_text(header_row[index])}”" for index in places)
    return header_problem("R-053", row_number, header, field, column=header, places=written)


def header_width(header_row: Sequence[Cell]) -> int:
    """How many columns stand under any header."""
    return 1 + max((index for index, cell in enumerate(header_row) if header_text(cell)), default=-1)


def header_problem(rule: str, row_number: int, header: str, field: str, /, **detail: object) -> Problem:
    """A finding about the header row or the file, under its rule."""
    return Problem(row_number, header, field, rule, RULES[rule].severity, RULES[rule].message(**detail))


def no_header_problem() -> Problem:
    """The finding for a sheet in which find_header found nothing."""
    return header_problem("R-051", 1, "", "file", rows=HEADER_SEARCH_ROWS)


def choose_sheet(heads: Sequence[SheetHead], find: HeaderFinder = find_header) -> int:
    """Which of a workbook's sheets holds the data: the visible one with a header; given to read_sheet.

    Raises SpreadsheetError R-011 where two visible sheets have one. Where none has, the first visible sheet with
    content (or the first with content) is taken, so that the finding "no header" names something the sender sees.
    """
    matching = [head for head in heads if not head.hidden and find(head.rows) is not None]
    if len(matching) > 1:
        raise SpreadsheetError("R-011", sheets="、".join(f"“{head.name}”" for head in matching))
    candidates = (
        matching or [head for head in heads if head.rows and not head.hidden] or [head for head in heads if head.rows]
    )
    return candidates[0].index if candidates else 0


def merged_data_problem(columns: ColumnMap, merged: Sequence[CellRange]) -> Problem | None:
    """The finding for merged cells among the data (below the header, in a column that is read), or None."""
    among_data = [
        cells
        for cells in merged
        if cells[1][0] >= columns.header_row_number
        and any(cells[0][1] <= index <= cells[1][1] for index in columns.known)
    ]
    if not among_data:
        return None
    shown = "、".join(range_address(cells) for cells in among_data[:20])
    if len(among_data) > 20:
        shown += f" 等 {len(among_data)} 处"
    return header_problem("R-016", among_data[0][0][0] + 1, "", "file", ranges=shown)
