"""The certificates that are looked up: the n-th is the same in every run, and nobody in them exists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from random import Random

from certificates.idnumber import CHECK_CHARACTERS, check_character

# Of an address code that was never given out; ten thousand days of birth by a thousand serials for each.
_ADDRESSES, _DAYS, _SERIALS = range(379901, 379999), 10_000, 1_000
_FIRST_DAY = dt.date(1970, 1, 1)
_SERIALS_OF_A_BODY = 999
_FIRST_YEAR, _YEARS, _LEVELS, _CITIES = 7, 20, 5, 17


def id_number(place: int) -> str:
    """The holder's ID number, with its check character; as many different ones as there are certificates."""
    rest, serial = divmod(place, _SERIALS)
    address, day = divmod(rest, _DAYS)
    born = _FIRST_DAY + dt.timedelta(days=day)
    first17 = f"{_ADDRESSES[address]}{born:%Y%m%d}{serial:03d}"
    return first17 + check_character(first17)


def id_numbers(first: int, last: int) -> Iterator[str]:
    """id_number() of each place from first up to last, ten times as fast: check sums add up."""
    place = first
    while place < last:
        prefix = id_number(place)[:14]
        of_prefix = CHECK_CHARACTERS.index(check_character(f"{prefix}000"))
        serial = place % _SERIALS
        until = min(_SERIALS, serial + last - place)
        for tail, added in _tails()[serial:until]:
            yield f"{prefix}{tail}{CHECK_CHARACTERS[(of_prefix + added) % 11]}"
        place += until - serial


@cache
def _tails() -> list[tuple[str, int]]:
    """Every serial and what it adds to the check sum."""
    tails = [f"{serial:03d}" for serial in range(_SERIALS)]
    return [(tail, CHECK_CHARACTERS.index(check_character(f"{'0' * 14}{tail}"))) for tail in tails]


def certificate_number(place: int) -> str:
    """A number of sixteen digits; neighbours are of one body, as they come in. Even a small register has all twenty years."""
    rest, serial = divmod(place, _SERIALS_OF_A_BODY)
    rest, level = divmod(rest, _LEVELS)
    rest, year = divmod(rest, _YEARS)
    body, city = divmod(rest, _CITIES)
    return f"{_FIRST_YEAR + year:02d}15{city + 1:02d}{body + 1:04d}{level + 1}{serial + 1:05d}"


def number_in_sql(place: str) -> str:
    """certificate_number() of a place as an SQL expression."""
    of_level = _SERIALS_OF_A_BODY * _LEVELS
    of_year = of_level * _YEARS
    of_city = of_year * _CITIES
    return (
        f"lpad(({place} / {of_level} % {_YEARS} + {_FIRST_YEAR})::text, 2, '0') || '15' "
        f"|| lpad(({place} / {of_year} % {_CITIES} + 1)::text, 2, '0') || lpad(({place} / {of_city} + 1)::text, 4, '0') "
        f"|| ({place} / {_SERIALS_OF_A_BODY} % {_LEVELS} + 1) || lpad(({place} % {_SERIALS_OF_A_BODY} + 1)::text, 5, '0')"
    )


def chosen(count: int, certificates: int, *, seed: int) -> list[int]:
    """That many different places among so many certificates, all over the register."""
    return Random(seed).sample(range(certificates), min(count, certificates))
