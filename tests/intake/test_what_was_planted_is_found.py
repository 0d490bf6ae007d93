"""Files with planted mistakes through the same door as manage.py check_file: found is what was planted, row by row."""

import csv
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.models import AssessmentBody, Office
from tests.intake.planting import PLANTS, Plant, Planted, Planting, plant
from tests.make import HEADER, make_period, make_row, make_workbook
from uploads.intake.precheck import FileReport, check_without_storing
from uploads.intake.rules import RULES, severity_in
from uploads.models import BatchKind

pytestmark = pytest.mark.django_db
KINDS = [BatchKind.REGULAR, BatchKind.BACKFILL]


@pytest.fixture(autouse=True)
def bodies() -> None:
    row = make_row(seed=1)
    AssessmentBody.objects.create(office_id="3702", name=row["鉴定机构"], code=str(row["证书编号"])[2:10])
    AssessmentBody.objects.create(office_id="3701", name="济南第一鉴定站")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


def write(folder: Path, planted: Planted, form: str) -> Path:
    path = folder / f"上报.{form}"
    if form == "xlsx":
        path.write_bytes(make_workbook(planted.rows))
        return path
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([row[name] for name in HEADER] for row in planted.rows)
    return path


def check(folder: Path, planted: Planted, *, form: str, kind: BatchKind) -> FileReport:
    office = Office.objects.get(code="3702")
    return check_without_storing(write(folder, planted, form), office=office, period=make_period(), kind=kind)


def assert_found_is_planted(report: FileReport, planted: Planted, kind: BatchKind) -> None:
    found: dict[int, set[tuple[str, str]]] = {}
    for problem in report.problems:
        if problem.field == "file":
            # Such as that a backfill belongs to no campaign here; an error would refuse all rows.
            assert problem.severity == "note", problem
            continue
        assert problem.severity == severity_in(RULES[problem.rule], kind)
        assert (problem.column, problem.rule) not in found.setdefault(problem.row_number, set()), "said twice"
        found[problem.row_number].add((problem.column, problem.rule))
    assert found == {row: set(pairs) for row, pairs in planted.expected.items()}
    refused = {
        row
        for row, pairs in planted.expected.items()
        if any(severity_in(RULES[rule], kind) == "error" for _, rule in pairs)
    }
    assert (report.rows, report.refused) == (len(planted.rows), len(refused))
    assert report.rows == report.accepted + report.refused
    for problem in report.problems:
        number = str(planted.rows[problem.row_number - 2]["证件号码"])
        assert len(number) < 8 or number not in problem.message


def plants_in(form: str) -> list[Plant]:
    return [planted for planted in PLANTS if form in planted.formats]


def make_planting(seed: int) -> Planting:
    return Planting(make_period(), timezone.localdate(), Random(seed))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_every_mistake_is_found_where_it_was_planted_and_nothing_else(folder: Path, form: str, kind: BatchKind) -> None:
    planted = plant(plants_in(form), kind=kind, at=make_planting(1))
    assert_found_is_planted(check(folder, planted, form=form, kind=kind), planted, kind)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mistakes_found_are_mistakes_planted_whatever_the_mixture(folder: Path, data: st.DataObject) -> None:
    kind, form = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(["xlsx", "csv"]))
    mixture = data.draw(st.lists(st.none() | st.sampled_from(plants_in(form)), min_size=1, max_size=25))
    planted = plant(mixture, kind=kind, at=make_planting(data.draw(st.integers(0, 10_000))))
    assert_found_is_planted(check(folder, planted, form=form, kind=kind), planted, kind)


def test_every_rule_of_fields_and_rows_has_a_plant_or_a_test_of_its_own() -> None:
    planted = {rule for plant in PLANTS for _, rule in (*plant.expected, *plant.twin_expected)}
    # Formula cells, what depends on the day's place in the period, and what needs another batch or a register.
    elsewhere = {"R-103", "R-130", "R-203", "R-204", "R-401", "R-402", "R-403", "R-404", "R-415"}
    # R-21x and R-22x are of campaigns and of changes, which have tests of their own.
    numbers = (number for number in RULES if "R-100" <= number < "R-210" or "R-300" <= number < "R-420")
    wanted = {number for number in numbers if RULES[number].field != "file"}
    assert wanted - planted == elsewhere


def test_a_good_file_has_no_finding(folder: Path) -> None:
    planted = plant([None] * 40, kind="regular", at=make_planting(1))
    for form in ("xlsx", "csv"):
        report = check(folder, planted, form=form, kind=BatchKind.REGULAR)
        assert report.problems == ()
        assert report.acceptable
