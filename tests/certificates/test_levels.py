"""The five levels in all their spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.levels import LEVELS, display_level, level_name, parse_level


@pytest.mark.parametrize(
    ("level", "spellings"),
    [
        (
            5,
            "五级 5 5级 Ⅴ Ⅴ级 初级 初级工 初级技能 国家职业资格五级（初级技能） 五级/初级工 初级工（五级）",
        ),
        (4, "四级 4 ４ Ⅳ 中级 中级工 中级技能 国家职业资格四级 职业资格四级 四级／中级工 四级（中级工）"),
        (3, "三级 3 Ⅲ 叁级 高级 高级工 高级技能 国家职业资格三级（高级技能） 国家职业资格三级(高级技能) 三级、高级工"),
        (2, "二级 2 Ⅱ 技师 国家职业资格二级（技师） 二级/技师 技师（二级）"),
        (1, "一级 1 Ⅰ 高级技师 国家职业资格一级（高级技师） 一级·高级技师"),
    ],
)
def test_every_usual_spelling_is_understood(level: int, spellings: str) -> None:
    for spelling in spellings.split():
        assert parse_level(spelling) == level, spelling
        assert parse_level(f" {spelling}\u3000") == level


@pytest.mark.parametrize(
    "text",
    [
        "",
        "级",
        "六级",
        "0",
        "6",
        "10",
        "12",
        "三级/中级工",
        "三级四级",
        "特级技师",
        "首席技师",
        "工程师",
        "国家职业资格",
        "３.0",
        "高级技工",
    ],
)
def test_no_level_and_two_levels_are_none(text: str) -> None:
    assert parse_level(text) is None


@given(st.text(max_size=12))
def test_any_text_gives_a_level_or_none(text: str) -> None:
    assert parse_level(text) in {None, *LEVELS}


def test_a_level_is_named_in_full() -> None:
    assert [level_name(level) for level in LEVELS] == [
        "五级 / 初级工",
        "四级 / 中级工",
        "三级 / 高级工",
        "二级 / 技师",
        "一级 / 高级技师",
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_a_levels_full_name_is_read_again(level: int) -> None:
    assert parse_level(level_name(level)) == level


@pytest.mark.parametrize("stored", ["3", "三级", "高级工", "高级", "三级/高级工", "3级", "Ⅲ"])
def test_what_the_standard_name_covers_is_shown_by_it(stored: str) -> None:
    assert display_level(3, stored) == "三级 / 高级工"


@pytest.mark.parametrize("stored", ["高级技能", "国家职业资格三级（高级技能）"])
def test_words_that_say_more_are_shown_as_stored(stored: str) -> None:
    assert display_level(3, stored) == stored
