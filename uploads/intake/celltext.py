"""A cell's content on its way into a sentence, and what programs leave in place of a value.

Pure. A number long enough to be an ID or a certificate number is never repeated: in a shifted row the ID number stands
in any column.
"""

from __future__ import annotations

import datetime as dt
import re

from certificates.names import NameProblem, character_problem
from certlookup.spreadsheets.cells import Cell

LONGEST_SHOWN = 30

# What csv exports make of a long number: an exponent, or a decimal point.
NUMBER_OF_A_PROGRAM = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}|\d{10,}\.0+")
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA|#+)")
# Nine characters and more with seven digits: longer than a date, as long as the shortest of the usual IDs. Digits
# grouped by spaces or hyphens count too, dates with their separators don't.
_LONG_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?=(?:[A-Za-z]*[0-9]){7})[0-9A-Za-z]{9,}|[0-9](?:[ -]?[0-9]){12,}[ -]?[0-9Xx]"
)
_HOUR = re.compile(r"(?P<date>.*[0-9日号])[ T]+(?P<hour>(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)")
_INVISIBLE = (NameProblem.CONTROL_CHARACTER, NameProblem.INVISIBLE_CHARACTER, NameProblem.PRIVATE_USE_CHARACTER)


def is_error_value(text: str) -> bool:
    """Whether a text is what spreadsheet programs show for an error, or for a column too narrow."""
    return _ERROR_VALUE.fullmatch(text.upper()) is not None


def first_invisible(text: str) -> tuple[int, str] | None:
    """The first control, invisible or private-use character and its position from 1."""
    for position, character in enumerate(text, 1):
        if character_problem(character) in _INVISIBLE:
            return position, character
    return None


def without_hour(text: str) -> tuple[str, str] | None:
    """A date as text and the time of day behind it; None where there is none."""
    match = _HOUR.fullmatch(text)
    return (match["date"], match["hour"]) if match else None


def as_hour(time: dt.time) -> str:
    """A time of day as it is shown; "" for midnight, which a date cell has by itself."""
    return "" if time == dt.time() else time.isoformat(timespec="minutes")


def kind_of(cell: Cell) -> str:
    """What a cell that should hold text holds instead, in Chinese."""
    if isinstance(cell, bool):
        return "逻辑值"
    if isinstance(cell, float | int):
        return "数字"
    return "时间" if isinstance(cell, dt.time | dt.timedelta) else "日期"


def shown(cell: Cell) -> str:
    """A short form of a cell's content for a sentence; a long number is only described."""
    if isinstance(cell, bool):
        return str(cell).upper()
    text = format(cell, ".15g") if isinstance(cell, float) else str(cell)
    if isinstance(cell, float) and abs(cell) >= 10**12:
        return "一个很长的数"
    text = _LONG_NUMBER.sub(lambda match: f"（{len(match.group())} 位号码）", text)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
