"""The forms of dates that an import profile may name, so that 03/11/2026 is read as told.

Pure. A form has a year of four digits: the century of another is a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

_EARLIEST, _LATEST = 1850, 2199
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MIDNIGHT: Final = re.compile(r"[ T]0{1,2}:00(?::00(?:\.0+)?)?$")
_PARTS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MON": rf"(?P<name>{'|'.join(_MONTHS)})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
}
# In forms without marks every part has its full width.
_UNMARKED: Final = {"YYYYMMDD", "DDMMYYYY", "MMDDYYYY"}


def _pattern(form: str) -> re.Pattern[str]:
    parts = _PARTS | {name: _PARTS[name].replace("{1,2}", "{2}") for name in ("MM", "DD") if form in _UNMARKED}
    return re.compile(re.sub(r"YYYY|MON|MM|DD|[^A-Z]", lambda found: parts.get(found[0], re.escape(found[0])), form))


# By the name that a profile and its page give it.
DATE_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    form: _pattern(form)
    for form in (
        "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD", "YYYY年MM月DD日", "DD/MM/YYYY", "DD-MM-YYYY",
        "DD.MM.YYYY", "DDMMYYYY", "MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "MMDDYYYY", "DD-MON-YYYY",
    )
}  # fmt: skip


def conflicting_forms(forms: Sequence[str]) -> tuple[str, str] | None:
    """Two of the forms that read one text as two dates, or None: the same marks with day and month exchanged."""
    for place, form in enumerate(forms):
        for other in forms[place + 1 :]:
            if _marks(form) == _marks(other) and form != other:
                return form, other
    return None


def read_date(text: str, forms: Sequence[str]) -> date | None:
    """The date of a text written in one of the forms; None where it is none of them or no day of the calendar."""
    folded = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", text).strip())
    folded = "".join(folded.split()).upper()
    for form in forms:
        match = DATE_FORMS[form].fullmatch(folded)
        if match is None:
            continue
        parts = match.groupdict()
        month = _MONTHS.index(parts["name"]) + 1 if parts.get("name") else int(parts["month"])
        year, day = int(parts["year"]), int(parts["day"])
        try:
            return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
        except ValueError:
            return None
    return None


def _marks(form: str) -> str:
    """What tells a form from another whatever its day is: where the year stands, and the marks between.

    Eight digits in a row have no marks at all, so that the year's place doesn't tell either.
    """
    if form in _UNMARKED:
        return "unmarked"
    return form.replace("MM", "N").replace("DD", "N")
