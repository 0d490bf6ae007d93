"""About sixty files that no sender should send, by name: what each holds and the rule that it must end in."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

from tests.make import HEADER, make_rows, make_workbook
from tests.spreadsheets.libreoffice import FIXTURES
from tests.spreadsheets.make import SHEET

MIB = 1024 * 1024
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ODS = "application/vnd.oasis.opendocument.spreadsheet"
BOMB = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file's content, the name it comes under, and what it must end in: a rule, and a word of its sentence."""

    make: Callable[[], bytes]
    rule: str
    word: str = ""
    name: str = "上报.xlsx"


@cache
def good() -> bytes:
    return make_workbook(make_rows(3))


@cache
def good_text() -> str:
    rows = [list(HEADER), *([row[column] for column in HEADER] for row in make_rows(3))]
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in rows)


def more_text(line: str) -> bytes:
    return (good_text() + line).encode()


def archive(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return content.getvalue()


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as source:
        return {name: source.read(name) for name in source.namelist()}


def changed(**changes: Callable[[bytes], bytes]) -> bytes:
    """The good workbook with parts changed; names with __ for / and _dot_ for ."""
    parts = parts_of(good())
    for key, change in changes.items():
        name = key.replace("__", "/").replace("_dot_", ".")
        parts[name] = change(parts.get(name, b""))
    return archive(parts)


def sheet(change: Callable[[bytes], bytes]) -> bytes:
    return changed(xl__worksheets__sheet1_dot_xml=change)


def edited(edit: Callable[[Workbook], None]) -> bytes:
    workbook = Workbook()
    active = workbook.active
    assert active is not None
    active.append(list(HEADER))
    for row in make_rows(2):
        active.append([row[column] for column in HEADER])
    edit(workbook)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def put(cell: str, value: object) -> bytes:
    def edit(workbook: Workbook) -> None:
        workbook["Sheet"][cell] = value

    return edited(edit)


def lying(name: str, more: bytes) -> bytes:
    """An entry that unpacks to more than it declares, with the checksum of the declared beginning."""
    parts = parts_of(good())
    honest = parts[name]
    parts[name] = honest + more
    content = archive(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entry = source.getinfo(name)
    real = struct.pack("<II", entry.CRC, entry.compress_size) + struct.pack("<I", entry.file_size)
    told = struct.pack("<II", zipfile.crc32(honest), entry.compress_size) + struct.pack("<I", len(honest))
    assert content.count(real) == 2
    return content.replace(real, told)


def overlapping_workbook() -> bytes:
    content = bytearray(good())
    places = []
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        places.append(place)
        place = content.find(b"PK\x01\x02", place + 1)
    content[places[-1] + 42 : places[-1] + 46] = content[places[0] + 42 : places[0] + 46]
    return bytes(content)


def doubled() -> bytes:
    content = io.BytesIO(good())
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(SHEET.upper(), b"<worksheet/>")
    return content.getvalue()


def encrypted_entry() -> bytes:
    content = bytearray(good())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(magic) + offset] |= 1
    return bytes(content)


def many_sheets() -> bytes:
    def edit(workbook: Workbook) -> None:
        for number in range(120):
            workbook.create_sheet(f"表{number}")

    return edited(edit)


def second_match() -> bytes:
    def edit(workbook: Workbook) -> None:
        further = workbook.create_sheet("再报")
        further.append(list(HEADER))

    return edited(edit)


def merged() -> bytes:
    return edited(lambda workbook: workbook["Sheet"].merge_cells("B2:B3"))


def hidden_names() -> bytes:
    def edit(workbook: Workbook) -> None:
        workbook.defined_names["x"] = DefinedName("x", attr_text="Sheet!$A$1", hidden=True)

    return edited(edit)


def ods(content: bytes, **more: bytes) -> bytes:
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    parts = {"mimetype": ODS.encode(), "content.xml": content, "META-INF/manifest.xml": manifest}
    return archive(parts | {name.replace("__", "/") + ".xml": part for name, part in more.items()})


def ods_table(rows: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="数据">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def repeated(rows: int, columns: int) -> bytes:
    cell = (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
        "<text:p>一</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return ods(ods_table(row))


def xls(old: bytes, new: bytes) -> bytes:
    content = (FIXTURES / "plain.xls").read_bytes()
    assert old in content
    return content.replace(old, new, 1)


XLS_START = bytes.fromhex("0908100000060500")
DATA_END = b"</sheetData>"


def far_cell(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>末</t></is></c></row>'.encode()
    return sheet(lambda part: part.replace(DATA_END, cell + DATA_END))


HOSTILE: Mapping[str, Hostile] = {
    # What is no spreadsheet
    "empty": Hostile(lambda: b"", "R-001", "空"),
    "one blank line": Hostile(lambda: b"\r\n", "R-012", "没有数据", "a.csv"),
    "only a mark": Hostile(lambda: b"\xef\xbb\xbf", "R-012", name="a.csv"),
    "only separators": Hostile(lambda: b",,,\r\n,,,\r\n", "R-012", name="a.csv"),
    "page of the web": Hostile(lambda: b"<html><body><table><tr><td>1</td></tr></table>", "R-002", "网页", "a.xls"),
    "page of the web in UTF-16": Hostile(lambda: "<html><table>".encode("utf-16"), "R-002", "网页", "a.xls"),
    "page as mail": Hostile(lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "R-002", "MHTML", "a.xls"),
    "xml of Excel 2003": Hostile(lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "R-002", "XML", "a.xls"),
    "picture": Hostile(lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), "R-002", "PNG"),
    "photo": Hostile(lambda: b"\xff\xd8\xff\xe0" + bytes(200), "R-002", "JPEG"),
    "pdf": Hostile(lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "R-002", "PDF"),
    "program": Hostile(lambda: b"MZ\x90\x00" + bytes(200), "R-002", "程序"),
    "rar": Hostile(lambda: b"Rar!\x1a\x07\x01\x00", "R-002", "RAR"),
    "plain zip": Hostile(lambda: archive({"数据.csv": b"1,2"}), "R-002", "ZIP"),
    "workbook inside a zip": Hostile(lambda: archive({"数据.xlsx": good()}), "R-002", "ZIP"),
    "word": Hostile(lambda: archive({"word/document.xml": b"<w/>"}), "R-002", "Word"),
    "xlsb": Hostile(lambda: archive({"xl/workbook.bin": b"1"}), "R-002", "xlsb", "a.xlsb"),
    "noise": Hostile(lambda: bytes(range(1, 256)) * 20, "R-002", "二进制"),
    "zeros": Hostile(lambda: bytes(5000), "R-002", "二进制", "a.csv"),
    "Excel 4": Hostile(lambda: bytes.fromhex("0904060000001000"), "R-002", "Excel 4.0", "a.xls"),
    "Excel 5.0/95": Hostile(lambda: xls(XLS_START, bytes.fromhex("0908100000050500")), "R-002", "Excel 5.0/95", "a.xls"),
    # Passwords and macros
    "password, xlsx": Hostile((FIXTURES / "password.xlsx").read_bytes, "R-003", "密码"),
    "password, xls": Hostile((FIXTURES / "password.xls").read_bytes, "R-003", "密码", "a.xls"),
    "password, ods": Hostile((FIXTURES / "password.ods").read_bytes, "R-003", "密码", "a.ods"),
    "password on the entries": Hostile(encrypted_entry, "R-003", "密码"),
    "macros": Hostile(lambda: changed(xl__vbaProject_dot_bin=lambda _: OLE), "R-005", "宏", "a.xlsm"),
    "macro type": Hostile(
        lambda: changed(**{"[Content_Types]_dot_xml": lambda part: part.replace(
            b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")}),
        "R-005", "宏", "a.xlsm",
    ),
    "macros, xls": Hostile(lambda: OLE + bytes(600) + "_VBA_PROJECT_CUR".encode("utf-16-le"), "R-005", "宏", "a.xls"),
    "macros, ods": Hostile(lambda: ods(ods_table(""), Basic__Standard__Module1=b"<x/>"), "R-005", "宏", "a.ods"),
    # Damage
    "cut, xlsx": Hostile(lambda: good()[: len(good()) // 2], "R-004", "不完整"),
    "cut, xls": Hostile(lambda: (FIXTURES / "plain.xls").read_bytes()[:3000], "R-004", "不完整", "a.xls"),
    "cut, ods": Hostile(lambda: (FIXTURES / "plain.ods").read_bytes()[:9000], "R-004", "不完整", "a.ods"),
    "only the first bytes": Hostile(lambda: b"PK\x03\x04", "R-004"),
    "sheet cut inside": Hostile(lambda: sheet(lambda part: part[: len(part) // 2]), "R-004"),
    "sheet of noise": Hostile(lambda: sheet(lambda _: bytes(range(256))), "R-004"),
    "sheet in another encoding": Hostile(
        lambda: sheet(lambda part: b'<?xml version="1.0" encoding="UTF-16"?>'.decode().encode("utf-16") + part), "R-004"
    ),
    "no sheet": Hostile(lambda: archive({k: v for k, v in parts_of(good()).items() if k != SHEET}), "R-004"),
    "row number beyond all": Hostile(lambda: far_cell("A1048577"), "R-004"),
    "part twice": Hostile(doubled, "R-004"),
    # Bombs
    "bomb by ratio": Hostile(lambda: changed(xl__media__big_dot_bin=lambda _: bytes(40 * MIB)), "R-006", "压缩比"),
    "bomb that lies": Hostile(lambda: lying(SHEET, b" " * (3 * MIB)), "R-004"),
    "strings that lie": Hostile(lambda: lying("xl/styles.xml", b" " * (3 * MIB)), "R-004"),
    "overlapping entries": Hostile(overlapping_workbook, "R-006", "重叠"),
    "five thousand entries": Hostile(
        lambda: archive(parts_of(good()) | {f"xl/media/{n}": b"" for n in range(5000)}), "R-006", "文件数"
    ),
    "entities": Hostile(lambda: sheet(lambda part: BOMB + part), "R-015", "实体"),
    "file from outside": Hostile(lambda: changed(xl__workbook_dot_xml=lambda part: OUTSIDE + part), "R-015"),
    "entities in relations": Hostile(lambda: changed(_rels__dot_rels=lambda part: BOMB + part), "R-015"),
    "entities, ods": Hostile(lambda: ods(BOMB + ods_table("")), "R-015", name="a.ods"),
    "cell in the far corner": Hostile(lambda: far_cell("XFD1048576"), "R-010", "内存"),
    "million of repeated cells, ods": Hostile(lambda: repeated(1_048_576, 16_384), "R-010", "内存", "a.ods"),
    "repeated beyond all, ods": Hostile(lambda: repeated(10**12, 1), "R-004", name="a.ods"),
    # Too much
    "200 columns": Hostile(lambda: edited(lambda workbook: workbook["Sheet"].append(["x"] * 200)), "R-008", "GR 列"),
    "200 columns, csv": Hostile(lambda: more_text("x," * 199 + "x\r\n"), "R-008", "GR 列", "a.csv"),
    "120 sheets": Hostile(many_sheets, "R-022", "100 张"),
    "two sheets that match": Hostile(second_match, "R-011", "再报"),
    # Text
    "byte that is no UTF-8": Hostile(
        lambda: good_text().encode().replace("岛".encode(), b"\xff\xfe", 1), "R-013", "字节处（文本第 2 行）", "a.csv"
    ),
    "UTF-8 cut inside a character": Hostile(lambda: ("﻿" + good_text() + "山").encode()[:-1], "R-013", "第 5 行", "a.csv"),
    "byte that is no GB18030": Hostile(
        lambda: good_text().encode("gb18030") + b"\xff\xff\r\n", "R-013", "按 GB18030 读取", "a.csv"
    ),
    "odd bytes of UTF-16": Hostile(lambda: good_text().encode("utf-16")[:-1], "R-013", "UTF-16", "a.csv"),
    "NUL": Hostile(lambda: good_text().encode().replace(b",", b",\0", 1), "R-014", "NUL", "a.csv"),
    "NUL in UTF-16": Hostile(lambda: (good_text() + "\0").encode("utf-16"), "R-014", "NUL", "a.csv"),
    "quotation mark without its second": Hostile(lambda: more_text('1,"x\r\n'), "R-021", "第 5 行", "a.csv"),
    "field without end": Hostile(lambda: more_text("x" * 40_000), "R-021", "第 5 行", "a.csv"),
}  # fmt: skip

# Files that look odd and are read all the same, with what must be noted about the file.
READ_WITH_A_NOTE: Mapping[str, Hostile] = {
    "xlsx named xls": Hostile(good, "R-019", ".xlsx", "a.xls"),
    "xlsx named csv": Hostile(good, "R-019", ".xlsx", "a.csv"),
    "csv named xlsx": Hostile(lambda: good_text().encode("gb18030"), "R-019", ".csv", "a.xlsx"),
    "hidden name in the workbook": Hostile(hidden_names, ""),
    "claims a million rows": Hostile(
        lambda: sheet(lambda part: part.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')), ""
    ),
    "last cell in row 1048576 is blank": Hostile(lambda: put("A1048576", " "), ""),
    "merged data": Hostile(merged, "R-016", "B2:B3"),
}
