"""What people type as a number, made comparable: the first step of every number's normalisation."""

import re
import unicodedata

# Dashes that NFKC leaves alone and that are no category Pd: minus, hyphen bullet, box drawing lines.
_OTHER_DASHES = frozenset("\u2212\u2043\u2500\u2501")
_MULTIPLICATION_SIGN = "\u00d7"
_ASCII_NOISE = re.compile(r"[\s\-]+")


def fold_typed_number(text: str) -> str:
    """Fold a number as typed to its comparable form.

    In: any text. Out: NFKC, without white space, dashes and invisible format characters, a to z in upper case, and
    the multiplication sign (often typed for a final X) as X. Nothing else is dropped, so that a wrong character
    can still be named. Folding twice changes nothing.
    """
    if text.isascii():
        return text.upper() if text.isalnum() else _ASCII_NOISE.sub("", text).upper()
    kept = "".join(_fold_character(character) for character in unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", kept)


def _fold_character(character: str) -> str:
    if character == _MULTIPLICATION_SIGN:
        return "X"
    if character.isascii() and character.isalpha():
        return character.upper()
    if character.isspace() or character in _OTHER_DASHES or unicodedata.category(character) in ("Cf", "Pd"):
        return ""
    return character


def positions_outside(text: str, allowed: str) -> tuple[int, ...]:
    """Say where the characters stand that don't belong: positions from 1, as a person counts them."""
    return tuple(place for place, character in enumerate(text, start=1) if character not in allowed)
