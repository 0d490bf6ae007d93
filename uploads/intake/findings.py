"""A finding of a check, as it is stored, shown and printed."""

from __future__ import annotations

from dataclasses import dataclass

from certlookup.spreadsheets.filerules import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: the row as the spreadsheet shows it, the column by the sender's header, the rule and what to do."""

    row_number: int
    column: str
    field: str
    rule: str
    severity: Severity
    message: str
