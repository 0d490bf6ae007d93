"""What check_system looks at, one module per part of the house; each look answers with a Seen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone


class Condition(StrEnum):
    """How a matter stands, from well to failure."""

    WELL = "well"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Seen:
    """How a matter stands and what was seen, in English for the command and in Chinese for the page."""

    condition: Condition
    english: str
    chinese: str


def well(english: str, chinese: str) -> Seen:
    """As it has to be."""
    return Seen(Condition.WELL, english, chinese)


def warning(english: str, chinese: str) -> Seen:
    """Somebody has to look after it, though not this minute."""
    return Seen(Condition.WARNING, english, chinese)


def failure(english: str, chinese: str) -> Seen:
    """Something doesn't work, or nothing it says can be trusted."""
    return Seen(Condition.FAILURE, english, chinese)


def moment(at: datetime) -> str:
    """A time as both languages write it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
