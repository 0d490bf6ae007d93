"""核验码 on the pages: made from a result, opened by anybody who has it, withdrawn by the holder."""

import re
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from certificates.models import VerificationCode
from certificates.randomcodes import ALPHABET, new_code, write_code
from tests.certificates_pages.reading import Pair, change_published, look_up, publish, read, value_of
from tests.databases import acting_as
from tests.make import Cast, make_correction, make_published_change, make_revocation, make_row, make_tampering
from tests.sharing.make import CODE, code_on, make_code, make_slip, open_manager, without_tokens
from uploads.models import BatchKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Pair:
    [published] = publish(make_row(seed=1))
    return published


def end_code(**changes: timedelta) -> None:
    with make_tampering("verification_code") as cursor:
        for column, back in changes.items():
            cursor.execute(f"UPDATE verification_code SET {column} = {column} - %s", [back])


def test_a_holder_makes_a_code_and_somebody_else_sees_the_certificate(client: Client, pair: Pair) -> None:
    slip = make_slip(client, pair, days=30)
    code = code_on(slip)
    assert CODE.fullmatch(code)
    assert f"/codes/{code}/" in slip.content.decode()
    assert 'class="qr"' in slip.content.decode()
    assert "style=" not in slip.content.decode()
    assert pair.id_number not in slip.content.decode()
    assert "localhost:8000" in read(slip).text

    answer = client.get(f"/codes/{code}/")
    shown = read(answer)
    assert (answer.status_code, shown.outcome) == (200, "found")
    assert shown.fields["holder_name"] == "张𠮷"
    assert shown.fields["certificate_number"] == pair.certificate_number
    assert shown.fields["id_number"] == "379***************"
    assert "一致，没有变化" in shown.text
    assert pair.id_number not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_code_is_read_with_and_without_hyphens_in_any_case_and_width(client: Client, pair: Pair) -> None:
    code = make_code(client, pair)
    for typed in (code.replace("-", ""), code.lower(), f"{code}".replace("-", " "), code.replace("-", "－")):
        assert read(client.get(f"/codes/{typed}/")).outcome == "found"
        entered = client.post("/codes/", {"code": typed})
        assert entered.headers["Location"] == f"/codes/{code}/"
    assert read(client.get(f"/en/codes/{code}/")).title.startswith("Verification result")


def test_unknown_and_mistyped_codes_get_the_same_404(client: Client, pair: Pair) -> None:
    code = make_code(client, pair).replace("-", "")
    other = code[:-1] + next(letter for letter in ALPHABET if letter != code[-1])
    answers = [
        client.get(f"/codes/{typed}/")
        for typed in (write_code(other), new_code(16), code[:-1], code + "A", "0" * 16, "你好")
    ]
    answers.append(client.post("/codes/", {"code": "0" * 16}))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "没有这个核验码" in read(answers[0]).text


def test_a_code_ends_with_its_days_or_when_its_holder_withdraws_it(client: Client, pair: Pair) -> None:
    expired = make_code(client, pair, days=7)
    end_code(made_at=timedelta(days=8), expires_at=timedelta(days=8))
    shown = read(client.get(f"/codes/{expired}/"))
    assert shown.outcome == "code-expired"
    assert "这不说明证书有问题" in shown.text
    assert "张𠮷" not in shown.text

    code = make_code(client, pair)
    page = open_manager(client, pair)
    fields = {"found": value_of(page, "found"), "code_id": value_of(page, "code_id")}
    withdrawn = client.post("/codes/withdraw/", fields)
    assert "已撤回。" in read(withdrawn).text
    assert "没有有效的核验码" in read(withdrawn).text
    assert read(client.get(f"/codes/{code}/")).outcome == "code-withdrawn"
    assert "已经撤回或到期" in read(client.post("/codes/withdraw/", fields)).text


def test_then_and_now_stand_side_by_side_when_they_differ() -> None:
    client, cast = Client(), Cast()
    [pair] = publish(make_row(seed=1))
    code = make_code(client, pair)
    make_published_change(cast, BatchKind.CORRECTION, [make_correction(pair.certificate_number, 姓名="李更正")])
    shown = read(client.get(f"/codes/{code}/"))
    assert shown.outcome == "corrected"
    assert re.search(r"姓名\s*张𠮷\s*李更正 有变化", shown.text)
    assert "请以“现在”一栏为准" in shown.text
    english = read(client.get(f"/en/codes/{code}/"))
    assert "changed" in english.text

    make_published_change(cast, BatchKind.REVOCATION, [make_revocation(pair.certificate_number)])
    shown = read(client.get(f"/codes/{code}/"))
    assert shown.outcome == "revoked"
    assert re.search(r"状态\s*✓ 有效\s*✕ 已撤销", shown.text)
    assert "这张证书已撤销，不能生成新的核验码" in read(open_manager(client, pair)).text


def test_a_certificate_under_review_shows_nothing_by_code(client: Client, pair: Pair) -> None:
    code = make_code(client, pair)
    change_published(pair, "under_review_since = now()")
    answer = client.get(f"/codes/{code}/")
    assert read(answer).outcome == "under-review"
    assert "张𠮷" not in answer.content.decode()


def test_the_id_number_at_hand_is_compared_and_not_echoed(client: Client, pair: Pair) -> None:
    code = make_code(client, pair)
    other = "11010519491231002X"
    right = client.post(f"/codes/{code}/", {"id_number": pair.id_number.lower()})
    wrong = client.post(f"/codes/{code}/", {"id_number": other})
    assert "证件号码一致" in read(right).text
    assert "证件号码不一致" in read(wrong).text
    assert pair.id_number not in right.content.decode().upper()
    assert other not in wrong.content.decode()
    assert "末位与前面的数字对不上" in read(client.post(f"/codes/{code}/", {"id_number": other[:-1] + "1"})).text


@override_settings(RATE_ID="2/h", CHALLENGE_ID=2)
def test_comparing_is_limited_like_a_lookup(client: Client, pair: Pair) -> None:
    code = make_code(client, pair)
    answers = [client.post(f"/codes/{code}/", {"id_number": "11010519491231002X"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@override_settings(RATE_CODES="3/m")
def test_opening_codes_is_limited_by_address(client: Client) -> None:
    assert [client.get(f"/codes/{new_code(16)}/").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_the_same_form_sent_twice_makes_one_code(client: Client, pair: Pair) -> None:
    page = open_manager(client, pair)
    fields = {"found": value_of(page, "found"), "slip": value_of(page, "slip"), "days": "7"}
    first, second = (client.post("/codes/new/", fields) for _ in range(2))
    assert code_on(first) == code_on(second)
    assert without_tokens(first) == without_tokens(second)
    with acting_as("superuser"):
        assert VerificationCode.objects.count() == 1
    english = client.post("/en/codes/slip/", {"slip": value_of(first, "slip")})
    assert code_on(english) == code_on(first)
    assert f"/en/codes/{code_on(first)}/" in english.content.decode()


def test_without_a_fresh_token_nothing_is_made_or_listed(client: Client, pair: Pair) -> None:
    answer = look_up(client, pair.id_number, "0815012003400001")
    absent = value_of(answer, "query")
    for fields in ({"found": "x" * 90}, {"found": absent}, {"found": ""}):
        assert "请重新查询" in read(client.post("/codes/", fields)).text
    assert "请重新查询" in read(client.post("/codes/new/", {"slip": absent, "days": "7"})).text
    # The pages before an answer carry both numbers, too, and prove nothing.
    limited = client.post("/lookup/", {"query": absent, "edit": "1"})
    assert 'name="found"' not in limited.content.decode()
    assert client.get("/codes/new/").headers["Location"] == "/codes/"
    assert client.put("/codes/").status_code == 405
    page = open_manager(client, pair)
    chosen = {"found": value_of(page, "found"), "slip": value_of(page, "slip"), "days": "3650"}
    assert "请选择有效期" in read(client.post("/codes/new/", chosen)).text


def test_ten_live_codes_are_the_most(client: Client, pair: Pair) -> None:
    for _ in range(10):
        make_code(client, pair)
    assert "有效的核验码已有 10 个" in read(open_manager(client, pair)).text
    with acting_as("superuser"):
        assert VerificationCode.objects.filter(expires_at__gt=timezone.now()).count() == 10
