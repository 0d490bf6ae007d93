"""Resident ID numbers of a whole column: what idnumber.parse() reads of each, at a fraction of its cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from certificates.idnumber import (
    CHECK_CHARACTERS,
    CHECK_WEIGHTS,
    FOREIGNER_DIGIT,
    RESIDENCE_PREFIXES,
    Sex,
    birth_date_in,
    sex_in,
)
from certlookup.remembering import Remembered


class ResidentNumbers:
    """Reads canonical resident ID numbers. Remembers parts of numbers (addresses, dates, serials), never a number."""

    def __init__(self, today: date) -> None:
        """No birth date lies after today."""
        self._addresses: Remembered[str, int | None] = Remembered(_address_sum)
        self._days: Remembered[str, tuple[date, int] | None] = Remembered(lambda digits: _day_sum(digits, today))
        self._serials: Remembered[str, tuple[Sex, int]] = Remembered(_serial_sum)

    def read(self, cells: Iterable[object]) -> list[tuple[date, Sex] | None]:
        """Of each cell what parse(cell, IdType.RESIDENT_ID, today=today) reads: the birth date and the sex.

        None doesn't mean wrong, it means that parse() has to tell: only text counts that is canonical and right.
        """
        addresses, days, serials, characters = self._addresses, self._days, self._serials, CHECK_CHARACTERS
        made: list[tuple[date, Sex] | None] = []
        for text in cells:
            made.append(None)
            if type(text) is not str or len(text) != 18 or not text.isascii() or not text[:17].isdigit():
                continue
            address, day, (sex, serial) = addresses[text[:6]], days[text[6:14]], serials[text[14:17]]
            if address is None or day is None or characters[(address + day[1] + serial) % 11] != text[17]:
                continue
            made[-1] = day[0], sex
        return made


def _address_sum(digits: str) -> int | None:
    """The weighted sum of digits 1 to 6; None where the number isn't a resident's."""
    return None if digits[0] == FOREIGNER_DIGIT or digits in RESIDENCE_PREFIXES else _weigh(digits, 0)


def _day_sum(digits: str, today: date) -> tuple[date, int] | None:
    """A birth date and the weighted sum of digits 7 to 14; None where there is no such date, or not yet."""
    day = birth_date_in(digits, today)
    return None if day is None else (day, _weigh(digits, 6))


def _serial_sum(digits: str) -> tuple[Sex, int]:
    return sex_in(digits[2]), _weigh(digits, 14)


def _weigh(digits: str, place: int) -> int:
    """The part of the check sum that the digits from that place on (counted from 0) make up."""
    return sum(int(digit) * weight for digit, weight in zip(digits, CHECK_WEIGHTS[place:], strict=False))
