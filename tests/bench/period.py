"""The half-month of the measured files: the last one that is over on the machine's own day, so that no date lies ahead."""

import datetime as dt

from certlookup.calendar.periods import Period


def bench_period() -> Period:
    """The half-month before the present one."""
    return Period.containing(dt.date.today()).previous()  # noqa: DTZ011
