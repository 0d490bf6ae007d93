"""The public site under other people's scales: the Nu checker, Lighthouse, and the MDN HTTP Observatory."""

import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import find_or_install
from tests.browser.test_every_public_page import addresses
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair
from tests.conftest import serving
from tests.databases import Copy
from tests.enquiries.make import FILLED, REPORTED
from tests.make import Cast, make_correction, make_published_change, make_published_release, make_row
from uploads.models import BatchKind

AUDITS = Path(os.environ["TEST_SITE_AUDITS"])
HOST = "cert.example.cn"
CODE = r'data-field="code">([^<]*)<'
# So that what is checked is what it is taken for.
TITLES = {
    "result": "查询结果",
    "not found": "没有查到",
    "codes of a certificate": "我的核验码",
    "slip": "核验单",
    "code": "核验结果",
    "then and now": "核验结果",
    "withdrawn code": "核验码已撤回",
    "unknown code": "没有这个核验码",
    "list": "名单核对结果",
    "receipt": "已登记",
    "enquiry": "登记的答复",
    "report": "举报已收到",
    "when": "我的证书什么时候上网",
}


@pytest.fixture
def cast(fresh_database: Copy) -> Cast:
    """Who publishes and corrects."""
    return Cast()


@pytest.fixture
def pair(cast: Cast) -> Pair:
    """One published certificate."""
    row = make_row(seed=7)
    make_published_release(cast, rows=[row])
    return Pair(str(row["证件号码"]), str(row["证书编号"]))


def run(*command: str | Path) -> str:
    """What a program prints; the test fails with what it says where it fails."""
    done = subprocess.run(command, cwd=AUDITS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fetch(address: str, body: dict[str, str] | None = None) -> bytes:
    """A page's content, an error page's too."""
    data = urllib.parse.urlencode(body).encode() if body else None
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=data), timeout=30) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        return error.read()


def hidden(page: bytes, name: str) -> str:
    """The value of a form's hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.decode())
    assert found, name
    return found[1]


def pages_behind_forms(site: str, pair: Pair) -> Iterator[tuple[str, bytes]]:
    """The answers to forms in one language and size, each with a name: lookups, codes, lists, enquiries, reports."""
    numbers = {"id_number": pair.id_number, "certificate_number": pair.certificate_number}
    result = fetch(f"{site}/lookup/", numbers)
    yield "result", result
    yield "not found", fetch(f"{site}/lookup/", {"id_number": ABSENT_ID, "certificate_number": ABSENT_NUMBER})
    yield "invalid", fetch(f"{site}/lookup/", {"id_number": "12", "certificate_number": "34"})

    found = {"found": hidden(result, "found")}
    manager = fetch(f"{site}/codes/", found)
    yield "codes of a certificate", manager
    slip = fetch(f"{site}/codes/new/", {"slip": hidden(manager, "slip"), "days": "7"} | found)
    yield "slip", slip
    code = f"{site}/codes/{re.search(CODE, slip.decode())[1]}/"  # type: ignore[index]
    yield "code", fetch(code)
    yield "ID compared", fetch(code, {"id_number": pair.id_number})
    yield "other ID compared", fetch(code, {"id_number": ABSENT_ID})
    yield "unknown code", fetch(f"{site}/codes/2222-2222-2222-2222/")

    lines = f"古丽米热·艾比布力\t{pair.id_number}\t{pair.certificate_number}\n王小明\t{ABSENT_ID}\t{ABSENT_NUMBER}\n李\t1\t2"
    yield "list", fetch(f"{site}/lists/", {"lines": lines, "agreed": "on"})
    yield "list's form", fetch(f"{site}/lists/", {"lines": ""})

    form = fetch(f"{site}/enquiries/", {"query": hidden(manager, "query")})
    yield "enquiry's form", form
    receipt = fetch(f"{site}/enquiries/", FILLED | {"receipt": hidden(form, "receipt")})
    yield "receipt", receipt
    number = re.search(r'data-field="receipt">([^<]*)<', receipt.decode())[1]  # type: ignore[index]
    yield "enquiry", fetch(f"{site}/enquiries/answer/", {"receipt": number, "id_number": ABSENT_ID})
    yield "report", fetch(f"{site}/reports/", REPORTED | {"receipt": hidden(fetch(f"{site}/reports/"), "receipt")})
    yield "when", fetch(f"{site}/when/", {"basis": "issued", "days": "2026-11", "office": "3702"})


def pages_after_a_correction(site: str, slip: bytes) -> Iterator[tuple[str, bytes]]:
    """What a code shows that was made before; and once it is withdrawn."""
    code = f"{site}/codes/{re.search(CODE, slip.decode())[1]}/"  # type: ignore[index]
    yield "then and now", fetch(code)
    found = {"found": hidden(slip, "found")}
    code_id = hidden(fetch(f"{site}/codes/", found), "code_id")
    yield "code withdrawn", fetch(f"{site}/codes/withdraw/", found | {"code_id": code_id})
    yield "withdrawn code", fetch(code)


def test_every_page_is_valid_html(running_site: str, cast: Cast, pair: Pair, tmp_path: Path) -> None:
    pages: dict[str, bytes] = {}
    for prefix in ("", "/en", "/large"):
        for address in (*addresses(), "/no/such/page"):
            pages[f"{prefix}{address}"] = fetch(f"{running_site}{prefix}{address}")
        for name, page in pages_behind_forms(f"{running_site}{prefix}", pair):
            pages[f"{prefix} {name}"] = page
    make_published_change(cast, BatchKind.CORRECTION, [make_correction(pair.certificate_number, 姓名="古丽")])
    for prefix in ("", "/en", "/large"):
        for name, page in pages_after_a_correction(f"{running_site}{prefix}", pages[f"{prefix} slip"]):
            pages[f"{prefix} {name}"] = page
    for name in ("500", "503"):
        pages[name] = fetch(f"{running_site}/static/errors/{name}.html")
    for place, (name, page) in enumerate(pages.items()):
        (tmp_path / f"{place:03} {name}.html".replace("/", "_")).write_bytes(page)
    titles = {name: re.search("<title>([^-<]*)", page.decode())[1].strip() for name, page in pages.items()}  # type: ignore[index]
    assert {name: titles[f" {name}"] for name in TITLES} == TITLES
    answer = run("java", "-jar", "node_modules/vnu-jar/build/dist/vnu.jar", "--format", "json", "--stdout",
                 "--exit-zero-always", str(tmp_path))  # fmt: skip
    found = [
        f"{Path(message['url']).name}: {message['message']} {message.get('extract', '')}"
        for message in json.loads(answer)["messages"]
        if message["type"] != "info" or message.get("subType") == "warning"
    ]
    assert not found, "\n".join(found)


def test_lighthouse_gives_full_marks(running_site: str, pair: Pair) -> None:
    chromium = str(find_or_install())
    answer = json.loads(run("node", "lighthouse.mjs", running_site, chromium, pair.id_number, pair.certificate_number))
    for place in ("home", "result"):
        marks = answer[place]
        assert (marks["accessibility"], marks["best-practices"]) == (100, 100), marks
        assert marks["performance"] >= 95, marks


@pytest.mark.parametrize("path", ["/", "/en/", "/staff/login/"])
def test_the_observatory_gives_its_top_grade(fresh_database: Copy, path: str) -> None:
    variables = {
        "SITE_ADDRESS": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with serving(fresh_database, **variables) as address:
        answer = json.loads(run("node", "observatory.mjs", address, HOST, path))
    assert answer["grade"] == "A+", answer
    assert not answer["lost"], answer
