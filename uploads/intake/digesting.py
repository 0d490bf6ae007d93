"""The digest of an attempt's rows, taken while they come in: attempt_digest() of the database, one piece after the other."""

import hashlib

from django.db import connection

# By the primary key: rows come in the order of their numbers, and those that just came are still in memory.
_LEAVES = """
    SELECT string_agg(leaf_hash(s), ''::bytea ORDER BY s.row_number), max(s.row_number), count(*)
    FROM staged_row s WHERE s.attempt_id = %s AND s.row_number > %s"""


class RunningDigest:
    """What attempt_digest() will say of the rows that were staged so far; sign() compares it with what it computes itself."""

    def __init__(self, attempt_id: int) -> None:
        self._attempt_id = attempt_id
        self._hash = hashlib.sha256()
        self.last_row = self.row_count = 0

    def add_staged(self) -> None:
        """Take in the rows that were staged since, which all have to stand below the others."""
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [self._attempt_id, self.last_row])
            leaves, last, count = cursor.fetchone()
        if last is not None:
            self._hash.update(leaves)
            self.last_row = last
            self.row_count += count

    def value(self) -> bytes:
        """The digest of all that was taken in."""
        return self._hash.digest()
