"""What a file is, by its content: its name counts for nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.frames import FileKind

_START = 4096
_FEW = 3
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
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
)
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
    if start.startswith(b"PK"):
        return _kind_of_archive(path)
    if start.startswith(_OLE):
        return _kind_of_ole(path.read_bytes())
    for magic, seems in _MAGIC:
        # Two letters alone could begin a text; real programs and pictures have zero bytes soon after.
        if start.startswith(magic) and (len(magic) > 2 or b"\x00" in start):
            raise SpreadsheetError("R-002", seems=seems)
    if start.startswith(_UTF16_MARKS):
        return FileKind.TEXT
    text = start.removeprefix(_UTF8_MARK).lstrip().lower()
    for markup, seems in _MARKUP:
        if text.startswith(markup):
            raise SpreadsheetError("R-002", seems=seems)
    if _is_binary(start):
        raise SpreadsheetError("R-002", seems="无法识别的二进制数据")
    return FileKind.TEXT


def _is_binary(start: bytes) -> bool:
    """More than a few bytes, and more than one in fifty, that no text has."""
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in start)
    return control > max(_FEW, len(start) // 50)


def _kind_of_archive(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names and len(names) < 10_000 else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise SpreadsheetError("R-004") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SpreadsheetError("R-005")
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return FileKind.ODS
    if "xl/workbook.bin" in names:
        raise SpreadsheetError("R-002", seems="二进制工作簿（.xlsb）")
    if any(name.startswith("word/") for name in names):
        raise SpreadsheetError("R-002", seems="Word 文档")
    if any(name.startswith("ppt/") for name in names):
        raise SpreadsheetError("R-002", seems="演示文稿")
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise SpreadsheetError("R-002", seems="OpenDocument 文档（不是表格）")
    raise SpreadsheetError("R-002", seems="ZIP 压缩包")


def _kind_of_ole(content: bytes) -> FileKind:
    """An old Microsoft container: a workbook, or an encrypted .xlsx, told by its directory's entries."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SpreadsheetError("R-003")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise SpreadsheetError("R-005")
    if "Workbook\0".encode("utf-16-le") in content:
        return FileKind.XLS
    if "Book\0".encode("utf-16-le") in content:
        raise SpreadsheetError("R-002", seems="Excel 5.0/95 工作簿，请另存为 .xlsx")
    if "WordDocument".encode("utf-16-le") in content:
        raise SpreadsheetError("R-002", seems="Word 文档")
    raise SpreadsheetError("R-004")
