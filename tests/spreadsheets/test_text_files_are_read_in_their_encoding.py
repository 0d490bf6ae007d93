from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certlookup.spreadsheets.reading import FileKind, read_sheet
from certlookup.spreadsheets.textfiles import settle_form
from tests.spreadsheets.make import refusal_of, rows_of

TEXT = "证书编号{0}姓名\r\n0815012003400001{0}古丽米热·艾比布力\r\n0815012003400002{0}𠮷䶮\r\n"
ROWS = [
    (1, ("证书编号", "姓名")),
    (2, ("0815012003400001", "古丽米热·艾比布力")),
    (3, ("0815012003400002", "𠮷䶮")),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter_gives_the_same_rows(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.format(delimiter).encode(encoding))
    with read_sheet(path, name="a.txt") as reading:
        assert reading.kind is FileKind.TEXT
        assert reading.notes == ()
        assert list(reading.rows) == ROWS


def test_the_middle_dot_of_old_files_stays_a_middle_dot(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xa1\xa4,1\n")
    assert rows_of(path) == [(1, ("·", "1"))]


def test_a_quoted_line_break_is_one_row_as_the_spreadsheet_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('编号,"姓\n名"\n\n1,"林, 秋"\n')
    assert rows_of(path) == [(1, ("编号", "姓\n名")), (3, ("1", "林, 秋"))]


def test_an_invalid_byte_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "\ufeff" + "姓名,编号\n" * 200_000
    path.write_bytes(good.encode() + b"\xff\n")
    refusal = refusal_of(path)
    assert (refusal.rule, refusal.detail["encoding"]) == ("R-013", "UTF-8")
    assert refusal.detail["offset"] == len(good.encode()) + 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_nul_is_named_by_its_byte(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    before = "姓名,编号\n" * 300_000
    path.write_bytes((before + "\0\n").encode(encoding))
    refusal = refusal_of(path)
    assert (refusal.rule, refusal.detail["offset"]) == ("R-014", len(before.encode(encoding)) + 1)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_what_is_valid_in_utf_8_is_read_as_utf_8(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.encode())
    if not path.read_bytes().startswith((b"\xff\xfe", b"\xfe\xff")):
        assert settle_form(path).encoding == "utf-8-sig"
