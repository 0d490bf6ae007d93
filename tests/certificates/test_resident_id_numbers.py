"""Resident ID numbers of 18 and 15 digits: check character, birth date, sex."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from certificates.idnumber import IdNumberError, IdProblem, IdType, check_character, parse
from certificates.residentnumbers import ResidentNumbers
from tests.certificates.refusals import refusal_of_id
from tests.certificates.strategies import old_resident_ids, resident_ids


def test_the_standards_own_example_is_read() -> None:
    parsed = parse("11010519491231002X")
    assert parsed.canonical == "11010519491231002X"
    assert parsed.id_types == (IdType.RESIDENT_ID,)
    assert (parsed.birth_date, parsed.sex, parsed.is_old_form) == (date(1949, 12, 31), "女", False)


def test_the_old_form_of_the_example_becomes_the_new_one() -> None:
    parsed = parse("110105491231002")
    assert (parsed.canonical, parsed.is_old_form) == ("11010519491231002X", True)
    assert (parsed.birth_date, parsed.sex) == (date(1949, 12, 31), "女")


def test_the_check_character_of_the_example_is_x() -> None:
    assert check_character("11010519491231002") == "X"


@pytest.mark.parametrize("area", ["371202", "371203", "379901", "659999"])
def test_an_abolished_or_unknown_address_code_is_no_error(area: str) -> None:
    first17 = f"{area}19800229001"
    assert parse(first17 + check_character(first17)).canonical.startswith(area)


@given(resident_ids())
def test_a_right_number_says_its_birth_date_and_sex(number: str) -> None:
    parsed = parse(number, IdType.RESIDENT_ID)
    assert parsed.canonical == number
    assert f"{parsed.birth_date:%Y%m%d}" == number[6:14]
    assert parsed.sex == ("男" if number[16] in "13579" else "女")


@given(old_resident_ids())
def test_both_forms_of_a_number_are_the_same_person(forms: tuple[str, str]) -> None:
    old, new = forms
    assert parse(old).canonical == parse(new).canonical
    assert (parse(old).birth_date, parse(old).sex) == (parse(new).birth_date, parse(new).sex)


@given(resident_ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(number: str, place: int, other: str) -> None:
    assume(number[place] != other)
    with pytest.raises(IdNumberError):
        parse(number[:place] + other + number[place + 1 :])


@given(resident_ids(), st.integers(0, 16))
def test_two_neighbours_exchanged_are_always_noticed(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    with pytest.raises(IdNumberError):
        parse(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(resident_ids(), st.integers(0, 17))
def test_a_missing_character_is_always_noticed(number: str, place: int) -> None:
    assert refusal_of_id(number[:place] + number[place + 1 :]).problem is IdProblem.WRONG_LENGTH


@given(resident_ids(), st.integers(0, 17), st.sampled_from("OIlSB"))
def test_a_letter_typed_for_a_digit_is_pointed_out_and_never_taken_for_a_passport(
    number: str, place: int, letter: str
) -> None:
    refusal = refusal_of_id(number[:place] + letter + number[place + 1 :])
    assert refusal.problem is IdProblem.WRONG_CHARACTERS
    assert place + 1 in refusal.detail["positions"]  # type: ignore[operator]


def test_a_wrong_check_character_is_told_apart() -> None:
    assert refusal_of_id("110105194912310021").problem is IdProblem.WRONG_CHECK


@pytest.mark.parametrize("digits", ["11010519490229002", "11010519491331002", "11010519491200002", "11010500001231002"])
def test_a_day_that_never_was_is_told_apart(digits: str) -> None:
    assert refusal_of_id(digits + check_character(digits)).problem is IdProblem.IMPOSSIBLE_DATE


def test_the_old_form_with_an_impossible_day_is_no_passport() -> None:
    assert refusal_of_id("110105491331002").problem is IdProblem.IMPOSSIBLE_DATE


def test_a_birth_date_after_today_is_impossible() -> None:
    digits = "37990120301231001"
    number = digits + check_character(digits)
    with pytest.raises(IdNumberError) as caught:
        parse(number, today=date(2026, 11, 24))
    assert caught.value.problem is IdProblem.IMPOSSIBLE_DATE


@pytest.mark.parametrize("length", [13, 14, 17, 19, 20, 21])
def test_digits_of_another_length_are_a_wrong_length(length: int) -> None:
    refusal = refusal_of_id("1" * length)
    assert (refusal.problem, refusal.detail) == (IdProblem.WRONG_LENGTH, {"length": length})


@pytest.mark.parametrize("text", ["", "  ", "\u3000\u200b-"])
def test_nothing_typed_is_empty(text: str) -> None:
    assert refusal_of_id(text).problem is IdProblem.EMPTY


@pytest.mark.parametrize("text", ["11010519491231X021", "王丽华", "11010519491231002Y", "1101051949123100\x0021"])
def test_what_no_number_has_is_named_by_its_place(text: str) -> None:
    refusal = refusal_of_id(text, IdType.RESIDENT_ID)
    assert refusal.problem is IdProblem.WRONG_CHARACTERS
    assert refusal.detail["positions"]


@given(resident_ids())
def test_no_refusal_and_no_repr_shows_the_number(number: str) -> None:
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    refusal = refusal_of_id(wrong)
    assert wrong[6:] not in f"{refusal!r} {refusal} {refusal.detail!r}"
    assert number not in repr(parse(number))
    assert str(parse(number).birth_date) not in repr(parse(number))


@given(st.text(max_size=40))
def test_any_text_is_refused_or_read_the_same_again(text: str) -> None:
    try:
        parsed = parse(text)
    except IdNumberError:
        return
    assert parse(parsed.canonical).canonical == parsed.canonical


@given(
    resident_ids(), st.integers(0, 17), st.sampled_from("0123456789Xx "), st.dates(date(1900, 1, 1), date(2030, 1, 1))
)
def test_a_column_is_read_as_number_by_number(number: str, place: int, other: str, today: date) -> None:
    changed = number[:place] + other + number[place + 1 :]
    for text, (quick,) in zip((number, changed), map(ResidentNumbers(today).read, ([number], [changed])), strict=True):
        try:
            parsed = parse(text, IdType.RESIDENT_ID, today=today)
        except IdNumberError:
            assert quick is None
        else:
            assert quick is None if parsed.canonical != text else quick == (parsed.birth_date, parsed.sex)
