"""Names: every character survives, the separator is one, nothing invisible and nothing harmful gets in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.names import LONGEST, NameProblem, fold_for_comparison, name_problem, normalise_name

RARE = "𠮷䶮𬭎㛃䮌"


@pytest.mark.parametrize("character", [*RARE, "﨑", "\uf900", "\uf9b8", "\U0002f800", "\U00031350", "\U0002ebf0", "〇"])
def test_rare_characters_of_every_plane_stay_as_they_are(character: str) -> None:
    name = f"王{character}"
    assert normalise_name(name) == name
    assert name_problem(name) is None


@pytest.mark.parametrize("separator", ["·", "•", "・", "･", "‧", "∙", "⋅", "\u0387", "．", "."])
def test_every_spelling_of_the_separator_is_stored_as_one(separator: str) -> None:
    assert normalise_name(f"古丽米热{separator}艾比布力") == "古丽米热·艾比布力"
    assert normalise_name(f"古丽米热 {separator} 艾比布力") == "古丽米热·艾比布力"


def test_a_full_stop_in_a_latin_name_is_kept_but_compared_as_the_separator() -> None:
    assert normalise_name("John A. Smith") == "John A. Smith"
    assert fold_for_comparison("John A. Smith") == fold_for_comparison("JOHN A．SMITH")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  张三 ", "张三"),
        ("张\u3000三", "张三"),
        ("张  三", "张三"),
        ("Anna   Maria\u00a0Li", "Anna Maria Li"),
        ("张三\n", "张三"),
        ("e\u0301mile", "émile"),
    ],
)
def test_layout_goes_and_names_are_composed(typed: str, stored: str) -> None:
    assert normalise_name(typed) == stored


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", NameProblem.EMPTY),
        ("王" * 61, NameProblem.TOO_LONG),
        ("王\x00丽", NameProblem.CONTROL_CHARACTER),
        ("王\n丽", NameProblem.CONTROL_CHARACTER),
        ("王\t丽", NameProblem.CONTROL_CHARACTER),
        ("王\u2028丽", NameProblem.CONTROL_CHARACTER),
        ("王\u200b丽", NameProblem.INVISIBLE_CHARACTER),
        ("\ufeff王丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\u202e丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\u2066丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\u00ad丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\u3164丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\ufe00丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\U000e0100丽", NameProblem.INVISIBLE_CHARACTER),
        ("王\ue81e", NameProblem.PRIVATE_USE_CHARACTER),
        ("王\U000f0000", NameProblem.PRIVATE_USE_CHARACTER),
        ("王\ufffd", NameProblem.DAMAGED_CHARACTER),
        ("王?", NameProblem.DAMAGED_CHARACTER),
        ("王" + chr(0xD842), NameProblem.DAMAGED_CHARACTER),
        ("王\uffff", NameProblem.DAMAGED_CHARACTER),
        ("王\U0002ffff", NameProblem.DAMAGED_CHARACTER),
        ("<b>王", NameProblem.HARMFUL_CHARACTER),
        ("王&丽", NameProblem.HARMFUL_CHARACTER),
        ('王"丽', NameProblem.HARMFUL_CHARACTER),
        ("=1+1", NameProblem.FORMULA_START),
        ("+王丽", NameProblem.FORMULA_START),
        ("-王丽", NameProblem.FORMULA_START),
        ("@王丽", NameProblem.FORMULA_START),
        ("＝王丽", NameProblem.FORMULA_START),
    ],
)
def test_what_a_name_cant_be_is_refused_with_its_reason(name: str, problem: NameProblem) -> None:
    assert name_problem(normalise_name(name)) is problem


@pytest.mark.parametrize(
    "name", ["王" * LONGEST, "王", "Jean-Luc O'Neill", "阿" * 25 + "·" + "买" * 25, "A" * 50, "𠮷" * 60]
)
def test_long_and_short_and_latin_names_fit(name: str) -> None:
    assert name_problem(normalise_name(name)) is None
    assert normalise_name(name) == name


@given(st.text())
def test_a_stored_name_never_changes_again(text: str) -> None:
    stored = normalise_name(text)
    assert normalise_name(stored) == stored


@given(st.text(st.characters(categories=["Lo"]), min_size=1, max_size=LONGEST))
def test_normalising_equals_nfc_but_for_compatibility_ideographs(text: str) -> None:
    compatibility = {c for c in text if unicodedata.name(c, "").startswith("CJK COMPATIBILITY IDEOGRAPH")}
    if compatibility:
        assert all(c in normalise_name(text) for c in compatibility)
    else:
        assert normalise_name(text) == unicodedata.normalize("NFC", text)


@given(st.text(st.characters(categories=["Cc", "Cf", "Co", "Cs", "Zl", "Zp"]), min_size=1))
def test_no_invisible_or_private_character_gets_through(text: str) -> None:
    name = normalise_name(f"王{text}丽")
    assert name_problem(name) is not None


@given(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=20),
    st.sampled_from("•・‧∙．. "),
)
def test_two_spellings_of_one_name_compare_equal(name: str, separator: str) -> None:
    middle = len(name) // 2
    plain = name if separator == " " else f"{name[:middle]}·{name[middle:]}"
    assert fold_for_comparison(f"{name[:middle]}{separator}{name[middle:]}") == fold_for_comparison(plain)


def test_different_names_stay_different() -> None:
    assert fold_for_comparison("吉") != fold_for_comparison("𠮷")
    assert fold_for_comparison("阿·不都") != fold_for_comparison("阿不都")
