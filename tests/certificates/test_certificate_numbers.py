"""Certificate numbers: the national 16 digits, Shanghai's 13, and what belongs to another register."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.certnumber import CertNumberError, CertNumberProblem, group_in_fours, normalise, parse
from certificates.schemes import NATIONAL_16, SCHEMES, SHANGHAI_13, full_year
from tests.certificates.refusals import refusal_of_certificate
from tests.certificates.strategies import certificate_numbers


def test_a_number_is_taken_to_pieces() -> None:
    number = parse("0815012003400001")
    assert number.scheme is NATIONAL_16
    assert (number.year, number.level, number.body_code) == (2008, 4, "15012003")
    assert (number.issuer_code, number.city_code, number.serial) == ("15", "01", "00001")


def test_the_provincial_centres_number_is_taken_to_pieces() -> None:
    number = parse("0915000000300123")
    assert (number.year, number.level, number.body_code, number.serial) == (2009, 3, "15000000", "00123")


@pytest.mark.parametrize(
    ("digits", "year"), [("98", 1998), ("80", 1980), ("99", 1999), ("00", 2000), ("08", 2008), ("26", 2026)]
)
def test_two_digits_of_a_year_become_four(digits: str, year: int) -> None:
    assert full_year(digits) == year


def test_another_provinces_number_is_read_with_its_own_issuer() -> None:
    assert parse("1210001001300042").issuer_code == "10"


@given(certificate_numbers())
def test_every_part_stands_where_it_was(text: str) -> None:
    number = parse(text)
    assert number.text == text
    assert (str(number.year)[2:], number.body_code, str(number.level), number.serial) == (
        text[:2],
        text[2:10],
        text[10],
        text[11:],
    )


def test_shanghais_13_digits_are_padded_and_claim_no_year_or_level() -> None:
    number = parse("0601010154312")
    assert number.text == "0000601010154312"
    assert number.scheme is SHANGHAI_13
    assert (number.year, number.level, number.body_code) == (None, None, None)


def test_a_padded_number_is_the_same_typed_either_way() -> None:
    assert parse("0601010154312") == parse("0000601010154312")


@pytest.mark.parametrize("digit", "06789")
def test_a_level_that_doesnt_exist_is_impossible(digit: str) -> None:
    refusal = refusal_of_certificate(f"0815012003{digit}00001")
    assert (refusal.problem, refusal.detail) == (CertNumberProblem.IMPOSSIBLE_LEVEL, {"digit": digit})


@pytest.mark.parametrize("length", [1, 12, 14, 15, 17, 18, 20, 22])
def test_digits_of_another_length_are_a_wrong_length(length: int) -> None:
    refusal = refusal_of_certificate("08" * 11 if length == 22 else ("0815012003400001" + "999999")[:length])
    assert (refusal.problem, refusal.detail["length"]) == (CertNumberProblem.WRONG_LENGTH, length)


def test_a_number_that_lost_its_leading_zero_in_a_spreadsheet_is_recognised() -> None:
    refusal = refusal_of_certificate("815012003400001")
    assert refusal.problem is CertNumberProblem.WRONG_LENGTH
    assert refusal.detail == {"length": 15, "lost_zero": True}


@pytest.mark.parametrize(
    ("text", "places"), [("O815012003400001", (1,)), ("08150120034000Ol", (15, 16)), ("第0815012003400001号", (1, 18))]
)
def test_what_no_number_has_is_named_by_its_place(text: str, places: tuple[int, ...]) -> None:
    refusal = refusal_of_certificate(text)
    assert (refusal.problem, refusal.detail["positions"]) == (CertNumberProblem.WRONG_CHARACTERS, places)


@pytest.mark.parametrize("text", ["Y000037000001253000001", "S123437000001214000042", "AB12345678901234567890"])
def test_a_skill_level_certificate_belongs_to_another_register(text: str) -> None:
    assert refusal_of_certificate(text).problem is CertNumberProblem.OTHER_REGISTER
    assert refusal_of_certificate(group_in_fours(text.lower())).problem is CertNumberProblem.OTHER_REGISTER


@pytest.mark.parametrize("text", ["", " ", "----"])
def test_nothing_typed_is_empty(text: str) -> None:
    assert refusal_of_certificate(text).problem is CertNumberProblem.EMPTY


def test_a_number_is_shown_in_groups_of_four() -> None:
    assert group_in_fours("0815012003400001") == "0815 0120 0340 0001"


@given(certificate_numbers())
def test_a_grouped_number_is_understood_again(text: str) -> None:
    assert normalise(group_in_fours(text)) == text


@given(st.text(max_size=30))
def test_any_text_is_refused_or_read_the_same_again(text: str) -> None:
    try:
        number = parse(text)
    except CertNumberError:
        return
    assert number.text.isdigit()
    assert parse(number.text) == number


def test_every_scheme_is_told_apart_by_its_code() -> None:
    assert len({scheme.code for scheme in SCHEMES}) == len(SCHEMES)
