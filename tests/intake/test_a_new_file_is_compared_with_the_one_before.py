"""A new file of a batch beside the one before: what is gone, new, left, by the row and not by its number."""

import pytest

from tests.make import Cast, make_attempt, make_id_number, make_row, make_rows, make_workbook
from uploads.intake.comparison import ONE_ROW_FOR_ALL, comparison_of
from uploads.models import Attempt, ProblemChange, RowProblem

pytestmark = pytest.mark.django_db
Rows = list[dict[str, object]]


@pytest.fixture
def cast() -> Cast:
    return Cast()


def send(cast: Cast, *rows: dict[str, object]) -> Attempt:
    return make_attempt(by=cast.operator, office="3702", rows=list(rows))


def changed(attempt: Attempt, rule: str) -> dict[str, list[int]]:
    """The rows of one rule's findings by what became of them."""
    found: dict[str, list[int]] = {}
    for change in ProblemChange.objects.filter(attempt=attempt, rule=rule).order_by("row_number"):
        found.setdefault(change.change, []).append(change.row_number)
    return found


BAD = {"等级": "六级"}
NO_RULE = "R-171"


def test_a_first_file_is_compared_with_nothing(cast: Cast) -> None:
    assert comparison_of(send(cast, make_row(seed=1, **BAD))) is None


def test_problems_are_gone_new_or_left_though_every_row_has_moved(cast: Cast) -> None:
    send(cast, make_row(seed=1, **BAD), make_row(seed=2, **BAD), make_row(seed=3))
    moved = [make_row(seed=9), make_row(seed=8), make_row(seed=3, **BAD), make_row(seed=2, **BAD), make_row(seed=1)]
    second = send(cast, *moved)
    assert changed(second, NO_RULE) == {"gone": [2], "new": [4], "left": [5]}


def test_totals_add_up_on_both_sides(cast: Cast) -> None:
    first = send(cast, *[make_row(seed=seed, **BAD) for seed in range(6)], make_row(seed=0))
    second = send(cast, *[make_row(seed=seed, **(BAD if seed % 2 else {})) for seed in range(4, 12)])
    compared = comparison_of(second)
    assert compared is not None
    assert compared.gone + compared.left == first.problems.count()
    assert compared.new + compared.left == second.problems.count()
    assert sum(line.gone + line.new + line.left for line in compared.rules) == ProblemChange.objects.count()


def test_a_row_whose_certificate_number_was_mended_is_known_by_its_id_number(cast: Cast) -> None:
    send(cast, make_row(seed=1, 证书编号="123", **BAD), make_row(seed=2))
    second = send(cast, make_row(seed=2), make_row(seed=1, **BAD))
    assert changed(second, NO_RULE) == {"left": [3]}


def test_a_row_whose_both_numbers_were_mended_is_known_by_its_other_cells(cast: Cast) -> None:
    send(cast, make_row(seed=1, 证书编号="123", 证件号码="456", **BAD), make_row(seed=2))
    second = send(cast, make_row(seed=2), make_row(seed=1, **BAD))
    assert changed(second, NO_RULE) == {"left": [3]}


def test_two_people_of_the_same_occupation_and_day_are_not_taken_for_each_other(cast: Cast) -> None:
    send(cast, make_row(seed=1, **BAD))
    second = send(cast, make_row(seed=2, **BAD))
    assert changed(second, NO_RULE) == {"gone": [2], "new": [2]}


def test_two_rows_of_the_same_number_are_told_apart_by_their_order(cast: Cast) -> None:
    twice = make_row(seed=1, **BAD)
    send(cast, twice, twice)
    second = send(cast, twice, make_row(seed=1))
    assert changed(second, NO_RULE) == {"left": [2], "gone": [3]}


def test_what_is_wrong_with_the_file_is_compared_by_its_sentence(cast: Cast) -> None:
    header = [name for name in make_row() if name not in {"等级", "姓名"}]
    make_attempt(by=cast.operator, office="3702", content=make_workbook(make_rows(2), header=header))
    second = make_attempt(
        by=cast.operator, office="3702", content=make_workbook(make_rows(2), header=[*header, "姓名"])
    )
    compared = comparison_of(second)
    assert compared is not None
    assert [(line.rule, line.gone, line.new, line.left) for line in compared.rules] == [("R-052", 1, 0, 1)]


def test_the_same_file_once_more_is_known_as_such(cast: Cast) -> None:
    content = make_workbook([make_row(seed=1, **BAD)])
    make_attempt(by=cast.operator, office="3702", content=content)
    compared = comparison_of(make_attempt(by=cast.operator, office="3702", content=content))
    assert compared is not None
    assert compared.same_file
    assert (compared.gone, compared.new) == (0, 0)


def test_after_a_file_that_could_not_be_read_nothing_is_compared(cast: Cast) -> None:
    make_attempt(by=cast.operator, office="3702", content=b"%PDF-1.7 not a table")
    compared = comparison_of(send(cast, make_row(seed=1, **BAD)))
    assert compared is not None
    assert not compared.readable
    assert not ProblemChange.objects.exists()


def test_a_finding_across_rows_knows_its_row_too(cast: Cast) -> None:
    send(cast, make_row(seed=1), make_row(seed=1), make_row(seed=2))
    second = send(cast, make_row(seed=2), make_row(seed=1), make_row(seed=1))
    assert changed(second, "R-301") == {"left": [3, 4]}


def test_what_is_told_once_for_many_rows_is_left_though_its_first_row_is_gone(cast: Cast) -> None:
    rows = [make_row(seed=seed, 鉴定机构="没有登记的鉴定所") for seed in range(40)]
    first = send(cast, *rows)
    assert ONE_ROW_FOR_ALL in first.problems.get(rule="R-411").message
    second = send(cast, *rows[2:])
    assert changed(second, "R-411") == {"left": [2]}


def test_no_key_of_a_row_is_a_number_or_its_plain_hash(cast: Cast) -> None:
    send(cast, make_row(seed=1, **BAD))
    number = make_id_number(seed=1)
    keys = [bytes(key) for key in RowProblem.objects.exclude(row_key=None).values_list("row_key", flat=True)]
    assert keys
    assert all(len(key) == 48 for key in keys)
    assert all(number.encode() not in key for key in keys)
    index = bytes(send(cast, make_row(seed=1)).rows.get().id_index)
    assert all(index[:16] not in key for key in keys)
