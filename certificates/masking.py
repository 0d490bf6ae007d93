"""The one place where what leaves the register is masked.

Hiding only the birthday of an ID number leaves about 34 candidates, and the tail tells persons of one day apart: so
nothing is shown but the front, which is a place and no person.
"""

from typing import Final

_MOST_SHOWN: Final = 3
_CHARACTERS_PER_SHOWN: Final = 5


def mask_id(canonical: str) -> str:
    """Mask an ID number: its first three characters at most, one in five of a short number, never the tail."""
    return mask(canonical, shown=min(_MOST_SHOWN, len(canonical) // _CHARACTERS_PER_SHOWN))


def mask(text: str, *, shown: int) -> str:
    """Replace all but the first `shown` characters by asterisks; the length stays."""
    return text[:shown] + "*" * (len(text) - shown)
