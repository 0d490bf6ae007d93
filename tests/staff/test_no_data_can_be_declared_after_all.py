"""A declaration of no data, returned or after a file sent by mistake: nothing is stuck on its way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certificates.models import Office
from tests.make import (
    Cast,
    make_attempt,
    make_checked_batch,
    make_extension,
    make_period,
    make_row,
)
from tests.staff.make import sign_in, text_of
from uploads.intake.receive import declare_no_data
from uploads.models import Batch
from uploads.refusals import Refusal
from uploads.signoff.sign import digest_of_batch, return_batch, sign_batch

pytestmark = pytest.mark.django_db
NO_DATA = "/staff/batches/no-data/"


@pytest.fixture
def cast() -> Cast:
    cast = Cast()
    make_extension(by=cast.department_head)
    return cast


def declare(cast: Cast) -> Batch:
    return declare_no_data(by=cast.operator, office=Office.objects.get(code="3702"), period=make_period())


def hand_in(cast: Cast, batch: Batch) -> None:
    for by in (cast.operator, cast.director):
        sign_batch(by=by, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "submitted"


def test_a_returned_declaration_is_declared_again(cast: Cast) -> None:
    batch = declare(cast)
    hand_in(cast, batch)
    return_batch(by=cast.provincial_operator, batch=batch, reason="请再核实一次")
    client = sign_in(cast.operator)
    assert "重新申报本期无数据" in text_of(client.get(f"/staff/batches/{batch.id}/"))
    answer = client.post(NO_DATA, {"office": "3702", "period": make_period().code, "confirm": "on"}, follow=True)
    assert "经办人签字" in text_of(answer)
    batch.refresh_from_db()
    hand_in(cast, batch)


def test_a_file_sent_by_mistake_gives_way_to_a_declaration(cast: Cast) -> None:
    make_attempt(by=cast.operator, office="3702", rows=[make_row(等级="六级")])
    batch = declare(cast)
    assert (batch.state, batch.attempt_id, batch.declares_no_data) == ("checked", None, True)
    hand_in(cast, batch)


def test_what_is_signed_or_handed_in_is_declared_no_more(cast: Cast) -> None:
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    with pytest.raises(Refusal) as refusal:
        declare(cast)
    assert refusal.value.key == "batch_is_already_signed"


def test_a_reason_that_is_too_long_is_not_called_missing(cast: Cast) -> None:
    form = {
        "office": "3702",
        "period": make_period().code,
        "origin": "hand_made",
        "hand_made_reason": "长" * 201,
        "file": SimpleUploadedFile("a.xlsx", b"x"),
    }
    said = text_of(sign_in(cast.operator).post("/staff/batches/upload/", form))
    assert "原因最多 200 字。" in said
    assert "文件是人工整理的，请填写原因。" not in said
