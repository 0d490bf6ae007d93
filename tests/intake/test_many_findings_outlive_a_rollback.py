"""A pre-check's findings are kept when what it staged is rolled back, however many they are."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from certlookup.spreadsheets.filerules import Severity
from uploads.intake.findings import Problem
from uploads.intake.spilled import KEPT_IN_MEMORY, SpilledFindings, keep_findings

PROBLEMS = st.builds(
    Problem,
    st.integers(1, 1_048_576),
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(max_size=8),
    st.sampled_from(Severity),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


@given(st.lists(PROBLEMS, max_size=20))
def test_what_was_spilled_comes_back_in_its_order_as_often_as_it_is_asked_for(problems: list[Problem]) -> None:
    spilled = SpilledFindings(problems)
    assert len(spilled) == len(problems)
    assert list(spilled) == problems
    assert list(spilled) == problems


def many(count: int) -> Iterator[Problem]:
    return (Problem(row, "姓名", "holder_name", "R-141", Severity.ERROR, "过长") for row in range(1, count + 1))


def test_few_stay_in_memory_and_many_do_not() -> None:
    few, lots = keep_findings(many(5)), keep_findings(many(KEPT_IN_MEMORY + 5))
    assert isinstance(few, tuple)
    assert isinstance(lots, SpilledFindings)
    assert (len(few), len(lots)) == (5, KEPT_IN_MEMORY + 5)
    assert [problem.row_number for problem in lots] == list(range(1, KEPT_IN_MEMORY + 6))
