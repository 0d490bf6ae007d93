"""ID numbers of every kind a certificate may name: their forms, their checks, their canonical spelling.

What is canonical is what is sealed and indexed: old 15-digit resident IDs become 18 digits, everything else is
upper-case letters and digits (military IDs keep their Chinese words). No message and no repr of this module shows a
number. Sources: GB 11643-1999 (ISO 7064 MOD 11-2); the other forms are those the issuing authorities published.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import mul
from types import MappingProxyType
from typing import Final, Literal

from certificates.schemes import SKILL_LEVEL_22, SPECIAL_TECHNICIAN_22
from certificates.typed import fold_typed_number, positions_outside

Sex = Literal["男", "女"]


class IdType(StrEnum):
    """The kinds of ID a certificate may be issued on; the value is what is stored."""

    RESIDENT_ID = "resident_id"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    RESIDENCE_PERMIT = "residence_permit"
    PASSPORT = "passport"
    FOREIGNER_CARD = "foreigner_card"
    MILITARY_ID = "military_id"

    @property
    def label(self) -> str:
        """The kind's name as certificates print it."""
        return _LABELS[self]

    @classmethod
    def from_text(cls, text: str) -> "IdType | None":
        """Read a kind as people write it in a spreadsheet; None where the words are unknown."""
        folded = _fold_words(text)
        if kind := _KINDS_BY_WORD.get(text) or _KINDS_BY_WORD.get(folded):
            return kind
        # 台湾居民来往大陆通行证(台胞证): two words for one kind.
        outer, _, inner = folded.removesuffix(")").partition("(")
        kind = _KINDS_BY_WORD.get(outer)
        return kind if kind is not None and kind is _KINDS_BY_WORD.get(inner) else None


_LABELS: Final[Mapping[IdType, str]] = {
    IdType.RESIDENT_ID: "居民身份证",
    IdType.HK_MACAU_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    IdType.RESIDENCE_PERMIT: "港澳台居民居住证",
    IdType.PASSPORT: "护照",
    IdType.FOREIGNER_CARD: "外国人永久居留身份证",
    IdType.MILITARY_ID: "军官证",
}

_ALIASES: Final[Mapping[IdType, str]] = {
    IdType.RESIDENT_ID: """身份证 身份证号 身份证号码 居民身份证号 居民身份证号码 公民身份证 公民身份号码
        二代身份证 第二代身份证 一代身份证 第一代身份证 二代证 第二代居民身份证 中华人民共和国居民身份证""",
    IdType.HK_MACAU_PERMIT: """港澳通行证 回乡证 港澳居民通行证 来往内地通行证 港澳来往内地通行证
        港澳居民来往大陆通行证 港澳居民往来内地通行证 香港居民来往内地通行证 澳门居民来往内地通行证
        港澳来往内地通行证件 港澳居民来往内地通行证件""",
    IdType.TAIWAN_PERMIT: """台胞证 台湾通行证 台湾居民通行证 来往大陆通行证
        台湾居民来往内地通行证 台湾居民往来大陆通行证""",
    IdType.RESIDENCE_PERMIT: """居住证 港澳居民居住证 台湾居民居住证 港澳台居住证 香港居民居住证 澳门居民居住证
        中华人民共和国港澳居民居住证 中华人民共和国台湾居民居住证""",
    IdType.PASSPORT: "护照号 护照号码 普通护照 因私护照 中国护照 外国护照 外籍护照",
    IdType.FOREIGNER_CARD: """外国人永久居留证 外国人居留证 外国人居留身份证 永久居留证 永久居留身份证
        外国人永久居留证件 外国人永久居留身份证件 中华人民共和国外国人永久居留身份证""",
    IdType.MILITARY_ID: """军人证 军人证号 军人证件 军人身份证 军人身份证件 军官证号 军官证件 士官证 士兵证 文职干部证
        警官证 武警警官证""",
}


def _fold_words(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


_KINDS_BY_WORD: Final[Mapping[str, IdType]] = {
    word: kind for kind in IdType for word in (kind.value, _LABELS[kind], *_ALIASES[kind].split())
}


class IdProblem(StrEnum):
    """What can be wrong with the form of an ID number."""

    EMPTY = "empty"
    WRONG_LENGTH = "wrong_length"
    WRONG_CHECK = "wrong_check"
    WRONG_CHARACTERS = "wrong_characters"
    IMPOSSIBLE_DATE = "impossible_date"
    LOOKS_LIKE_CERTIFICATE_NUMBER = "looks_like_certificate_number"
    WRONG_FORM = "wrong_form"


class IdNumberError(ValueError):
    """An ID number that can't be one.

    detail, by problem: WRONG_LENGTH length; WRONG_CHARACTERS positions (from 1, in the normalised number);
    WRONG_FORM id_type (what was asked for) and belongs_to (the kind whose form it has, or None). Never the number.
    """

    def __init__(self, problem: IdProblem, **detail: object) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail: Mapping[str, object] = MappingProxyType(detail)


# Not frozen: it takes three times as long to make one, and a file has hundreds of thousands.
@dataclass(slots=True)
class ParsedId:
    """An ID number whose form is right.

    canonical: what is sealed and indexed. id_types: the kinds it may be, the likeliest first; one alone when the kind
    was given. sex and birth_date: what the number itself says, None where its form says nothing sure.
    is_old_form: it was written with 15 digits.
    """

    canonical: str = field(repr=False)
    id_types: tuple[IdType, ...]
    sex: Sex | None = field(repr=False)
    birth_date: date | None = field(repr=False)
    is_old_form: bool


CHECK_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS: Final = "10X98765432"
_ZERO_SUM: Final = ord("0") * sum(CHECK_WEIGHTS)

_EIGHTEEN: Final = re.compile(r"[0-9]{17}[0-9X]")
_DIGITS_AND_X: Final = "0123456789X"
_LETTERS_AND_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS: Final = "0123456789"
_LEVEL_DIGITS: Final = "12345"
RESIDENCE_PREFIXES: Final = frozenset(("810000", "820000", "830000"))
FOREIGNER_DIGIT: Final = "9"
_EARLIEST_BIRTH: Final = date(1850, 1, 1)
# The longest all-digit number that is no mistyped resident ID: a Taiwan one-time pass.
_LONGEST_DIGITS: Final = 12
_MOST_LETTERS_OF_A_TYPING_ERROR: Final = 3

# Forms without a check, the likeliest kind first.
_FORMS: Final[tuple[tuple[IdType, re.Pattern[str]], ...]] = (
    (IdType.HK_MACAU_PERMIT, re.compile(r"[HM](?:[0-9]{8}|[0-9]{10})")),
    (IdType.FOREIGNER_CARD, re.compile(r"[A-Z]{3}[0-9]{12}")),
    (IdType.TAIWAN_PERMIT, re.compile(r"[0-9]{8}|(?=.*[0-9])[A-Z0-9]{10,12}")),
    (IdType.PASSPORT, re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")),
)
_FORM_OF: Final[Mapping[IdType, re.Pattern[str]]] = dict(_FORMS)
_LENGTHS_OF: Final[Mapping[IdType, frozenset[int]]] = {
    IdType.RESIDENT_ID: frozenset((15, 18)),
    IdType.RESIDENCE_PERMIT: frozenset((18,)),
    IdType.HK_MACAU_PERMIT: frozenset((9, 11)),
    IdType.TAIWAN_PERMIT: frozenset((8, 10, 11, 12)),
    IdType.FOREIGNER_CARD: frozenset((15, 18)),
    IdType.PASSPORT: frozenset(range(5, 21)),
}
_MILITARY_DIGITS: Final = range(4, 11)
_MILITARY_LENGTH: Final = 20


def check_character(first17: str) -> str:
    """Compute the 18th character from the first 17 digits (ISO 7064 MOD 11-2)."""
    return CHECK_CHARACTERS[(sum(map(mul, first17.encode("ascii"), CHECK_WEIGHTS)) - _ZERO_SUM) % 11]


def normalise(text: str) -> str:
    """Fold an ID number as typed: see fold_typed_number; in a military number 第 and 号 go, they don't count."""
    number = fold_typed_number(text)
    if not number.isascii() and any(_is_word_character(character) for character in number):
        return number.replace("第", "").replace("号", "")
    return number


def parse(text: str, id_type: IdType | None = None, *, today: date | None = None) -> ParsedId:
    """Read an ID number.

    In: the text as typed; the kind where it is known; today, where a birth date in the future shall be refused.
    Out: its canonical form with what it says. Raises IdNumberError. Without a kind, whatever could be a mistyped
    resident ID is one: it never passes as a passport.
    """
    number = normalise(text)
    if not number:
        raise IdNumberError(IdProblem.EMPTY)
    if _EIGHTEEN.fullmatch(number):
        return _parse_eighteen(number, id_type, today)
    if _is_certificate_number(number):
        raise IdNumberError(IdProblem.LOOKS_LIKE_CERTIFICATE_NUMBER)
    if len(number) == 15 and _is_digits(number):
        return _parse_fifteen(number, id_type, today)
    if id_type is IdType.RESIDENT_ID or id_type is IdType.RESIDENCE_PERMIT:
        if number[0] not in _DIGITS and (kind := _kind_by_form(number)):
            raise IdNumberError(IdProblem.WRONG_FORM, id_type=id_type, belongs_to=kind)
        raise _refusal_of_eighteen(number, id_type)
    if id_type is IdType.MILITARY_ID:
        return _parse_military(number)
    if id_type is not None:
        return _parse_form(number, id_type)
    return _parse_unknown(number)


def _parse_eighteen(number: str, id_type: IdType | None, today: date | None) -> ParsedId:
    kind = _kind_of_eighteen(number)
    if kind is IdType.FOREIGNER_CARD:
        # Its published description is no standard: only the check character counts, nothing is read out of it.
        birth_date, sex = None, None
    else:
        birth_date = birth_date_in(number[6:14], today)
        if birth_date is None:
            raise IdNumberError(IdProblem.IMPOSSIBLE_DATE)
        sex = sex_in(number[16])
    if check_character(number[:17]) != number[17]:
        raise IdNumberError(IdProblem.WRONG_CHECK)
    if id_type is not None and id_type is not kind:
        raise IdNumberError(IdProblem.WRONG_FORM, id_type=id_type, belongs_to=kind)
    return ParsedId(number, (kind,), sex, birth_date, is_old_form=False)


def kind_of_form(text: str) -> IdType:
    """Which of the kinds that share the form of 18 characters a number is, by its first digits.

    RESIDENT_ID for every number of another form: what is wrong with it is for parse() to say.
    """
    number = normalise(text)
    return _kind_of_eighteen(number) if _EIGHTEEN.fullmatch(number) else IdType.RESIDENT_ID


def _kind_of_eighteen(number: str) -> IdType:
    if number[0] == FOREIGNER_DIGIT:
        return IdType.FOREIGNER_CARD
    return IdType.RESIDENCE_PERMIT if number[:6] in RESIDENCE_PREFIXES else IdType.RESIDENT_ID


def _parse_fifteen(number: str, id_type: IdType | None, today: date | None) -> ParsedId:
    birth_date = birth_date_in("19" + number[6:12], today)
    if birth_date is None:
        raise IdNumberError(IdProblem.IMPOSSIBLE_DATE)
    if id_type is not None and id_type is not IdType.RESIDENT_ID:
        raise IdNumberError(IdProblem.WRONG_FORM, id_type=id_type, belongs_to=IdType.RESIDENT_ID)
    first17 = f"{number[:6]}19{number[6:]}"
    canonical = first17 + check_character(first17)
    return ParsedId(canonical, (IdType.RESIDENT_ID,), sex_in(number[14]), birth_date, is_old_form=True)


def _parse_form(number: str, id_type: IdType) -> ParsedId:
    if _FORM_OF[id_type].fullmatch(number) and not _is_long_digits(number):
        return ParsedId(number, (id_type,), None, None, is_old_form=False)
    if places := positions_outside(number, _LETTERS_AND_DIGITS):
        raise IdNumberError(IdProblem.WRONG_CHARACTERS, positions=places)
    if len(number) not in _LENGTHS_OF[id_type]:
        raise IdNumberError(IdProblem.WRONG_LENGTH, length=len(number))
    raise IdNumberError(IdProblem.WRONG_FORM, id_type=id_type, belongs_to=None)


def _parse_military(number: str) -> ParsedId:
    places = tuple(
        place
        for place, character in enumerate(number, start=1)
        if character not in _LETTERS_AND_DIGITS and not _is_word_character(character)
    )
    if places:
        raise IdNumberError(IdProblem.WRONG_CHARACTERS, positions=places)
    if not _has_military_form(number):
        raise IdNumberError(IdProblem.WRONG_FORM, id_type=IdType.MILITARY_ID, belongs_to=None)
    return ParsedId(number, (IdType.MILITARY_ID,), None, None, is_old_form=False)


def _parse_unknown(number: str) -> ParsedId:
    if not number.isascii() and _is_word_character(number[0]) and _has_military_form(number):
        return ParsedId(number, (IdType.MILITARY_ID,), None, None, is_old_form=False)
    if places := positions_outside(number, _LETTERS_AND_DIGITS):
        raise IdNumberError(IdProblem.WRONG_CHARACTERS, positions=places)
    kinds = tuple(kind for kind, form in _FORMS if form.fullmatch(number))
    if IdType.FOREIGNER_CARD not in kinds:
        _refuse_mistyped_resident(number)
    if kinds:
        return ParsedId(number, kinds, None, None, is_old_form=False)
    if number.isalpha():
        raise IdNumberError(IdProblem.WRONG_FORM, id_type=None, belongs_to=None)
    raise IdNumberError(IdProblem.WRONG_LENGTH, length=len(number))


def _refuse_mistyped_resident(number: str) -> None:
    letters = positions_outside(number, _DIGITS)
    if len(number) <= _LONGEST_DIGITS or len(letters) > _MOST_LETTERS_OF_A_TYPING_ERROR:
        return
    if len(letters) == _MOST_LETTERS_OF_A_TYPING_ERROR and number[:3].isalpha():
        raise IdNumberError(IdProblem.WRONG_LENGTH, length=len(number))
    raise _refusal_of_eighteen(number, None)


def _kind_by_form(number: str) -> IdType | None:
    """The kind of a number that begins with letters as its kind's numbers do; a mistyped 18-digit number is none."""
    if len(number) >= 17:
        return None
    return next((kind for kind, form in _FORMS if form.fullmatch(number)), None)


def _refusal_of_eighteen(number: str, id_type: IdType | None) -> IdNumberError:
    """Say what keeps a text of another form from being an ID of 15 or 18 characters."""
    places = positions_outside(number[:-1], _DIGITS) + tuple(
        len(number) for _ in positions_outside(number[-1], _DIGITS_AND_X)
    )
    if places:
        return IdNumberError(IdProblem.WRONG_CHARACTERS, positions=places)
    if id_type is not None and len(number) in _LENGTHS_OF[id_type]:
        return IdNumberError(IdProblem.WRONG_CHARACTERS, positions=(len(number),))
    return IdNumberError(IdProblem.WRONG_LENGTH, length=len(number))


def _is_certificate_number(number: str) -> bool:
    if len(number) == 16:
        return _is_digits(number) and number[10] in _LEVEL_DIGITS
    return len(number) == 22 and any(
        scheme.pattern.fullmatch(number) is not None for scheme in (SKILL_LEVEL_22, SPECIAL_TECHNICIAN_22)
    )


def _is_digits(number: str) -> bool:
    return number.isascii() and number.isdigit()


def _is_long_digits(number: str) -> bool:
    return len(number) > _LONGEST_DIGITS and _is_digits(number)


def _is_word_character(character: str) -> bool:
    return unicodedata.category(character) == "Lo"


def _has_military_form(number: str) -> bool:
    digits = sum(character in _DIGITS for character in number)
    return digits in _MILITARY_DIGITS and len(number) <= _MILITARY_LENGTH


def birth_date_in(digits: str, today: date | None) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return None if born < _EARLIEST_BIRTH or (today is not None and born > today) else born


def sex_in(digit: str) -> Sex:
    return "男" if int(digit) % 2 else "女"
