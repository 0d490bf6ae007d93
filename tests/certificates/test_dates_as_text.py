"""Dates as text: the usual Chinese forms; what could be two dates is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.dates import DateError, DateProblem, parse_date

any_date = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03",
        "2026-11-3",
        "2026/11/3",
        "2026/11/03",
        "2026.11.3",
        "20261103",
        "2026年11月3日",
        "2026年11月03号",
        "２０２６年１１月３日",
        " 2026 年 11 月 3 日 ",
        "2026-11-03 00:00:00",
        "2026/11/3 0:00",
        "2026-11-03T00:00:00",
    ],
)
def test_the_usual_forms_are_understood(text: str) -> None:
    assert parse_date(text) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", DateProblem.EMPTY),
        ("\u3000", DateProblem.EMPTY),
        ("03/11/2026", DateProblem.AMBIGUOUS),
        ("3.11.2026", DateProblem.AMBIGUOUS),
        ("26-11-03", DateProblem.AMBIGUOUS),
        ("11/3/26", DateProblem.AMBIGUOUS),
        ("26年11月3日", DateProblem.AMBIGUOUS),
        ("2026113", DateProblem.AMBIGUOUS),
        ("2026 1 13", DateProblem.AMBIGUOUS),
        ("45964", DateProblem.AMBIGUOUS),
        ("2026-11", DateProblem.NO_DAY),
        ("2026年11月", DateProblem.NO_DAY),
        ("2026", DateProblem.NO_DAY),
        ("2026-02-30", DateProblem.IMPOSSIBLE),
        ("2026-13-01", DateProblem.IMPOSSIBLE),
        ("20260000", DateProblem.IMPOSSIBLE),
        ("1026-11-03", DateProblem.IMPOSSIBLE),
        ("2026-11/03", DateProblem.WRONG_FORM),
        ("2026-11-03 14:30", DateProblem.WRONG_FORM),
        ("不详", DateProblem.WRONG_FORM),
        ("٢٠٢٦-١١-٠٣", DateProblem.WRONG_FORM),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, problem: DateProblem) -> None:
    with pytest.raises(DateError) as caught:
        parse_date(text)
    assert caught.value.problem is problem


@given(any_date, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]))
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    text = form.replace("%Y", f"{day.year:04}").replace("%m", f"{day.month:02}").replace("%d", f"{day.day:02}")
    assert parse_date(text) == day


@given(any_date, st.sampled_from("-/."))
def test_every_day_is_read_without_leading_zeros(day: date, mark: str) -> None:
    assert parse_date(f"{day.year}{mark}{day.month}{mark}{day.day}") == day


@given(st.text(max_size=20))
def test_any_text_is_refused_or_read_the_same_again(text: str) -> None:
    try:
        day = parse_date(text)
    except DateError:
        return
    assert parse_date(day.isoformat()) == day
