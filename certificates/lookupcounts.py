"""How many lookups of a day found a certificate and how many did not: two numbers a day, nothing of who asked for what."""

import logging
from datetime import date

from django.db import DatabaseError

from certlookup.databases import current_connection

log = logging.getLogger(__name__)

SHARDS = 32
# One statement, each connection on a row of its own, and nobody waits for the disk: a crash may cost the last counts.
_COUNT = """
INSERT INTO lookup_count AS present (day, shard, hits, misses)
SELECT %s, pg_backend_pid() %% %s, %s, %s FROM set_config('synchronous_commit', 'off', true)
ON CONFLICT (day, shard) DO UPDATE SET hits = present.hits + excluded.hits, misses = present.misses + excluded.misses
"""


def count_answers(day: date, *, hits: int = 0, misses: int = 0) -> None:
    """Add answers to the day's counts. A count that can't be written is logged and forgotten: the answer goes out."""
    try:
        with current_connection().cursor() as cursor:
            cursor.execute(_COUNT, [day, SHARDS, hits, misses])
    except DatabaseError:
        log.exception("The day's lookups can't be counted.")
