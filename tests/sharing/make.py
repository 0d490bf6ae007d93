"""A holder's way from a result to a slip, as the forms on the pages go."""

import html
import re

from django.http import HttpResponse
from django.test import Client

from tests.certificates_pages.reading import Pair, look_up, read, value_of

CODE = re.compile(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}")


def open_manager(client: Client, pair: Pair, *, prefix: str = "") -> HttpResponse:
    """From the result page to the certificate's codes."""
    answer = look_up(client, pair.id_number, pair.certificate_number, path=f"{prefix}/lookup/")
    return client.post(f"{prefix}/codes/", {"found": value_of(answer, "found")})


def make_slip(client: Client, pair: Pair, *, days: int = 7, prefix: str = "") -> HttpResponse:
    """The slip of a new code."""
    page = open_manager(client, pair, prefix=prefix)
    fields = {"found": value_of(page, "found"), "slip": value_of(page, "slip"), "days": str(days)}
    return client.post(f"{prefix}/codes/new/", fields)


def code_on(slip: HttpResponse) -> str:
    """The code as the slip shows it."""
    return read(slip).fields["code"]


def make_code(client: Client, pair: Pair, *, days: int = 7) -> str:
    """A code."""
    return code_on(make_slip(client, pair, days=days))


def without_tokens(response: HttpResponse) -> str:
    """The page without what differs each time."""
    return re.sub(r'value="[^"]{60,}"', "", html.unescape(response.content.decode()))
