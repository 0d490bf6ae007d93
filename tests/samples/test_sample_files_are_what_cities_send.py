"""The sample files: seeded, synthetic, and acceptable to the real intake, but for the errors planted on purpose."""

import datetime as dt
from pathlib import Path

import pytest

from certificates.idnumber import parse
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.rows import parse_row
from uploads.intake.tables import open_table
from uploads.samples.bodies import OFFICES
from uploads.samples.files import SampleFile, read_manifest, sample_periods, write_samples
from uploads.samples.occupations import OCCUPATIONS

TODAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("samples")
    write_samples(place, seed=7, rows=1200, today=TODAY, holidays=Holidays({}))
    return place


def read(folder: Path, sample: SampleFile) -> tuple[list[tuple[object, ...]], list[Problem]]:
    """The rows' fields and every problem the intake finds, in the file's own order."""
    context = RowContext("regular", Period.parse(sample.period), TODAY, sample.office)
    fields, problems = [], []
    with open_table(folder / sample.file, kind="regular") as table:
        problems += [problem for problem in table.problems if problem.severity == "error"]
        assert table.columns is not None
        for row_number, cells in table.rows:
            parsed = parse_row(row_number, cells, table.columns, context)
            problems += parsed.problems
            if parsed.fields is not None:
                fields.append((parsed.fields.certificate_number, parsed.fields.id_number, parsed.fields.holder_name))
    return fields, problems


def test_every_office_in_force_sends_a_file_for_every_half_month(folder: Path) -> None:
    samples = read_manifest(folder)
    periods = {period.code for period in sample_periods(TODAY, Holidays({}))}
    assert {(sample.office, sample.period) for sample in samples} == {
        (office.code, period) for office in OFFICES for period in periods
    }
    assert "2026-11-B" in periods
    assert len(OFFICES) == 17


def test_the_intake_accepts_every_row_that_was_not_spoilt(folder: Path) -> None:
    numbers, people = set(), set()
    for sample in read_manifest(folder):
        fields, problems = read(folder, sample)
        errors = {problem.row_number for problem in problems if problem.severity == "error"}
        assert len(errors) == sample.planted, (sample, problems)
        assert len(fields) == sample.rows - sample.planted
        assert not [problem for problem in problems if problem.severity == "warning" and not sample.planted]
        numbers |= {number for number, _, _ in fields}
        people |= {person for _, person, _ in fields}
    accepted = sum(sample.rows - sample.planted for sample in read_manifest(folder))
    assert len(numbers) == len(people) == accepted


def test_the_newest_file_of_one_office_has_seventeen_errors(folder: Path) -> None:
    planted = {sample.office: sample.planted for sample in read_manifest(folder) if sample.planted}
    assert planted == {"3703": 17}


def test_names_of_every_kind_are_among_them(folder: Path) -> None:
    names = "".join(str(name) for sample in read_manifest(folder) for _, _, name in read(folder, sample)[0])
    assert "·" in names
    assert any(ord(character) > 0xFFFF for character in names)


def test_the_pair_to_look_up_is_a_resident_of_no_real_place(folder: Path) -> None:
    for sample in read_manifest(folder):
        if not sample.planted:
            assert parse(sample.sample_pair[0]).canonical.startswith("3799")


def test_the_same_seed_and_day_give_the_same_rows(folder: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, seed=7, rows=1200, today=TODAY, holidays=Holidays({}))
    for sample in read_manifest(folder)[:3]:
        assert read(folder, sample)[0] == read(tmp_path, sample)[0]


def test_about_sixty_real_occupations_are_spread_over_five_levels() -> None:
    assert 55 <= len(OCCUPATIONS) <= 80
    assert len({name for name, _, _ in OCCUPATIONS}) == len(OCCUPATIONS)
