"""One workbook saved by LibreOffice in three formats says the same three times; make test-full saves it anew."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from certlookup.spreadsheets.cells import ErrorCell, FormulaCell
from certlookup.spreadsheets.reading import FileKind, Row, read_sheet
from tests.spreadsheets.libreoffice import FILTERS, FIXTURES, MOMENT, SOURCES, make_fixtures
from tests.spreadsheets.make import refusal_of

WAYS = ["as committed", *(["saved anew"] if os.environ.get("TEST_SOFFICE") else [])]

PLAIN: list[Row] = [
    (1, ("证书编号", "姓名", "证件号码", "发证日期", "成绩", "时间")),
    (2, ("0815012003400001", "林秋", "11010519491231002X", dt.date(2026, 11, 3), 82.5, dt.time(9, 30))),
    (3, ("0815012003400002", "𠮷䶮𬭎㛃䮌·艾", "000000000000000018", MOMENT, 20261103.0, "")),
    (4, ("815012003400003", " 前后 空格 ", 1.1010519491231e17, dt.date(1949, 12, 31), "合格", dt.timedelta(hours=30))),
    (6, ("末行", "两\n行", "'0815", dt.date(1900, 3, 1), 0.0, "")),
]
MARKED: list[Row] = [
    (1, ("2026年11月第2期证书数据", "", "", "")),
    (2, ("证书编号", "姓名", "证件号码", "成绩")),
    (3, (FormulaCell("0815012003400001"), "林秋", "11010519491231002X", FormulaCell(82.5))),
    (4, ("0815012003400002", "王", FormulaCell("0815012003400001"), ErrorCell("#DIV/0!"))),
    (5, ("0815012003400003", "赵", "x", ErrorCell("#N/A"))),
    (6, ("0815012003400004", "合并", "y", 1.0)),
    (7, ("0815012003400005", "", "z", 2.0)),
]


@pytest.fixture(scope="module", params=WAYS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "as committed":
        return FIXTURES
    anew = tmp_path_factory.mktemp("anew")
    make_fixtures(anew)
    return anew


@pytest.mark.parametrize("suffix", FILTERS)
def test_texts_numbers_dates_and_times_arrive_as_themselves(folder: Path, suffix: str) -> None:
    with read_sheet(folder / f"plain.{suffix}", name=f"plain.{suffix}") as reading:
        assert reading.kind is FileKind(suffix)
        assert (reading.notes, reading.merged) == ((), ())
        rows = list(reading.rows)
    assert rows == PLAIN
    assert [[type(cell) for cell in cells] for _, cells in rows] == [
        [type(cell) for cell in cells] for _, cells in PLAIN
    ]


@pytest.mark.parametrize("suffix", FILTERS)
def test_formulas_errors_hidden_and_merged_cells_are_noticed(folder: Path, suffix: str) -> None:
    with read_sheet(folder / f"marked.{suffix}", name=f"marked.{suffix}") as reading:
        assert sorted(reading.merged) == [((0, 0), (0, 3)), ((5, 1), (6, 1))]
        assert [note.rule for note in reading.notes] == ["R-018", "R-025", "R-017"]
        hidden_sheet, other_sheet, hidden_parts = (note.message for note in reading.notes)
        assert list(reading.rows) == MARKED
    assert "“旧数据”（2 行）" in hidden_sheet
    assert "“说明”（1 行）" in other_sheet
    assert "隐藏的行 1 行、隐藏的列 1 列（第 4 行，C 列）" in hidden_parts


def test_every_source_is_committed_in_every_format() -> None:
    expected = {f"{name}.{suffix}" for name in (*SOURCES, "password") for suffix in FILTERS}
    assert {path.name for path in FIXTURES.iterdir()} == expected


@pytest.mark.parametrize("suffix", FILTERS)
def test_a_password_is_named_as_the_reason(suffix: str) -> None:
    refusal = refusal_of(FIXTURES / f"password.{suffix}")
    assert refusal.rule == "R-003"
    assert "密码" in refusal.message_zh
