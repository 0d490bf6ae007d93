"""Masking: the front at most, never the tail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.masking import mask, mask_id
from tests.certificates.strategies import resident_ids


def test_a_resident_id_shows_its_first_three_digits() -> None:
    assert mask_id("11010519491231002X") == "110***************"


@pytest.mark.parametrize(
    ("number", "masked"), [("E12345678", "E********"), ("H1234567801", "H1*********"), ("1234", "****"), ("", "")]
)
def test_a_short_number_shows_less(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@given(resident_ids())
def test_nothing_of_the_birth_date_and_the_tail_is_shown(number: str) -> None:
    assert mask_id(number)[3:] == "*" * 15


@given(st.text(st.characters(categories=["Nd", "Lu"]), max_size=20))
def test_the_length_stays_and_at_most_a_fifth_is_shown(number: str) -> None:
    masked = mask_id(number)
    assert len(masked) == len(number)
    assert sum(character != "*" for character in masked) <= min(3, len(number) // 5)


def test_any_text_can_be_masked_from_a_given_place() -> None:
    assert mask("王丽华", shown=1) == "王**"
