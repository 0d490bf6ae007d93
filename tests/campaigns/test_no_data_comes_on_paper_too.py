"""A city that signs on paper declares 本期无数据: a provincial operator enters the sheet, both signatures count."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.make import PNG, Cast, make_checked_batch, make_extension, make_period
from tests.staff.make import confirmation, digest_on, sign_in, text_of
from uploads.models import Act, Batch, PaperSheet, Signature
from uploads.release.assemble import assemble_release, collectable
from uploads.signoff.sign import digest_of_release, return_batch, sign_release

pytestmark = pytest.mark.django_db
PAGE = "/staff/batches/no-data/paper/"


@pytest.fixture
def cast() -> Cast:
    cast = Cast()
    make_extension(by=cast.department_head)
    return cast


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.provincial_operator)


def sheet(**changes: object) -> dict[str, object]:
    return {
        "office": "3702",
        "period": make_period().code,
        "operator_number": "990001",
        "operator_name": "孙经办",
        "director_number": "990002",
        "director_name": "周主任",
        "signed_on": timezone.localdate().isoformat(),
        "scan": SimpleUploadedFile("scan.png", PNG),
        "confirm": "on",
    } | changes


def declared(client: Client, **changes: object) -> Batch:
    answer = client.post(PAGE, sheet(**changes))
    assert answer.status_code == 302, text_of(answer)
    return Batch.objects.get()


def hand_in(cast: Cast, client: Client, batch: Batch) -> str:
    digest = digest_on(client.get(f"/staff/batches/{batch.id}/"))
    form = confirmation(cast.provincial_operator, digest=digest)
    shown = text_of(client.post(f"/staff/batches/{batch.id}/submit/", form, follow=True))
    batch.refresh_from_db()
    return shown


def test_the_sheet_is_entered_and_submitted_with_both_signatures(cast: Cast, client: Client) -> None:
    batch = declared(client)
    assert (batch.way_in, batch.declares_no_data, batch.state) == ("paper", True, "checked")
    shown = text_of(client.get(f"/staff/batches/{batch.id}/"))
    assert "孙经办" in shown
    assert "写明的记录数" not in shown
    hand_in(cast, client, batch)
    assert batch.state == "submitted"
    signed = Signature.objects.filter(batch=batch, on_paper=True).values_list("person__name", "capacity")
    assert set(signed) == {("孙经办", "city_operator"), ("周主任", "city_director")}
    assert "本期无数据" in text_of(client.get("/staff/"))
    assert client.get(f"/staff/batches/{batch.id}/scan/").status_code == 200


def test_the_importer_signs_no_release_that_contains_it(cast: Cast, client: Client) -> None:
    batch = declared(client)
    hand_in(cast, client, batch)
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    with pytest.raises(Exception, match="person_acted_in_another_capacity"):
        sign_release(by=cast.provincial_operator, release=release, digest=digest_of_release(release))


def test_a_returned_one_is_declared_anew_by_a_new_sheet(cast: Cast, client: Client) -> None:
    batch = declared(client)
    hand_in(cast, client, batch)
    return_batch(by=cast.deputy_director, batch=batch, reason="请核实")
    batch = declared(client, operator_number="990003", operator_name="李经办")
    hand_in(cast, client, batch)
    assert batch.state == "submitted"
    assert PaperSheet.objects.filter(batch=batch).count() == 2
    acts = Act.objects.filter(batch=batch, round=batch.round, capacity="city_operator")
    assert acts.get().person.name == "李经办"


def test_a_mistyped_sheet_is_entered_again_before_it_is_handed_in(client: Client) -> None:
    declared(client, director_name="周主仼", director_number="990009")
    batch = declared(client)
    shown = text_of(client.get(f"/staff/batches/{batch.id}/"))
    assert "周主任" in shown
    assert "周主仼" not in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"director_number": "990001"}, "须是不同的两个人"),
        ({"confirm": ""}, "请先核对审签表"),
        ({"signed_on": "2999-01-01"}, "签字日期不能晚于今天"),
        ({"signed_on": "2020-01-01"}, "早于本期次的第一天"),
        ({"office": "3700"}, "不能为这个单位上报"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, object], said: str, client: Client) -> None:
    assert said in text_of(client.post(PAGE, sheet(**changes)))
    assert not Batch.objects.exists()


def test_a_file_that_waits_for_its_signature_stands_in_the_way(cast: Cast, client: Client) -> None:
    make_checked_batch(by=cast.operator)
    shown = text_of(client.post(PAGE, sheet()))
    assert "以另一种方式" in shown
    assert not PaperSheet.objects.exists()


def test_a_city_cannot_enter_paper(cast: Cast) -> None:
    assert sign_in(cast.operator).post(PAGE, sheet()).status_code == 403
