"""ID numbers at rest: sealed (found again only with the key), indexed (found by equality), committed (provable).

Keys are versioned: CERTLOOKUP_KEYS is a comma-separated list of VERSION:SUITE:HEX, where SUITE is sm (SM4-GCM and
HMAC-SM3: GB/T 32907, GB/T 32905, RFC 8998) or aes (AES-256-GCM and HMAC-SHA-256) and HEX a master key of 32 bytes.
The highest version seals; every version listed still opens and is still searched.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as keyed_hash
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

COMMITMENT_BYTES = 32
MARK_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_FILE_KEY_BYTES = 32


class SealingError(Exception):
    """A sealed ID number doesn't open: wrong key, or altered bytes."""


@dataclass(frozen=True, slots=True)
class SealedId:
    """What is stored of one ID number: the commitment stays for ever, the other three change with the key."""

    commitment: bytes
    sealed: bytes
    index: bytes
    key_version: int


@dataclass(frozen=True)
class Key:
    """One version of the master key and what is derived from it."""

    version: int
    suite: str
    master: bytes

    def _derive(self, purpose: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt=None, info=b"certlookup " + purpose).derive(self.master)

    @cached_property
    def _index_context(self) -> keyed_hash.HMAC:
        algorithm: hashes.HashAlgorithm = hashes.SM3() if self.suite == "sm" else hashes.SHA256()
        return keyed_hash.HMAC(self._derive(b"index", 32), algorithm)

    @cached_property
    def _mark_context(self) -> keyed_hash.HMAC:
        algorithm: hashes.HashAlgorithm = hashes.SM3() if self.suite == "sm" else hashes.SHA256()
        return keyed_hash.HMAC(self._derive(b"mark", 32), algorithm)

    @cached_property
    def _cipher(self) -> SM4 | AES:
        return SM4(self._derive(b"seal", 16)) if self.suite == "sm" else AES(self._derive(b"seal", 32))

    def index(self, canonical_id: str) -> bytes:
        """32 bytes, the same for the same ID number under this key."""
        context = self._index_context.copy()
        context.update(canonical_id.encode())
        return context.finalize()

    def mark(self, text: bytes) -> bytes:
        """16 bytes by which rows with personal data are told apart and found again, and nothing else of them."""
        context = self._mark_context.copy()
        context.update(text)
        return context.finalize()[:MARK_BYTES]

    def fingerprint(self) -> bytes:
        """32 bytes that tell this key from another one, and nothing of the key."""
        return self.index("certlookup key fingerprint")

    def seal(self, plain: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        """nonce | ciphertext | tag; opens only together with the commitment it is bound to."""
        return self._seal(Cipher(self._cipher, GCM(nonce)), plain, bound_to, nonce)

    @staticmethod
    def _seal(cipher: "Cipher[GCM]", plain: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        encryptor = cipher.encryptor()
        encryptor.authenticate_additional_data(bound_to)
        return b"".join((nonce, encryptor.update(plain), encryptor.finalize(), encryptor.tag))

    def seal_many(self, items: Iterable[tuple[bytes, bytes, bytes]]) -> list[bytes]:
        """seal() of each (plain, bound_to, nonce); the check that cipher and mode fit is made once."""
        cipher = Cipher(self._cipher, GCM(bytes(_NONCE_BYTES)))
        made = []
        for plain, bound_to, nonce in items:
            cipher.mode = GCM(nonce)
            made.append(self._seal(cipher, plain, bound_to, nonce))
        return made

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The bytes that were sealed. Raises SealingError."""
        nonce, body, tag = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        decryptor = Cipher(self._cipher, GCM(nonce, tag)).decryptor()
        assert isinstance(decryptor, AEADDecryptionContext)
        decryptor.authenticate_additional_data(bound_to)
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise SealingError(f"A sealed ID number does not open under key version {self.version}.") from error


def read_keys(text: str) -> tuple[Key, ...]:
    """The keys of CERTLOOKUP_KEYS, newest first. Raises ImproperlyConfigured, never quoting the key."""
    keys: dict[int, Key] = {}
    for entry in text.replace("\n", ",").split(","):
        if not entry.strip():
            continue
        version, _, rest = entry.strip().partition(":")
        suite, _, master = rest.partition(":")
        try:
            key = Key(int(version), suite, bytes.fromhex(master))
        except ValueError as error:
            raise ImproperlyConfigured("CERTLOOKUP_KEYS has to be a list of VERSION:SUITE:HEX.") from error
        if suite not in {"sm", "aes"} or len(key.master) != 32 or not 0 < key.version < 32_768:
            raise ImproperlyConfigured(f"CERTLOOKUP_KEYS: version {version} needs suite sm or aes and 64 hex digits.")
        if key.version in keys:
            raise ImproperlyConfigured(f"CERTLOOKUP_KEYS: version {version} stands there twice.")
        keys[key.version] = key
    if not keys:
        raise ImproperlyConfigured("CERTLOOKUP_KEYS is missing: without it no ID number can be found or sealed.")
    return tuple(keys[version] for version in sorted(keys, reverse=True))


@lru_cache(maxsize=1)
def _keys_of(text: str) -> tuple[Key, ...]:
    return read_keys(text)


def live_keys() -> tuple[Key, ...]:
    """The keys of this installation, newest first."""
    return _keys_of(settings.CERTLOOKUP_KEYS)


def commit(salt: bytes, canonical_id: str) -> bytes:
    """SHA-256 over 32 random bytes and the normalised ID number."""
    return hashlib.sha256(salt + canonical_id.encode()).digest()


def seal_id(canonical_id: str) -> SealedId:
    """Seal one normalised ID number under the newest key."""
    key = live_keys()[0]
    random = os.urandom(COMMITMENT_BYTES + _NONCE_BYTES)
    salt, nonce = random[:COMMITMENT_BYTES], random[COMMITMENT_BYTES:]
    commitment = commit(salt, canonical_id)
    sealed = key.seal(salt + canonical_id.encode(), commitment, nonce)
    return SealedId(commitment, sealed, key.index(_indexed(canonical_id)), key.version)


def _indexed(sealed_text: str) -> str:
    """What a sealed text is found by: its first line, and an ID number has no other."""
    return sealed_text.partition("\n")[0]


def seal_person(canonical_id: str, details: Iterable[str]) -> SealedId:
    """Seal an ID number together with what somebody told us of himself; found by the number's index like any other.

    Lines after the first are no part of the index. A detail may itself have several lines; open_person() gives it back.
    """
    return seal_id("\n".join([canonical_id, json.dumps(list(details), ensure_ascii=False)]))


def open_person(stored: SealedId) -> tuple[str, list[str]]:
    """What seal_person() sealed: the ID number and the details. Raises SealingError."""
    canonical_id, _, details = _open(stored)[1].partition("\n")
    return canonical_id, list(json.loads(details))


def seal_ids(canonical_ids: Sequence[str]) -> list[tuple[bytes, bytes, bytes]]:
    """(commitment, sealed, index) of each, as seal_id() makes them under the newest key; for files of many rows."""
    key = live_keys()[0]
    size = COMMITMENT_BYTES + _NONCE_BYTES
    random = os.urandom(size * len(canonical_ids))
    sha256 = hashlib.sha256
    items = []
    for start, canonical_id in zip(range(0, len(random), size), canonical_ids, strict=True):
        nonce_at = start + COMMITMENT_BYTES
        plain = random[start:nonce_at] + canonical_id.encode()
        items.append((plain, sha256(plain).digest(), random[nonce_at : start + size]))
    return [
        (commitment, sealed, key.index(canonical_id))
        for (_, commitment, _), sealed, canonical_id in zip(items, key.seal_many(items), canonical_ids, strict=True)
    ]


def _open(stored: SealedId) -> tuple[bytes, str]:
    """The salt and the normalised ID number, checked against the commitment. Raises SealingError."""
    for key in live_keys():
        if key.version == stored.key_version:
            plain = key.open(stored.sealed, stored.commitment)
            salt, canonical_id = plain[:COMMITMENT_BYTES], plain[COMMITMENT_BYTES:].decode()
            if not hmac.compare_digest(commit(salt, canonical_id), stored.commitment):
                raise SealingError("A sealed ID number does not match its commitment.")
            return salt, canonical_id
    raise SealingError(f"Key version {stored.key_version} is not among CERTLOOKUP_KEYS.")


def unseal_id(stored: SealedId) -> str:
    """The normalised ID number again, checked against its commitment. Raises SealingError."""
    return _open(stored)[1]


def reseal(stored: SealedId, key: Key) -> SealedId:
    """The same ID number under another key; its commitment stays. Raises SealingError."""
    salt, canonical_id = _open(stored)
    sealed = key.seal(salt + canonical_id.encode(), stored.commitment, os.urandom(_NONCE_BYTES))
    return SealedId(stored.commitment, sealed, key.index(_indexed(canonical_id)), key.version)


def index_id(canonical_id: str) -> list[bytes]:
    """The ID number's index under every live key: what a lookup searches for."""
    return [key.index(canonical_id) for key in live_keys()]


def seal_file(content: bytes) -> tuple[str, bytes]:
    """Encrypt a file under a key of its own: the key in hex, to be sealed with what the file belongs to, and the bytes.

    So keys rotate without touching files.
    """
    key, nonce = os.urandom(_FILE_KEY_BYTES), os.urandom(_NONCE_BYTES)
    return key.hex(), nonce + AESGCM(key).encrypt(nonce, content, None)


def open_file(key: str, sealed: bytes) -> bytes:
    """The file again. Raises SealingError."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise SealingError("A sealed file does not open.") from error
