"""Permits, residence permits, passports, foreigners' cards and military IDs: each with its own form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.idnumber import IdProblem, IdType, check_character, parse
from tests.certificates.refusals import refusal_of_id
from tests.certificates.strategies import resident_ids


@pytest.mark.parametrize("number", ["810000199408230021", "830000199201300022"])
def test_residence_permits_have_the_form_of_resident_ids(number: str) -> None:
    parsed = parse(number)
    assert parsed.id_types == (IdType.RESIDENCE_PERMIT,)
    assert parse(number, IdType.RESIDENCE_PERMIT).canonical == number
    assert parsed.sex == "女"


def test_a_residence_permit_called_a_resident_id_is_refused_with_what_it_is() -> None:
    refusal = refusal_of_id("830000199201300022", IdType.RESIDENT_ID)
    assert refusal.problem is IdProblem.WRONG_FORM
    assert refusal.detail == {"id_type": IdType.RESIDENT_ID, "belongs_to": IdType.RESIDENCE_PERMIT}


def test_a_macau_residence_permit_is_read() -> None:
    digits = "82000019850717001"
    assert parse(digits + check_character(digits)).id_types == (IdType.RESIDENCE_PERMIT,)


def test_a_foreigners_card_of_today_has_18_digits_and_a_check() -> None:
    digits = "91112419810803002"
    number = digits + check_character(digits)
    parsed = parse(number)
    assert (parsed.canonical, parsed.id_types) == (number, (IdType.FOREIGNER_CARD,))
    assert refusal_of_id(digits + "9").problem is IdProblem.WRONG_CHECK


def test_a_foreigners_card_says_nothing_sure_about_birth_and_sex() -> None:
    digits = "91112419810803002"
    parsed = parse(digits + check_character(digits))
    assert (parsed.birth_date, parsed.sex) == (None, None)


def test_a_foreigners_card_of_before_december_2023_is_read() -> None:
    parsed = parse("kaz 1100 9012 3105")
    assert parsed.canonical == "KAZ110090123105"
    assert parsed.id_types[0] is IdType.FOREIGNER_CARD
    assert parse("KAZ110090123105", IdType.FOREIGNER_CARD).id_types == (IdType.FOREIGNER_CARD,)


def test_an_old_foreigners_card_with_a_digit_missing_has_the_wrong_length() -> None:
    assert refusal_of_id("KAZ11009012310").problem is IdProblem.WRONG_LENGTH


@pytest.mark.parametrize("number", ["H12345678", "M12345678", "H1234567801", "M1234567801"])
def test_a_hong_kong_or_macau_permit_is_a_letter_and_8_or_10_digits(number: str) -> None:
    assert parse(number, IdType.HK_MACAU_PERMIT).canonical == number
    assert parse(number.lower()).id_types[0] is IdType.HK_MACAU_PERMIT


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("H1234567", IdProblem.WRONG_LENGTH),
        ("H123456789", IdProblem.WRONG_LENGTH),
        ("T12345678", IdProblem.WRONG_FORM),
        ("H12345678#", IdProblem.WRONG_CHARACTERS),
    ],
)
def test_other_forms_are_no_hong_kong_or_macau_permit(number: str, problem: IdProblem) -> None:
    assert refusal_of_id(number, IdType.HK_MACAU_PERMIT).problem is problem


@pytest.mark.parametrize("number", ["12345678", "1234567890", "T123456789", "123456789AB2"])
def test_a_taiwan_permit_has_8_digits_or_10_to_12_characters_for_one_journey(number: str) -> None:
    assert parse(number, IdType.TAIWAN_PERMIT).canonical == number
    assert IdType.TAIWAN_PERMIT in parse(number).id_types


@pytest.mark.parametrize("number", ["1234567", "123456789", "1234567890123"])
def test_other_lengths_are_no_taiwan_permit(number: str) -> None:
    assert refusal_of_id(number, IdType.TAIWAN_PERMIT).problem is IdProblem.WRONG_LENGTH


@given(st.from_regex(r"\A[A-Z]{1,2}[0-9]{6,9}\Z"))
def test_a_passport_is_letters_and_digits(number: str) -> None:
    assert parse(number, IdType.PASSPORT).canonical == number
    assert IdType.PASSPORT in parse(number).id_types


@pytest.mark.parametrize("text", ["E1234 5678", "e12345678", "Ｅ１２３４５６７８", "E-12345678"])
def test_a_passport_is_canonical_in_upper_case_without_spaces_and_hyphens(text: str) -> None:
    assert parse(text).canonical == "E12345678"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("E123", IdProblem.WRONG_LENGTH),
        ("E" + "1" * 20, IdProblem.WRONG_LENGTH),
        ("PASSPORT", IdProblem.WRONG_FORM),
        ("E1234/5678", IdProblem.WRONG_CHARACTERS),
        ("12345678901234", IdProblem.WRONG_FORM),
    ],
)
def test_other_forms_are_no_passport(number: str, problem: IdProblem) -> None:
    assert refusal_of_id(number, IdType.PASSPORT).problem is problem


@given(resident_ids(), st.sampled_from([kind for kind in IdType if kind is not IdType.RESIDENT_ID]))
def test_a_resident_id_is_refused_as_any_other_kind(number: str, kind: IdType) -> None:
    refusal = refusal_of_id(number, kind)
    assert (refusal.problem, refusal.detail["belongs_to"]) == (IdProblem.WRONG_FORM, IdType.RESIDENT_ID)


@pytest.mark.parametrize("text", ["军字第2001988号", "军字2001988", "军字第２００１９８８号", " 军字第 2001988 号 "])
def test_military_ids_are_equal_without_their_filling_words_and_width(text: str) -> None:
    assert parse(text).canonical == "军字2001988"
    assert parse(text).id_types == (IdType.MILITARY_ID,)
    assert parse(text, IdType.MILITARY_ID).canonical == "军字2001988"


def test_a_bare_number_is_a_military_id_only_when_it_is_called_one() -> None:
    assert parse("2001988", IdType.MILITARY_ID).id_types == (IdType.MILITARY_ID,)
    assert IdType.MILITARY_ID not in parse("2001988").id_types


def test_words_in_front_of_a_resident_id_make_no_military_id() -> None:
    assert refusal_of_id("身份证11010519491231002X").problem is IdProblem.WRONG_CHARACTERS


def test_a_name_is_no_id_of_any_kind() -> None:
    assert refusal_of_id("王丽华").problem is IdProblem.WRONG_CHARACTERS
    assert refusal_of_id("王丽华", IdType.MILITARY_ID).problem is IdProblem.WRONG_FORM
    assert refusal_of_id("WANGLIHUA").problem is IdProblem.WRONG_FORM


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("身份证", IdType.RESIDENT_ID),
        ("居民身份证号", IdType.RESIDENT_ID),
        (" 居民 身份证 ", IdType.RESIDENT_ID),
        ("resident_id", IdType.RESIDENT_ID),
        ("港澳通行证", IdType.HK_MACAU_PERMIT),
        ("台胞证", IdType.TAIWAN_PERMIT),
        ("港澳台居民居住证", IdType.RESIDENCE_PERMIT),
        ("护照", IdType.PASSPORT),
        ("外国人永久居留证", IdType.FOREIGNER_CARD),
        ("士兵证", IdType.MILITARY_ID),
        ("工作证", None),
        ("", None),
    ],
)
def test_a_kind_is_read_as_people_write_it(text: str, kind: IdType | None) -> None:
    assert IdType.from_text(text) is kind


@pytest.mark.parametrize("kind", list(IdType))
def test_every_kind_reads_its_own_label(kind: IdType) -> None:
    assert IdType.from_text(kind.label) is kind
