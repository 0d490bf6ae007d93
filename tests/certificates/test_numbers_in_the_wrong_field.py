"""An ID number typed for the certificate number and the reverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.certnumber import CertNumberProblem
from certificates.idnumber import IdProblem, IdType
from tests.certificates.refusals import refusal_of_certificate, refusal_of_id
from tests.certificates.strategies import certificate_numbers, old_resident_ids, resident_ids


@given(resident_ids())
def test_a_resident_id_in_the_certificate_field_is_recognised(number: str) -> None:
    assert refusal_of_certificate(number).problem is CertNumberProblem.LOOKS_LIKE_ID_NUMBER


@given(old_resident_ids())
def test_an_old_resident_id_in_the_certificate_field_is_recognised(forms: tuple[str, str]) -> None:
    assert refusal_of_certificate(forms[0]).problem is CertNumberProblem.LOOKS_LIKE_ID_NUMBER


@pytest.mark.parametrize(
    "number", ["110105194912310021", "810000199408230021", "911124198108030024", "KAZ110090123105"]
)
def test_other_ids_and_mistyped_ones_are_recognised_too(number: str) -> None:
    problem = refusal_of_certificate(number).problem
    expected = CertNumberProblem.WRONG_CHARACTERS if number[0] == "K" else CertNumberProblem.LOOKS_LIKE_ID_NUMBER
    assert problem is expected


@given(certificate_numbers(), st.sampled_from([None, *IdType]))
def test_a_certificate_number_in_the_id_field_is_recognised_whatever_the_kind(number: str, kind: IdType | None) -> None:
    assert refusal_of_id(number, kind).problem is IdProblem.LOOKS_LIKE_CERTIFICATE_NUMBER


@pytest.mark.parametrize("number", ["Y000037000001253000001", "AB12345678901234567890"])
def test_a_skill_level_certificates_number_in_the_id_field_is_recognised(number: str) -> None:
    assert refusal_of_id(number).problem is IdProblem.LOOKS_LIKE_CERTIFICATE_NUMBER
