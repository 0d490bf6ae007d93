"""The accepted rows are paged and searched by those who sign for them; ID numbers are masked, and in no address."""

import pytest
from django.test import Client

from tests.make import Cast, make_actor, make_checked_batch, make_id_number, make_row, make_rows
from tests.people.make import newest_entry
from tests.staff.make import sign_in, text_of
from uploads.models import AuditEntry, Batch, Capacity

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def batch(cast: Cast) -> Batch:
    rows = [*make_rows(55, first=1), make_row(seed=700, 姓名="古丽米热·艾比布力")]
    return make_checked_batch(by=cast.operator, rows=rows)


def rows_address(batch: Batch) -> str:
    return f"/staff/batches/{batch.id}/rows/"


def found(client: Client, batch: Batch, text: str) -> list[int]:
    """The row numbers that a search finds."""
    return [row.row_number for row in client.post(rows_address(batch), {"text": text}).context["rows"]]


def test_every_row_is_on_some_page_with_its_number_in_the_sheet(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.director)
    first = client.get(rows_address(batch)).context["rows"]
    second = client.get(rows_address(batch), {"page": "2"}).context["rows"]
    assert [row.row_number for row in (*first, *second)] == list(range(2, 58))


def test_id_numbers_are_masked_everywhere(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.operator)
    number = make_id_number(seed=1)
    shown = client.get(rows_address(batch)).content.decode()
    searched = client.post(rows_address(batch), {"text": number})
    assert number not in shown
    assert number[6:14] not in shown
    assert "379***************" in shown
    assert searched.content.decode().count(number) == 1  # the field keeps what was typed
    assert [row.row_number for row in searched.context["rows"]] == [2]


def test_rows_are_found_by_part_of_a_name_and_of_a_certificate_number(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.operator)
    assert found(client, batch, "艾比布力") == [8, 15, 22, 29, 36, 43, 50, 57]
    assert found(client, batch, "古丽米热•艾比布力") == [8, 15, 22, 29, 36, 43, 50, 57]
    number = batch.attempt.rows.get(row_number=30).certificate_number
    assert found(client, batch, f"{number[:4]} {number[4:8]} {number[8:]}") == [30]
    assert found(client, batch, "没有这个人") == []
    assert "请输入要查找的" in text_of(client.post(rows_address(batch), {"text": " "}))


def test_a_search_for_an_id_number_is_recorded_without_the_number(cast: Cast, batch: Batch) -> None:
    number = make_id_number(seed=3)
    assert found(sign_in(cast.operator), batch, number.lower()) == [4]
    entry = newest_entry("rows.searched_by_id_number")
    assert (entry.person_id, entry.subject_id) == (cast.operator.person.id, str(batch.id))
    assert not AuditEntry.objects.filter(detail__icontains=number).exists()


def test_the_file_is_handed_out_as_it_came_under_a_generated_name(cast: Cast, batch: Batch) -> None:
    answer = sign_in(cast.department_head).get(f"/staff/batches/{batch.id}/files/1/")
    assert answer["Content-Disposition"].startswith('attachment; filename="3702-')
    assert answer["Content-Disposition"].endswith('-1.xlsx"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(b"".join(answer.streaming_content)) == batch.attempt.byte_count
    assert newest_entry("file.handed_out").person_id == cast.department_head.person.id


def test_who_reviews_nothing_sees_the_batch_but_neither_rows_nor_file(batch: Batch) -> None:
    for capacity in (Capacity.AUDIT_ADMINISTRATOR, Capacity.SYSTEM_ADMINISTRATOR, Capacity.KEEPER):
        client = sign_in(make_actor(capacity))
        assert client.get(f"/staff/batches/{batch.id}/").status_code == 200
        assert client.get(rows_address(batch)).status_code == 403
        assert client.get(f"/staff/batches/{batch.id}/files/1/").status_code == 403


def test_nobody_without_a_login_reads_anything(client: Client, batch: Batch) -> None:
    for page in ("", "batches/", f"batches/{batch.id}/", f"batches/{batch.id}/rows/", f"batches/{batch.id}/files/1/"):
        assert client.get(f"/staff/{page}")["Location"].startswith("/staff/login/")
