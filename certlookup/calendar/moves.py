"""Which report and publication days one calendar moves against another."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import DueDay, Period, publication_day, report_day


class DueKind(StrEnum):
    """Which of a period's two days."""

    REPORT = "report"
    PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Move:
    """A due day before and after; where the date is the same, whether it is provisional has changed."""

    period: Period
    kind: DueKind
    before: DueDay
    after: DueDay

    @property
    def changes_the_date(self) -> bool:
        return self.before.date != self.after.date

    @property
    def earlier(self) -> date:
        """The earlier of both dates."""
        return min(self.before.date, self.after.date)


_COMPUTED: Final[tuple[tuple[DueKind, Callable[[Period, Holidays], DueDay]], ...]] = (
    (DueKind.REPORT, report_day),
    (DueKind.PUBLICATION, publication_day),
)


def moved_days(before: Holidays, after: Holidays, periods: Iterable[Period]) -> Iterator[Move]:
    """Every due day of the periods that differs between the two calendars, in the order of the periods."""
    for period in periods:
        for kind, compute in _COMPUTED:
            old, new = compute(period, before), compute(period, after)
            if old != new:
                yield Move(period, kind, old, new)
