"""Codes that people write down, read out and type: 核验码 and 受理编号. Drawn at random, so that they tell nothing of anybody.

The alphabet leaves out whatever is taken for something else: 0 and O, 1, I and L, 8 and B, and of 2 and Z, 5 and S,
U and V one each. Sixteen of its 26 characters are 75.2 bits.
"""

import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "2345679ACDEFGHJKMNPQRTVWXY"
CODE_LENGTH: Final = 16
RECEIPT_LENGTH: Final = 12
# Far beyond a code with its hyphens and spaces.
_LONGEST: Final = 80
_KINDLY: Final = str.maketrans("ZSU", "25V")


def new_code(length: int) -> str:
    """A new code of that many characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def read_code(typed: str, length: int) -> str | None:
    """A code as typed (any width and case, with hyphens and spaces or without); None where it can't be one.

    Z, S and U, which no code has, are read as what they are taken for.
    """
    if len(typed) > _LONGEST:
        return None
    folded = unicodedata.normalize("NFKC", typed).upper().translate(_KINDLY)
    kept = "".join(
        character
        for character in folded
        if not character.isspace() and unicodedata.category(character) not in ("Pd", "Cf")
    )
    return kept if len(kept) == length and set(kept) <= set(ALPHABET) else None


def write_code(code: str) -> str:
    """A code as it is shown: XXXX-XXXX-XXXX-XXXX."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
