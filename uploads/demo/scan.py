"""The scan of a signed sheet, as a demo has it: a drawn page, so that nobody takes it for a real one."""

import struct
import zlib

_WIDTH, _HEIGHT = 420, 594
_LINES = range(60, 420, 24)
_SIGNATURES = ((60, 180), (240, 360))


def make_scan() -> bytes:
    """A small PNG: a page with lines of writing and two signatures' strokes, in shades of grey."""
    rows = []
    for y in range(_HEIGHT):
        row = bytearray(b"\xf6" * _WIDTH)
        if y in _LINES:
            row[40 : _WIDTH - 40 - y % 70] = b"\x70" * (_WIDTH - 80 - y % 70)
        if 480 <= y < 520:
            for left, right in _SIGNATURES:
                x = left + (y * 37) % (right - left - 8)
                row[x : x + 8] = b"\x30" * 8
        if y == 522:
            for left, right in _SIGNATURES:
                row[left:right] = b"\x90" * (right - left)
        rows.append(b"\x00" + bytes(row))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
