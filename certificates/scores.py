"""Scores of the theory, skill and overall assessments: 0 to 100 with one decimal, or a word."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

WORDS: Final = ("合格", "免考")

_NUMBER: Final = re.compile(r"(?P<whole>100|[0-9]{1,2})(?:\.(?P<tenth>[0-9])0*)?")


def parse_score(score: str | float) -> str | None:
    """Read a score as typed or as a spreadsheet's number; None where it's none.

    Out: one of WORDS, or the number with exactly one decimal, such as 82.5 or 79.0. A second decimal other than 0 is
    refused, never rounded; a number counts to 15 digits, as spreadsheet programs show it (82.30000000000001 is 82.3).
    A unit (82.5分) is refused: it may as well be another scale's.
    """
    if isinstance(score, bool):
        return None
    text = _plain(score) if isinstance(score, int | float) else "".join(unicodedata.normalize("NFKC", score).split())
    if text in WORDS:
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, tenth = int(match["whole"]), int(match["tenth"] or 0)
    return f"{whole}.{tenth}" if whole < 100 or tenth == 0 else None


def _plain(number: float) -> str:
    """Write a spreadsheet's number out without an exponent, to 15 digits; minus zero is zero."""
    return format(Decimal(format(number + 0, ".15g")), "f")
