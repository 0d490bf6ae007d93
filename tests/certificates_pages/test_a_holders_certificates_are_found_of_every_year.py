"""By an ID number certificates of recent years are found in one index, all others in another: each in exactly one."""

import pytest
from django.db import connection

from certificates.models import Certificate
from certificates.models.places import NUMBERS_OF_HOLDER, beginning, of_holder
from tests.make import Cast, make_published_release, make_rows, make_tampering

pytestmark = pytest.mark.django_db

INDEXES = ("certificate_by_pair", "certificate_by_earlier_id")


def found_by_sql(index: bytes) -> list[str]:
    """In both ways of asking it: with the beginning of the index computed beforehand, and without."""
    found = []
    for begins in ("", "asked.begins"):
        query = of_holder("certificate_number", "asked.id_index", begins)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT held.* FROM (SELECT x AS id_index, {beginning('x')} AS begins FROM (SELECT %s::bytea) y (x)) asked "
                f"CROSS JOIN LATERAL ({query}) held",
                [index],
            )
            found.append(sorted(number for (number,) in cursor.fetchall()))
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    "number",
    ["", "0", "0015", "2415", "25", "2515", "26", "2:15", "2715", "B6A1", "3199", "32", "8915", "90", "9415", "9915", "37A15", "鲁A", "A1"],
)  # fmt: skip
def test_a_number_of_any_year_and_form_is_found_once_by_its_holder(number: str) -> None:
    make_published_release(Cast(), rows=make_rows(3))
    recent, other, _ = Certificate.objects.order_by("certificate_number")
    index = bytes(recent.id_index)
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate SET certificate_number = %s, id_index = %s WHERE certificate_number = %s",
            [number, index, other.certificate_number],
        )
    assert recent.certificate_number[:2] == "26"
    both = sorted([number, recent.certificate_number])
    assert found_by_sql(index) == both
    assert (
        sorted(Certificate.objects.of_holder([bytes(32), index]).values_list("certificate_number", flat=True)) == both
    )
    assert found_by_sql(bytes(32)) == []
    assert not Certificate.objects.of_holder([bytes(32)]).exists()


def test_both_ways_of_asking_go_by_both_indexes() -> None:
    # A register of two rows and no statistics made any index as cheap as another, and once the plan was the other.
    make_published_release(Cast(), rows=make_rows(300))
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate SET certificate_number = '08' || substr(certificate_number, 3)"
            " WHERE certificate_number < (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY certificate_number) FROM certificate)"
        )
        cursor.execute("ANALYZE certificate")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {NUMBERS_OF_HOLDER}", [[bytes(32)]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert all(index in plan for index in INDEXES), plan
    # The key tells the last number before a year's end, once per query, and no row is sought by it.
    assert "Index Scan using certificate_pkey" not in plan, plan
    assert plan.count("One-Time Filter") == 6, plan
