"""The leaves of rows that are being staged, put together like their COPY form: what repeats is encoded once (blocks.py).

The same as leaf_hash() of the database makes of staged_row, from which sign() and publish() compute the digest anew: a
difference here would show as a file that nobody can sign.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Iterable
from hashlib import sha256

from certificates.leaves import LEAF_END, LEAF_START, leaf_part, plain_leaf_part
from uploads.intake.rows import RowFields

# What stands before the certificate number, and around the commitment's hexadecimal digits; a file of new certificates
# gives no reason and no document.
_BEFORE_TEXT, _AFTER_TEXT = plain_leaf_part(b"|").split(b"|")
BEFORE_NUMBER, AFTER_NUMBER = LEAF_START + leaf_part("issued") + _BEFORE_TEXT, _AFTER_TEXT
BEFORE_COMMITMENT, AFTER_COMMITMENT = _BEFORE_TEXT, _AFTER_TEXT
AT_THE_END = leaf_part(None) * 2 + LEAF_END


def encode_leaf_ends(fields: RowFields) -> tuple[bytes, bytes]:
    """What is hashed for a row before the commitment's digits, and after them."""
    number = fields.certificate_number.encode()
    before = (fields.holder_name, fields.sex, fields.id_type)
    birth, processed, issued = (
        day.isoformat() if day else None for day in (fields.birth_date, fields.processed_date, fields.issue_date)
    )
    after = (
        birth, fields.occupation, fields.occupation_code, str(fields.level), fields.level_text, fields.theory_score,
        fields.skill_score, fields.overall_score, fields.result, processed, issued, fields.issuing_authority,
        fields.assessment_office,
    )  # fmt: skip
    return (
        b"".join((BEFORE_NUMBER, number, AFTER_NUMBER, *map(leaf_part, before), BEFORE_COMMITMENT)),
        b"".join((AFTER_COMMITMENT, *map(leaf_part, after), AT_THE_END)),
    )


def leaves_of(ends: Iterable[tuple[bytes, bytes]], commitments: Iterable[bytes]) -> bytes:
    """The leaves of rows, 32 bytes each, one after the other."""
    return b"".join([
        sha256(b"".join((before, hexlify(commitment), after))).digest()
        for (before, after), commitment in zip(ends, commitments, strict=True)
    ])  # fmt: skip
