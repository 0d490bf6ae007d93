"""manage.py in a process of its own, as whoever runs the site types it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.databases import PROJECT

PATIENCE = 180


def manage(variables: Mapping[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=PROJECT,
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
