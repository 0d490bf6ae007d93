"""What public may do about codes stands in four functions; the table tells its readers no code."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from certificates.models import VerificationCode
from certificates.randomcodes import ALPHABET, CODE_LENGTH, new_code, read_code
from certlookup.sealing import index_id
from tests.certificates_pages.reading import Pair, publish
from tests.databases import acting_as
from tests.make import make_id_number, make_row
from tests.sharing.make import make_code
from tests.trust.test_roles_cannot_write_directly import sqlstate_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Pair:
    [published] = publish(make_row(seed=1))
    return published


def call(statement: str, *parameters: object, role: str = "public") -> list[tuple[object, ...]]:
    with acting_as(role), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.fetchall()


def test_a_code_is_long_and_unambiguous_enough() -> None:
    assert len(ALPHABET) ** CODE_LENGTH >= 2**75
    assert not set("01OIL8B") & set(ALPHABET)
    assert read_code("zsu2-" + "A" * 12, 16) == "25V2" + "A" * 12
    drawn = {new_code(CODE_LENGTH) for _ in range(200)}
    assert len(drawn) == 200
    assert set("".join(drawn)) == set(ALPHABET)


@pytest.mark.parametrize("table", ["verification_code", "enquiry", "forgery_report", "forgery_photo"])
def test_the_public_role_reads_and_writes_none_of_the_tables(table: str) -> None:
    for statement in ("SELECT count(*) FROM", "DELETE FROM", "INSERT INTO"):
        text = f"{statement} certlookup.{table}" + (" DEFAULT VALUES" if statement.startswith("INSERT") else "")
        assert sqlstate_of(text, "public") == "42501"
        if not statement.startswith(("SELECT", "DELETE")):
            assert sqlstate_of(text, "staff") == "42501"


def test_a_reader_of_the_table_learns_no_code(client: Client, pair: Pair) -> None:
    code = make_code(client, pair).replace("-", "")
    with acting_as("superuser"):
        [row] = VerificationCode.objects.values_list()
    assert code not in str(row)
    assert bytes(row[1]) == hashlib.sha256(f"certlookup-code-1 {code}".encode()).digest()
    assert pair.id_number[:6] not in str(row)
    # Neither staff: whoever answers for deletions sees when a code ends, no more.
    assert sqlstate_of("SELECT code_hash FROM certlookup.verification_code", "staff") == "42501"
    assert sqlstate_of("SELECT certlookup.open_code('x')", "staff") == "42501"


def test_a_code_is_made_of_the_right_pair_alone(pair: Pair) -> None:
    mine, strange = index_id(pair.id_number), index_id(make_id_number(seed=4_321))
    make = "SELECT certlookup.make_code(%s, %s, %s, %s, %s)"
    assert call(make, new_code(16), pair.certificate_number, strange, "379***", 7) == [("not_found",)]
    assert call(make, new_code(16), "0815012003400001", mine, "379***", 7) == [("not_found",)]
    for wrong in (("short", "379***", 7), (new_code(16), pair.id_number, 7), (new_code(16), "379***", 3650)):
        with pytest.raises(DatabaseError):
            call(make, wrong[0], pair.certificate_number, mine, wrong[1], wrong[2])
    code = new_code(16)
    assert call(make, code, pair.certificate_number, mine, "379***", 7) == [("made",)]
    [(code_id, *_)] = call("SELECT * FROM certlookup.codes_of(%s, %s)", pair.certificate_number, mine)
    assert call("SELECT * FROM certlookup.codes_of(%s, %s)", pair.certificate_number, strange) == []
    withdraw = "SELECT certlookup.withdraw_code(%s, %s, %s)"
    assert call(withdraw, code_id, pair.certificate_number, strange) == [(False,)]
    assert call(withdraw, code_id, pair.certificate_number, mine) == [(True,)]
    # For nobody does it come back.
    with pytest.raises(DatabaseError, match="verification_code_only_ends"):
        call("UPDATE certlookup.verification_code SET withdrawn_at = NULL RETURNING id", role="owner")
