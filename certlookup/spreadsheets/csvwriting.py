"""Write .csv that spreadsheet programs open as it is meant: UTF-8 with its mark, and no cell that is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from certlookup.spreadsheets.writing import FORMULA_STARTS

MARK = "\ufeff"


def csv_bytes(rows: Iterable[Sequence[str | int]]) -> bytes:
    """The rows, the header among them; lines end as RFC 4180 has it."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerows([harmless(value) if isinstance(value, str) else value for value in row] for row in rows)
    return (MARK + target.getvalue()).encode()


def harmless(text: str) -> str:
    """The text; with an apostrophe before it where a spreadsheet program would calculate it."""
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) or text.startswith(("\t", "\r")) else text
