"""Somebody who looks certificates up, and what the answers say of their data's age."""

import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPMessage
from zoneinfo import ZoneInfo

from tests.certificates_pages.reading import Pair, Reader

# A process's own strict limits allow a twentieth of it.
RATE = 400
_KEYS = ("ADDRESS", "ID", "CERTIFICATE")
LIMITS = {f"RATE_{key}": f"{RATE}/h" for key in _KEYS} | {f"CHALLENGE_{key}": str(RATE) for key in _KEYS}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor gets."""

    status: int
    headers: HTTPMessage
    outcome: str | None
    as_of: str
    text: str
    seconds: float


class Visitor:
    """Somebody who looks up one pair at one site."""

    def __init__(self, site: str, numbers: Pair) -> None:
        self.site = site
        self.form = {"id_number": numbers.id_number, "certificate_number": numbers.certificate_number}

    def open(self, path: str, body: dict[str, str] | None = None) -> Answer:
        """A page."""
        began = time.monotonic()
        data = urllib.parse.urlencode(body).encode() if body else None
        try:
            with urllib.request.urlopen(urllib.request.Request(self.site + path, data=data), timeout=30) as response:
                status, headers, text = response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            status, headers, text = error.code, error.headers, error.read().decode()
        seconds = time.monotonic() - began
        reader = Reader()
        if "html" in headers["Content-Type"]:
            reader.feed(text)
        return Answer(status, headers, reader.outcome, reader.fields.get("as_of", ""), text, seconds)

    def look_up(self) -> Answer:
        """The lookup."""
        return self.open("/lookup/", self.form)


def moment(as_of: str) -> datetime:
    """When the page says its data are complete up to."""
    return datetime.strptime(as_of[5:24], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
