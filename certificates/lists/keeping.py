"""Lists and results at rest: sealed under a key that only the secret in their address gives, gone after 30 minutes."""

import hashlib
import json
import os
import re
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from certificates.models import EmployerList
from certlookup.databases import current_connection

_SECRET_BYTES = 20
_SECRET = re.compile(r"[A-Za-z0-9_-]{27}")
_NONCE_BYTES = 12
_PURPOSE = b"certlookup employer list"
_LONGEST_CONTENT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under an address, and until when."""

    content: dict[str, Any] = field(repr=False)
    expires_at: datetime


def new_secret() -> str:
    """What stands in an address: 160 bits, nothing of anybody."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def keep(secret: str, content: dict[str, Any]) -> bool:
    """Keep content for 30 minutes; False where too much is kept already."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = zlib.compress(json.dumps(content, ensure_ascii=False).encode())
    sealed = nonce + _cipher(secret).encrypt(nonce, plain, _PURPOSE)
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT keep_list(%s, %s)", [_digest(secret), sealed])
        return bool(cursor.fetchone()[0])


def kept(secret: str) -> Kept | None:
    """What is kept; None for an address that is none, or none any longer."""
    if not _SECRET.fullmatch(secret):
        return None
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT sealed, expires_at FROM kept_list(%s)", [_digest(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    sealed = bytes(row[0])
    try:
        plain = _cipher(secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE)
    except InvalidTag:
        # Sealed under another SECRET_KEY: as good as gone.
        return None
    return Kept(json.loads(zlib.decompressobj().decompress(plain, _LONGEST_CONTENT)), row[1])


def forget(secret: str) -> bool:
    """Delete at once; False where nothing was kept."""
    if not _SECRET.fullmatch(secret):
        return False
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT forget_list(%s)", [_digest(secret)])
        return bool(cursor.fetchone()[0])


def forget_expired(now: datetime) -> int:
    """Delete what is over; how many there were. The worker does so every few minutes."""
    return EmployerList.objects.filter(expires_at__lte=now).delete()[0]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _cipher(secret: str) -> AESGCM:
    derived = HKDF(hashes.SHA256(), 32, salt=secret.encode(), info=_PURPOSE).derive(settings.SECRET_KEY.encode())
    return AESGCM(derived)
