"""Dates as text, in the usual Chinese forms. A text that could be two dates is refused, never guessed."""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Final

_EARLIEST: Final = 1850
_LATEST: Final = 2199

_FORM: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:"
    r"(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"|年(?P<cn_month>[0-9]{1,2})月(?P<cn_day>[0-9]{1,2})[日号]"
    r"|(?P<plain_month>[0-9]{2})(?P<plain_day>[0-9]{2})"
    r")"
)
# What a spreadsheet program appends when it writes a date cell to csv: midnight.
_MIDNIGHT: Final = re.compile(r"(?<=[0-9日号])[ T]0{1,2}:00(?::00(?:\.0+)?)?$")
_NO_DAY: Final = re.compile(r"[0-9]{4}(?:[-/.][0-9]{1,2}|年[0-9]{1,2}月|年)?")
_AMBIGUOUS: Final = re.compile(
    r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{1,2}|[0-9]{4})"
    r"|[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}[日号]"
    r"|[0-9]{5,7}"
)


class DateProblem(StrEnum):
    """What can be wrong with a date."""

    EMPTY = "empty"
    WRONG_FORM = "wrong_form"
    NO_DAY = "no_day"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"


class DateError(ValueError):
    """A text that is no date, or could be several."""

    def __init__(self, problem: DateProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def parse_date(text: str) -> date:
    """Read a date as text: 2026-11-03, 2026/11/3, 2026.11.3, 20261103 or 2026年11月3日, of any width, with spaces.

    Raises DateError.
    """
    folded = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", text).strip())
    folded = "".join(folded.split())
    if not folded:
        raise DateError(DateProblem.EMPTY)
    match = _FORM.fullmatch(folded)
    if match is None:
        raise DateError(_problem_of(folded))
    month = match["month"] or match["cn_month"] or match["plain_month"]
    day = match["day"] or match["cn_day"] or match["plain_day"]
    if not _EARLIEST <= int(match["year"]) <= _LATEST:
        raise DateError(DateProblem.IMPOSSIBLE)
    try:
        return date(int(match["year"]), int(month), int(day))
    except ValueError as error:
        raise DateError(DateProblem.IMPOSSIBLE) from error


def _problem_of(folded: str) -> DateProblem:
    if _NO_DAY.fullmatch(folded):
        return DateProblem.NO_DAY
    return DateProblem.AMBIGUOUS if _AMBIGUOUS.fullmatch(folded) else DateProblem.WRONG_FORM
