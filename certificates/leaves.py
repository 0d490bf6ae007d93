"""What a published row is, as one SHA-256: leaf_of() of the database in Python, so that neither is checked by itself."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

# The columns that a leaf covers, in their order.
LEAF_FIELDS = (
    "kind", "certificate_number", "holder_name", "sex", "id_type", "id_commitment", "birth_date", "occupation",
    "occupation_code", "level", "level_text", "theory_score", "skill_score", "overall_score", "result",
    "processed_date", "issue_date", "issuing_authority", "assessment_office", "change_reason", "document_number",
)  # fmt: skip
LEAF_PREFIX = b"\x00"

# As json_build_array() writes: a comma and a space, characters as they are.
encode_json = json.JSONEncoder(ensure_ascii=False).encode


def leaf_statement(values: Sequence[object]) -> str:
    """The text that a leaf covers, for the values of LEAF_FIELDS as they come from the database.

    A JSON array of texts and nulls: dates as YYYY-MM-DD, bytes in hexadecimal.
    """
    return encode_json(["certlookup-leaf-1", *map(_as_text, values)])


def leaf_hash(values: Sequence[object]) -> bytes:
    """32 bytes for the values of LEAF_FIELDS: SHA-256(0x00 || leaf_statement)."""
    return hashlib.sha256(LEAF_PREFIX + leaf_statement(values).encode()).digest()


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return value.hex()
    return str(value)
