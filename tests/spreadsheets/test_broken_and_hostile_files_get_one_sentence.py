from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook

from certlookup.spreadsheets.reading import ReadLimits, SpreadsheetError, read_sheet
from tests.spreadsheets.libreoffice import FIXTURES
from tests.spreadsheets.make import SHEET, edit_workbook, make_workbook, refusal_of, rewrite_parts, rows_of

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def _zip(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "rule", "word"),
    [
        (b"", "R-001", "空"),
        (b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "R-002", "网页"),
        (b"\xef\xbb\xbf  <HTML><body>", "R-002", "网页"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "R-002", "PNG"),
        (b"%PDF-1.7\n", "R-002", "PDF"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "R-002", "JPEG"),
        (b"Rar!\x1a\x07", "R-002", "RAR"),
        (b'<?xml version="1.0"?><Workbook/>', "R-002", "XML"),
        (bytes(range(256)) * 8, "R-002", "二进制"),
        (_zip(**{"readme.txt": b"1"}), "R-002", "ZIP"),
        (_zip(**{"word__document.xml": b"<w/>"}), "R-002", "Word"),
        (_zip(**{"xl__workbook.bin": b"1"}), "R-002", "xlsb"),
        (_zip(**{"xl__workbook.xml": b"<w/>", "xl__vbaProject.bin": b"1"}), "R-005", "宏"),
        (_zip(**{"xl__workbook.xml": b"not xml"}), "R-004", "损坏"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "R-003", "密码"),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "R-002", "Word"),
        (OLE + bytes(600) + "Workbook\0".encode("utf-16-le"), "R-004", "损坏"),
        (OLE + bytes(600), "R-004", "损坏"),
        (b"PK\x03\x04" + bytes(40), "R-004", "不完整"),
        ("编号,姓名\n1,林\n".encode("gb18030") + b"\xff\xff\n", "R-013", "GB18030"),
        ("编号,姓名\n1,".encode() + b"\x00\n", "R-014", "第 17 字节"),
        (b"\n \n,,\n", "R-012", "没有数据"),
    ],
)
def test_what_is_no_readable_spreadsheet_is_said_in_one_sentence(
    tmp_path: Path, content: bytes, rule: str, word: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    refusal = refusal_of(path)
    assert refusal.rule == rule
    assert word in refusal.message_zh
    assert "Traceback" not in refusal.message_zh


def test_a_truncated_workbook_is_refused_wherever_it_breaks_off(tmp_path: Path) -> None:
    whole = make_workbook(tmp_path / "whole.xlsx").read_bytes()
    path = tmp_path / "part.xlsx"
    for length in range(4, len(whole), len(whole) // 12):
        path.write_bytes(whole[:length])
        assert refusal_of(path).rule in ("R-004", "R-002"), length


def test_a_workbook_with_damaged_bytes_is_refused_or_read_but_never_worse(tmp_path: Path) -> None:
    whole = bytearray(make_workbook(tmp_path / "whole.xlsx").read_bytes())
    path = tmp_path / "damaged.xlsx"
    for place in range(30, len(whole), len(whole) // 15):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        with suppress(SpreadsheetError):
            rows_of(path)


def test_a_zip_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    path = rewrite_parts(make_workbook(tmp_path / "a.xlsx"), {}, xl__media__big=bytes(40 * 1024 * 1024))
    refusal = refusal_of(path)
    assert (refusal.rule, "压缩比" in refusal.message_zh) == ("R-006", True)
    small = ReadLimits(unpacked_bytes=1024 * 1024)
    assert "大小" in refusal_of(path, small).message_zh


def test_an_entry_that_holds_more_than_it_declares_is_refused(tmp_path: Path) -> None:
    path = rewrite_parts(make_workbook(tmp_path / "a.xlsx"), {SHEET: lambda part: part + b" " * 100_000})
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo(SHEET).file_size
    lying = path.read_bytes().replace(real.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    path.write_bytes(lying)
    assert refusal_of(path).rule == "R-004"


def test_too_many_entries_and_doubled_entries_are_refused(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx")
    assert refusal_of(path, ReadLimits(archive_entries=3)).rule == "R-006"
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    assert refusal_of(path).rule == "R-004"


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    path = rewrite_parts(make_workbook(tmp_path / "a.xlsx"), {SHEET: lambda part: bomb + part})
    assert refusal_of(path).rule == "R-015"


def test_a_sheet_that_claims_a_million_rows_costs_nothing(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        workbook["Sheet"]["A1048576"] = "末"

    path = edit_workbook(tmp_path / "a.xlsx", edit)
    assert path.stat().st_size < 10_000
    assert [number for number, _ in rows_of(path)] == [1, 2, 1_048_576]


def test_stray_content_far_out_ends_in_a_sentence(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        workbook["Sheet"]["CZ1048576"] = "末"

    path = edit_workbook(tmp_path / "a.xlsx", edit)
    assert refusal_of(path, ReadLimits(memory_bytes=512 * 1024 * 1024)).rule == "R-010"


def test_too_much_of_anything_is_refused(tmp_path: Path) -> None:
    rows = [["一"] * 20] * 2500
    path = make_workbook(tmp_path / "a.xlsx", rows, 二=[["1"]], 三=[["1"]])
    assert refusal_of(path, ReadLimits(rows=2000)).rule == "R-007"
    assert refusal_of(path, ReadLimits(columns=19)).rule == "R-008"
    assert refusal_of(path, ReadLimits(sheets=2)).rule == "R-022"
    assert refusal_of(path, ReadLimits(file_bytes=1000)).rule == "R-020"
    text = tmp_path / "a.csv"
    text.write_text("一,二\n" * 3000)
    assert refusal_of(text, ReadLimits(rows=2000)).rule == "R-007"
    assert refusal_of(text, ReadLimits(columns=1)).rule == "R-008"


def test_a_text_with_an_unpaired_quotation_mark_says_where(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('编号,姓名\n1,林\n2,"王\n' + "3,赵\n" * 20_000)
    refusal = refusal_of(path)
    assert refusal.rule == "R-021"
    assert "第 3 行" in refusal.message_zh


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx")
    assert refusal_of(path, ReadLimits(wait_seconds=0.001)).rule == "R-009"
    rows = [[f"{row}-{column}" for column in range(40)] for row in range(20_000)]
    heavy = tmp_path / "heavy.csv"
    heavy.write_text("\n".join(",".join(row) for row in rows * 20))
    assert refusal_of(heavy, ReadLimits(cpu_seconds=1)).rule == "R-009"


def test_a_long_cell_and_many_columns_are_read_within_the_limits(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [["长" * 32_767, *["x"] * 100]])
    ((_, cells),) = rows_of(path)
    assert cells[0] == "长" * 32_767


def test_nothing_of_our_environment_reaches_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTLOOKUP_KEYS", "secret")
    with read_sheet(make_workbook(tmp_path / "a.xlsx", [[str(number)] for number in range(20_000)])) as reading:
        process = reading._channel._process
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"CERTLOOKUP_KEYS" not in environment
    assert b"DATABASE" not in environment


def test_a_nul_in_an_old_workbook_reaches_no_sentence() -> None:
    assert "\0" not in SpreadsheetError("R-011", sheets="“表\0”").message_zh


def test_a_circle_in_an_old_container_is_no_crash(tmp_path: Path) -> None:
    content = bytearray((FIXTURES / "plain.xls").read_bytes())
    entry = content.find("Workbook".encode("utf-16-le"))
    path = tmp_path / "a.xls"
    for sibling in range(4):
        # Left and right sibling of an entry are one of those around it.
        content[entry + 68 : entry + 76] = sibling.to_bytes(4, "little") * 2
        path.write_bytes(content)
        try:
            rows_of(path)
        except SpreadsheetError as error:
            assert error.rule == "R-004", sibling  # noqa: PT017 - either outcome will do
