"""What a file is, by its content: its name counts for nothing."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Iterable
from pathlib import Path

import olefile

from certlookup.spreadsheets.archives import DAMAGED
from certlookup.spreadsheets.biff import CONTAINER_DAMAGED
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.frames import FileKind

_START = 4096
_FEW = 3
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Workbooks of Excel 2 to 4, and what some web sites write by hand: bare records without a container.
_BARE_WORKBOOKS = (b"\x09\x00\x04\x00", b"\x09\x00\x06\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
_UTF8_MARK = b"\xef\xbb\xbf"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"BM", "BMP 图片"),
    (b"II*\x00", "TIFF 图片"),
    (b"MM\x00*", "TIFF 图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"MZ", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
    (b"{\\rtf", "RTF 文档"),
    (b"MIME-Version:", "单个文件网页（MHTML）"),
    (b"ID;P", " SYLK 文件（.slk）"),
    (b"TABLE\r\n0,1", " DIF 文件（.dif）"),
    (b"OggS", "音频或视频"),
    (b"\x00\x00\x00\x18ftyp", "音频或视频"),
    (b"SQLite format 3", "数据库文件"),
)
# Entries of the old Microsoft container that tell what it holds; "" for those that are told apart by hand.
_CONTAINED: dict[str, str] = {
    "EncryptedPackage": "",
    "_VBA_PROJECT_CUR": "",
    "Workbook": "",
    "Book": "Excel 5.0/95 工作簿",
    "WordDocument": "Word 文档",
    "PowerPoint Document": "演示文稿",
    "__properties_version1.0": "邮件",
}
_MANIFEST = 256 * 1024
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "网页（HTML）"),
    (b"<html", "网页（HTML）"),
    (b"<table", "网页（HTML）"),
    (b"<meta", "网页（HTML）"),
    (b"<head", "网页（HTML）"),
    (b"<?xml", "XML 文件"),
    (b"<", "网页或 XML 文件"),
)


def file_kind(path: Path) -> FileKind:
    """Tell what the file is. Raises SpreadsheetError R-002 to R-005 for what isn't, or can't be, read."""
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(_ZIP):
        return _kind_of_archive(path)
    if start.startswith(_OLE):
        return _kind_of_container(path)
    if start.startswith(_BARE_WORKBOOKS) and b"\x00" in start[:32]:
        raise SpreadsheetError("R-002", seems="早期的工作簿格式（Excel 4.0 或更早）")
    for magic, seems in _MAGIC:
        # Two letters alone could begin a text; real programs and pictures have zero bytes soon after.
        if start.startswith(magic) and (len(magic) > 2 or b"\x00" in start):
            raise SpreadsheetError("R-002", seems=seems)
    encoding = utf16_of(start)
    text = start.decode(encoding, "replace").encode() if encoding else start
    text = text.removeprefix(_UTF8_MARK).lstrip().lower()
    for markup, seems in _MARKUP:
        if text.startswith(markup):
            raise SpreadsheetError("R-002", seems=seems)
    if not encoding and _is_binary(start):
        raise SpreadsheetError("R-002", seems="无法识别的二进制数据")
    return FileKind.TEXT


def utf16_of(start: bytes) -> str | None:
    """UTF-16 by its mark, or by zero bytes at every second place where the mark was left out; None for anything else.

    A spreadsheet's text always has digits, separators and line ends, whose upper bytes are zero; and no other encoding
    that is read here has zero bytes at all.
    """
    for mark, encoding in _UTF16_MARKS.items():
        if start.startswith(mark):
            return encoding
    start = start[: len(start) // 2 * 2]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) == 0 and max(even, odd) > max(_FEW, len(start) // 10):
        encoding = "utf-16-be" if even else "utf-16-le"
        text = start.decode(encoding, "replace")
        if any(end in text for end in "\r\n") and text.count("\ufffd") <= 1 and not _controls(text):
            return encoding
    return None


def _controls(text: str) -> bool:
    return any(character < " " and character not in "\t\n\r" for character in text)


def _is_binary(start: bytes) -> bool:
    """More than a few bytes, and more than one in fifty, that no text has; zeros are judged on their own (R-014)."""
    control = sum(byte < 32 and byte not in b"\0\t\n\r\f\x1a" for byte in start)
    return control > max(_FEW, len(start) // 50) or start.count(0) > len(start) // 2


def _kind_of_archive(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            few = len(names) < 10_000
            mimetype = _start_of(archive, "mimetype") if few else b""
            types = _start_of(archive, "[Content_Types].xml") if few else b""
            manifest = _start_of(archive, "META-INF/manifest.xml") if few else b""
    except (OSError, *DAMAGED) as error:
        raise SpreadsheetError("R-004") from error
    if b"encryption-data" in manifest:
        raise SpreadsheetError("R-003")
    if _has_macros(names) or b"macroEnabled" in types:
        raise SpreadsheetError("R-005")
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return FileKind.ODS
    raise SpreadsheetError("R-002", seems=_archive_seems(names, mimetype))


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of an entry, if there is one that can be read; all of it is judged later."""
    try:
        with archive.open(name) as entry:
            return entry.read(_MANIFEST)
    except (KeyError, *DAMAGED):
        return b""


def _has_macros(names: Iterable[str]) -> bool:
    for name in names:
        lower = name.lower()
        if lower.endswith("vbaproject.bin") or lower.startswith(("xl/macrosheets/", "scripts/")):
            return True
        if lower.startswith("basic/") and not lower.endswith(("/script-lc.xml", "/script-lb.xml", "/")):
            return True
    return False


def _archive_seems(names: Iterable[str], mimetype: bytes) -> str:
    if "xl/workbook.bin" in names:
        return "二进制工作簿（.xlsb）"
    if any(name.startswith("word/") for name in names):
        return "Word 文档"
    if any(name.startswith("ppt/") for name in names):
        return "演示文稿"
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        return "OpenDocument 文档（不是表格）"
    return "ZIP 压缩包"


def _kind_of_container(path: Path) -> FileKind:
    """An old Microsoft container: a workbook, or an encrypted .xlsx, told by its directory's entries.

    Where the directory can't be read, a document that can be named is named all the same; it is refused in any case.
    """
    try:
        with olefile.OleFileIO(str(path)) as container:
            names = {"/".join(entry) for entry in container.listdir(storages=True)}
    except CONTAINER_DAMAGED as error:
        content = path.read_bytes()
        names = {name for name in _CONTAINED if name.encode("utf-16-le") in content} - {"Workbook"}
        if not names:
            raise SpreadsheetError("R-004") from error
    if "EncryptedPackage" in names:
        raise SpreadsheetError("R-003")
    if any(name.startswith("_VBA_PROJECT") for name in names):
        raise SpreadsheetError("R-005")
    if "Workbook" in names:
        return FileKind.XLS
    for name, seems in _CONTAINED.items():
        if seems and name in names:
            raise SpreadsheetError("R-002", seems=seems)
    raise SpreadsheetError("R-004")
