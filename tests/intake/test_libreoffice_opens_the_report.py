"""LibreOffice opens the report: colours, comments and text arrive there too. In make test-full, which installs it (conftest.py)."""

import io
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.make import Cast, make_attempt, make_row
from uploads.intake.reports import ask_for_report
from uploads.intake.storage import path_of

pytestmark = pytest.mark.django_db


def test_what_libreoffice_saves_again_has_the_same_cells_colours_and_comments(tmp_path: Path) -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.operator, office="3702", rows=[make_row(seed=1, 等级="六级"), make_row(seed=2)])
    source = tmp_path / "report.xlsx"
    source.write_bytes(path_of(ask_for_report(attempt).stored_name).read_bytes())
    made = tmp_path / "again"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", made, source], check=True, timeout=180, capture_output=True)
    before, after = (load_workbook(io.BytesIO(path.read_bytes())) for path in (source, made / "report.xlsx"))
    assert after.sheetnames == before.sheetnames
    for row in before["证书"]:
        for cell in row:
            there = after["证书"][cell.coordinate]
            assert there.value == cell.value
            assert (there.comment is None) == (cell.comment is None)
            assert there.fill.fgColor.rgb == cell.fill.fgColor.rgb or cell.fill.fill_type is None
