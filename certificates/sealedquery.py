"""The two numbers of a lookup, carried from an answer to what follows it without standing in the page.

What is sealed is AES-256-GCM under a key derived from SECRET_KEY for one purpose, good for 15 minutes.
"""

import base64
import binascii
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

GOOD_FOR_SECONDS = 15 * 60
_NONCE_BYTES = 12
_NONCES_AT_ONCE = 64
_PURPOSE = b"certlookup sealed query"


# Not frozen, as others that each lookup makes: it takes three times as long to make one.
@dataclass(slots=True)
class Query:
    """What a visitor typed, as typed."""

    id_number: str = field(repr=False)
    certificate_number: str = field(repr=False)


# Drawn ahead: each call of the system lets go of the interpreter's lock, and wakes another thread in vain. None is used twice,
# in a process's child neither.
_nonces: deque[bytes] = deque()
os.register_at_fork(after_in_child=_nonces.clear)


def _nonce() -> bytes:
    while True:
        try:
            return _nonces.popleft()
        except IndexError:
            random = os.urandom(_NONCE_BYTES * _NONCES_AT_ONCE)
            _nonces.extend(random[at : at + _NONCE_BYTES] for at in range(0, len(random), _NONCE_BYTES))


@lru_cache(maxsize=8)
def _cipher(secret: str, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(secret.encode()))


def seal_words(purpose: bytes, words: Sequence[str], now: float) -> str:
    """Seal words for one purpose; now is in seconds since the epoch. In place of a NUL they get the replacement character."""
    nonce = _nonce()
    plain = "\0".join([str(int(now)), *[word.replace("\0", "\ufffd") for word in words]]).encode()
    sealed = nonce + _cipher(settings.SECRET_KEY, purpose).encrypt(nonce, plain, purpose)
    return base64.urlsafe_b64encode(sealed).decode()


def open_words(purpose: bytes, token: str, now: float) -> list[str] | None:
    """The words again; None when the token is too old, altered, of another purpose or none at all."""
    try:
        sealed = base64.urlsafe_b64decode(token.encode())
        plain = _cipher(settings.SECRET_KEY, purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose)
        sealed_at, *words = plain.decode().split("\0")
        return words if 0 <= now - int(sealed_at) <= GOOD_FOR_SECONDS else None
    except (binascii.Error, InvalidTag, ValueError):
        return None


def seal_query(query: Query, now: float) -> str:
    """Seal a query; now is in seconds since the epoch."""
    return seal_words(_PURPOSE, [query.id_number, query.certificate_number], now)


def open_query(token: str, now: float) -> Query | None:
    """The query again; None when the token is too old, altered or none at all."""
    words = open_words(_PURPOSE, token, now)
    return None if words is None else Query(*words)
