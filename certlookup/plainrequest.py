"""Requests that are told apart by a look at their bytes: whole, alone, and of the plainest kind (RFC 9112).

For those who are turned away: gunicorn's reading of a request costs several times the answer. What isn't plain in every point is
left to gunicorn, and so is whatever could be read in two ways.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FIRST_LINE = re.compile(rb"(GET|HEAD|POST) (/[!-~]*) HTTP/1\.1")
_FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
_LENGTH = re.compile(rb"[0-9]{1,7}")
# Each of them changes where a request ends, or what is to be answered before it does.
_NOT_PLAIN = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"trailer"})


class PlainRequest(NamedTuple):
    """What is known of it: the method, and the path with its query."""

    method: str
    path: str


def read_plain(said: bytes) -> PlainRequest | None:
    """The request that these bytes are, from the first to the last; None for anything else. Pure."""
    head, end, body = said.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    asked = _FIRST_LINE.fullmatch(first)
    if not end or asked is None:
        return None
    fields: dict[bytes, bytes] = {}
    for line in lines:
        field = _FIELD_LINE.fullmatch(line)
        if field is None:
            return None
        name = field[1].lower()
        if name in fields or name in _NOT_PLAIN:
            return None
        fields[name] = field[2].strip()
    length = fields.get(b"content-length", b"0")
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive" or b"host" not in fields:
        return None
    if not _LENGTH.fullmatch(length) or int(length) != len(body):
        return None
    return PlainRequest(asked[1].decode(), asked[2].decode())
