"""The five levels of a national vocational qualification, and the many ways people write them."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

# By level; 1 is the highest. The short name, the title.
_NAMES: Final[Mapping[int, tuple[str, str]]] = {
    5: ("五级", "初级工"),
    4: ("四级", "中级工"),
    3: ("三级", "高级工"),
    2: ("二级", "技师"),
    1: ("一级", "高级技师"),
}
# From the lowest level to the highest, as the regulation lists them.
LEVELS: Final[tuple[int, ...]] = tuple(_NAMES)

_NUMERALS: Final[Mapping[str, int]] = {
    **dict(zip("一二三四五", range(1, 6), strict=True)),
    **dict(zip("壹贰叁肆伍", range(1, 6), strict=True)),
    **dict(zip("12345", range(1, 6), strict=True)),
    **dict(zip(("I", "II", "III", "IV", "V"), range(1, 6), strict=True)),
}
_TITLES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("初级工", "初级", "初级技能"), 5),
    **dict.fromkeys(("中级工", "中级", "中级技能"), 4),
    **dict.fromkeys(("高级工", "高级", "高级技能"), 3),
    "技师": 2,
    "高级技师": 1,
}
_LAYOUT: Final = re.compile(r"[\s/()\[\]\-,、·]+")
_NUMERAL: Final = "|".join(sorted(_NUMERALS, key=len, reverse=True))
_TITLE: Final = "|".join(sorted(_TITLES, key=len, reverse=True))
_SPELLING: Final = re.compile(
    rf"(?:国家)?(?:职业资格)?(?:(?P<bare>{_NUMERAL})|(?:(?P<first>{_NUMERAL})级)?(?P<title>{_TITLE})?"
    rf"(?:(?:国家)?(?:职业资格)?(?P<last>{_NUMERAL})级)?)"
)


def level_name(level: int) -> str:
    """Name a level in full, such as 三级 / 高级工."""
    return " / ".join(_NAMES[level])


@lru_cache(maxsize=1024)
def parse_level(text: str) -> int | None:
    """Read a level, 1 (the highest) to 5, in any of the usual spellings; None where it's none, or says two at once."""
    match = _SPELLING.fullmatch(_fold(text))
    if match is None:
        return None
    said = {_NUMERALS[part] for part in (match["bare"], match["first"], match["last"]) if part}
    if match["title"]:
        said.add(_TITLES[match["title"]])
    return said.pop() if len(said) == 1 else None


@lru_cache(maxsize=1024)
def display_level(level: int, stored: str) -> str:
    """Choose what a page shows: the level as stored where its words say more than the standard name, else that name."""
    folded = _fold(stored)
    number, title = _NAMES[level]
    has_words = any(unicodedata.category(character) == "Lo" for character in folded.replace("级", ""))
    covered = not has_words or folded in number + title or folded in title + number
    return level_name(level) if covered else stored.strip()


def _fold(text: str) -> str:
    return _LAYOUT.sub("", unicodedata.normalize("NFKC", text)).upper()
