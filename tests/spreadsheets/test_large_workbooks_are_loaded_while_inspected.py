"""A workbook that is loaded beside its inspection comes to the same, row by row and sentence by sentence."""

from pathlib import Path

import pytest

from certlookup.spreadsheets.reading import ReadLimits, SpreadsheetError, read_sheet
from tests.spreadsheets.hostile import HOSTILE, READ_WITH_A_NOTE, Hostile, edited

pytestmark = pytest.mark.django_db
BESIDE, BEFORE = ReadLimits(beside_from_bytes=0), ReadLimits(beside_from_bytes=1 << 40)
FILES = {
    **{name: file for name, file in (HOSTILE | READ_WITH_A_NOTE).items() if file.name.endswith(".xlsx")},
    "formulas": Hostile(lambda: edited(lambda workbook: workbook["Sheet"].append(["=1+1", "=NA()", 3])), ""),
}


def outcome(path: Path, limits: ReadLimits) -> object:
    try:
        with read_sheet(path, limits) as reading:
            return reading.kind, reading.notes, reading.merged, reading.head, list(reading.rows)
    except SpreadsheetError as error:
        return error.rule, error.message_zh


@pytest.mark.parametrize("what", FILES)
def test_it_comes_to_the_same(what: str, tmp_path: Path) -> None:
    path = tmp_path / FILES[what].name
    path.write_bytes(FILES[what].make())
    assert outcome(path, BESIDE) == outcome(path, BEFORE)
