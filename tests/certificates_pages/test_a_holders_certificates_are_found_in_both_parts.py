"""The holder's index is in two parts, by year: every certificate is in one of them, and whoever asks by ID number asks both."""

import pytest
from django.db import connection

from certificates.models import Certificate
from certificates.models.register import of_holder
from tests.make import Cast, make_published_release, make_rows, make_tampering

pytestmark = pytest.mark.django_db

PARTS = ("certificate_by_recent_id", "certificate_by_earlier_id")


def found_by_sql(index: bytes) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(of_holder("certificate_number", "%(index)s::bytea"), {"index": index})
        return {number for (number,) in cursor.fetchall()}


def test_certificates_of_early_and_of_recent_years_are_found_by_the_same_id_number() -> None:
    make_published_release(Cast(), rows=make_rows(3))
    recent, earlier, _ = Certificate.objects.order_by("certificate_number")
    index = bytes(recent.id_index)
    number = f"08{earlier.certificate_number[2:]}"
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate SET certificate_number = %s, id_index = %s WHERE certificate_number = %s",
            [number, index, earlier.certificate_number],
        )
    assert set(Certificate.objects.of_holder([index]).values_list("certificate_number", flat=True)) == {
        recent.certificate_number,
        number,
    }
    assert found_by_sql(index) == {recent.certificate_number, number}
    assert found_by_sql(bytes(32)) == set()


@pytest.mark.parametrize(
    "number", ["", "0", "0015", "2415", "25", "2515", "8915", "90", "9415", "9915", "37A15", "鲁A", "A1"]
)
def test_a_number_of_any_form_is_in_one_part(number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = ANY(%s::regclass[])", [list(PARTS)]
        )
        conditions = [condition for (condition,) in cursor.fetchall()]
        assert len(conditions) == len(PARTS)
        cursor.execute(
            f'SELECT {", ".join(conditions)} FROM (SELECT %s::varchar COLLATE "C" AS certificate_number) x', [number]
        )
        assert sorted(cursor.fetchone()) == [False, True]


def test_both_ways_of_asking_go_by_both_parts_of_the_index() -> None:
    # A register of two rows and no statistics made any index as cheap as another, and once the plan was the other.
    make_published_release(Cast(), rows=make_rows(300))
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate SET certificate_number = '08' || substr(certificate_number, 3)"
            " WHERE certificate_number < (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY certificate_number) FROM certificate)"
        )
        cursor.execute("ANALYZE certificate")
    asked = Certificate.objects.of_holder([bytes(32)])
    for query, parameters in (asked.query.sql_with_params(), (of_holder("kind", "%s::bytea"), (bytes(32),) * 2)):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query}", parameters)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert all(part in plan for part in PARTS), plan
        assert "certificate_pkey" not in plan
