"""The zip container of .xlsx and .ods, looked through before a parser touches it.

Sizes are judged twice: as the archive declares them, and while every entry is unpacked once, to its very end; an entry
that holds more or less than it declares is refused. On the way XML parts are searched for document type declarations,
which no spreadsheet program writes, and for signs of what the parser doesn't tell.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.source import FileLimits

_BLOCK = 1024 * 1024
_OVERLAP = 64
_MIB = 1024 * 1024
_LOCAL_HEADER = 30
_LOCAL_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1
_DECLARATIONS = tuple(
    declaration.encode(encoding)
    for declaration in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
# What stands for a formula, an error value, a hidden row or column. Written with prefixes or single quotes, as few
# programs do, a part is looked at closely in any case.
_FORMULAS = (b"<f>", b"<f ", b"<f/")
# The space keeps out the right margin of a page, which every workbook has.
_OTHER_MARKS = (b't="e"', b'hidden="1"', b'hidden="true"', b' ht="0')
_HIDDEN_WIDTH = b' width="0'
_ROOT = re.compile(rb"<([A-Za-z_][^\s>/]*)")
_NEVER_READ = ("xl/media/", "xl/embeddings/", "xl/printerSettings/")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_READ_ENCODINGS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)


def inspect_archive(path: Path, limits: FileLimits) -> frozenset[str]:
    """Check an archive against the limits and unpack all of it once.

    Returns the XML parts that hold marks worth a closer look. Raises SpreadsheetError R-003, R-004, R-006 or R-015.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_directory(entries, limits)
            _check_places(entries, archive.start_dir)
            left = limits.unpacked_bytes
            marked = set()
            for entry in entries:
                if _look_through(file, entry, limits, left):
                    marked.add(entry.filename)
                left -= entry.file_size
            return frozenset(marked)
    except DAMAGED as error:
        raise SpreadsheetError("R-004") from error


def _check_directory(entries: Sequence[zipfile.ZipInfo], limits: FileLimits) -> None:
    """What the archive says of itself."""
    if len(entries) > limits.archive_entries:
        raise SpreadsheetError("R-006", what="文件数", limit=limits.archive_entries)
    # The parser finds parts without regard to case and slashes; two of one name would leave open which is read.
    if len({entry.filename.lower().replace("\\", "/") for entry in entries}) < len(entries):
        raise SpreadsheetError("R-004")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SpreadsheetError("R-003")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise _too_large(limits)
    for entry in entries:
        _check_ratio(entry.file_size, entry.compress_size, limits)


def _check_places(entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """Entries that share bytes are how a small archive unpacks to petabytes."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise SpreadsheetError("R-006", what="压缩包中互相重叠的内容", limit="0 处")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    if end > directory:
        raise SpreadsheetError("R-004")


def _too_large(limits: FileLimits) -> SpreadsheetError:
    return SpreadsheetError("R-006", what="大小", limit=f"{limits.unpacked_bytes // _MIB} MB")


def _check_ratio(unpacked: int, packed: int, limits: FileLimits) -> None:
    if unpacked > limits.ratio_from_bytes and unpacked > limits.unpacked_ratio * packed:
        raise SpreadsheetError("R-006", what="压缩比", limit=f"{limits.unpacked_ratio} 倍")


def _look_through(file: BinaryIO, entry: zipfile.ZipInfo, limits: FileLimits, left: int) -> bool:
    """Unpack one entry; say whether it is XML with marks. left is what may still be unpacked."""
    size = checksum = 0
    part: _Part | None = None
    for block in _unpacked(file, entry):
        if not size and _is_markup(block, entry.filename):
            part = _Part()
        size += len(block)
        if size > left:
            raise _too_large(limits)
        if size > entry.file_size:
            raise SpreadsheetError("R-004")
        checksum = zlib.crc32(block, checksum)
        if part is not None:
            part.search(block)
    if size != entry.file_size or checksum != entry.CRC:
        raise SpreadsheetError("R-004")
    return part is not None and part.has_marks


class _Part:
    """An XML part being searched, block by block. Blocks overlap, so that nothing is missed between two."""

    def __init__(self) -> None:
        self.has_marks = False
        self._in_prolog = True
        self._before = b""

    def search(self, block: bytes) -> None:
        """Look through the next block; a declaration before the root element raises SpreadsheetError R-015."""
        text = self._before + block
        self._before = block[-_OVERLAP:]
        if self._in_prolog:
            # Declarations are XML before the root element only; further on no parser takes them for such.
            if any(declaration in text for declaration in _DECLARATIONS):
                raise SpreadsheetError("R-015")
            root = _ROOT.search(text)
            if root is not None:
                self._in_prolog = False
                self.has_marks = b":" in root[1] or b"='" in text[root.start() :] or _HIDDEN_WIDTH in text
        if not self.has_marks:
            self.has_marks = (b"<f" in text and any(mark in text for mark in _FORMULAS)) or any(
                mark in text for mark in _OTHER_MARKS
            )


def _is_markup(start: bytes, name: str) -> bool:
    """Whether a part is XML. One that the parser reads has to be in UTF-8, or it would be taken for empty."""
    if name.lower().endswith(".svg"):
        # Drawings do have document types, and no parser of ours opens them.
        return False
    if start.removeprefix(_UTF8_MARK).lstrip()[:1] != b"<" and not start.startswith(_UTF16_MARKS):
        return False
    declared = _DECLARED_ENCODING.search(start.removeprefix(_UTF8_MARK)[:400])
    is_read = name.startswith("xl/") and not name.startswith(_NEVER_READ)
    is_read = is_read or name in ("content.xml", "styles.xml", "[Content_Types].xml")
    if is_read and (
        start.startswith(_UTF16_MARKS) or (declared is not None and declared[1].lower() not in _READ_ENCODINGS)
    ):
        raise SpreadsheetError("R-004")
    return True


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes as they come out, whatever length it declares; zipfile would stop at the declared one."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(_LOCAL_MAGIC):
        raise SpreadsheetError("R-004")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left:
            block = file.read(min(left, _BLOCK))
            if not block:
                raise SpreadsheetError("R-004")
            left -= len(block)
            yield block
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise SpreadsheetError("R-004")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = b""
    while not inflater.eof:
        if not packed:
            packed = file.read(min(left, _BLOCK))
            left -= len(packed)
        block = inflater.decompress(packed, _BLOCK)
        if not block and not packed and not inflater.eof:
            raise SpreadsheetError("R-004")
        packed = inflater.unconsumed_tail
        if block:
            yield block
    if left or inflater.unused_data:
        raise SpreadsheetError("R-004")
