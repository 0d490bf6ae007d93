"""Reading a refusal: what is wrong with a number, as the rules say it."""

import pytest

from certificates import certnumber, idnumber


def refusal_of_id(text: str, id_type: idnumber.IdType | None = None) -> idnumber.IdNumberError:
    """Parse an ID number that must be refused and return the refusal."""
    with pytest.raises(idnumber.IdNumberError) as caught:
        idnumber.parse(text, id_type)
    return caught.value


def refusal_of_certificate(text: str) -> certnumber.CertNumberError:
    """Parse a certificate number that must be refused and return the refusal."""
    with pytest.raises(certnumber.CertNumberError) as caught:
        certnumber.parse(text)
    return caught.value
