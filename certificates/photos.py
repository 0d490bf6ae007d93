"""Photos that strangers send: what they really are, by content, with nothing in them but the picture. Pure.

Nothing is decoded here. A JPEG is walked segment by segment and a PNG chunk by chunk; whatever isn't needed to show the
picture is left out (place and camera, comments, previews, whatever is hung on behind), and what isn't well formed is
refused. Of what a phone notes in a JPEG only the way up is kept, written anew: without it the photo would lie on its side. The result is kept to be handed out as a file, never shown in a page.
"""

import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

MOST_BYTES: Final = 5 * 1024 * 1024
# A picture of more points unpacks to more than a program should be made to hold.
MOST_POINTS: Final = 60_000_000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_JPEG: Final = b"\xff\xd8\xff"
_SOI, _EOI, _SOS, _STUFFED, _ADOBE, _COMMENT = 0xD8, 0xD9, 0xDA, 0x00, 0xEE, 0xFE
_EXIF: Final = b"Exif\0\0"
_EXIF_SEGMENT: Final = 0xE1
_ORIENTATION, _SHORT = 0x0112, 3
_RESTARTS: Final = range(0xD0, 0xD8)
_APPLICATION: Final = range(0xE0, 0xF0)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class PhotoProblem(StrEnum):
    """What is wrong with a file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NO_PHOTO = "no_photo"
    BROKEN = "broken"


class PhotoError(ValueError):
    """A file that isn't taken."""

    def __init__(self, problem: PhotoProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture; kind is jpg or png."""

    kind: str
    content: bytes


def read_photo(content: bytes) -> Photo:
    """The picture in a file. Raises PhotoError."""
    if not content:
        raise PhotoError(PhotoProblem.EMPTY)
    if len(content) > MOST_BYTES:
        raise PhotoError(PhotoProblem.TOO_LARGE)
    try:
        if content.startswith(_PNG):
            return Photo("png", _png(content))
        if content.startswith(_JPEG):
            return Photo("jpg", _jpeg(content))
    except (IndexError, ValueError) as error:
        raise PhotoError(PhotoProblem.BROKEN) from error
    raise PhotoError(PhotoProblem.NO_PHOTO)


def _require(true: object) -> None:
    if not true:
        raise ValueError


def _png(content: bytes) -> bytes:
    kept = [_PNG]
    place = len(_PNG)
    seen: list[bytes] = []
    while True:
        length = int.from_bytes(content[place : place + 4], "big")
        name, end = content[place + 4 : place + 8], place + 12 + length
        _require(end <= len(content))
        body = content[place + 8 : place + 8 + length]
        _require(zlib.crc32(name + body) == int.from_bytes(content[end - 4 : end], "big"))
        if name == b"IHDR":
            _require(length == 13 and not seen)
            _require_size(int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"))
        # An unknown chunk whose name begins with a capital is one without which the picture can't be shown.
        _require(name in _PNG_NEEDED or not name[:1].isupper())
        if name in _PNG_NEEDED:
            seen.append(name)
            kept.append(content[place:end])
        place = end
        if name == b"IEND":
            _require(seen[0] == b"IHDR" and b"IDAT" in seen and length == 0)
            return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    kept, place = [content[:2]], 2
    has_frame = is_turned = False
    while True:
        _require(content[place] == 0xFF)
        while content[place + 1] == 0xFF:  # fill bytes
            place += 1
        marker = content[place + 1]
        if marker == _EOI:
            _require(has_frame)
            return b"".join([*kept, b"\xff\xd9"])
        _require(marker not in (_SOI, _STUFFED) and marker not in _RESTARTS)
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        end = place + 2 + length
        _require(length >= 2 and end <= len(content))
        if marker in _FRAMES:
            _require(length >= 8)
            _require_size(
                int.from_bytes(content[place + 7 : place + 9], "big"),
                int.from_bytes(content[place + 5 : place + 7], "big"),
            )
            has_frame = True
        if marker == _EXIF_SEGMENT and not is_turned and (turned := _way_up(content[place + 4 : end])):
            is_turned = True
            kept.append(turned)
        # Without Adobe's few bytes some pictures have other colours.
        colours = marker == _ADOBE and content[place + 4 : place + 9] == b"Adobe" and length == 14
        if colours or (marker not in _APPLICATION and marker != _COMMENT):
            kept.append(content[place:end])
        if marker == _SOS:
            _require(has_frame)
            scan = _end_of_scan(content, end)
            kept.append(content[end:scan])
            end = scan
        place = end


def _way_up(body: bytes) -> bytes:
    """A segment that says nothing but which way up the picture is, as this one does; empty where it needs no turning."""
    tiff = body.removeprefix(_EXIF)
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    if not body.startswith(_EXIF) or tiff[:2] not in (b"II", b"MM"):
        return b""
    directory = int.from_bytes(tiff[4:8], order)
    for number in range(int.from_bytes(tiff[directory : directory + 2], order)):
        entry = tiff[directory + 2 + 12 * number : directory + 14 + 12 * number]
        if len(entry) < 12:
            return b""
        if int.from_bytes(entry[:2], order) == _ORIENTATION and int.from_bytes(entry[2:4], order) == _SHORT:
            turned = int.from_bytes(entry[8:10], order)
            return _only_way_up(turned) if 2 <= turned <= 8 else b""
    return b""


def _only_way_up(turned: int) -> bytes:
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, turned, 0)
    body = _EXIF + b"MM" + struct.pack(">HIH", 42, 8, 1) + entry + bytes(4)
    return struct.pack(">BBH", 0xFF, _EXIF_SEGMENT, len(body) + 2) + body


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the next marker begins that is no part of a scan's data."""
    while True:
        place = content.index(b"\xff", place)
        follows = content[place + 1]
        if follows == _STUFFED or follows in _RESTARTS:
            place += 2
        elif follows == 0xFF:
            place += 1
        else:
            return place


def _require_size(width: int, height: int) -> None:
    _require(width > 0 and height > 0 and width * height <= MOST_POINTS)
