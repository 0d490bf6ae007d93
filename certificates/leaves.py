"""What a published row is, as one SHA-256: leaf_of() of the database in Python, so that neither is checked by itself."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from json.encoder import encode_basestring
from typing import Any

# The columns that a leaf covers, in their order.
LEAF_FIELDS = (
    "kind", "certificate_number", "holder_name", "sex", "id_type", "id_commitment", "birth_date", "occupation",
    "occupation_code", "level", "level_text", "theory_score", "skill_score", "overall_score", "result",
    "processed_date", "issue_date", "issuing_authority", "assessment_office", "change_reason", "document_number",
)  # fmt: skip
LEAF_PREFIX = b"\x00"
_OPENING = '["certlookup-leaf-1"'
# What leaf_hash() hashes first, and last.
LEAF_START, LEAF_END = LEAF_PREFIX + _OPENING.encode(), b"]"

# How a column's value becomes text; whatever isn't named here is text already.
_NOT_TEXT: dict[str, Callable[[Any], str]] = {
    "id_commitment": bytes.hex,
    "level": str,
    "birth_date": date.isoformat,
    "processed_date": date.isoformat,
    "issue_date": date.isoformat,
}
_AS_TEXT = tuple(map(_NOT_TEXT.get, LEAF_FIELDS))
_quote = encode_basestring

# As json_build_array() writes what isn't a leaf: a comma and a space, characters as they are.
encode_json = json.JSONEncoder(ensure_ascii=False).encode


def leaf_statement(values: Sequence[Any]) -> str:
    """The text that a leaf covers, for the values of LEAF_FIELDS as they come from the database.

    A JSON array of texts and nulls without spaces between them, characters as they are: dates as YYYY-MM-DD, bytes in
    hexadecimal. Written value by value because a verification writes millions.
    """
    texts = [
        "null" if value is None else _quote(value) if as_text is None else f'"{as_text(value)}"'
        for value, as_text in zip(values, _AS_TEXT, strict=True)
    ]
    return f"{_OPENING},{','.join(texts)}]"


def leaf_part(text: str | None) -> bytes:
    """One column's part of a leaf's statement: LEAF_START, the parts of all LEAF_FIELDS and LEAF_END are what is hashed.

    For rows of which most values were seen before; text as the column is written in a statement.
    """
    return b",null" if text is None else b"," + _quote(text).encode()


def plain_leaf_part(content: bytes) -> bytes:
    """leaf_part() of a text's bytes that need no escaping."""
    return b',"' + content + b'"'


def leaf_hash(values: Sequence[Any]) -> bytes:
    """32 bytes for the values of LEAF_FIELDS: SHA-256(0x00 || leaf_statement)."""
    return hashlib.sha256(LEAF_PREFIX + leaf_statement(values).encode()).digest()
