"""Numbers as people type them: full-width, spaced, hyphenated, in lower case, with whatever looks like an X."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates import certnumber, idnumber
from certificates.typed import fold_typed_number
from tests.certificates.strategies import certificate_numbers, resident_ids, untidily_typed


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "11010519491231002Ｘ",
        "11010519491231002ｘ",
        "11010519491231002Ⅹ",
        "11010519491231002ⅹ",
        "11010519491231002×",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "110105–19491231—002X",
        "110105－19491231−002X",
        "\ufeff110105\u200b19491231\u00ad002X\u200f",
        "\t110105\u300019491231\u00a0002X\r\n",
    ],
)
def test_every_way_of_typing_the_example_is_understood(text: str) -> None:
    assert idnumber.parse(text).canonical == "11010519491231002X"


@given(untidily_typed(resident_ids()))
def test_an_id_number_is_found_however_it_is_typed(pair: tuple[str, str]) -> None:
    number, typed = pair
    assert idnumber.parse(typed).canonical == number


@given(untidily_typed(certificate_numbers()))
def test_a_certificate_number_is_found_however_it_is_typed(pair: tuple[str, str]) -> None:
    number, typed = pair
    assert certnumber.parse(typed).text == number


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_typed_number(text)
    assert fold_typed_number(once) == once
    assert idnumber.normalise(idnumber.normalise(text)) == idnumber.normalise(text)
    assert certnumber.normalise(certnumber.normalise(text)) == certnumber.normalise(text)


@given(st.text("0123456789", max_size=30))
def test_digits_never_change(digits: str) -> None:
    assert idnumber.normalise(digits) == digits


@pytest.mark.parametrize("text", ["١٢٣٤٥٦٧٨", "१२३४५६७८", "12345678\x00", "1234567½"])
def test_what_only_looks_like_digits_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(idnumber.IdNumberError):
        idnumber.parse(text)
    with pytest.raises(certnumber.CertNumberError):
        certnumber.parse(text)
