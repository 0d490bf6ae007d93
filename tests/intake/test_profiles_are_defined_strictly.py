"""A profile's definition: what is written is what is read, and whatever isn't understood is refused in a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uploads.intake.columns import FIELDS, normalise_header
from uploads.intake.dateforms import DATE_FORMS, conflicting_forms
from uploads.intake.profiles import (
    BY_NUMBER,
    TABLE_FIELDS,
    Definition,
    Headers,
    ProfileError,
    Refused,
    define,
    describe,
    name_problem,
    title_problem,
    value_key,
)
from uploads.intake.shippedprofiles import SHIPPED

lines = st.text(st.characters(exclude_categories=["C"], exclude_characters='<>&"{}'), min_size=1, max_size=20).filter(
    lambda text: value_key(text) and text.strip() and text[0] not in "=+-@"
)
headers = st.lists(lines.filter(normalise_header), min_size=1, max_size=3, unique_by=normalise_header).map(tuple)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    names = draw(st.lists(headers, max_size=4))
    used: set[str] = set()
    mapped = {}
    for field, texts in zip(draw(st.permutations(FIELDS)), names, strict=False):
        kept = tuple(text for text in texts if normalise_header(text) not in used)
        used |= {normalise_header(text) for text in kept}
        mapped[field] = Headers(kept, draw(st.booleans()))
    tables = {
        field: {
            text: draw(st.sampled_from(targets) | lines.map(Refused))
            for text in draw(st.lists(lines, min_size=1, max_size=4, unique_by=value_key))
        }
        for field, targets in TABLE_FIELDS.items()
        if draw(st.booleans())
    }
    dates = draw(st.lists(st.sampled_from(list(DATE_FORMS)), unique=True, max_size=3))
    return Definition(
        headers=mapped,
        tables=tables,
        dates=tuple(dates) if conflicting_forms(dates) is None else (),
        fixed=draw(st.fixed_dictionaries({}, optional={
            "id_type": st.sampled_from(["居民身份证", BY_NUMBER]), "level": st.just("三级"), "occupation": lines,
            "issuing_authority": st.sampled_from(["{发证机关}", "{上报单位}考试组"]),
        })),
        header_row=draw(st.none() | st.integers(1, 20)),
        sheet=draw(st.just("") | lines),
        origin=draw(st.sampled_from(["", "exam_system", "hand_made"])),
    )  # fmt: skip


# The first draw builds hypothesis's table of characters, which takes seconds on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(definitions())
def test_a_definition_comes_back_from_the_database_as_it_went_in(definition: Definition) -> None:
    assert define(json.loads(json.dumps(describe(definition), ensure_ascii=False))) == definition


def test_the_shipped_definitions_are_valid() -> None:
    for profile in SHIPPED:
        assert define(describe(profile.definition)) == profile.definition
        assert name_problem(profile.name) == title_problem(profile.title) == ""


@pytest.mark.parametrize(
    ("described", "word"),
    [
        ([], "方案"),
        ({"colour": 1}, "colour"),
        ({"headers": {"shoe_size": {"names": ["鞋码"]}}}, "shoe_size"),
        ({"headers": {"sex": {"names": ["性别"], "also": 1}}}, "also"),
        ({"headers": {"sex": {"names": "性别"}}}, "性别"),
        ({"headers": {"sex": {"names": ["M"]}, "level": {"names": ["ｍ", "M"]}}}, "写了两次"),
        ({"headers": {"sex": {"names": [" "]}}}, "空的名称"),
        ({"values": {"holder_name": {"a": "b"}}}, "holder_name"),
        ({"values": {"sex": {}}}, "是空的"),
        ({"values": {"sex": {"1": "公"}}}, "“1”只能对应男、女"),
        ({"values": {"sex": {"1": "男", "１": "女"}}}, "同一个值"),
        ({"values": {"sex": {"0": {"refused": ""}}}}, "原因"),
        ({"values": {"sex": {"0": {"why": "x"}}}}, "why"),
        ({"values": {"level": {"1": 1}}}, "一级"),
        ({"dates": ["YY/MM/DD"]}, "YY/MM/DD"),
        ({"dates": "YYYYMMDD"}, "日期写法"),
        ({"dates": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "读成两个"),
        ({"dates": ["YYYYMMDD", "DDMMYYYY"]}, "读成两个"),
        ({"fixed": {"id_number": "1"}}, "id_number"),
        ({"fixed": {"id_type": "学生证"}}, "证件类型"),
        ({"fixed": {"level": "六级"}}, "等级"),
        ({"fixed": {"result": "及格"}}, "合格"),
        ({"fixed": {"issuing_authority": "{办公室}"}}, "花括号"),
        ({"fixed": {"occupation": "=1+1"}}, "开头"),
        ({"fixed": {"occupation": "电\u200b工"}}, "不能使用的字符"),
        ({"header_row": 0}, "1 至 20"),
        ({"header_row": True}, "1 至 20"),
        ({"sheet": 3}, "文字"),
        ({"origin": "paper"}, "paper"),
    ],
)
def test_what_is_not_understood_is_refused_in_a_sentence(described: object, word: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        define(described)
    assert word in str(refusal.value)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(ProfileError) as refusal:
        define({"dates": ["x"], "header_row": 99, "fixed": {"level": "七级"}})
    assert len(refusal.value.sentences) == 3


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "headers",
                        "values",
                        "dates",
                        "fixed",
                        "header_row",
                        "sheet",
                        "origin",
                        "sex",
                        "names",
                        "only",
                        "refused",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_whatever_does_anything_else_than_define_or_be_refused(described: object) -> None:
    try:
        definition = define(described)
    except ProfileError as refusal:
        definition, said = None, refusal.sentences
    else:
        said = ()
    assert all(sentence.endswith("。") for sentence in said)
    assert definition is None or define(describe(definition)) == definition


@pytest.mark.parametrize("name", ["", "Exam", "exam_system", "-exam", "exam-", "考务", "a" * 31])
def test_a_name_is_a_short_slug(name: str) -> None:
    assert name_problem(name)


@pytest.mark.parametrize("title", ["", "  ", "字" * 31, "a<b", "required", "考\u202e务"])
def test_a_title_is_a_short_line_that_no_name_could_be(title: str) -> None:
    assert title_problem(title)
