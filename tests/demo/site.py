"""A demo set up by the command, under the real logins and in a folder of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.databases import FOLDER_VARIABLE, PROJECT, Copy

CERTIFICATES = 120
PATIENCE = 180


def environment(copy: Copy, folder: Path, *, certificates: int = CERTIFICATES) -> dict[str, str]:
    """The variables of a demo whose generated files lie in `folder`, under the session's keys."""
    if not (folder / "keys").exists():
        shutil.copytree(Path(os.environ[FOLDER_VARIABLE]) / "keys", folder / "keys")
    return copy.environment() | {"VAR_DIR": str(folder), "DEMO_CERTIFICATES": str(certificates)}


def manage(variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def accounts(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "keys" / "demo_accounts.json").read_text(encoding="utf-8"))
    return found
