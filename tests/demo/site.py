"""A demo set up by the command, under the real logins and in a folder of its own."""

import json
import os
import shutil
from pathlib import Path

from tests.databases import FOLDER_VARIABLE, Copy

CERTIFICATES = 120


def environment(copy: Copy, folder: Path, *, certificates: int = CERTIFICATES) -> dict[str, str]:
    """The variables of a demo whose generated files lie in `folder`, under the session's keys."""
    if not (folder / "keys").exists():
        shutil.copytree(Path(os.environ[FOLDER_VARIABLE]) / "keys", folder / "keys")
    return copy.environment() | {"VAR_DIR": str(folder), "DEMO_CERTIFICATES": str(certificates)}


def accounts(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "keys" / "demo_accounts.json").read_text(encoding="utf-8"))
    return found
