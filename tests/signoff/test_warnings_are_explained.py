"""Warnings that the operator explains before signing: without the explanation nobody signs, on either level."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.databases import acting_as
from tests.make import Cast, make_attempt, make_checked_batch, make_extension, make_paper, make_period, make_row
from tests.staff.make import digest_on, sign_in, sign_on_page, text_of
from uploads.actor import Actor
from uploads.intake.rules import EXPLAINED, RULES
from uploads.models import Batch, Signature, WarningExplanation
from uploads.refusals import Refusal
from uploads.release.assemble import assemble_release, collectable
from uploads.signoff.permissions import lacks_explanation, may_explain, why_not_sign_batch
from uploads.signoff.sign import digest_of_batch, explain_warnings, sign_batch, submit_batch

pytestmark = pytest.mark.django_db

WHY = "上期漏报，已与考核成绩册核对。"


def make_late_rows() -> list[dict[str, object]]:
    """Rows that were issued before the half-month and don't say when they were processed."""
    before = make_period().first_day - timedelta(days=1)
    number = f"{before:%y}15020000300{{}}"
    return [
        make_row(seed=seed, 证书编号=number.format(f"{seed:03d}"), 办理日期="", 发证日期=before.isoformat())
        for seed in (1, 2)
    ]


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def batch(cast: Cast) -> Batch:
    return make_checked_batch(by=cast.operator, rows=make_late_rows())


def refusal_of(act: str, by: Actor, batch: Batch) -> str:
    doing = sign_batch if act == "sign" else submit_batch
    with pytest.raises(Refusal) as refusal:
        doing(by=by, batch=batch, digest=digest_of_batch(batch))
    return refusal.value.key


def test_the_rules_that_ask_for_it_are_the_same_in_python_and_in_sql() -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT rule FROM unnest(%s::text[]) AS rule WHERE needs_explanation(rule)", [list(RULES)])
        assert {row[0] for row in cursor.fetchall()} == EXPLAINED == {"R-205"}
    assert all(RULES[number].severity == "warning" for number in EXPLAINED)


def test_without_the_explanation_nobody_signs_and_with_it_both_do(cast: Cast, batch: Batch) -> None:
    assert lacks_explanation(batch)
    assert why_not_sign_batch(cast.operator.person, batch) == "warnings_without_explanation"
    assert refusal_of("sign", cast.operator, batch) == "warnings_without_explanation"
    assert not Signature.objects.exists()
    explain_warnings(by=cast.operator, batch=batch, text=f" {WHY} ")
    assert not lacks_explanation(batch)
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        assert why_not_sign_batch(signer.person, batch) == ""
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
        batch.refresh_from_db()
    assert batch.state == "submitted"
    said = WarningExplanation.objects.get()
    assert (said.text, said.explained_by) == (WHY, cast.operator.person)


def test_a_paper_batch_is_not_handed_in_without_it(cast: Cast) -> None:
    paper = make_paper(cast.operator.person, cast.director.person)
    batch = make_attempt(by=cast.provincial_operator, office="3702", rows=make_late_rows(), paper=paper).batch
    make_extension(by=cast.department_head)
    assert refusal_of("submit", cast.provincial_operator, batch) == "warnings_without_explanation"
    explain_warnings(by=cast.provincial_operator, batch=batch, text=WHY)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "submitted"


def test_only_who_signs_first_explains_and_only_before_signing(cast: Cast, batch: Batch) -> None:
    for other in (cast.director, cast.provincial_operator, Cast("3701").operator):
        assert not may_explain(other.person, batch)
        with pytest.raises(Refusal) as refusal:
            explain_warnings(by=other, batch=batch, text=WHY)
        assert refusal.value.key == "person_not_entitled"
    with pytest.raises(Refusal) as refusal:
        explain_warnings(by=cast.operator, batch=batch, text="  ")
    assert refusal.value.key == "explanation_says_nothing"
    explain_warnings(by=cast.operator, batch=batch, text=WHY)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert not may_explain(cast.operator.person, batch)
    with pytest.raises(Refusal) as refusal:
        explain_warnings(by=cast.operator, batch=batch, text=WHY)
    assert refusal.value.key == "explanation_is_not_due"


def test_a_batch_without_such_warnings_asks_for_none(cast: Cast) -> None:
    batch = make_checked_batch(by=cast.operator)
    assert not lacks_explanation(batch)
    with pytest.raises(Refusal) as refusal:
        explain_warnings(by=cast.operator, batch=batch, text=WHY)
    assert refusal.value.key == "explanation_is_not_due"


def test_a_new_file_needs_a_new_explanation(cast: Cast, batch: Batch) -> None:
    explain_warnings(by=cast.operator, batch=batch, text=WHY)
    again = make_attempt(by=cast.operator, office="3702", rows=make_late_rows()).batch
    assert again == batch
    assert refusal_of("sign", cast.operator, again) == "warnings_without_explanation"


def test_the_page_asks_for_it_first_and_shows_it_to_everyone_after(cast: Cast, batch: Batch) -> None:
    operator, address = sign_in(cast.operator), f"/staff/batches/{batch.id}/"
    page = operator.get(address)
    assert "说明提醒的原因" in text_of(page)
    assert 'name="digest"' not in page.content.decode()
    empty = operator.post(f"{address}explain/", {"text": " "}, follow=True)
    assert "请写明原因" in text_of(empty)
    numbered = operator.post(f"{address}explain/", {"text": "见 37990119900307151X"}, follow=True)
    assert "不能写证件号码" in text_of(numbered)
    said = operator.post(f"{address}explain/", {"text": WHY}, follow=True)
    assert WHY in text_of(said)
    assert digest_on(said)
    assert WHY in text_of(sign_in(cast.director).get(address))


def test_the_signers_of_the_release_read_it(cast: Cast, batch: Batch) -> None:
    explain_warnings(by=cast.operator, batch=batch, text=WHY)
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    for signer in cast.release_signers:
        client = sign_in(signer)
        assert WHY in text_of(client.get(f"/staff/releases/{release.id}/"))
        sign_on_page(client, signer, release)
