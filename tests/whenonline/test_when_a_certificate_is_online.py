"""The answer to 'when will mine be online?', case by case."""

from datetime import date

import pytest

from certificates.dates import DateError
from certificates.whenonline import Answer, Asked, Basis, Collected, Facts, Kind, OfficeFacts, answer, read_days
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period

TODAY = date(2026, 11, 24)
# Published in these half-months; the last one a day late (due on Monday the 16th).
PUBLISHED = {
    Period(2026, 9, "B"): date(2026, 9, 30),
    Period(2026, 10, "A"): date(2026, 10, 15),
    Period(2026, 10, "B"): date(2026, 10, 30),
    Period(2026, 11, "A"): date(2026, 11, 17),
}
JINAN = OfficeFacts(Collected.COLLECTING, date(2009, 1, 1))


def ask(
    basis: Basis,
    first: date,
    last: date | None = None,
    *,
    office: OfficeFacts | None = None,
    today: date = TODAY,
    published: dict[Period, date] | None = None,
    holidays: Holidays | None = None,
) -> Answer:
    facts = Facts(holidays or Holidays(), PUBLISHED if published is None else published, office)
    return answer(Asked(basis, first, last or first), facts, today)


@pytest.mark.parametrize(
    ("issued", "today", "kind", "due"),
    [
        (date(2026, 11, 11), date(2026, 11, 24), Kind.PENDING, date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 11, 24), Kind.PENDING, date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 11, 29), Kind.PENDING, date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 11, 30), Kind.TODAY, date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 12, 1), Kind.OVERDUE, date(2026, 11, 30)),
        # The 25th opens the next half-month.
        (date(2026, 11, 25), date(2026, 12, 1), Kind.PENDING, date(2026, 12, 15)),
        (date(2026, 12, 25), date(2026, 12, 26), Kind.PENDING, date(2027, 1, 15)),
        # Postponed by the spring festival: 15 February falls into it.
        (date(2026, 1, 25), date(2026, 2, 20), Kind.PENDING, date(2026, 2, 24)),
        (date(2026, 5, 20), date(2026, 5, 31), Kind.PENDING, date(2026, 6, 1)),
    ],
)
def test_the_calendar_says_when_what_is_not_published_is_due(issued: date, today: date, kind: Kind, due: date) -> None:
    published = {period: day for period, day in PUBLISHED.items() if day < today} if today >= TODAY else {}
    told = ask(Basis.ISSUED, issued, today=today, published=published)
    assert (told.kind, told.due.date) == (kind, due)
    assert not told.should_be_found


def test_dates_of_a_year_without_announced_holidays_are_provisional() -> None:
    assert ask(Basis.ISSUED, date(2026, 12, 25), today=date(2026, 12, 26)).due.provisional
    assert not ask(Basis.ISSUED, date(2026, 11, 24)).due.provisional
    moved = Holidays({date(2026, 11, 30): False})
    assert ask(Basis.ISSUED, date(2026, 11, 24), holidays=moved).due.date == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("issued", "on", "late"),
    [
        (date(2026, 9, 24), date(2026, 9, 30), 0),
        (date(2026, 9, 25), date(2026, 10, 15), 0),
        (date(2026, 10, 24), date(2026, 10, 30), 0),
        (date(2026, 10, 25), date(2026, 11, 17), 1),
        (date(2026, 11, 10), date(2026, 11, 17), 1),
    ],
)
def test_what_was_published_should_be_found_and_lateness_is_told(issued: date, on: date, late: int) -> None:
    told = ask(Basis.ISSUED, issued)
    assert (told.kind, told.published_on, told.days_late) == (Kind.ONLINE, on, late)
    assert told.should_be_found


@pytest.mark.parametrize(
    ("office", "kind", "on"),
    [
        (OfficeFacts(online_on=date(2026, 11, 17)), Kind.ONLINE, date(2026, 11, 17)),
        # It came with a supplementary release.
        (OfficeFacts(online_on=date(2026, 11, 20)), Kind.ONLINE, date(2026, 11, 20)),
        (OfficeFacts(), Kind.OFFICE_MISSING, date(2026, 11, 17)),
        (OfficeFacts(online_on=date(2026, 11, 17), no_data=True), Kind.NO_DATA, date(2026, 11, 17)),
        (JINAN, Kind.OFFICE_MISSING, date(2026, 11, 17)),
    ],
)
def test_an_office_may_be_missing_in_what_was_published(office: OfficeFacts, kind: Kind, on: date) -> None:
    told = ask(Basis.ISSUED, date(2026, 11, 1), office=office)
    assert (told.kind, told.published_on) == (kind, on)


@pytest.mark.parametrize(
    ("first", "last", "office", "kind"),
    [
        (date(2008, 6, 1), None, JINAN, Kind.COLLECTING),
        (date(2009, 1, 1), None, JINAN, Kind.COLLECTED),
        (date(2015, 6, 1), None, JINAN, Kind.COLLECTED),
        # The year in which completeness begins is not complete as a whole.
        (date(2008, 1, 1), date(2009, 12, 31), JINAN, Kind.COLLECTING),
        (date(1999, 1, 1), date(1999, 12, 31), OfficeFacts(Collected.NOT_BEGUN, date(2010, 1, 1)), Kind.NOT_BEGUN),
        (date(2005, 1, 1), None, OfficeFacts(Collected.COMPLETE, date(2008, 12, 1)), Kind.NOT_COVERED),
        (date(2005, 1, 1), None, OfficeFacts(Collected.COMPLETE), Kind.COLLECTED),
        (date(2005, 1, 1), None, OfficeFacts(Collected.COLLECTING), Kind.COLLECTING),
        (date(2005, 1, 1), None, OfficeFacts(), Kind.OLDER),
        (date(2005, 1, 1), None, None, Kind.OLDER),
        (date(2026, 9, 10), None, None, Kind.OLDER),
        # As soon as we publish, the calendar counts, whatever is still being collected.
        (date(2026, 11, 24), None, OfficeFacts(Collected.NOT_BEGUN), Kind.PENDING),
    ],
)
def test_what_is_older_than_our_publications_is_a_matter_of_collecting(
    first: date, last: date | None, office: OfficeFacts | None, kind: Kind
) -> None:
    told = ask(Basis.ABOUT, first, last, office=office)
    assert told.kind is kind
    assert told.complete_from == (office.complete_from if office else None)
    assert told.published_on is None


def test_without_any_publication_there_are_calendar_and_collecting_alone() -> None:
    assert ask(Basis.ISSUED, date(2026, 11, 24), published={}).kind is Kind.PENDING
    assert ask(Basis.ISSUED, date(2026, 11, 1), published={}).kind is Kind.OVERDUE
    assert ask(Basis.ISSUED, date(2008, 1, 1), published={}, office=JINAN).kind is Kind.COLLECTING


@pytest.mark.parametrize(
    ("received", "today", "call_from", "may_call"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), date(2026, 12, 24), False),
        (date(2026, 10, 25), date(2026, 11, 23), date(2026, 11, 24), False),
        (date(2026, 10, 25), date(2026, 11, 24), date(2026, 11, 24), True),
        (date(2026, 1, 25), date(2026, 11, 24), date(2026, 2, 24), True),
        (date(2024, 1, 30), date(2026, 11, 24), date(2024, 2, 29), True),
    ],
)
def test_thirty_days_count_from_the_receipt(received: date, today: date, call_from: date, may_call: bool) -> None:
    told = ask(Basis.RECEIVED, received, today=today)
    assert (told.call_from, told.may_call) == (call_from, may_call)


def test_from_an_issue_date_no_thirty_days_count() -> None:
    for basis in (Basis.ISSUED, Basis.ABOUT):
        told = ask(basis, date(2026, 1, 1))
        assert (told.call_from, told.may_call) == (None, False)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2026-11-03", date(2026, 11, 3), date(2026, 11, 3)),
        ("２０２６年１１月３日", date(2026, 11, 3), date(2026, 11, 3)),
        ("20261103", date(2026, 11, 3), date(2026, 11, 3)),
        ("2026年10月", date(2026, 10, 1), date(2026, 10, 31)),
        ("2024-2", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023/12", date(2023, 12, 1), date(2023, 12, 31)),
        ("2008", date(2008, 1, 1), date(2008, 12, 31)),
        (" 2008 年 ", date(2008, 1, 1), date(2008, 12, 31)),
        # The rest of the running year or month hasn't happened yet.
        ("2026", date(2026, 1, 1), TODAY),
        ("2026-11", date(2026, 11, 1), TODAY),
        ("2026-11-24", TODAY, TODAY),
    ],
)
def test_a_day_a_month_or_a_year_is_read(typed: str, first: date, last: date) -> None:
    assert read_days(typed, TODAY) == (first, last)


@pytest.mark.parametrize(
    "typed",
    ["", "去年", "2026-13", "2026-00", "2026-11-31", "1979-12-31", "2026-11-25", "2027", "26-11-3", "0000", "9999-12"],
)
def test_what_is_no_day_of_ours_is_refused(typed: str) -> None:
    with pytest.raises(DateError):
        read_days(typed, TODAY)
