"""The secrets of a new system, written to var/keys once (on an empty database only: without its key nothing can be read again)."""

import os
import secrets
from pathlib import Path

import pyrage


def _write_once(path: Path, text: str) -> None:
    """Create the file for this user alone; an existing one is never touched."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def write_new_keys(folder: Path) -> None:
    """Write secret_key, certlookup_keys and the backup's key pair where missing.

    The private half of the backup's key (backup_identity) belongs to the keeper, away from the server; only the demo
    leaves it there (docs/operators.md).
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "secret_key").exists():
        _write_once(folder / "secret_key", secrets.token_urlsafe(50))
    if not (folder / "certlookup_keys").exists():
        _write_once(folder / "certlookup_keys", f"1:sm:{secrets.token_hex(32)}")
    if not (folder / "backup_recipient").exists():
        identity = pyrage.x25519.Identity.generate()
        _write_once(folder / "backup_identity", str(identity))
        _write_once(folder / "backup_recipient", str(identity.to_public()))
