"""Lists as employers hand them in, and what they read back."""

import io
import re
from dataclasses import dataclass
from html import unescape

from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook, load_workbook

from tests.certificates_pages.reading import publish
from tests.make import make_row

HEADER = ("姓名", "证件号码", "证书编号", "职业（工种）", "等级", "发证日期")
LISTS = "/lists/"


def listed(row: dict[str, object], **changes: str) -> dict[str, str]:
    """A published row as an employer lists it, all six columns."""
    texts = {
        "姓名": row["姓名"],
        "证件号码": row["证件号码"],
        "证书编号": row["证书编号"],
        "职业（工种）": row["职业(工种)"],
        "等级": row["等级"],
        "发证日期": row["发证日期"],
    }
    return {name: str(value) for name, value in (texts | changes).items()}


def published(count: int) -> list[dict[str, object]]:
    rows = [make_row(seed=seed) for seed in range(1, count + 1)]
    publish(*rows)
    return rows


def pasted(*rows: dict[str, str]) -> str:
    return "\n".join("\t".join(row.get(name, "") for name in HEADER) for row in rows)


def workbook(*rows: dict[str, str], header: tuple[str, ...] = HEADER) -> io.BytesIO:
    book = Workbook()
    sheet = book.active
    sheet.append(list(header))
    for row in rows:
        sheet.append([row.get(name, "") for name in header])
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "list.xlsx"
    return stream


def hand_in(client: Client, lines: str = "", *, path: str = LISTS, **more: object) -> HttpResponse:
    return client.post(path, {"lines": lines, "agreed": "on"} | more)


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    name: str
    verdict: str
    notes: tuple[str, ...]


def read_result(client: Client, response: HttpResponse) -> list[Line]:
    """Follow the redirect to the result and read its rows."""
    assert (response.status_code, response.content) == (303, b"")
    page = client.get(response["Location"])
    assert page.status_code == 200
    return lines_of(page)


def lines_of(page: HttpResponse) -> list[Line]:
    text = page.content.decode()
    lines = []
    for row in re.findall(r"<tr><td.*?</tr>", text, re.DOTALL):
        number = re.search(r'data-label="[^"]*">(\d+)</td>', row)
        name = re.search(r'<th scope="row"[^>]*>(.*?)</th>', row, re.DOTALL)
        verdict = re.search(r'<span class="tag \w+"><span aria-hidden="true">. </span>(.*?)</span>', row)
        assert number
        assert name
        assert verdict
        notes = tuple(unescape(note) for note in re.findall(r"<p>(.*?)</p>", row))
        lines.append(Line(int(number[1]), unescape(re.sub(r"<[^>]+>", "", name[1])).strip(), verdict[1], notes))
    return lines


def sheet_rows(content: bytes) -> list[list[object]]:
    book = load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
