"""The digest of an attempt's rows, taken while they come in: what attempt_digest() of the database will say of them."""

import hashlib

from certlookup.spreadsheets.filerules import SpreadsheetError
from uploads.intake.blocks import StagedBlock


class RunningDigest:
    """The digest of the rows that came so far; sign() compares it with what it computes itself from staged_row."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.last_row = 0

    def add(self, block: StagedBlock) -> None:
        """Take in a block's accepted rows. Raises SpreadsheetError where they don't stand below the others."""
        if not block.accepted:
            return
        first, last = block.span
        if first <= self.last_row:
            # The digest is over the rows in their order; our reader sends no others.
            raise SpreadsheetError("R-023")
        self._hash.update(block.leaves)
        self.last_row = last

    def value(self) -> bytes:
        """The digest of all that was taken in."""
        return self._hash.digest()
