"""How many statements this process sends to PostgreSQL, by whatever connection: Django's, a plain one of psycopg's, a COPY.

What begins, marks and ends transactions isn't counted: in most tests that is savepoints inside the test's own. Neither is
what one request in a thousand sweeps away, nor what a process tells once a second of the lookups it has counted.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import psycopg

_BESIDE = re.compile(
    r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET SESSION AUTHORIZATION|DELETE FROM rate_counter WHERE key IN|SELECT note_lookups)\b"
)
_SENDING = ((psycopg.Cursor, ("execute", "executemany", "copy")), (psycopg.ServerCursor, ("execute", "executemany")))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent inside, in their order."""
    sent: list[str] = []
    with ExitStack() as stack:
        for kind, names in _SENDING:
            for name in names:
                stack.enter_context(patch.object(kind, name, _noting(getattr(kind, name), sent)))
        yield sent


def _noting(send: Callable[..., Any], sent: list[str]) -> Callable[..., Any]:
    def noting(cursor: Any, statement: Any, *more: Any, **options: Any) -> Any:
        text = statement if isinstance(statement, str) else statement.as_string(cursor)
        if not _BESIDE.match(text):
            sent.append(text)
        return send(cursor, statement, *more, **options)

    return noting
