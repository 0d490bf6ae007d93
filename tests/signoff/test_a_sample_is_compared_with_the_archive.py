"""抽样核对: a sample drawn by the database is compared with the archive before the first signature, or nobody signs (R8)."""

import json

import pytest
from django.conf import settings
from django.db import connection

from tests.make import Cast, make_attempt, make_extension, make_paper, make_person, make_published_release, make_rows
from uploads.actor import Actor
from uploads.models import AuditEntry, Batch, SampleComparison, SampledRow, Signature
from uploads.refusals import Refusal, refusals
from uploads.signoff.compare import Finding, agree_to_all, compare_sample, sample_numbers, show_sample
from uploads.signoff.permissions import may_compare, why_not_sign_batch
from uploads.signoff.sign import digest_of_batch, sign_batch, submit_batch

pytestmark = pytest.mark.django_db


def make_uncompared(by: Actor, *, office: str = "3702", rows: int = 30) -> Batch:
    attempt = make_attempt(by=by, office=office, rows=make_rows(rows), compared=False)
    return Batch.objects.get(id=attempt.batch_id)


def refusal_of(by: Actor, batch: Batch, findings: dict[int, Finding] | None = None) -> str:
    """Why the person can't sign, or, with findings, can't record them."""
    digest = digest_of_batch(batch)
    try:
        if findings is None:
            sign_batch(by=by, batch=batch, digest=digest)
        else:
            compare_sample(by=by, batch=batch, digest=digest, findings=findings)
    except Refusal as refusal:
        return refusal.key
    return ""


def agreed(numbers: list[int]) -> dict[int, Finding]:
    return dict.fromkeys(numbers, Finding(agrees=True))


def test_the_sample_is_drawn_once_for_a_content_and_differently_for_the_next() -> None:
    cast = Cast()
    first = make_uncompared(cast.operator)
    drawn = sample_numbers(first.attempt)  # type: ignore[arg-type]
    assert len(drawn) == settings.SAMPLE_ROWS == 20
    assert drawn == sample_numbers(first.attempt)  # type: ignore[arg-type]
    again = make_uncompared(cast.operator)
    assert again.attempt_id != first.attempt_id
    assert drawn != sample_numbers(again.attempt)  # type: ignore[arg-type]


def test_a_small_file_is_compared_whole() -> None:
    batch = make_uncompared(Cast().operator, rows=3)
    assert sample_numbers(batch.attempt) == [2, 3, 4]  # type: ignore[arg-type]


def test_without_the_comparison_nobody_signs_and_with_it_both_do() -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator)
    assert why_not_sign_batch(cast.operator.person, batch) == "sample_is_not_compared"
    assert refusal_of(cast.operator, batch) == "sample_is_not_compared"
    assert may_compare(cast.operator.person, batch)
    agree_to_all(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert not may_compare(cast.operator.person, batch)
    comparison = SampleComparison.objects.get()
    assert (comparison.row_count, comparison.differing_count, comparison.compared_by) == (20, 0, cast.operator.person)
    assert AuditEntry.objects.get(action="batch.sample_compared").detail["rows"] == 20
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))


def test_one_row_that_differs_keeps_the_file_from_being_signed_for_good() -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator)
    numbers = sample_numbers(batch.attempt)  # type: ignore[arg-type]
    findings = agreed(numbers) | {numbers[0]: Finding(agrees=False)}
    assert refusal_of(cast.operator, batch, findings) == "difference_without_a_remark"
    findings[numbers[0]] = Finding(agrees=False, remark="姓名应为李四")
    compare_sample(by=cast.operator, batch=batch, digest=digest_of_batch(batch), findings=findings)
    assert SampledRow.objects.get(agrees=False).remark == "姓名应为李四"
    assert refusal_of(cast.operator, batch) == "sample_differs_from_the_archive"
    assert refusal_of(cast.operator, batch, agreed(numbers)) == "sample_is_compared_already"
    again = make_uncompared(cast.operator)
    assert again == batch
    assert refusal_of(cast.operator, again) == "sample_is_not_compared"
    agree_to_all(by=cast.operator, batch=again, digest=digest_of_batch(again))
    sign_batch(by=cast.operator, batch=again, digest=digest_of_batch(again))


@pytest.mark.parametrize("change", ["fewer", "others", "twice"])
def test_a_comparison_of_other_rows_than_the_drawn_ones_is_refused(change: str) -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator)
    numbers = sample_numbers(batch.attempt)  # type: ignore[arg-type]
    other = next(number for number in range(2, 32) if number not in numbers)
    rows = {"fewer": numbers[:-1], "others": [*numbers[:-1], other], "twice": [*numbers[:-1], numbers[0]]}[change]
    results = json.dumps([{"row": number, "agrees": True, "remark": ""} for number in rows])
    with pytest.raises(Refusal) as refusal, refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT compare_sample(%s, %s, %s, %s::jsonb, '')",
            [batch.id, cast.operator.person.id, digest_of_batch(batch), results],
        )
    assert refusal.value.key == "comparison_is_of_other_rows"


def test_only_whoever_will_sign_compares() -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator)
    findings = agreed(sample_numbers(batch.attempt))  # type: ignore[arg-type]
    for other in (cast.director, cast.provincial_operator, Cast("3701").operator):
        assert not may_compare(other.person, batch)
        assert refusal_of(other, batch, findings) == "person_not_entitled"
    colleague = Cast().operator
    assert not may_compare(colleague.person, batch)
    assert refusal_of(colleague, batch, findings) == "another_person_has_that_capacity"


def test_what_changed_since_it_was_seen_is_not_compared() -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator)
    seen, findings = digest_of_batch(batch), agreed(sample_numbers(batch.attempt))  # type: ignore[arg-type]
    again = make_uncompared(cast.operator)
    with pytest.raises(Refusal) as refusal:
        compare_sample(by=cast.operator, batch=again, digest=seen, findings=findings)
    assert refusal.value.key == "content_changed_since_seen"


def test_the_province_compares_its_own_before_it_submits() -> None:
    cast = Cast("3700")
    batch = make_uncompared(cast.provincial_operator, office="3700")
    make_extension(by=cast.department_head)
    with pytest.raises(Refusal) as refusal:
        submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "sample_is_not_compared"
    agree_to_all(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))


@pytest.mark.parametrize(("states", "key"), [(True, ""), (False, "paper_sheet_states_no_comparison")])
def test_on_paper_the_sheet_states_the_comparison(states: bool, key: str) -> None:
    cast = Cast()
    paper = make_paper(make_person(office="3702"), make_person(office="3702"), states_comparison=states)
    batch = make_attempt(by=cast.provincial_operator, office="3702", paper=paper).batch
    make_extension(by=cast.department_head)
    answer = ""
    try:
        submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    except Refusal as refusal:
        answer = refusal.key
    assert answer == key
    assert Signature.objects.count() == (0 if key else 2)


def test_looking_at_the_sample_is_recorded_and_shows_whole_numbers() -> None:
    cast = Cast()
    batch = make_uncompared(cast.operator, rows=3)
    sample = show_sample(by=cast.operator, batch=batch, attempt=batch.attempt)  # type: ignore[arg-type]
    assert [len(row.id_number) for row in sample] == [18, 18, 18]
    entry = AuditEntry.objects.get(action="rows.sample_shown")
    assert (entry.person_id, entry.detail) == (cast.operator.person.id, {"attempt": batch.attempt_id, "rows": 3})


def test_a_published_release_had_its_sample_compared() -> None:
    make_published_release(Cast())
    assert SampleComparison.objects.count() == 1
