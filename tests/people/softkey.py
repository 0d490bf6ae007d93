"""A security key in software: what it answers to the options of a page, as the browser sends it (WebAuthn, ES256)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class SoftKey:
    """One key, with one pair, for one site."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.id = secrets.token_bytes(32)
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._count = 0

    def created(self, options: dict[str, Any]) -> str:
        """The answer to a registration."""
        numbers = self._private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        data = self._authenticator_data(options["rp"]["id"], 0x41) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", options["challenge"])
        return self._sent(
            {"clientDataJSON": _text(client), "attestationObject": _text(attestation), "transports": ["usb"]}
        )

    def signed(self, options: dict[str, Any]) -> str:
        """The answer to a login."""
        self._count += 1
        data = self._authenticator_data(options["rpId"], 0x01)
        client = self._client_data("webauthn.get", options["challenge"])
        signature = self._private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._sent(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": None,
            }
        )

    def _authenticator_data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self._count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _sent(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})
