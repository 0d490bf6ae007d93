"""What a visitor sends and sees, and a published certificate to look up."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client

from tests.make import Cast, make_id_number, make_published_release, make_row, make_tampering

LOOKUP = "/lookup/"
# A well-formed pair that is in no register.
ABSENT_ID = make_id_number(seed=77_777)
ABSENT_NUMBER = "0815012003400001"
VOID_ELEMENTS = {"meta", "link", "input", "br", "img", "hr"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The two numbers of one published certificate."""

    id_number: str
    certificate_number: str


def publish(*rows: dict[str, object]) -> list[Pair]:
    """Publish rows (one ordinary row without any) and return what finds them."""
    rows = rows or (make_row(),)
    make_published_release(Cast(), rows=rows)
    return [Pair(str(row["证件号码"]), str(row["证书编号"])) for row in rows]


def change_published(pair: Pair, changes: str) -> None:
    """Change a published certificate's state; what actions will do, done here by an attacker's means."""
    with make_tampering("certificate") as cursor:
        cursor.execute(f"UPDATE certificate SET {changes} WHERE certificate_number = %s", [pair.certificate_number])


def look_up(
    client: Client, id_number: str, certificate_number: str, *, path: str = LOOKUP, **more: str
) -> HttpResponse:
    """Send the form; `more` are further fields."""
    return client.post(path, {"id_number": id_number, "certificate_number": certificate_number} | more)


class Reader(HTMLParser):
    """Collects the texts and days of elements with data-field, main's outcome, and everything said."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str | None] = []
        self.fields: dict[str, str] = {}
        self.days: dict[str, str] = {}
        self.outcome: str | None = None
        self.said: list[str] = []
        self.title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self.outcome = given.get("data-outcome")
        inside = self.open[-1] if self.open else None
        field = given.get("data-field") or (tag if tag == "title" else inside)
        if given.get("data-field"):
            self.fields[str(field)] = ""
        if tag == "time" and field:
            self.days[field] = str(given["datetime"])
        if tag not in VOID_ELEMENTS:
            self.open.append(field)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        field = self.open[-1] if self.open else None
        if field == "title":
            self.title += data
        elif field:
            self.fields[field] += data


@dataclass(frozen=True, slots=True)
class Answer:
    """One page as read: data-outcome, title, the values by data-field, the days by data-field, and all its text."""

    outcome: str | None
    title: str
    fields: dict[str, str]
    days: dict[str, str]
    text: str


def read(response: HttpResponse) -> Answer:
    """Read a page."""
    reader = Reader()
    reader.feed(response.content.decode())
    fields = {name: value.strip() for name, value in reader.fields.items()}
    return Answer(reader.outcome, reader.title, fields, reader.days, re.sub(r"\s+", " ", "".join(reader.said)))


def message_at(response: HttpResponse, field: str) -> str:
    """The message that stands at a field and that the field refers to; empty where there is none."""
    page = response.content.decode()
    found = re.search(rf'<span class="message" id="id_{field}_error">(.*?)</span>', page)
    if found is None:
        return ""
    control = re.search(rf'<input[^>]*name="{field}"[^>]*>', page)
    assert control is not None
    assert f"id_{field}_error" in control[0]
    assert 'aria-invalid="true"' in control[0]
    return found[1]


def value_of(response: HttpResponse, name: str) -> str:
    """The value of a field of a form; Django escapes as HTML asks."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode())
    assert found is not None
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""
