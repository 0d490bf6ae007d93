"""What can be wrong with a file as a whole: the rules R-0xx, each with a sentence in Chinese and in English.

The rules of columns, fields and rows stand in uploads/intake/rules.py, which takes these into the one registry.
A rule's number never changes its meaning and is never given to another rule.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the row or the file, a warning is signed for, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One check with its stable number; zh and en say what is wrong and what to do, with {placeholders}.

    explained: a warning that the operator explains before signing.
    """

    number: str
    severity: Severity
    field: str
    zh: str
    en: str
    explained: bool = False

    def message(self, **detail: object) -> str:
        """The Chinese sentence with its placeholders filled in; a missing placeholder raises KeyError."""
        # An old workbook's texts may hold NUL, which no database takes.
        return self.zh.format(**detail).replace("\0", "\u2400")


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

FILE_RULES: dict[str, Rule] = {
    rule.number: rule
    for rule in (
        Rule(
            "R-001",
            _ERROR,
            "file",
            "文件是空的（0 字节）。请确认选对了文件后重新上传。",
            "The file is empty (0 bytes). Check that you chose the right file and upload it again.",
        ),
        Rule(
            "R-002",
            _ERROR,
            "file",
            "这不是能够读取的电子表格，内容是{seems}。请用表格软件打开，另存为 .xlsx 后重新上传；"
            "不是表格的，请确认选对了文件。",
            "This is not a spreadsheet that can be read; its content is {seems}. Open it in a spreadsheet program, save "
            "it as .xlsx and upload that; if it is no spreadsheet, check that you chose the right file.",
        ),
        Rule(
            "R-003",
            _ERROR,
            "file",
            "文件设有密码，已经加密，无法读取。请在表格软件中取消密码和工作簿保护（文件—信息—保护工作簿），另存为 .xlsx 后重新上传。",
            "The file is encrypted with a password. Remove the password and the protection of the workbook in the "
            "spreadsheet program, save it as .xlsx and upload that.",
        ),
        Rule(
            "R-004",
            _ERROR,
            "file",
            "文件不完整或已损坏，无法读取。请用表格软件打开检查，另存为 .xlsx 后重新上传。",
            "The file is incomplete or damaged. Open it in a spreadsheet program, save it as .xlsx and upload it again.",
        ),
        Rule(
            "R-005",
            _ERROR,
            "file",
            "文件带有宏。请另存为不含宏的 .xlsx 文件后重新上传。",
            "The file contains macros. Save it as .xlsx without macros and upload it again.",
        ),
        Rule(
            "R-006",
            _ERROR,
            "file",
            "文件解压后过大（{what}超过上限 {limit}），已停止读取。请只保留上报数据，另存为新的 .xlsx 后重新上传。",
            "The file unpacks to too much ({what} over the limit of {limit}). Keep only the data to be reported, "
            "save it as a new .xlsx and upload that.",
        ),
        Rule(
            "R-007",
            _ERROR,
            "file",
            "数据超过 {limit} 行。请拆分成几个文件分别上传。",
            "The sheet has more than {limit} rows. Split it into several files.",
        ),
        Rule(
            "R-008",
            _ERROR,
            "file",
            "工作表超过 {limit} 列（最右边的内容在 {last} 列）。请只保留上报要求的列，删除多余的列后重新上传。",
            "The sheet has more than {limit} columns (content as far as column {last}). Keep only the required columns, "
            "delete the others and upload it again.",
        ),
        Rule(
            "R-009",
            _ERROR,
            "file",
            "读取文件超过 {limit} 秒，已停止。请只保留上报数据，另存为新的 .xlsx 后重新上传。",
            "Reading took more than {limit} seconds and was stopped. Keep only the data to be reported, save it as a "
            "new .xlsx and upload that.",
        ),
        Rule(
            "R-010",
            _ERROR,
            "file",
            "读取文件所需内存超过上限，已停止。表格远处可能有多余的内容：请把数据复制到新的工作表，另存后重新上传。",
            "Reading needs more memory than allowed and was stopped. There may be stray content far out in the sheet: "
            "copy the data into a new sheet, save and upload that.",
        ),
        Rule(
            "R-011",
            _ERROR,
            "file",
            "有几张工作表都像是上报数据：{sheets}。请只保留一张后重新上传。",
            "Several sheets look like the data to be reported: {sheets}. Keep only one and upload the file again.",
        ),
        Rule(
            "R-012",
            _ERROR,
            "file",
            "工作表中没有数据。请确认选对了文件后重新上传。",
            "The sheet holds no data. Check that you chose the right file and upload it again.",
        ),
        Rule(
            "R-013",
            _ERROR,
            "file",
            "文本文件的编码无法识别：按 {encoding} 读取时，第 {offset} 字节处（文本第 {row} 行）有无效的内容。"
            "请用表格软件另存为 .xlsx，或另存为 UTF-8 编码的 .csv 后重新上传。",
            "The text's encoding can't be told: read as {encoding}, byte {offset} (line {row}) is invalid. Save it as "
            ".xlsx, or as .csv in UTF-8, and upload it again.",
        ),
        Rule(
            "R-014",
            _ERROR,
            "file",
            "文本文件第 {offset} 字节处（文本第 {row} 行）有空字符（NUL），文件可能已损坏。请重新导出后上传。",
            "The text has a NUL character at byte {offset} (line {row}); the file may be damaged. Export it again and "
            "upload that.",
        ),
        Rule(
            "R-015",
            _ERROR,
            "file",
            "文件中有外部实体或文档类型声明，出于安全原因不予读取。请用表格软件打开，另存为新的 .xlsx 后重新上传。",
            "The file declares a document type or entities and isn't read, for safety. Open it in a spreadsheet program, "
            "save it as a new .xlsx and upload that.",
        ),
        Rule(
            "R-016",
            _ERROR,
            "file",
            "数据区有合并单元格：{ranges}。请取消合并，在每一行填写完整内容后重新上传。",
            "There are merged cells among the data: {ranges}. Unmerge them, fill in every row and upload the file again.",
        ),
        Rule(
            "R-017",
            _WARNING,
            "file",
            "工作表“{sheet}”中有隐藏的行 {rows} 行、隐藏的列 {columns} 列（{places}），其中的数据同样会读入。"
            "请确认这些数据应当上报。",
            "Sheet “{sheet}” has {rows} hidden rows and {columns} hidden columns ({places}); their data are read as "
            "well. Make sure that they should be reported.",
        ),
        Rule(
            "R-018",
            _WARNING,
            "file",
            "文件另有隐藏的工作表：{sheets}，其中的数据没有读入。请确认不需要上报。",
            "The file has hidden sheets as well: {sheets}. They were not read. Make sure that they needn't be reported.",
        ),
        Rule(
            "R-019",
            _NOTE,
            "file",
            "文件名的扩展名是 {suffix}，内容是 {kind}，已按内容读取。下次上报请改正扩展名。",
            "The file's name ends in {suffix}, its content is {kind} and was read as such. Please correct the name.",
        ),
        Rule(
            "R-020",
            _ERROR,
            "file",
            "文件大小超过上限 {limit} MB。请拆分成几个文件分别上传。",
            "The file is larger than {limit} MB. Split it into several files.",
        ),
        Rule(
            "R-021",
            _ERROR,
            "file",
            "第 {row} 行的引号没有成对，或有一个字段超过 {limit} 个字符，后面的内容无法分清。请检查该行的引号后重新上传。",
            "Row {row} has an unpaired quotation mark or a field of more than {limit} characters, so what follows can't be "
            "told apart. Check that row's quotation marks and upload the file again.",
        ),
        Rule(
            "R-022",
            _ERROR,
            "file",
            "工作簿中的工作表超过 {limit} 张。请只保留上报数据后重新上传。",
            "The workbook has more than {limit} sheets. Keep only the data to be reported and upload it again.",
        ),
        Rule(
            "R-023",
            _ERROR,
            "file",
            "读取文件时出错，文件没有读入。请用表格软件打开检查，另存为新的 .xlsx 后重新上传；仍不成功请联系省中心。",
            "Reading the file failed and nothing was taken in. Open it in a spreadsheet program, save it as a new .xlsx "
            "and upload that; if it still fails, contact the provincial centre.",
        ),
        Rule(
            "R-024",
            _ERROR,
            "file",
            "文件无法打开（{reason}）。请确认文件存在、是普通文件且可以读取后重试。",
            "The file can't be opened ({reason}). Make sure that it exists, is a regular file and may be read.",
        ),
        Rule(
            "R-025",
            _NOTE,
            "file",
            "文件另有工作表：{sheets}，没有上报数据的表头，没有读入。如不需要上报，无须处理。",
            "The file has further sheets: {sheets}. They have no header of the required layout and were not read. "
            "Nothing to do if they needn't be reported.",
        ),
    )
}


_REASONS = {
    errno.ENOENT: "文件不存在",
    errno.EACCES: "没有读取权限",
    errno.EPERM: "没有读取权限",
    errno.EISDIR: "是文件夹",
    errno.ELOOP: "链接循环",
    errno.ENAMETOOLONG: "文件名太长",
}


def reason_of(error: OSError) -> str:
    """Why a file can't be opened, in a few words for R-024."""
    return _REASONS.get(error.errno or 0, "系统读取出错")


class SpreadsheetError(Exception):
    """A file that can't be read: the rule's number, the Chinese sentence, and what the sentence was filled with."""

    def __init__(self, rule: str, **detail: object) -> None:
        """The rule is a key of FILE_RULES; detail fills its placeholders."""
        self.rule = rule
        self.detail = detail
        self.message_zh = FILE_RULES[rule].message(**detail)
        super().__init__(f"{rule} {self.message_zh}")


@dataclass(frozen=True, slots=True)
class FileNote:
    """A warning or note about a file that was read all the same."""

    rule: str
    severity: Severity
    message: str

    @classmethod
    def of(cls, rule: str, **detail: object) -> FileNote:
        """The finding of that rule, its sentence filled in."""
        return cls(rule, FILE_RULES[rule].severity, FILE_RULES[rule].message(**detail))
