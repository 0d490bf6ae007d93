"""Names of holders: how they are stored, what a name can't be, and when two spellings are the same name.

Characters of every plane stay as they are given. Nothing here works with ranges of "Chinese characters": a rule names
what is refused, never what is allowed.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

SEPARATOR: Final = "\u00b7"
LONGEST: Final = 60

# Always the separator of a minority name: bullet, katakana middle dots, hyphenation point, bullet and dot operators,
# Greek ano teleia. NFC folds the last one by itself; it stands here for text that is compared unfolded.
_DOTS: Final = SEPARATOR + "\u2022\u30fb\uff65\u2027\u2219\u22c5\u0387"
# The separator between two Chinese words, but part of an abbreviation in a Latin name.
_FULL_STOPS: Final = ".\uff0e"
_SPACED_DOT: Final = re.compile(rf" *[{_DOTS}] *")
_SPACED_STOP: Final = re.compile(rf" *[{_FULL_STOPS}] *")
_SPACES: Final = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# Canonical decomposition would replace these ideographs by others: they are stored as given.
_COMPATIBILITY_IDEOGRAPHS: Final = re.compile(r"([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")

_HARMFUL: Final = frozenset('<>&"\uff1c\uff1e\uff06\uff02\ufe64\ufe65\ufe60')
# = + - @ in every width, the minus sign, superscripts and subscripts.
FORMULA_STARTS: Final = frozenset(
    "=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c"
)
# What programs leave in place of a character they couldn't keep.
_DAMAGE: Final = frozenset("\ufffd?\uff1f\u25a1\u3013")
# Invisible, and of a category that letters have too.
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# The separator, the Han zero, and what Latin names have: apostrophes, hyphens, a full stop after an initial.
_USUAL_MARKS: Final = frozenset(SEPARATOR + "\u3007'\u2018\u2019\u02bc\u02bb-\u2010\u2011.")
_VARIATION_SELECTOR: Final = re.compile(r"[\ufe00-\ufe0f\u180b-\u180f\U000e0000-\U000e0fff]")


class NameProblem(StrEnum):
    """What can be wrong with a name."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    INVISIBLE_CHARACTER = "invisible_character"
    PRIVATE_USE_CHARACTER = "private_use_character"
    HARMFUL_CHARACTER = "harmful_character"
    FORMULA_START = "formula_start"
    DAMAGED_CHARACTER = "damaged_character"


_PROBLEM_OF_CATEGORY: Final = {
    "Cc": NameProblem.CONTROL_CHARACTER,
    "Zl": NameProblem.CONTROL_CHARACTER,
    "Zp": NameProblem.CONTROL_CHARACTER,
    "Cf": NameProblem.INVISIBLE_CHARACTER,
    "Co": NameProblem.PRIVATE_USE_CHARACTER,
    "Cs": NameProblem.DAMAGED_CHARACTER,
    "Cn": NameProblem.DAMAGED_CHARACTER,
}


def normalise_name(text: str) -> str:
    """Bring a name into the form in which it is stored.

    In: a name as typed. Out: NFC, compatibility ideographs as given, every spelling of the minority separator as
    U+00B7, no white space around it or at the ends, runs of spaces as one; between two Chinese characters spaces are
    mere layout (two-character names are padded to three) and go. What a name can't have stays in it, to be named.
    """
    if text.isalpha() and unicodedata.is_normalized("NFC", text):
        return text
    name = _SPACES.sub(" ", to_nfc(text)).strip()
    name = _SPACED_DOT.sub(SEPARATOR, name)
    name = _SPACED_STOP.sub(_separator_between_ideographs, name)
    return re.sub(" ", _no_space_between_ideographs, name)


def name_problem(text: str) -> NameProblem | None:
    """Say what is wrong with a normalised name; None where nothing is."""
    if not text:
        return NameProblem.EMPTY
    for character in text:
        if problem := character_problem(character):
            return problem
    if text[0] in FORMULA_STARTS:
        return NameProblem.FORMULA_START
    return NameProblem.TOO_LONG if len(text) > LONGEST else None


def odd_characters(name: str) -> str:
    """What is rarely part of a name, though it may be: digits, symbols, most punctuation, a separator at an end."""
    odd = [_kind_of_odd(c) for c in name if unicodedata.category(c)[0] in "NPS" and c not in _USUAL_MARKS]
    if name.startswith(SEPARATOR) or name.endswith(SEPARATOR) or SEPARATOR * 2 in name:
        odd.append(SEPARATOR)
    return "".join(dict.fromkeys(odd))


def _kind_of_odd(character: str) -> str:
    """The character itself, or 数字 for a digit: what looks like a name may be somebody's number."""
    return "数字" if character.isdigit() else character


def has_letters(name: str) -> bool:
    """Whether anything in it can be a name: a letter, an ideograph, the Han zero."""
    return any(c.isalpha() or c == "\u3007" or ord(c) >= 0x20000 for c in name)


def fold_for_comparison(text: str) -> str:
    """Fold a name so that two spellings of one name are equal: width, case, separators and spaces don't count."""
    name = _SPACED_DOT.sub(SEPARATOR, _SPACES.sub(" ", text))
    name = _SPACED_STOP.sub(SEPARATOR, unicodedata.normalize("NFKC", name))
    return "".join(unicodedata.normalize("NFKC", name.casefold()).split())


def to_nfc(text: str) -> str:
    """NFC, but compatibility ideographs as given."""
    pieces = _COMPATIBILITY_IDEOGRAPHS.split(text)
    return "".join(piece if place % 2 else unicodedata.normalize("NFC", piece) for place, piece in enumerate(pieces))


def _separator_between_ideographs(match: re.Match[str]) -> str:
    return SEPARATOR if _stands_between_ideographs(match) else match.group()


def _no_space_between_ideographs(match: re.Match[str]) -> str:
    return "" if _stands_between_ideographs(match) else match.group()


def _stands_between_ideographs(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return _is_ideograph(before) and _is_ideograph(after)


def _is_ideograph(character: str) -> bool:
    # Characters newer than this Python's Unicode data have no name: planes 2 and 3 hold nothing but ideographs.
    if not character:
        return False
    return ord(character) >= 0x20000 or unicodedata.name(character, "").startswith("CJK ")


def character_problem(character: str) -> NameProblem | None:
    """Say why a character can't stand in a name or in any other text of a certificate; None where it can."""
    if character in _HARMFUL:
        return NameProblem.HARMFUL_CHARACTER
    if character in _DAMAGE:
        return NameProblem.DAMAGED_CHARACTER
    if character in _FILLERS or _VARIATION_SELECTOR.fullmatch(character):
        return NameProblem.INVISIBLE_CHARACTER
    category = unicodedata.category(character)
    if category == "Cn" and _may_be_newer_ideograph(character):
        return None
    return _PROBLEM_OF_CATEGORY.get(category)


def _may_be_newer_ideograph(character: str) -> bool:
    return 0x20000 <= ord(character) <= 0x3FFFD and ord(character) & 0xFFFE != 0xFFFE
