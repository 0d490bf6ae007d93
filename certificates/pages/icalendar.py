"""A calendar as text by RFC 5545: events of one day or of some hours, folded and escaped as the standard asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_OCTETS: Final = 75
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One event; a date is a whole day, a datetime (aware) begins at that moment. The uid never changes."""

    uid: str
    begins: date | datetime
    ends: date | datetime
    summary: str
    description: str
    url: str
    tentative: bool
    categories: str


def calendar_text(name: str, description: str, language: str, events: Iterable[Event], *, stamp: datetime) -> bytes:
    """The whole file. stamp says as of when the events hold; it must be aware."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//certlookup//schedule//{language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"X-WR-CALDESC:{_text(description)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        "X-PUBLISHED-TTL:P1D",
    ]
    for event in events:
        lines += _event_lines(event, language, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event_lines(event: Event, language: str, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_moment(stamp)}"
    yield f"DTSTART{_value(event.begins)}"
    yield f"DTEND{_value(event.ends)}"
    yield f"SUMMARY;LANGUAGE={language}:{_text(event.summary)}"
    yield f"DESCRIPTION;LANGUAGE={language}:{_text(event.description)}"
    yield f"URL:{event.url}"
    yield f"CATEGORIES:{_text(event.categories)}"
    yield f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _value(begins: date | datetime) -> str:
    """Moments in UTC: they need no description of a time zone."""
    return f":{_moment(begins)}" if isinstance(begins, datetime) else f";VALUE=DATE:{begins:%Y%m%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    return value.translate(_ESCAPED)


def day_after(day: date) -> date:
    """The end of a whole-day event, which isn't part of it any more."""
    return day + timedelta(days=1)


def fold(line: str) -> bytes:
    """One content line with its CRLF, continued after 75 octets, never inside a character."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        encoded = character.encode()
        # A continuation begins with a space, which counts.
        if len(piece) + len(encoded) > _OCTETS - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
