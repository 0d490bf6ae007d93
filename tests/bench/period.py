"""The half-month of the measured files: the last one that is over in Shanghai, so that no date lies ahead."""

import datetime as dt

from certlookup.calendar.periods import SHANGHAI, Period


def bench_period() -> Period:
    """The half-month before the present one, the same in a process whose own clock is set to another zone."""
    return Period.containing(dt.datetime.now(SHANGHAI).date()).previous()
