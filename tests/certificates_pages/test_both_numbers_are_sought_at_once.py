"""The query of a lookup goes by both numbers at once: no index entry of one of them alone is ever looked at."""

import pytest
from django.db import connection

from certificates.lookup import BY_BOTH
from certificates.models import Certificate
from certificates.models.places import place_of
from tests.make import Cast, make_published_release, make_rows

pytestmark = pytest.mark.django_db


def asked_for(number: str, *indexes: bytes) -> list[list[int]]:
    return [list(values) for values in zip(*(place_of(number, index) for index in indexes), strict=True)]


def test_a_lookup_goes_by_the_index_over_both_numbers_and_by_no_other() -> None:
    make_published_release(Cast(), rows=make_rows(2))
    certificate = Certificate.objects.first()
    assert certificate is not None
    number, index = certificate.certificate_number, bytes(certificate.id_index)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {BY_BOTH}", asked_for(number, index))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "certificate_by_pair" in plan
    assert condition.count(" = ANY ") == 2, "both of its columns are compared in the index, none only in the row"
    assert "Filter" not in plan
    assert "certificate_pkey" not in plan
    assert "certificate_by_earlier_id" not in plan


def test_python_and_the_index_make_the_same_values_of_a_pair() -> None:
    make_published_release(Cast(), rows=make_rows(3))
    for certificate in Certificate.objects.all():
        number, index = certificate.certificate_number, bytes(certificate.id_index)
        with connection.cursor() as cursor:
            cursor.execute(BY_BOTH, asked_for(number, index))
            [found] = cursor.fetchall()
            assert number in found
            cursor.execute(BY_BOTH, asked_for(number, bytes(32), index))
            [found] = cursor.fetchall()
            assert number in found, "of several live keys one fits"
            for absent in (asked_for(number, bytes(32)), asked_for(f"{number}0", index)):
                cursor.execute(BY_BOTH, absent)
                [nothing] = cursor.fetchall()
                assert number not in nothing


def test_of_the_certificate_number_alone_the_year_and_nothing_else_decides_on_the_place() -> None:
    one, other = bytes(32), bytes(range(32))
    numbers = ("2615020123456789", "2615020123456780", "2699999999900001")
    for index in (one, other):
        [region] = {place_of(number, index)[0] for number in numbers}
        assert place_of("2515020123456789", index)[0] != region
    both = {place_of(number, index)[1] for number in (*numbers, "2515020123456789") for index in (one, other)}
    assert len(both) == 8


@pytest.mark.parametrize(
    "number",
    [
        "2615020123456789",
        "9415020123456789",
        "3715020123456789",
        "37A15-20",
        "鲁",
        "鲁A15",
        "",
        "1234567890123456789012",
    ],
)
@pytest.mark.parametrize("index", [bytes(range(32)), bytes(range(255, 223, -1)), b"\x01"])
def test_a_number_of_any_form_has_the_same_values_in_both(number: str, index: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(indexprs, indrelid) FROM pg_index WHERE indexrelid = 'certificate_by_pair'::regclass"
        )
        (expressions,) = cursor.fetchone()
        cursor.execute(
            f"SELECT {expressions} FROM (SELECT %s::varchar AS certificate_number, %s::bytea AS id_index) x",
            [number, index],
        )
        assert cursor.fetchone() == place_of(number, index)
