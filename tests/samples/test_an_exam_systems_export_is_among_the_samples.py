"""make_sample_files also writes an export of the exam system, which its import profile reads without a finding."""

import datetime as dt
from pathlib import Path

from certificates.levels import parse_level
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import current_period
from uploads.intake.conversion import OfficeNames
from uploads.intake.fields import RowContext
from uploads.intake.shippedprofiles import EXAM_SYSTEM, REQUIRED
from uploads.intake.tables import Layout, open_table
from uploads.samples.examexport import HEADERS, OFFICE, ROWS, SPELLINGS, write_exam_export

TODAY = dt.date(2026, 11, 24)
JINAN = OfficeNames("济南市职业技能鉴定指导中心", "济南市人力资源和社会保障局")


def make_export(folder: Path) -> Path:
    return write_exam_export(folder, seed=3, today=TODAY, holidays=Holidays({}))


def test_every_row_is_acceptable_by_the_profile(tmp_path: Path) -> None:
    context = RowContext("regular", current_period(TODAY, Holidays({})), TODAY, OFFICE)
    numbers = set()
    with open_table(make_export(tmp_path), kind="regular", layout=Layout(EXAM_SYSTEM, JINAN)) as table:
        assert table.converter is not None
        assert table.columns is not None
        assert table.columns.header_row_number == 4
        for row_number, cells in table.rows:
            parsed = table.converter.parse(row_number, cells, context)
            assert [problem for problem in parsed.problems if problem.severity != "note"] == []
            assert parsed.fields is not None
            assert parsed.fields.issuing_authority == JINAN.issuing_authority
            numbers.add(parsed.fields.certificate_number)
    assert len(numbers) == ROWS


def test_without_the_profile_it_is_refused_and_the_profile_named(tmp_path: Path) -> None:
    layout = Layout(REQUIRED, JINAN, (EXAM_SYSTEM,))
    with open_table(make_export(tmp_path), kind="regular", layout=layout) as table:
        assert table.columns is None
        assert [problem.rule for problem in table.problems] == ["R-052", "R-052", "R-052", "R-054", "R-087"]


def test_its_spellings_are_those_of_every_level() -> None:
    assert set(SPELLINGS) == {1, 2, 3, 4, 5}
    assert all(parse_level(str(text)) == level for level, texts in SPELLINGS.items() for text in texts)
    assert len(HEADERS) == 17


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    def rows(path: Path) -> list[object]:
        with open_table(path, kind="regular", layout=Layout(EXAM_SYSTEM, JINAN)) as table:
            return list(table.rows)

    assert rows(make_export(tmp_path / "a")) == rows(make_export(tmp_path / "b"))
