"""However a number is typed, it is read; what can't be one gets a message at its field, and nothing is looked up."""

import pytest
from django.test import Client

from certificates.idnumber import check_character
from certificates.models import RateCounter
from tests.certificates_pages.reading import (
    ABSENT_ID,
    ABSENT_NUMBER,
    Pair,
    look_up,
    message_at,
    publish,
    read,
    value_of,
)
from tests.make import make_id_number, make_row

pytestmark = pytest.mark.django_db

WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def make_seeded(seed: int) -> str:
    return make_id_number(seed=seed)


def id_ending_in_x() -> str:
    return next(number for number in map(make_seeded, range(100)) if number.endswith("X"))


@pytest.fixture
def pair() -> Pair:
    [published] = publish(make_row(证件号码=id_ending_in_x(), 出生日期=""))
    return published


WAYS_TO_TYPE = {
    "in full width": lambda number: number.translate(WIDE),
    "with spaces": lambda number: f"  {number[:6]} {number[6:14]}\u3000{number[14:]} ",
    "with hyphens": lambda number: f"{number[:6]}-{number[6:14]}－{number[14:]}",
    "in lower case": str.lower,
    "with a zero-width space": lambda number: f"\u200b{number}\ufeff",
}


@pytest.mark.parametrize("way", WAYS_TO_TYPE)
def test_both_numbers_are_found(client: Client, pair: Pair, way: str) -> None:
    typed = WAYS_TO_TYPE[way]
    response = look_up(client, typed(pair.id_number), typed(pair.certificate_number))
    assert read(response).outcome == "found"


@pytest.mark.parametrize("final", ["x", "Ｘ", "ⅹ", "Ⅹ", "×"])
def test_a_final_x_is_one_however_it_looks(client: Client, pair: Pair, final: str) -> None:
    assert read(look_up(client, pair.id_number[:-1] + final, pair.certificate_number)).outcome == "found"


def test_fifteen_and_eighteen_digits_find_the_same(client: Client) -> None:
    eighteen = make_id_number(seed=1)
    fifteen = eighteen[:6] + eighteen[8:17]
    new, old = publish(make_row(seed=1), make_row(seed=2, 证件号码=fifteen, 出生日期=""))
    for typed in (fifteen, eighteen):
        for published in (new, old):
            assert read(look_up(client, typed, published.certificate_number)).outcome == "found"


WRONG_ID = make_id_number(seed=5)[:-1] + ("0" if make_id_number(seed=5)[-1] != "0" else "1")
IMPOSSIBLE = "37990119900230001"


@pytest.mark.parametrize(
    ("id_number", "certificate_number", "field", "message"),
    [
        ("", ABSENT_NUMBER, "id_number", "请填写证件号码。"),
        ("  \u3000 ", ABSENT_NUMBER, "id_number", "请填写证件号码。"),
        (ABSENT_ID, "", "certificate_number", "请填写证书编号。"),
        (WRONG_ID, ABSENT_NUMBER, "id_number", "末位与前面的数字对不上"),
        (ABSENT_ID[:-1], ABSENT_NUMBER, "id_number", "您填写了 17 位"),
        (IMPOSSIBLE + check_character(IMPOSSIBLE), ABSENT_NUMBER, "id_number", "出生日期不存在"),
        (ABSENT_NUMBER, ABSENT_NUMBER, "id_number", "像是证书编号"),
        (ABSENT_ID, ABSENT_ID, "certificate_number", "像是身份证号码"),
        (ABSENT_ID, ABSENT_ID[:6] + ABSENT_ID[8:17], "certificate_number", "像是身份证号码"),
        (ABSENT_ID, ABSENT_NUMBER[1:], "certificate_number", "可能漏了最前面的 0"),
        (ABSENT_ID, ABSENT_NUMBER + "12", "certificate_number", "您填写了 18 位"),
        (ABSENT_ID, "08150120034O0001", "certificate_number", "第 12 位不是数字"),
        (ABSENT_ID, "0815012003700001", "certificate_number", "只能是 1 至 5，您填写的是 7"),
        (ABSENT_ID, "Y000037000001213000123", "certificate_number", "职业技能等级证书"),
        ("9" * 500, ABSENT_NUMBER, "id_number", "证件号码过长"),
        (ABSENT_ID, "9" * 500, "certificate_number", "证书编号过长"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: Client, id_number: str, certificate_number: str, field: str, message: str
) -> None:
    response = look_up(client, id_number, certificate_number)
    answer = read(response)
    assert (response.status_code, answer.outcome) == (200, "invalid")
    assert message in message_at(response, field)
    other = "certificate_number" if field == "id_number" else "id_number"
    assert message_at(response, other) == ""
    assert answer.title.startswith("错误：")
    assert f'<a href="#id_{field}">' in response.content.decode()
    assert (value_of(response, "id_number"), value_of(response, "certificate_number")) == (
        id_number,
        certificate_number,
    )
    assert not RateCounter.objects.exists()


def test_two_wrong_numbers_get_two_messages(client: Client) -> None:
    response = look_up(client, "", "")
    assert message_at(response, "id_number")
    assert message_at(response, "certificate_number")


def test_markup_that_is_typed_stays_text(client: Client) -> None:
    page = look_up(client, "<script>alert(1)</script>", '"><b>').content.decode()
    assert "<script>" not in page
    assert "<b>" not in page.replace("<b>尚无数据</b>", "").split("</form>")[0]


def test_edit_returns_to_the_form_with_what_was_typed(client: Client) -> None:
    typed = f" {ABSENT_ID.lower()}"
    response = look_up(client, typed, "081501", edit="1")
    assert (value_of(response, "id_number"), value_of(response, "certificate_number")) == (typed, "081501")
    assert read(response).outcome is None
    assert not message_at(response, "certificate_number")


def test_the_way_back_from_not_found_keeps_what_was_typed(client: Client) -> None:
    not_found = look_up(client, ABSENT_ID.lower(), ABSENT_NUMBER)
    assert ABSENT_ID[6:] not in not_found.content.decode()
    back = client.post("/lookup/", {"query": value_of(not_found, "query"), "edit": "1"})
    assert value_of(back, "id_number") == ABSENT_ID.lower()
    assert value_of(back, "certificate_number") == ABSENT_NUMBER


@pytest.mark.parametrize("token", ["x", "é", "QUJD", "A" * 300, ""])
def test_a_made_up_way_back_leads_to_an_empty_form(client: Client, token: str) -> None:
    response = client.post("/lookup/", {"query": token, "edit": "1"})
    assert response.status_code == 200
    assert value_of(response, "id_number") == ""
