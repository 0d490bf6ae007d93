"""The query of a lookup goes by both numbers at once: no index entry of one of them alone is ever looked at."""

from uuid import UUID

import pytest
from django.db import connection

from certificates.lookup import BY_BOTH
from certificates.models import Certificate
from certificates.models.register import pair_of
from tests.make import Cast, make_published_release, make_rows

pytestmark = pytest.mark.django_db


def test_a_lookup_goes_by_the_index_over_both_numbers_and_by_no_other() -> None:
    make_published_release(Cast(), rows=make_rows(2))
    certificate = Certificate.objects.first()
    assert certificate is not None
    number, index = certificate.certificate_number, bytes(certificate.id_index)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {BY_BOTH}", [[pair_of(number, index)]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "certificate_by_pair" in plan
    assert "certificate_pkey" not in plan
    assert "certificate_by_id" not in plan


def test_python_and_the_index_make_the_same_value_of_a_pair() -> None:
    make_published_release(Cast(), rows=make_rows(3))
    for certificate in Certificate.objects.all():
        number, index = certificate.certificate_number, bytes(certificate.id_index)
        with connection.cursor() as cursor:
            cursor.execute(BY_BOTH, [[pair_of(number, index)]])
            [found] = cursor.fetchall()
            assert number in found
            cursor.execute(BY_BOTH, [[pair_of(number, bytes(32))]])
            [nothing] = cursor.fetchall()
            assert number not in nothing


def test_of_the_certificate_number_alone_the_year_and_nothing_else_decides_on_the_place() -> None:
    one, other = bytes(32), bytes(range(32))
    numbers = ("2615020123456789", "2615020123456780", "2699999999900001")
    values = [pair_of(number, index) for number in numbers for index in (one, other)]
    [region] = {value[:4] for value in values}
    assert len({value[4:8] for value in values}) == len(values)
    assert pair_of("2515020123456789", one)[:4] != region
    assert pair_of("2515020123456789", one)[4:] not in {value[4:] for value in values}


@pytest.mark.parametrize("number", ["2615020123456789", "37A15-20", "鲁", "1234567890123456789012"])
def test_a_number_of_any_form_has_the_same_value_in_both(number: str) -> None:
    index = bytes(range(32))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(indexprs, indrelid) FROM pg_index WHERE indexrelid = 'certificate_by_pair'::regclass"
        )
        (expression,) = cursor.fetchone()
        cursor.execute(
            f"SELECT {expression} FROM (SELECT %s::varchar AS certificate_number, %s::bytea AS id_index) x",
            [number, index],
        )
        assert cursor.fetchone() == (UUID(pair_of(number, index)),)
