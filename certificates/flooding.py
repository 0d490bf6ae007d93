"""How often one address may open codes, leave enquiries or report forgeries; counted where lookups are counted."""

import logging
from dataclasses import dataclass

from django.db import DatabaseError
from django_ratelimit.core import get_usage

from certlookup.databases import current_connection
from certlookup.ratecache import CountersGone, rate_cache
from certlookup.statements import still_answers

log = logging.getLogger(__name__)

_COME_BACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limited:
    """Beyond a rate; retry_after is in seconds."""

    retry_after: int


def count_use(*, kind: str, address: str, rate: str) -> Limited | None:
    """Count one use of a kind by an address; Limited beyond the rate.

    Where the counters can't be reached though the database can, nothing is taken or shown until they are back: never
    open without a limit. Raises OperationalError when the database itself is gone. Writes rate_counter.
    """
    cache = rate_cache()
    try:
        with cache.noting() as noted:
            usage: dict[str, int] = get_usage(
                None, group=f"use-{kind}", key=lambda _group, _request: address, rate=rate, increment=True
            )
        [count] = cache.count(noted).values()
    except CountersGone:
        return Limited(_COME_BACK_SECONDS)
    except DatabaseError:
        if not still_answers(current_connection()):
            raise
        log.exception("The shared counters can't be reached; %s is refused for a minute.", kind)
        return Limited(_COME_BACK_SECONDS)
    return Limited(max(1, usage["time_left"])) if count > usage["limit"] else None
