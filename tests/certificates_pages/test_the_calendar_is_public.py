"""/schedule/ and /schedule.ics: the half-months with their days, in two languages, the same for programs."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from certificates.pages.icalendar import fold
from certlookup.calendar.periods import Period
from tests.certificates_pages.reading import publish, read
from tests.databases import acting_as

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 13, 4, tzinfo=UTC)


def overrides(values: str) -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO holiday_override VALUES {values}")


def events(path: str = "/schedule.ics") -> dict[str, icalendar.Event]:
    found = icalendar.Calendar.from_ical(Client().get(path).content).walk("VEVENT")
    listed = {str(event["UID"]): event for event in found}
    assert len(listed) == len(found), "a UID stands twice"
    return listed


@time_machine.travel(NOW, tick=False)
def test_each_half_month_stands_there_with_its_days_and_why_they_moved() -> None:
    shown = read(Client().get("/schedule/")).text
    assert "10 月 25 日至 11 月 10 日 正在办理 11 月 11 日 11 月 16 日由 11 月 15 日顺延" in shown
    assert "1 月 25 日至 2 月 10 日" in shown


@time_machine.travel(NOW, tick=False)
def test_a_year_whose_holidays_are_not_announced_is_provisional_on_every_page_until_it_is() -> None:
    with time_machine.travel(datetime(2026, 12, 31, 4, tzinfo=UTC), tick=False):
        assert "暂定" in read(Client().get("/")).text
        assert "provisional" in read(Client().get("/en/")).text
    with time_machine.travel(datetime(2026, 12, 29, 4, tzinfo=UTC), tick=False):
        assert "暂定" not in read(Client().get("/")).text
    assert "暂定" in read(Client().get("/schedule/")).text
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO holiday_year SELECT generate_series(2027, 2028), 'n'")
    assert "暂定" not in read(Client().get("/schedule/")).text


@time_machine.travel(NOW, tick=False)
def test_an_override_moves_the_public_days_at_once() -> None:
    overrides("('2026-11-16', false, 'n', '')")
    assert "11 月 17 日由 11 月 15 日顺延" in read(Client().get("/schedule/")).text
    assert events()["2026-11-A-publication@localhost"]["DTSTART"].dt == date(2026, 11, 17)


def test_what_is_published_says_so() -> None:
    publish()
    shown = read(Client().get("/schedule/")).text
    today = timezone.localdate()
    assert f"已于 {today.month} 月 {today.day} 日上网" in shown


@time_machine.travel(NOW, tick=False)
def test_the_file_is_a_calendar_by_the_standard_whose_events_keep_their_names() -> None:
    answer = Client().get("/schedule.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert not calendar.errors
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    found = events()
    assert not any(event.errors for event in found.values())
    report = found["2026-11-A-report@localhost"]
    assert (report["DTSTART"].dt, report["DTEND"].dt) == (
        datetime(2026, 11, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 11, 8, tzinfo=UTC),
    )
    publication = found["2026-11-A-publication@localhost"]
    assert (publication["DTSTART"].dt, publication["DTEND"].dt) == (date(2026, 11, 16), date(2026, 11, 17))
    assert "10 月 25 日至 11 月 10 日" in publication["SUMMARY"]
    assert found["2027-03-A-report@localhost"]["STATUS"] == "TENTATIVE"
    assert "（暂定）" in found["2027-03-A-report@localhost"]["SUMMARY"]
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        assert set(events()) & set(found) == {
            uid for uid in found if Period.parse(uid[:9]) >= Period.parse("2026-09-A")
        }


def test_the_english_file_says_the_same_in_english() -> None:
    chinese, english = events(), events("/en/schedule.ics")
    assert set(chinese) == set(english)
    assert all(english[uid]["DTSTART"].dt == event["DTSTART"].dt for uid, event in chinese.items())
    assert all(str(event["SUMMARY"]).isascii() for event in english.values())


@pytest.mark.parametrize("text", ["x" * 74, "x" * 75, "x" * 76, "证" * 25, "证" * 60, "x" + "𠮷" * 60, "x" * 400])
def test_long_lines_are_folded_between_characters(text: str) -> None:
    folded = fold(text)
    assert max(map(len, folded.split(b"\r\n"))) <= 75
    assert folded.endswith(b"\r\n")
    assert folded[:-2].replace(b"\r\n ", b"").decode() == text
    for piece in folded[:-2].split(b"\r\n "):
        piece.decode()


def test_other_methods_are_refused() -> None:
    for path in ("/schedule/", "/schedule.ics"):
        assert Client().post(path).status_code == 405
