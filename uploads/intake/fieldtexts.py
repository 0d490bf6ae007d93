"""What a text of a field comes to: date, level, kind of ID, a line within its limits. Remembered, for a file repeats them.

Pure. fields.py reports what is wrong; here it is only found.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from certificates.dates import DateError, DateProblem, parse_date
from certificates.idnumber import IdType
from certificates.levels import parse_level
from certificates.names import FORMULA_STARTS, NameProblem, character_problem, to_nfc

LEVEL_TEXT_LIMIT = 40
# Excel's day counts of these years, as a csv export writes a date that lost its format.
_DAY_COUNT = re.compile(r"[1-9][0-9]{4}")


@lru_cache(maxsize=4096)
def date_in(text: str) -> tuple[dt.date | None, str]:
    """The date of a text, or None with R-206 where it is ambiguous, R-207 for a day count ("" where it is no date)."""
    try:
        return parse_date(text), ""
    except DateError as error:
        if _DAY_COUNT.fullmatch(text):
            return None, "R-207"
        return None, "R-206" if error.problem is DateProblem.AMBIGUOUS else ""


@lru_cache(maxsize=1024)
def level_in(text: str) -> tuple[int | None, str]:
    """The level and its spelling without layout, or (None, "") where it is none or absurdly long."""
    stored = " ".join(text.split())
    level = parse_level(stored) if len(stored) <= LEVEL_TEXT_LIMIT else None
    return level, stored if level is not None else ""


@lru_cache(maxsize=1024)
def id_type_in(text: str) -> IdType | None:
    """The kind of ID that a text names, or None."""
    return IdType.from_text(text)


@lru_cache(maxsize=8192)
def checked_text(raw: str, limit: int) -> tuple[str, str, tuple[tuple[str, object], ...]]:
    """A text in NFC with single spaces, the rule that it breaks ("" if none) and that rule's detail."""
    text = to_nfc(raw)
    for position, character in enumerate(text, 1):
        problem = character_problem(character)
        if problem is NameProblem.HARMFUL_CHARACTER:
            return "", "R-106", (("character", character),)
        if problem is NameProblem.DAMAGED_CHARACTER:
            return "", "R-109", (("position", position), ("character", character))
        if problem is not None:
            return "", "R-104", (("position", position), ("code", f"U+{ord(character):04X}"))
    if text[0] in FORMULA_STARTS:
        return "", "R-107", (("character", text[0]),)
    text = " ".join(text.split())
    if len(text) > limit:
        return "", "R-105", (("length", len(text)), ("limit", limit))
    return text, "", ()


def first_problem(name: str) -> tuple[int, str]:
    """Where the character stands that a name can't have, from 1; the first character if it is none of them."""
    for position, character in enumerate(name, 1):
        if character_problem(character):
            return position, character
    return 1, name[:1] or "\0"
