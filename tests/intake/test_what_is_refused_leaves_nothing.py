"""A refused file leaves no bytes behind; a returned batch may be declared without data, or come as a file."""

from pathlib import Path

import pytest
from django.conf import settings

from certificates.models import Office
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_checked_batch,
    make_extension,
    make_paper,
    make_period,
    make_person,
)
from uploads.intake.receive import declare_no_data, receive_file
from uploads.models import Act, Batch, Capacity, Origin
from uploads.refusals import Refusal
from uploads.signoff.sign import digest_of_batch, return_batch, sign_batch, submit_batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: object, tmp_path: Path) -> None:
    """Tests that run beside this one store files, too."""
    settings.UPLOADS_DIR = tmp_path / "uploads"  # type: ignore[attr-defined]


def files() -> set[str]:
    folder = settings.UPLOADS_DIR
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_file_for_a_signed_batch_is_refused_and_not_kept() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    before = files()
    with pytest.raises(Refusal) as refusal:
        make_attempt(by=cast.operator, office=cast.office)
    assert refusal.value.key == "batch_is_already_signed"
    assert files() == before


def test_paper_for_a_batch_that_came_by_account_is_refused_and_neither_file_nor_scan_is_kept() -> None:
    cast = Cast()
    make_checked_batch(by=cast.operator)
    before = files()
    with pytest.raises(Refusal) as refusal:
        make_attempt(
            by=cast.provincial_operator,
            office=cast.office,
            paper=make_paper(make_person(office=cast.office), make_person(office=cast.office)),
        )
    assert refusal.value.key == "batch_came_in_another_way"
    assert files() == before


def test_a_returned_batch_may_come_in_again_on_paper_and_the_other_way_round() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    return_batch(by=cast.director, batch=batch, reason="改为纸质签字")
    operator, director = make_person(office=cast.office), make_person(office=cast.office)
    attempt = make_attempt(by=cast.provincial_operator, office=cast.office, paper=make_paper(operator, director))
    batch.refresh_from_db()
    assert (attempt.batch_id, batch.way_in, batch.state) == (batch.id, "paper", "checked")
    make_extension(by=cast.department_head)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    capacities = set(Act.objects.filter(batch=batch, round=batch.round).values_list("capacity", flat=True))
    assert capacities == {"importer", "city_operator", "city_director"}
    return_batch(by=make_actor(Capacity.NETWORK_ADMINISTRATOR), batch=batch, reason="扫描件不清")
    assert make_checked_batch(by=cast.operator).id == batch.id
    batch.refresh_from_db()
    assert (batch.way_in, batch.state) == ("account", "checked")


def test_a_returned_batch_may_be_declared_without_data_and_signed() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    return_batch(by=cast.director, batch=batch, reason="本期没有办理")
    declared = declare_no_data(by=cast.operator, office=Office.objects.get(code=cast.office), period=make_period())
    assert (declared.id, declared.state, declared.declares_no_data, declared.attempt_id) == (
        batch.id,
        "checked",
        True,
        None,
    )
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=declared, digest=digest_of_batch(declared))
    assert Batch.objects.get(id=batch.id).state == "submitted"
    assert Act.objects.filter(batch=batch, round=declared.round).count() == 2


def test_a_returned_declaration_may_be_followed_by_a_file() -> None:
    cast = Cast()
    office = Office.objects.get(code=cast.office)
    batch = declare_no_data(by=cast.operator, office=office, period=make_period())
    return_batch(by=cast.director, batch=batch, reason="本期有数据")
    assert make_checked_batch(by=cast.operator).id == batch.id
    batch.refresh_from_db()
    assert (batch.state, batch.declares_no_data) == ("checked", False)


def test_no_data_is_not_declared_over_a_batch_under_way() -> None:
    cast = Cast()
    make_checked_batch(by=cast.operator)
    with pytest.raises(Refusal) as refusal:
        declare_no_data(by=cast.operator, office=Office.objects.get(code=cast.office), period=make_period())
    assert refusal.value.key == "batch_is_already_checked"


def test_another_citys_operator_declares_nothing_here() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    return_batch(by=cast.director, batch=batch, reason="x")
    with pytest.raises(Refusal) as refusal:
        declare_no_data(by=Cast("3701").operator, office=Office.objects.get(code=cast.office), period=make_period())
    assert refusal.value.key == "person_not_entitled"


def test_a_hand_made_file_without_a_reason_is_refused_and_not_kept() -> None:
    before = files()
    with pytest.raises(Refusal) as refusal:
        receive_file(
            by=Cast().operator,
            office=Office.objects.get(code="3702"),
            period=make_period(),
            content=[b"x"],
            name="x.xlsx",
            origin=Origin.HAND_MADE,
            hand_made_reason="  ",
        )
    assert refusal.value.key == "hand_made_without_a_reason"
    assert files() == before
