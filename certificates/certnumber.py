"""Certificate numbers: what was typed, made canonical, told apart from other numbers, and taken to pieces."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from certificates import idnumber
from certificates.schemes import Register, Scheme, full_year, match_scheme, pad_short_form
from certificates.typed import fold_typed_number, positions_outside

_LENGTH: Final = 16
_OTHER_REGISTER_LENGTH: Final = 22
_DIGITS: Final = "0123456789"
_LETTERS_AND_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEVELS: Final = range(1, 6)
# GB/T 2260 provinces that issued 15-digit IDs: a fragment of a certificate number rarely begins with one.
_PROVINCES: Final = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42"),
        *("43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    )
)


class CertNumberProblem(StrEnum):
    """What can be wrong with the form of a certificate number."""

    EMPTY = "empty"
    WRONG_LENGTH = "wrong_length"
    WRONG_CHARACTERS = "wrong_characters"
    LOOKS_LIKE_ID_NUMBER = "looks_like_id_number"
    OTHER_REGISTER = "other_register"
    IMPOSSIBLE_LEVEL = "impossible_level"


class CertNumberError(ValueError):
    """A number that no certificate of this register has.

    detail, by problem: WRONG_LENGTH length, and lost_zero (a leading 0 would make it whole); WRONG_CHARACTERS
    positions (from 1, in the normalised number); OTHER_REGISTER scheme (its code); IMPOSSIBLE_LEVEL digit.
    """

    def __init__(self, problem: CertNumberProblem, **detail: object) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail: Mapping[str, object] = MappingProxyType(detail)


class CertificateNumber(NamedTuple):
    """A certificate number and its parts; a part its scheme doesn't have is None.

    year: four digits. level: 1 to 5, as levels.py counts. body_code: the assessment body's 8 digits, whose first two
    are the issuer and the next two the city in the issuer's own list.
    """

    text: str
    scheme: Scheme
    year: int | None
    level: int | None
    body_code: str | None
    issuer_code: str | None
    city_code: str | None
    serial: str


def normalise(text: str) -> str:
    """Fold a certificate number as typed: see fold_typed_number; short forms are written out (13 digits get 000)."""
    return pad_short_form(fold_typed_number(text))


def parse(text: str) -> CertificateNumber:
    """Read a certificate number as typed. Raises CertNumberError, which says what is wrong with its form."""
    number = normalise(text)
    if not number:
        raise CertNumberError(CertNumberProblem.EMPTY)
    found = match_scheme(number)
    if found is None:
        raise _refusal(number)
    scheme, match = found
    if scheme.register is Register.OTHER:
        raise CertNumberError(CertNumberProblem.OTHER_REGISTER, scheme=scheme.code)
    parts = match.groupdict()
    level = parts.get("level")
    if level is not None and int(level) not in _LEVELS:
        raise CertNumberError(CertNumberProblem.IMPOSSIBLE_LEVEL, digit=level)
    year = parts.get("year")
    return CertificateNumber(
        text=number,
        scheme=scheme,
        year=None if year is None else full_year(year),
        level=None if level is None else int(level),
        body_code=parts.get("body"),
        issuer_code=parts.get("issuer"),
        city_code=parts.get("city"),
        serial=parts["serial"],
    )


def group_in_fours(text: str) -> str:
    """Write a number in groups of four, as certificates are read aloud; for display only."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _refusal(number: str) -> CertNumberError:
    if _is_id_number(number):
        return CertNumberError(CertNumberProblem.LOOKS_LIKE_ID_NUMBER)
    allowed = _LETTERS_AND_DIGITS if len(number) == _OTHER_REGISTER_LENGTH else _DIGITS
    if places := positions_outside(number, allowed):
        return CertNumberError(CertNumberProblem.WRONG_CHARACTERS, positions=places)
    return CertNumberError(CertNumberProblem.WRONG_LENGTH, length=len(number), lost_zero=_lost_its_zero(number))


def _is_id_number(number: str) -> bool:
    if len(number) == 15 and number[:2] not in _PROVINCES:
        return False
    if len(number) not in (15, 18):
        return False
    try:
        parsed = idnumber.parse(number)
    except idnumber.IdNumberError as error:
        # A mistyped ID is still an ID in the wrong field.
        return error.problem is idnumber.IdProblem.WRONG_CHECK
    return parsed.id_types[0] in (
        idnumber.IdType.RESIDENT_ID,
        idnumber.IdType.RESIDENCE_PERMIT,
        idnumber.IdType.FOREIGNER_CARD,
    )


def _lost_its_zero(number: str) -> bool:
    """Say whether a spreadsheet may have eaten the leading 0 of a number of 2000 to 2009."""
    if len(number) != _LENGTH - 1:
        return False
    found = match_scheme("0" + number)
    return found is not None and found[1].groupdict().get("level") in {str(level) for level in _LEVELS}
