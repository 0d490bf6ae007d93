"""核验码: made, listed and withdrawn by whoever has a certificate's two numbers, opened by whoever has the code.

The rules stand in the database's functions (certificates/migrations/0008_enquiries.py); here they get their words.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from certificates import lookup, masking
from certificates.idnumber import ParsedId
from certificates.lookup import NotFound, Outcome, UnderReview
from certificates.models import Certificate
from certlookup.databases import current_connection
from certlookup.sealing import index_id

DAYS: Final = (7, 30, 90, 180)
MOST_LIVE: Final = 10
# How long a code that is over is still known as one that is over.
REMEMBERED_DAYS: Final = 180


class Made(StrEnum):
    """What making a code came to."""

    MADE = "made"
    TOO_MANY = "too_many"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class LiveCode:
    """A code that can be opened; which one, only its holder's slip says."""

    id: int
    made_at: datetime
    expires_at: datetime


class CodeState(StrEnum):
    """Whether a code still opens anything."""

    LIVE = "live"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OpenedCode:
    """What a code shows: the certificate now, and as it was when the code was made where that differs.

    now and certificate_number are for a live code only. id_changed: the ID number was corrected since, so that the mask
    is the earlier number's.
    """

    state: CodeState
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    certificate_number: str = ""
    now: Outcome | None = None
    then: Outcome | None = None
    id_changed: bool = False


def make_code(*, code: str, id_number: ParsedId, certificate_number: str, days: int) -> Made:
    """Make a code for a valid certificate, by its two numbers; the same code again is the same code.

    Writes verification_code.
    """
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT make_code(%s, %s, %s, %s, %s)",
            [
                code,
                certificate_number,
                index_id(id_number.canonical),
                masking.mask_id(id_number.canonical),
                days,
            ],
        )
        return Made(cursor.fetchone()[0])


def live_codes(id_number: ParsedId, certificate_number: str) -> list[LiveCode]:
    """The certificate's codes that can be opened now, the oldest first."""
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT * FROM codes_of(%s, %s)", [certificate_number, index_id(id_number.canonical)])
        return [LiveCode(*row) for row in cursor.fetchall()]


def withdraw_code(*, code_id: int, id_number: ParsedId, certificate_number: str) -> bool:
    """Let a code open nothing any more; False where there is no such code of this certificate, or it is withdrawn already."""
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT withdraw_code(%s, %s, %s)", [code_id, certificate_number, index_id(id_number.canonical)])
        return bool(cursor.fetchone()[0])


def open_code(code: str, at: date) -> OpenedCode | None:
    """What a code shows on that day; None where there is none. Raises Django's database errors."""
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT state, made_at, expires_at, withdrawn_at, certificate_number, masked_id, id_changed, then_row::text "
            "FROM open_code(%s)",
            [code],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    state, made_at, expires_at, withdrawn_at, number, masked_id, id_changed, then_row = row
    if state != CodeState.LIVE:
        return OpenedCode(CodeState(state), made_at, expires_at, withdrawn_at)
    now = lookup.find_shared(number, masked_id, at)
    then = None
    if then_row is not None and not isinstance(now, UnderReview | NotFound):
        then = lookup.earlier_outcome(json.loads(then_row), masked_id, at)
    return OpenedCode(CodeState.LIVE, made_at, expires_at, None, number, now, then, bool(id_changed))


def has_id_number(certificate_number: str, id_number: ParsedId) -> bool:
    """Whether a certificate is this ID number's; for whoever holds a code of it."""
    return Certificate.objects.filter(
        certificate_number=certificate_number, id_index__in=index_id(id_number.canonical), under_review_since=None
    ).exists()
