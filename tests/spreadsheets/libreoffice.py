"""Workbooks as another program writes them: made here, converted by LibreOffice, kept small, about people who don't exist.

`python -m tests.spreadsheets.libreoffice` writes the fixtures anew. password.xls and password.ods were saved by hand in
LibreOffice with a password, password.xlsx was encrypted by msoffcrypto-tool; nothing is read from them.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

FIXTURES = Path(__file__).with_name("fixtures")
FILTERS: Mapping[str, str] = {"xlsx": "Calc MS Excel 2007 XML", "xls": "MS Excel 97", "ods": "calc8"}
PATIENCE = 180
# A cell knows no time zone.
MOMENT = dt.datetime(2026, 11, 3, 10, 20)  # noqa: DTZ001


def plain(sheet: Worksheet) -> None:
    """Nothing but values: texts that look like numbers, rare characters, dates, times."""
    sheet.append(["证书编号", "姓名", "证件号码", "发证日期", "成绩", "时间"])
    sheet.append(["0815012003400001", "林秋", "11010519491231002X", dt.date(2026, 11, 3), 82.5, dt.time(9, 30)])
    sheet.append(["0815012003400002", "𠮷䶮𬭎㛃䮌·艾", "000000000000000018", MOMENT, 20261103, None])
    sheet.append(
        ["815012003400003", " 前后 空格 ", 110105194912310021, dt.date(1949, 12, 31), "合格", dt.timedelta(hours=30)]
    )
    sheet.append([None, None, None, None, None, None])
    sheet.append(["末行", "两\n行", "'0815", dt.date(1900, 3, 1), 0, None])
    sheet["D2"].number_format = 'yyyy"年"m"月"d"日"'
    sheet["D3"].number_format = "yyyy/m/d h:mm"
    sheet["A2"].comment = Comment("批注不是内容", "某人")


def marked(sheet: Worksheet) -> None:
    """A title over merged cells, formulas, error values, hidden rows and columns, merged data cells."""
    sheet.append(["2026年11月第2期证书数据", None, None, None])
    sheet.merge_cells("A1:D1")
    sheet.append(["证书编号", "姓名", "证件号码", "成绩"])
    sheet.append(['="0815"&"012003400001"', "林秋", "11010519491231002X", "=80+2.5"])
    sheet.append(["0815012003400002", "王", "=A3", "=1/0"])
    sheet.append(["0815012003400003", "赵", "x", "=NA()"])
    sheet.append(["0815012003400004", "合并", "y", 1])
    sheet.append(["0815012003400005", None, "z", 2])
    sheet.merge_cells("B6:B7")
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["F"].hidden = True
    book = sheet.parent
    assert isinstance(book, Workbook)
    old = book.create_sheet("旧数据")
    old.append(["1"])
    old.append(["2"])
    old.sheet_state = "hidden"
    book.create_sheet("说明").append(["填写说明"])


SOURCES: Mapping[str, Callable[[Worksheet], None]] = {"plain": plain, "marked": marked}


def make_fixtures(folder: Path) -> None:
    """Write every source in every format. Raises CalledProcessError or FileNotFoundError where LibreOffice can't."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, build in SOURCES.items():
            book = Workbook()
            sheet = book.active
            assert isinstance(sheet, Worksheet)
            sheet.title = "数据"
            build(sheet)
            book.save(Path(scratch) / f"{name}.xlsx")
        for suffix, export in FILTERS.items():
            subprocess.run(
                [
                    "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{scratch}/profile",
                    "--convert-to", f"{suffix}:{export}", "--outdir", str(folder),
                    *(str(Path(scratch) / f"{name}.xlsx") for name in SOURCES),
                ],
                check=True, capture_output=True, timeout=PATIENCE,
            )  # fmt: skip


if __name__ == "__main__":
    make_fixtures(FIXTURES)
    sys.stdout.write(f"Written to {FIXTURES}.\n")
