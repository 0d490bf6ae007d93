"""What a holder fills in, and photos as phones send them."""

import struct
import zlib

from django.http import HttpResponse
from django.test import Client

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, read, value_of

FILLED = {
    "id_number": ABSENT_ID,
    "certificate_number": ABSENT_NUMBER,
    "name": "王登记",
    "office": "3702",
    "received_on": "2026-10-01",
    "issued_on": "",
    "contact": "13800138000",
    "note": "考试在即墨",
}
REPORTED = {"certificate_number": "0815012003400009", "issuer": "某某人社局", "account": "招聘时见到", "contact": ""}


def leave_enquiry(client: Client, *, path: str = "/enquiries/", **changes: str) -> HttpResponse:
    """Open the form, fill it in and send it."""
    page = client.get(path)
    return client.post(path, FILLED | {"receipt": value_of(page, "receipt")} | changes)


def make_enquiry(client: Client, **changes: str) -> str:
    """An enquiry's receipt number."""
    return read(leave_enquiry(client, **changes)).fields["receipt"]


def ask_after(
    client: Client, receipt: str, id_number: str = ABSENT_ID, *, path: str = "/enquiries/answer/"
) -> HttpResponse:
    """The answer page."""
    return client.post(path, {"receipt": receipt, "id_number": id_number})


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def make_png(*more: tuple[bytes, bytes], width: int = 1, behind: bytes = b"") -> bytes:
    """One grey row with further chunks in front of the data, and something hung on behind."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0))
    extra = b"".join(_chunk(name, body) for name, body in more)
    data = _chunk(b"IDAT", zlib.compress(b"\0" + b"\x80" * min(width, 9)))
    return b"\x89PNG\r\n\x1a\n" + header + extra + data + _chunk(b"IEND", b"") + behind


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def make_jpeg(*more: tuple[int, bytes], behind: bytes = b"", width: int = 8) -> bytes:
    """The skeleton of a photo: what its segments are, without a picture that anybody could decode."""
    frame = _segment(0xC0, struct.pack(">BHHB", 8, 8, width, 1) + b"\x01\x11\x00")
    extra = b"".join(_segment(marker, body) for marker, body in more)
    scan = _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + extra + frame + scan + b"\xff\xd9" + behind
