"""核对报告 as a workbook: totals and what to do, the sender's own sheet with the cells in question marked, all findings.

The sender's sheet keeps its rows where they were, so that it can be corrected right there and uploaded again: no row of
the other two sheets is taken for a header.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from certlookup.spreadsheets.cells import Cell, column_letters
from certlookup.spreadsheets.filerules import Severity
from certlookup.spreadsheets.marking import LAST_ROW, MOST_COMMENTS, Mark, MarkedSheet, MarkedWorkbook
from certlookup.spreadsheets.reading import Row
from uploads.intake.changes import CHANGE_KINDS, find_change_header
from uploads.intake.columns import FIELDS, HEADER_SHOWN, find_header, header_text
from uploads.intake.differences import FieldChange, ShownChange
from uploads.intake.findings import Problem
from uploads.intake.findings_shown import SEVERITIES, is_of_file
from uploads.intake.tables import Table

SUMMARY, FINDINGS, CHANGES = "核对报告", "检查结果", "变更前后对照"
PROGRESS_EVERY = 2_000
_HEADER = ("行号", "单元格", "列", "规则", "轻重", "问题和改法")
_WIDTHS = (10, 10, 20, 10, 8, 90)
# None of a change file's own headers: who uploads the report again has the sender's sheet read, not this one.
_CHANGE_HEADER = ("行号", "所变更的证书", "持证者", "变更", "原状态", "栏目", "变更前", "变更后", "变更原因", "依据")
_CHANGE_WIDTHS = (8, 22, 14, 10, 10, 18, 28, 28, 40, 24)
_HIDDEN = "号码已变更，遮盖后相同"
_NUMBERS = ("certificate_number", "id_number")
_NUMBER_WIDTH, _WIDTH = 22, 14


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What the first sheet says of the file; facts are lines of label and text, read = accepted + refused."""

    facts: Sequence[tuple[str, str]]
    read: int
    accepted: int
    refused: int
    # Findings gone, new and left since the file before; None where there is nothing to compare with.
    compared: tuple[int, int, int] | None = None


@dataclass(slots=True)
class _RuleLine:
    rule: str
    severity: Severity
    column: str
    example: str
    findings: int = 0
    rows: int = 0
    last_row: int = 0


@dataclass(slots=True)
class _Count:
    """What is counted while the findings are written."""

    lines: dict[tuple[str, Severity, str], _RuleLine] = field(default_factory=dict)
    of_file: list[Problem] = field(default_factory=list)
    severities: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))

    def add(self, problem: Problem) -> None:
        severity = Severity(problem.severity)
        self.severities[severity] += 1
        key = (problem.rule, severity, problem.column)
        line = self.lines.setdefault(key, _RuleLine(problem.rule, severity, problem.column, problem.message))
        line.findings += 1
        if not is_of_file(problem.rule, problem.field) and problem.row_number != line.last_row:
            line.rows += 1
            line.last_row = problem.row_number


def write_report(
    target: Path,
    *,
    head: ReportHead,
    table: Table,
    problems: Iterable[Problem],
    progress: Callable[[int], None] | None = None,
    changes: Sequence[ShownChange] = (),
) -> None:
    """Write the report on an opened file to target; changes are what its rows change, where they do.

    In: all findings, those of one row together and the rows in order, those of the file anywhere before their row.
    Reads the table to its end; raises SpreadsheetError if the file breaks off. progress hears the rows written.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="report-") as scratch:
        book = MarkedWorkbook(target, Path(scratch))
        summary = book.add_sheet(SUMMARY)
        own = _OwnSheet(book, table)
        listed = _FindingsSheet(book)
        count = _Count()
        for done, (row_number, cells, found) in enumerate(_in_step(table.reading.rows, problems), 1):
            for problem in found:
                count.add(problem)
                listed.write(problem, own.address(problem))
            count.of_file += [problem for problem in found if is_of_file(problem.rule, problem.field)]
            own.write(row_number, cells, found)
            if progress is not None and done % PROGRESS_EVERY == 0:
                progress(done)
        listed.finish()
        if changes:
            _write_changes(book.add_sheet(CHANGES), changes)
        _write_summary(summary, head, count, own, listed)
        book.close()


def _in_step(rows: Iterator[Row], problems: Iterable[Problem]) -> Iterator[tuple[int, Sequence[Cell], list[Problem]]]:
    """Every row with its findings, in order; a finding in a row without content comes with no cells."""
    grouped = ((number, list(found)) for number, found in groupby(problems, key=lambda problem: problem.row_number))
    waiting = next(grouped, None)
    for row_number, cells in rows:
        while waiting is not None and waiting[0] < row_number:
            yield waiting[0], (), waiting[1]
            waiting = next(grouped, None)
        if waiting is not None and waiting[0] == row_number:
            yield row_number, cells, waiting[1]
            waiting = next(grouped, None)
        else:
            yield row_number, cells, []
    while waiting is not None:
        yield waiting[0], (), waiting[1]
        waiting = next(grouped, None)


class _OwnSheet:
    """The sender's sheet, written again with marks; what lies beyond the last row of a sheet goes on further sheets."""

    def __init__(self, book: MarkedWorkbook, table: Table) -> None:
        self._wanted_name = table.reading.sheet_name or "数据"
        self._book = book
        self._table = table
        heads = table.reading.head
        header = find_header(heads) or next(
            (row for kind in CHANGE_KINDS if (row := find_change_header(heads, kind))), None
        )
        self.header_row = table.columns.header_row_number if table.columns is not None else header[0] if header else 0
        cells = next((cells for number, cells in table.reading.head if number == self.header_row), ())
        texts = [header_text(cell)[:HEADER_SHOWN] for cell in cells]
        self._columns = {text: index for index, text in reversed(list(enumerate(texts))) if text}
        self._width = max([len(texts), *(len(cells) for _, cells in table.reading.head)], default=1)
        self.parts: list[MarkedSheet] = [self._begin()]
        self.name = self.parts[0].name
        self.parts[0].freeze(self.header_row)

    def _begin(self) -> MarkedSheet:
        part = self._book.add_sheet(self._wanted_name)
        numbers = self._number_columns()
        for column in range(self._width):
            is_number = column in numbers
            part.set_width(column, _NUMBER_WIDTH if is_number else _WIDTH, is_text=is_number)
        return part

    def _number_columns(self) -> set[int]:
        """Where ID and certificate numbers stand: what is typed there has to stay text."""
        columns = self._table.columns
        return set() if columns is None else {columns.indexes[FIELDS.index(name)] for name in _NUMBERS}

    def column_of(self, problem: Problem) -> int | None:
        """The column that a finding names, None where it names none of the sheet's."""
        return self._columns.get(problem.column) if problem.column else None

    def address(self, problem: Problem) -> str:
        """The cell as the spreadsheet shows it, "" for a finding of the file."""
        if problem.field == "file":
            return ""
        return f"{column_letters(self.column_of(problem) or 0)}{problem.row_number}"

    def write(self, row_number: int, cells: Sequence[Cell], found: Sequence[Problem]) -> None:
        """A row with its marks; a finding of no column, or of the file, is a comment on the first cell."""
        marks: dict[int, list[Mark]] = {}
        for problem in found:
            column = self.column_of(problem)
            where = f"{problem.column}：" if column is None and problem.column else ""
            label = SEVERITIES[problem.severity][0]
            mark = Mark(Severity(problem.severity), f"{problem.rule} {label}：{where}{problem.message}")
            marks.setdefault(column or 0, []).append(mark)
        part, row = divmod(row_number - 1, LAST_ROW)
        while part >= len(self.parts):
            self.parts.append(self._begin())
        self.parts[part].write_row(row, cells, marks, bold=row_number == self.header_row)


class _FindingsSheet:
    """All findings as a plain list, on as many sheets as it takes."""

    def __init__(self, book: MarkedWorkbook) -> None:
        self._book = book
        self.sheets = 0
        self._begin()

    def _begin(self) -> None:
        self.sheets += 1
        self._sheet = self._book.add_sheet(FINDINGS)
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_width(column, width)
        self._sheet.write_row(0, _HEADER, bold=True)
        self._sheet.freeze(1)
        self._row = 0

    def write(self, problem: Problem, address: str) -> None:
        if self._row + 1 >= LAST_ROW:
            self.finish()
            self._begin()
        self._row += 1
        number: Cell = "全文件" if is_of_file(problem.rule, problem.field) else problem.row_number
        label = SEVERITIES[problem.severity][0]
        cells = (number, address, problem.column, problem.rule, None, problem.message)
        self._sheet.write_row(self._row, cells)
        self._sheet.colour(self._row, 4, label, Severity(problem.severity))

    def finish(self) -> None:
        """The filter over what the sheet holds."""
        self._sheet.filter_rows(0, max(self._row, 1), len(_HEADER))


def _write_changes(sheet: MarkedSheet, changes: Sequence[ShownChange]) -> None:
    """Before and after of every field that the acceptable rows change; one line where only the state does."""
    for column, width in enumerate(_CHANGE_WIDTHS):
        sheet.set_width(column, width)
    sheet.write_row(0, _CHANGE_HEADER, bold=True)
    sheet.freeze(1)
    row = 0
    for change in changes:
        head = (change.row_number, change.certificate_number, change.holder_name, change.kind, change.state_before)
        for before_after in change.fields or (None,):
            row += 1
            shown = ("", "", "") if before_after is None else _before_and_after(before_after)
            sheet.write_row(row, (*head, *shown, change.reason, change.document))
    sheet.filter_rows(0, row, len(_CHANGE_HEADER))


def _before_and_after(change: FieldChange) -> tuple[str, str, str]:
    after = f"{change.after}（{_HIDDEN}）" if change.hidden else change.after
    return change.label, change.before, after


def _write_summary(sheet: MarkedSheet, head: ReportHead, count: _Count, own: _OwnSheet, listed: _FindingsSheet) -> None:
    for column, width in enumerate((16, 12, 24, 10, 10, 90)):
        sheet.set_width(column, width)
    row = 0
    for cells, bold in _summary_lines(head, count, own, listed):
        sheet.write_row(row, cells, bold=bold)
        row += 1
    for line in sorted(
        count.lines.values(), key=lambda line: (list(Severity).index(line.severity), -line.findings, line.rule)
    ):
        cells = (line.rule, None, line.column or "–", line.findings, line.rows, line.example)
        sheet.write_row(row, cells)
        sheet.colour(row, 1, SEVERITIES[line.severity][0], line.severity)
        row += 1


def _summary_lines(
    head: ReportHead, count: _Count, own: _OwnSheet, listed: _FindingsSheet
) -> Iterator[tuple[Sequence[Cell], bool]]:
    """The first sheet from top to bottom, up to the table of rules: (cells, whether they are bold)."""
    yield ("核对报告",), True
    for label, text in head.facts:
        yield (label, text), False
    yield (), False
    yield ("结论", _verdict(head, count)), True
    yield ("读取", head.read, "= 合格 + 不合格"), False
    yield ("合格", head.accepted), False
    yield ("不合格", head.refused), False
    for severity in Severity:
        yield (f"{SEVERITIES[severity][0]}（处）", count.severities[severity]), False
    yield ("共（处）", sum(count.severities.values())), False
    if head.compared is not None:
        gone, new, left = head.compared
        yield ("与上一次相比", f"已解决 {gone:,}，新出现 {new:,}，仍存在 {left:,}（处）"), False
    yield (), False
    yield ("怎么办",), True
    for number, step in enumerate(_steps(own), 1):
        yield (f"{number}.", step), False
    for limit in _limits(own, listed):
        yield ("注意", limit), True
    if count.of_file:
        yield (), False
        yield ("全文件的问题",), True
        for problem in count.of_file:
            yield (problem.rule, SEVERITIES[problem.severity][0], problem.message), False
    yield (), False
    yield ("按规则统计",) if count.lines else ("没有发现问题。",), True
    if count.lines:
        yield ("规则", "轻重", "列", "处数", "行数", "例子"), True


def _verdict(head: ReportHead, count: _Count) -> str:
    if any(problem.severity is Severity.ERROR for problem in count.of_file):
        return "整个文件不合格，没有收下。请先改正“全文件的问题”，再重新上传。"
    if head.refused:
        return f"{head.refused:,} 行不合格，不能签字。整批都合格才能签字，不会只收下一部分。"
    if count.severities[Severity.WARNING]:
        return f"没有错误。有 {count.severities[Severity.WARNING]:,} 处提醒，签字前请逐处看过。"
    return "没有错误。"


def _steps(own: _OwnSheet) -> Iterator[str]:
    yield (
        f"看“{own.name}”工作表：行号与您的文件相同。红色是错误，必须改正；黄色是提醒，请核对；蓝色是说明。"
        "单元格的批注写明规则和改法，整行的问题写在第一个单元格上。"
    )
    yield f"“{FINDINGS}”工作表逐条列出全部问题，可以筛选。"
    yield (
        f"在您的文件中改正后上传完整的文件；也可以直接在“{own.name}”工作表中改正，保存后上传本文件（只读取这张工作表）。"
        "公式在这里是原文件保存时的值。"
    )
    yield "本文件含有个人信息，用后请删除。"


def _limits(own: _OwnSheet, listed: _FindingsSheet) -> Iterator[str]:
    """What a spreadsheet couldn't hold, and where it is instead."""
    if uncommented := sum(part.uncommented for part in own.parts):
        yield (
            f"一张工作表写 {MOST_COMMENTS:,} 条批注，另有 {uncommented:,} 个单元格只有颜色、没有批注，"
            f"其问题见“{FINDINGS}”工作表。"
        )
    if len(own.parts) > 1:
        yield (
            f"一张工作表最多 {LAST_ROW:,} 行，其余的行在后面 {len(own.parts) - 1} 张“{own.name}”工作表中，"
            f"行号须加 {LAST_ROW:,}（第二张起逐张累加）。"
        )
    if listed.sheets > 1:
        yield f"问题超过一张工作表的行数，分列在 {listed.sheets} 张“{FINDINGS}”工作表中。"
    if cut := sum(part.cut_cells for part in own.parts):
        yield f"有 {cut:,} 个单元格的文字超过电子表格的上限，只写了前面一部分。"
