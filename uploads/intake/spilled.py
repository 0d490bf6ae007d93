"""Findings that outlive the transaction they were written in: few in memory, many in a file that has no name."""

import json
import tempfile
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from certlookup.spreadsheets.filerules import Severity
from uploads.intake.findings import Problem

KEPT_IN_MEMORY = 20_000


class SpilledFindings(Collection[Problem]):
    """Any number of findings in a temporary file, to be read again and again in their order."""

    def __init__(self, findings: Iterable[Problem]) -> None:
        """Write them all; the file is gone with this object, or with the process."""
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with this object
        self._count = 0
        for found in findings:
            line = [found.row_number, found.column, found.field, found.rule, str(found.severity), found.message]
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Problem]:
        self._file.seek(0)
        for line in self._file:
            row_number, column, field, rule, severity, message = json.loads(line)
            yield Problem(row_number, column, field, rule, Severity(severity), message)

    def __contains__(self, found: object) -> bool:
        return any(found == one for one in self)


def keep_findings(findings: Iterator[Problem]) -> Collection[Problem]:
    """The findings as a tuple, or in a file where a file of a million mistakes would fill the memory."""
    first = tuple(islice(findings, KEPT_IN_MEMORY))
    if len(first) < KEPT_IN_MEMORY:
        return first
    return SpilledFindings(_all(first, findings))


def _all(first: Iterable[Problem], rest: Iterable[Problem]) -> Iterator[Problem]:
    yield from first
    yield from rest
