"""Whatever is typed, sent or asked for: a public page answers it as a page, never by failing, and runs nothing of it."""

import io
import zipfile
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import openpyxl
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, publish, value_of
from tests.lists.make import hand_in, listed, pasted, read_result
from tests.make import make_row
from tests.sharing.make import make_slip, open_manager

pytestmark = pytest.mark.django_db

# As they come over the wire: percent-encoded, because not all of them are text.
HOSTILE = [
    *(quote(text) for text in (
        "\0", "370101199001011234\0", "\r\nSet-Cookie: a=b", "' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}",
        "%s%(x)s{0}", "../../etc/passwd", "=cmd|' /C calc'!A0", "-1", "0", "1e309", "NaN", "²", "٣", "㊿", "Ⅻ", "१२३",
        "\u202e4321", "\ufeff\u200b", "９" * 18, "9" * 5000, "𠮷" * 300, "2026-02-30", "0000-00-00", "99999-1-1",
    )),
    "%ED%A0%80", "%FF%FE", "%C0%AF", "%", "%zz",
]  # fmt: skip
# Each form filled in acceptably, so that the one value that isn't goes as deep as it can.
FORMS: dict[str, dict[str, str]] = {
    "/lookup/": {"id_number": ABSENT_ID, "certificate_number": ABSENT_NUMBER, "query": "", "edit": "", "answer": "",
                 "proof": "", "challenge": ""},
    "/when/": {"basis": "received", "days": "2026-10", "office": "3701", "query": ""},
    "/enquiries/": {"id_number": ABSENT_ID, "certificate_number": ABSENT_NUMBER, "name": "王登记", "office": "3701",
                    "received_on": "2026-09-01", "issued_on": "2026-08-20", "contact": "13800138000", "note": "急用",
                    "query": "", "filled": ""},
    "/enquiries/answer/": {"receipt": "ABCDEFGHJKMN", "id_number": ABSENT_ID, "progress": ""},
    "/reports/": {"certificate_number": "0815012003400009", "issuer": "某局", "account": "网上", "contact": "", "photo": "",
                  "made": ""},
    "/codes/new/": {"found": "", "slip": "", "days": "7"},
    "/codes/slip/": {"found": "", "slip": "", "days": "7"},
    "/codes/withdraw/": {"found": "", "code_id": "1"},
    "/codes/ABCD-EFGH-JKMN-PQRT/": {"id_number": ABSENT_ID, "compare": "", "answer": "", "proof": ""},
    "/lists/": {"lines": f"张三\t{ABSENT_ID}\t{ABSENT_NUMBER}", "agreed": "on", "list": "", "answer": "", "proof": ""},
}  # fmt: skip
FORM_TYPE = "application/x-www-form-urlencoded"
NO_FAILURE = {200, 302, 303, 400, 404, 405, 413, 429}


@pytest.fixture(autouse=True)
def generous(settings: Settings) -> None:
    """Nothing is refused for its number."""
    for name in ("RATE_ADDRESS", "RATE_ID", "RATE_CERTIFICATE", "RATE_LISTS", "RATE_CODES", "RATE_ENQUIRIES",
                 "RATE_REPORTS", "RATE_QUESTIONS"):  # fmt: skip
        setattr(settings, name, "100000/h")
    for name in ("CHALLENGE_ADDRESS", "CHALLENGE_ID", "CHALLENGE_CERTIFICATE"):
        setattr(settings, name, 100_000)


@pytest.fixture
def pair() -> Pair:
    """One published certificate."""
    [published] = publish(make_row(seed=1))
    return published


def assert_a_page(answer: HttpResponse, sent: str) -> None:
    assert answer.status_code in NO_FAILURE, (answer.status_code, sent)
    assert not answer.cookies, sent
    if not answer.streaming:
        text = answer.content.decode()
        assert "Traceback" not in text
        assert "<script>alert" not in text
        assert "49" not in text or "{{" not in sent or "{{ 7*7 }}" in text


@pytest.mark.parametrize("path", FORMS)
def test_every_field_of_every_form_bears_every_value(client: Client, path: str) -> None:
    for field, usual in FORMS[path].items():
        rest = urlencode({name: value for name, value in FORMS[path].items() if name != field})
        values = HOSTILE[::2] if usual else HOSTILE[::6]
        for value in values:
            answer = client.post(path, f"{rest}&{field}={value}", content_type=FORM_TYPE)
            assert_a_page(answer, f"{path} {field}={value}")


@pytest.mark.parametrize("path", FORMS)
def test_every_form_bears_every_shape_of_body(client: Client, path: str) -> None:
    first = next(iter(FORMS[path]))
    boundary = "multipart/form-data; boundary=b"
    part = f'--b\r\nContent-Disposition: form-data; name="{first}"'
    for content_type, body in (
        (FORM_TYPE, "&".join(f"{first}={place}" for place in range(500))),
        (FORM_TYPE, "&".join(f"f{place}=1" for place in range(10_000))),
        (FORM_TYPE, "=&&==&" * 200),
        (f"{FORM_TYPE}; charset=utf-16", f"{first}=1".encode("utf-16")),
        (f"{FORM_TYPE}; charset=no-such-charset", f"{first}=1"),
        ("application/json", '{"id_number": [1, {"a": null}]}'),
        ("text/xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
        ("multipart/form-data", "no boundary"),
        (boundary, "not a part"),
        (boundary, f"{part}\r\n\r\nnever closed"),
        (boundary, f'{part}; filename="../../../../tmp/evil\0.xlsx"\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n'),
        (boundary, f"{part}\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--b--\r\n"),
        (
            boundary,
            "".join(f'--b\r\nContent-Disposition: form-data; name="f"; filename="{n}"\r\n\r\nx\r\n' for n in range(300))
            + "--b--\r\n",
        ),
        ("", "\0\0\0"),
    ):
        content = body if isinstance(body, bytes) else body.encode()
        assert_a_page(client.generic("POST", path, content, content_type), f"{path} {content_type} {body[:60]!r}")


def test_no_header_changes_method_host_or_address(client: Client) -> None:
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert client.post("/lookup/", {"_method": "DELETE"}, headers={name: "DELETE"}).status_code == 200
    for name, value in (
        ("X-Forwarded-Host", "evil.example"),
        ("X-Original-URL", "/staff/"),
        ("X-Rewrite-URL", "/staff/"),
    ):
        answer = client.get("/", headers={name: value})
        assert answer.status_code == 200
        assert "evil.example" not in answer.content.decode()
    assert client.get("/", headers={"Accept-Language": "en"}).headers.get("Vary", "") == "", "one page for everybody"


@pytest.mark.parametrize(
    "path",
    [
        "/notices/99999999999999999999999/", "/notices/0/", "/bulletins/%00/", "/bulletins/?page=%00", "/bulletins/?page=²",
        "/bulletins/?page=-1", "/bulletins/?page=99999999999999999999", "/bulletins/..%2f..%2fetc/", "/codes/%00/",
        "/codes/%E2%80%AEABCD/", "/codes/?code=%00", "/codes/?code=%ED%A0%80", "/codes/?code=..%2F..%2Fstaff%2F",
        "/codes/?code=//evil.example/", "/codes/" + "A" * 3000 + "/", "/lists/%00/", "/lists/..%2f/", "/lists/%ED%A0%80/result.xlsx",
        "/lists/template.exe", "/static/../manage.py", "/static/%2e%2e/manage.py", "/large/large/", "/large/staff/", "/en/large/",
        "/large//staff/login/", "//evil.example/", "/en//evil.example/", "/?" + "a=1&" * 3000,
    ],
)  # fmt: skip
def test_no_address_makes_the_site_fail_or_leads_away(client: Client, path: str) -> None:
    answer = client.get(path)
    assert_a_page(answer, path)
    assert "evil.example" not in answer.headers.get("Location", "")
    assert not answer.headers.get("Location", "").startswith("//")


def test_a_token_that_is_anothers_or_broken_opens_nothing(client: Client, pair: Pair) -> None:
    manager = open_manager(client, pair)
    found, slip = value_of(manager, "found"), value_of(manager, "slip")
    make_slip(client, pair)
    for broken in (
        found[:40],
        found[::-1],
        slip[:40],
        found[:20] + found[20].swapcase() * 2 + found[21:],
        found[:10] + "\0",
        "²" * 40,
    ):
        for path in ("/codes/new/", "/codes/slip/", "/codes/withdraw/"):
            answer = client.post(path, {"found": broken, "slip": broken, "days": "7", "code_id": "²"})
            assert_a_page(answer, path)
            assert "2615" not in answer.content.decode()
    for code_id in ("²", "-1", "9" * 30, "", "\0", "1.5"):
        assert_a_page(client.post("/codes/withdraw/", {"found": found, "code_id": code_id}), code_id)
    for days in ("²", "-1", "9" * 30, "", "8"):
        assert_a_page(client.post("/codes/new/", {"found": found, "slip": slip, "days": days}), days)


def formulas(row: dict[str, object]) -> Iterator[dict[str, str]]:
    for start in ("=", "+", "-", "@", "\t=", "\r=", "＝"):
        yield listed(row, 姓名=f"{start}HYPERLINK(1)", 证书编号=f"{start}1+1")


def test_the_sheet_of_a_list_calculates_nothing(client: Client, pair: Pair) -> None:
    row = make_row(seed=1)
    answer = hand_in(client, pasted(*formulas(row)))
    assert read_result(client, answer)
    sheet = b"".join(client.get(f"{answer['Location']}result.xlsx"))
    for line in openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows():
        for cell in line:
            assert cell.data_type != "f", cell.value
            if str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "\r")):
                assert cell.quotePrefix, "typed as text, and kept as text by whoever edits it"


def bomb(name: str, size: int) -> io.BytesIO:
    """A file of a few kilobytes that unpacks to this many bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    stream.seek(0)
    stream.name = name
    return stream


def test_a_list_that_unpacks_to_much_more_is_refused(client: Client) -> None:
    answer = hand_in(client, file=bomb("../../tmp/list.xlsx", 100_000_000))
    assert answer.status_code == 200
    assert "文件展开后过大" in answer.content.decode() or "文件无法读取" in answer.content.decode()
