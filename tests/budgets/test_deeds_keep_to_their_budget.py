"""The main actions cost the queries that docs/budgets.md names, whether there are few rows or many."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from certificates.models import Enquiry, Office
from tests.budgets.counting import counted
from tests.budgets.table import hold
from tests.certificates_pages.reading import Pair
from tests.enquiries.make import leave_enquiry
from tests.lists.make import hand_in, listed, pasted
from tests.make import (
    Cast,
    make_actor,
    make_extension,
    make_period,
    make_rows,
    make_workbook,
)
from tests.sharing.make import code_on, make_slip
from uploads.enquiries.answering import answer_enquiry
from uploads.intake import staging
from uploads.intake.prechecks import request_precheck, run_precheck
from uploads.intake.receive import receive_file
from uploads.models import Batch, BatchKind, Capacity, Origin
from uploads.oversight.roots import store_root
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.compare import agree_to_all
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

FEW, MANY = 3, 200


class Costs:
    """Does one thing after the other and notes what each costs."""

    def __init__(self) -> None:
        self.noted: dict[str, int] = {}

    def of(self, words: str, do: Callable[[], Any]) -> Any:
        with counted() as sent:
            made = do()
        self.noted[words] = len(sent)
        return made


def costs_with(rows: int) -> dict[str, int]:
    """From the file to the answer, with a file of so many rows."""
    costs = Costs()
    given = make_rows(rows)
    with transaction.atomic():
        _publish(costs, given)
        _ask(costs, given)
        transaction.set_rollback(True)
    return costs.noted


def _publish(costs: Costs, rows: list[dict[str, object]]) -> None:
    cast = Cast()
    office, period, content = _office(), make_period(), make_workbook(rows)
    make_extension(by=cast.department_head)
    precheck = request_precheck(
        by=cast.operator, office=office, period=period, kind=BatchKind.REGULAR, content=[content], name="预检.xlsx"
    )
    costs.of("预检文件", lambda: run_precheck(precheck.id))
    attempt = costs.of(
        "上传文件",
        lambda: receive_file(
            by=cast.operator,
            office=office,
            period=period,
            kind=BatchKind.REGULAR,
            content=[content],
            name="上报.xlsx",
            origin=Origin.EXAM_SYSTEM,
            paper=None,
        ),
    )
    costs.of("检查文件", lambda: staging.check_attempt(attempt.id))
    batch = Batch.objects.get()
    digest = digest_of_batch(batch)
    costs.of("抽样核对", lambda: agree_to_all(by=cast.operator, batch=batch, digest=digest))
    costs.of("批次签字", lambda: sign_batch(by=cast.operator, batch=batch, digest=digest))
    sign_batch(by=cast.director, batch=batch, digest=digest)
    release = costs.of(
        "汇总批次",
        lambda: assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period)),
    )
    digest = digest_of_release(release)
    for signer in cast.release_signers:
        costs.of("汇总批次签字", lambda by=signer: sign_release(by=by, release=release, digest=digest))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    costs.of("上传上网", lambda: sign_release(by=cast.network_administrator, release=release, digest=digest))
    costs.of("公布上网", lambda: publish_release(release.id))
    release.refresh_from_db()
    costs.of("写入校验根", lambda: store_root(release.publication_id))


def _ask(costs: Costs, rows: list[dict[str, object]]) -> None:
    """What visitors do, and what is answered."""
    visitor = Client()
    first = rows[0]
    pair = Pair(str(first["证件号码"]), str(first["证书编号"]))
    slip = make_slip(visitor, pair)
    costs.of("制作核验码", lambda: make_slip(visitor, pair))
    costs.of("凭核验码查看", lambda: visitor.get(f"/codes/{code_on(slip)}/"))
    lines = pasted(*(listed(row) for row in rows))
    costs.of("核对名单", lambda: _checked(hand_in(visitor, lines)))
    costs.of("登记查不到证书", lambda: leave_enquiry(visitor))
    operator = make_actor(Capacity.CITY_OPERATOR, "3702")
    costs.of(
        "答复登记", lambda: answer_enquiry(by=operator, enquiry=Enquiry.objects.get(), text="已上网。", close=True)
    )


def _checked(answer: HttpResponse) -> None:
    assert answer.status_code == 303, answer.content.decode()


def _office() -> Office:
    return Office.objects.get(code="3702")


@pytest.fixture
def generous(settings: Settings) -> None:
    """A list of two hundred counts for as many lookups."""
    settings.RATE_ADDRESS, settings.RATE_ID, settings.RATE_CERTIFICATE = "9000/d", "900/d", "900/d"


@pytest.mark.django_db
def test_the_main_deeds_cost_as_much_with_two_hundred_rows_as_with_three(
    generous: None, request: pytest.FixtureRequest
) -> None:
    with_few, with_many = costs_with(FEW), costs_with(MANY)
    grown = [f"{words}: {with_few[words]}, {cost}" for words, cost in with_many.items() if cost != with_few[words]]
    assert not grown, "\n".join(grown)
    hold("Deeds", with_many, request)
