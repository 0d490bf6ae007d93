"""Calling the database's functions, which check, write and record for themselves (uploads/migrations)."""

from collections.abc import Sequence
from typing import Any

from certlookup.databases import current_connection


def call(function: str, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - a number, a text or a list, as the function says
    """What the function answers. Raises DatabaseError, which one_act() turns into a Refusal where it is one."""
    with current_connection().cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", arguments)
        return cursor.fetchone()[0]
