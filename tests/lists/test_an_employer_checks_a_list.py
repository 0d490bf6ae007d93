"""Each row of an employer's list ends as one thing, on screen and as a sheet; nothing of it is kept longer than needed."""

import hashlib
import io
import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django.fixtures import Settings

from certificates.lists.keeping import forget_expired
from certificates.models import EmployerList
from certlookup.databases import public_site
from tests.certificates_pages.answering import answer_of
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, change_published, read, value_of
from tests.databases import acting_as
from tests.lists.make import (
    HEADER,
    LISTS,
    hand_in,
    lines_of,
    listed,
    pasted,
    published,
    read_result,
    sheet_rows,
    workbook,
)
from uploads.tasks import forget_public_traces

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def generous(settings: Settings) -> None:
    """These tests hand in more than one address may."""
    settings.RATE_ADDRESS, settings.RATE_ID, settings.RATE_CERTIFICATE = "9000/d", "900/d", "900/d"


def number_of(row: dict[str, object]) -> Pair:
    return Pair(str(row["证件号码"]), str(row["证书编号"]))


def test_each_row_ends_as_what_it_is(client: Client) -> None:
    rows = published(8)
    change_published(number_of(rows[3]), "kind = 'corrected', changed_fields = ARRAY['holder_name']")
    change_published(number_of(rows[4]), "kind = 'revoked', change_reason = '错误核发', document_number = '1'")
    change_published(number_of(rows[5]), "under_review_since = now()")
    change_published(number_of(rows[6]), "kind = 'reinstated'")
    given = [
        listed(rows[0]),
        listed(rows[1], 姓名="王小明", 等级="一级", 发证日期="2001-02-03"),
        {name: listed(rows[2])[name] for name in HEADER[:3]},
        *(listed(row) for row in rows[3:7]),
        listed(rows[7], 证件号码=ABSENT_ID),
        listed(rows[0], 证书编号=ABSENT_NUMBER),
        listed(rows[0], 证件号码="379901199001011234"),
        listed(rows[0], 姓名=""),
        listed(rows[0], 发证日期="2026年"),
        listed(rows[0]),
    ]
    lines = read_result(client, hand_in(client, pasted(*given)))
    assert [line.verdict for line in lines] == [
        "有效，与名单一致",
        "有效，与名单不一致",
        "有效，与名单一致",
        "已更正",
        "已撤销，不再有效",
        "核查中",
        "有效，与名单一致",
        "未查询到",
        "未查询到",
        "填写有误",
        "填写有误",
        "填写有误",
        "有效，与名单一致",
    ]
    name, level, day = lines[1].notes
    assert name == f"姓名：名单为“王小明”，本网为“{rows[1]['姓名']}”"
    assert level.startswith("等级：名单为“一级”，本网为“")
    assert day.startswith("发证日期：名单为“2001 年 2 月 3 日”")
    assert "更正" in lines[3].notes[0]
    assert not lines[5].notes
    assert "恢复有效" in lines[6].notes[0]
    assert lines[10].notes == ("没有填写姓名。",)
    assert lines[12].notes == ("与第 1 行相同",)


def test_a_file_is_read_like_pasted_lines_and_the_result_is_a_sheet(client: Client) -> None:
    rows = published(2)
    file = workbook(listed(rows[0]), listed(rows[1], 姓名="@SUM(1+1)"))
    response = hand_in(client, file=file)
    [first, second] = read_result(client, response)
    assert (first.number, first.verdict) == (2, "有效，与名单一致")
    assert second.verdict == "填写有误"
    page = client.get(response["Location"]).content.decode()
    reference = re.search(r"HD\d{8}-\w{6}", page)
    assert reference
    sheet = client.get(response["Location"] + "result.xlsx")
    assert f'filename="{reference[0]}.xlsx"' in sheet["Content-Disposition"]
    cells = sheet_rows(sheet.content)
    assert reference[0] in str(cells[0][0])
    assert "上网的数据为准" in str(cells[1][0])
    assert cells[-2][4] == "有效，与名单一致"
    # What begins like a formula is text.
    assert cells[-1][1] == "@SUM(1+1)"
    [quoted] = [
        cell for cell in load_workbook(io.BytesIO(sheet.content)).worksheets[0]["B"] if cell.value == "@SUM(1+1)"
    ]
    assert (quoted.data_type, quoted.quotePrefix) == ("s", True)
    for answer in (page, str(cells)):
        assert str(rows[0]["证件号码"]) not in answer
        assert str(rows[0]["证件号码"])[6:14] not in answer
    for answer in (sheet, client.get(response["Location"])):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_the_template_comes_back_filled_in(client: Client, kind: str, language: str) -> None:
    [row] = published(1)
    template = client.get(f"{language}{LISTS}template.{kind}")
    assert template.status_code == 200
    given = list(listed(row).values())
    if kind == "xlsx":
        header = [str(cell) for cell in sheet_rows(template.content)[0]]
        file = workbook(dict(zip(header, given, strict=True)), header=tuple(header))
        # Unfilled, its 200 formatted rows are no people.
        empty = io.BytesIO(template.content)
        empty.name = "list.xlsx"
        assert "没有人员" in read(hand_in(client, file=empty)).text
    else:
        file = io.BytesIO(template.content + ",".join(given).encode() + b"\r\n")
        file.name = "list.csv"
    [line] = read_result(client, hand_in(client, file=file))
    assert line.verdict == "有效，与名单一致"


def test_pasted_lines_may_be_parted_by_commas_or_spaces_and_have_a_header(client: Client) -> None:
    [row] = published(1)
    name, id_number, number, *_ = listed(row).values()
    header = "证书编号\t姓名\t备注\t身份证号"
    for lines in (
        f"{name}，{id_number}，{number}",
        f"{name},{id_number},{number}",
        f"  {name}   {id_number} {number}\n\n",
        f"{header}\n{number}\t{name}\t新来的\t{id_number}",
    ):
        [line] = read_result(client, hand_in(client, lines))
        assert line.verdict == "有效，与名单一致", lines
    page = client.get(hand_in(client, f"{header}\n{number}\t{name}\t新来的\t{id_number}")["Location"])
    assert "没有用到的列 备注" in read(page).text.replace("没有用到的列备注", "没有用到的列 备注")


def test_what_cant_be_a_list_is_refused_in_its_own_words(client: Client) -> None:
    def said(lines: str = "", **more: object) -> str:
        answer = hand_in(client, lines, **more)
        assert (answer.status_code, read(answer).outcome) == (200, "invalid")
        assert read(answer).title.startswith("错误：")
        return read(answer).text

    row = "王小明\t370101199001011234\t0815012003400001"
    assert "请选择名单文件" in said()
    assert "请先取得名单中人员的同意" in said(row, agreed="")
    assert "只能选一种" in said(row, file=workbook({}))
    assert "名单有 201 行，一次最多 200 行" in said("\n".join([row] * 201))
    assert "没有找到表头" in said("甲\t乙\t丙")
    assert "文件是空的" in said(file=io.BytesIO(b""))
    for content, sentence in (
        (b"%PDF-1.7", "可能已损坏，或者不是表格"),
        (b"PK\x03\x04broken", "可能已损坏，或者不是表格"),
        (b"x" * (1024 * 1024 + 1), "文件超过 1 MB"),
        ('"张三,1,2\n'.encode(), "引号没有成对"),
    ):
        file = io.BytesIO(content)
        file.name = "list.xlsx"
        assert sentence in said(file=file), content[:20]
    assert client.post(LISTS, {"lines": "x" * 1_300_000, "agreed": "on"}).status_code == 413
    assert client.post("/lookup/", {"id_number": "x" * 70_000}).status_code == 413


def test_a_result_is_gone_after_half_an_hour_and_can_be_deleted_before(client: Client) -> None:
    [row] = published(1)
    address = hand_in(client, pasted(listed(row)))["Location"]
    unknown = client.get(LISTS + "A" * 27 + "/")
    assert (unknown.status_code, client.get(LISTS + "x/").status_code) == (404, 404)
    assert client.get(address).status_code == 200
    assert "已删除" in read(client.post(address)).text
    gone = client.get(address)
    assert gone.status_code == 404
    assert gone.content.replace(address.encode(), b"") == unknown.content.replace(
        LISTS.encode() + b"A" * 27 + b"/", b""
    )

    address = hand_in(client, pasted(listed(row)))["Location"]
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("UPDATE employer_list SET expires_at = now() - interval '1 second'")
    assert client.get(address).status_code == 404
    assert client.get(address + "result.xlsx").status_code == 404
    assert EmployerList.objects.values("digest").count() == 1
    forget_public_traces(timestamp=0)
    assert EmployerList.objects.values("digest").count() == 0
    assert forget_expired(timezone.now() + timedelta(hours=1)) == 0


def test_at_rest_a_list_opens_with_its_address_alone(client: Client) -> None:
    [row] = published(1)
    address = hand_in(client, pasted(listed(row)))["Location"]
    secret = address.split("/")[-2]
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("SELECT digest, sealed FROM employer_list")
        [(digest, sealed)] = cursor.fetchall()
    assert bytes(digest) == hashlib.sha256(secret.encode()).digest()
    for told in (str(row["姓名"]), str(row["证书编号"]), secret):
        assert told.encode() not in bytes(sealed)
    for statement in ("SELECT sealed FROM employer_list", "SELECT * FROM kept_list('\\x00')"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with public_site():
        for statement in ("SELECT digest FROM employer_list", "DELETE FROM employer_list"):
            denied = pytest.raises(DatabaseError, match="permission denied")
            with denied, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_a_list_costs_its_rows_and_waits_for_its_challenge(client: Client, settings: Settings) -> None:
    rows = published(6)
    settings.RATE_ADDRESS = "20/d"
    lines = pasted(*(listed(row) for row in rows))
    asked = hand_in(client, lines)
    assert read(asked).outcome == "challenge"
    assert str(rows[0]["证件号码"]) not in asked.content.decode()
    fields = {"list": value_of(asked, "list"), "challenge": value_of(asked, "challenge")}
    passed = client.post(LISTS, fields | {"answer": answer_of(asked)})
    assert len(read_result(client, passed)) == 6
    # The waiting list is spent, and 12 of 20 are used.
    assert "请重新提交" in read(client.post(LISTS, fields)).text
    assert read(hand_in(client, lines)).outcome == "challenge"
    limited = hand_in(client, lines)
    assert (limited.status_code, read(limited).outcome) == (429, "limited")
    assert int(limited["Retry-After"]) > 0
    settings.RATE_LISTS = "1/d"
    assert hand_in(client, lines).status_code in (200, 429)
    assert hand_in(client, lines).status_code == 429


def test_one_guessed_number_closes_its_own_row_alone(client: Client, settings: Settings) -> None:
    rows = published(2)
    settings.RATE_ID = "2/d"
    guesses = [listed(rows[0], 证书编号=f"{815_012_003_400_101 + place:016d}") for place in range(3)]
    asked = hand_in(client, pasted(*guesses, listed(rows[0]), listed(rows[1])))
    assert read(asked).outcome == "challenge"
    fields = {"list": value_of(asked, "list"), "challenge": value_of(asked, "challenge"), "answer": answer_of(asked)}
    lines = read_result(client, client.post(LISTS, fields))
    assert [line.verdict for line in lines] == ["暂不能核对"] * 3 + ["有效，与名单一致"] * 2


def test_lists_are_checked_in_english_too(client: Client) -> None:
    rows = published(2)
    given = pasted(listed(rows[0]), listed(rows[1], 证件号码="12"))
    address = hand_in(client, given, path="/en/lists/")["Location"]
    assert address.startswith("/en/lists/")
    agrees, wrong = lines_of(client.get(address))
    assert agrees.verdict == "Valid, agrees with the list"
    assert (wrong.verdict, wrong.notes[0].isascii()) == ("Form error", True)
    assert lines_of(client.get(address.removeprefix("/en")))[0].verdict == "有效，与名单一致"
    assert client.get("/en/lists/").status_code == 200
