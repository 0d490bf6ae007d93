"""The numbering schemes of certificates, as data: a further scheme is one entry here.

Sources: the labour ministry's numbering of vocational qualification certificates (16 digits), and its numbering of
vocational skill level certificates since 2019 (22 characters), which are kept in another register.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Register(StrEnum):
    """Whose certificates a scheme numbers."""

    OWN = "own"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of numbering certificates.

    pattern matches the whole normalised number; its named groups are the parts, and only those that the scheme
    really has: year (two digits), body with its issuer and city in front, level, serial.
    padding: a number of the length typed_length is one of this scheme written without these leading digits.
    """

    code: str
    name: str
    pattern: re.Pattern[str]
    register: Register
    typed_length: int | None = None
    padding: str = ""


# A number padded with 000 can't be told from a national one of the year 2000 issued under a code below 10. Neither is
# Shandong's, so it is read as padded: nothing is claimed about its year and level.
SHANGHAI_13: Final = Scheme(
    code="shanghai_13",
    name="上海 13 位编号（前补 000）",
    pattern=re.compile(r"000(?P<serial>[0-9]{13})"),
    register=Register.OWN,
    typed_length=13,
    padding="000",
)

NATIONAL_16: Final = Scheme(
    code="national_16",
    name="国家职业资格证书 16 位编号",
    pattern=re.compile(
        r"(?P<year>[0-9]{2})(?P<body>(?P<issuer>[0-9]{2})(?P<city>[0-9]{2})[0-9]{4})"
        r"(?P<level>[0-9])(?P<serial>[0-9]{5})"
    ),
    register=Register.OWN,
)

SKILL_LEVEL_22: Final = Scheme(
    code="skill_level_22",
    name="职业技能等级证书 22 位编号",
    pattern=re.compile(r"[YS][0-9]{12}(?P<year>[0-9]{2})(?P<level>[0-9])(?P<serial>[0-9]{6})"),
    register=Register.OTHER,
)

SPECIAL_TECHNICIAN_22: Final = Scheme(
    code="special_technician_22",
    name="特级技师等职业技能等级证书 22 位编号",
    pattern=re.compile(r"[A-Z]{2}(?P<serial>[0-9]{20})"),
    register=Register.OTHER,
)

# In the order in which they are tried; the first whose pattern matches the whole number is the number's scheme.
SCHEMES: Final[tuple[Scheme, ...]] = (SHANGHAI_13, NATIONAL_16, SKILL_LEVEL_22, SPECIAL_TECHNICIAN_22)


def match_scheme(number: str) -> tuple[Scheme, re.Match[str]] | None:
    """Find the scheme of a normalised number, with the match that holds its parts; None where no scheme fits."""
    for scheme in SCHEMES:
        if match := scheme.pattern.fullmatch(number):
            return scheme, match
    return None


def pad_short_form(number: str) -> str:
    """Write out a number that its scheme allows to be written shorter; every other text comes back unchanged."""
    if number.isascii() and number.isdigit():
        for scheme in SCHEMES:
            if len(number) == scheme.typed_length:
                return scheme.padding + number
    return number


def full_year(two_digits: str) -> int:
    """Turn a number's year digits into a year: 80 to 99 are 19xx, the rest 20xx (numbering began in the 1990s)."""
    year = int(two_digits)
    return year + 1900 if year >= 80 else year + 2000
