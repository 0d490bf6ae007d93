"""The rules of dates: R-19x of the processing date, R-20x of the issue date and of every date.

The registry is rules.py.
"""

from __future__ import annotations

from certlookup.spreadsheets.filerules import Rule, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

DATE_RULES = (
    Rule(
        "R-191",
        _ERROR,
        "processed_date",
        "办理日期“{value}”不是有效的日期。请按 2026-11-03 的写法填写。",
        "The processing date “{value}” isn't a valid date. Write it as 2026-11-03.",
    ),
    Rule(
        "R-192",
        _ERROR,
        "processed_date",
        "办理日期 {date} 不在本期（{first}至{last}）内。请核对日期，或在相应的期次上报。",
        "The processing date {date} is outside this half-month ({first} to {last}). Check it, or report the row in its "
        "own half-month.",
    ),
    Rule(
        "R-193",
        _ERROR,
        "processed_date",
        "办理日期 {date} 晚于今天。请改正。",
        "The processing date {date} is in the future. Correct it.",
    ),
    Rule(
        "R-201",
        _ERROR,
        "issue_date",
        "发证日期“{value}”不是有效的日期。请按 2026-11-03 的写法填写。",
        "The issue date “{value}” isn't a valid date. Write it as 2026-11-03.",
    ),
    Rule(
        "R-202",
        _ERROR,
        "issue_date",
        "发证日期 {date} 晚于今天。请改正。",
        "The issue date {date} is in the future. Correct it.",
    ),
    Rule(
        "R-203",
        _ERROR,
        "issue_date",
        "发证日期 {date} 时持证人不满 14 周岁。请核对发证日期和出生日期。",
        "On the issue date {date} the holder was younger than 14. Check the issue date and the birth date.",
    ),
    Rule(
        "R-204",
        _ERROR,
        "issue_date",
        "发证日期 {date} 晚于本期最后一天（{last}）。请核对日期，或在相应的期次上报。",
        "The issue date {date} is after the last day of this half-month ({last}). Check it, or report the row in its "
        "own half-month.",
    ),
    Rule(
        "R-205",
        _WARNING,
        "issue_date",
        "发证日期 {date} 早于本期第一天（{first}）。请核对；确属补报的，由经办人在签字前说明原因。",
        "The issue date {date} is before the first day of this half-month ({first}). Check it; if the row is reported "
        "late, the operator explains why before signing.",
        explained=True,
    ),
    Rule(
        "R-206",
        _ERROR,
        "any",
        "“{column}”的日期“{value}”有歧义，分不清年月日。请按 2026-11-03 的写法填写。",
        "The date “{value}” in “{column}” is ambiguous. Write it as 2026-11-03.",
    ),
    Rule(
        "R-208",
        _NOTE,
        "any",
        "“{column}”只登记日期 {date}，后面的时间 {hour} 不登记。无须处理。",
        "Of “{column}” only the date {date} is registered, not the time {hour} behind it. Nothing to do.",
    ),
    Rule(
        "R-209",
        _ERROR,
        "any",
        "“{column}”的日期 {date} 早于 {first}，不合常理。请改正。",
        "The date {date} in “{column}” is before {first}, which can't be right. Correct it.",
    ),
    Rule(
        "R-207",
        _ERROR,
        "any",
        "“{column}”是数字 {value}，不是日期。请把单元格设为日期格式，或按 2026-11-03 的写法填写。",
        "“{column}” holds the number {value}, not a date. Format the cell as a date, or write it as 2026-11-03.",
    ),
)
