from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certlookup.spreadsheets.gb18030 import as_of_2022
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


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_by_its_zero_bytes(tmp_path: Path, encoding: str) -> None:
    assert rows_of(written(tmp_path / "a.csv", TEXT.format(",").encode(encoding))) == ROWS


def test_line_ends_of_old_macs_end_lines(tmp_path: Path) -> None:
    assert rows_of(written(tmp_path / "a.csv", TEXT.format(";").replace("\r\n", "\r").encode("gb18030"))) == ROWS


def test_numbers_marked_as_text_are_the_text_that_they_mark(tmp_path: Path) -> None:
    text = '="0815",\'11010519491231002X,"=""0816""",\'王,=A1,\'12\r\n'
    assert rows_of(written(tmp_path / "a.csv", text.encode())) == [
        (1, ("0815", "11010519491231002X", "0816", "'王", "=A1", "'12"))
    ]


def test_characters_that_moved_in_2022_arrive_as_themselves(tmp_path: Path) -> None:
    codes = "A6D9 A6DA A6DB A6DC A6DD A6DE A6DF A6EC A6ED A6F3 FE59 FE61 FE66 FE67 FE6D FE7E FE90 FEA0"
    lifted = "FE51 FE52 FE53 FE6C FE76 FE91 A8BC"
    content = bytes.fromhex(codes + lifted)
    expected = "︐︒︑︓︔︕︖︗︘︙龴龵龶龷龸龹龺龻" + "\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241feḿ"
    assert rows_of(written(tmp_path / "a.csv", b"1," + content + b"\n")) == [(1, ("1", expected))]


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs", "Co"])))
def test_every_character_survives_gb18030(text: str) -> None:
    assert as_of_2022(text.encode("gb18030").decode("gb18030")) == text


def test_damaged_utf_8_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    content = (TEXT.format(",") * 3).encode()
    for place in range(3, len(content), 11):
        damaged = content[:place] + b"\x80" + content[place:]
        refusal = refusal_of(written(tmp_path / "a.csv", damaged))
        assert (refusal.rule, refusal.detail["encoding"]) == ("R-013", "UTF-8"), place
        assert int(str(refusal.detail["offset"])) in range(place - 2, place + 5)


def test_an_unpaired_quotation_mark_swallows_no_row(tmp_path: Path) -> None:
    text = TEXT.format(",").replace("古丽", '"古丽') + '0815012003400003,"王"\r\n'
    refusal = refusal_of(written(tmp_path / "a.csv", text.encode()))
    assert (refusal.rule, refusal.detail["row"]) == ("R-021", 2)


def test_the_delimiter_is_the_one_that_divides_the_rows(tmp_path: Path) -> None:
    text = "说明,一,二,三,四\r\n证书编号;姓名;等级\r\n" + '"1";"林, 秋";"三级"\r\n' * 4
    rows = rows_of(written(tmp_path / "a.csv", text.encode()))
    assert rows[2] == (3, ("1", "林, 秋", "三级"))
