"""Scores: 0 to 100 with one decimal, or a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.scores import parse_score


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (82.5, "82.5"),
        (79, "79.0"),
        (0, "0.0"),
        (-0.0, "0.0"),
        (100, "100.0"),
        ("82.5", "82.5"),
        ("82.50", "82.5"),
        ("79", "79.0"),
        ("８２．５", "82.5"),
        (" 100 ", "100.0"),
        ("合格", "合格"),
        ("免考", "免考"),
        ("合 格", "合格"),
    ],
)
def test_a_score_is_stored_with_one_decimal_or_as_its_word(typed: str | float, stored: str) -> None:
    assert parse_score(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "82.55",
        82.55,
        "100.1",
        100.5,
        101,
        -1,
        "-1",
        "1e1",
        "8２.5.1",
        "八十",
        "不合格",
        "优秀",
        float("nan"),
        float("inf"),
        1e-7,
        True,
    ],
)
def test_everything_else_is_no_score_and_nothing_is_rounded(typed: str | float) -> None:
    assert parse_score(typed) is None


@given(st.integers(0, 1000))
def test_every_tenth_is_read_the_same_as_number_and_as_text(tenths: int) -> None:
    text = f"{tenths // 10}.{tenths % 10}"
    assert parse_score(tenths / 10) == text
    assert parse_score(text) == text


@given(st.one_of(st.text(max_size=8), st.floats()))
def test_a_read_score_reads_as_itself(typed: str | float) -> None:
    score = parse_score(typed)
    assert score is None or parse_score(score) == score
