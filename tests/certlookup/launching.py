"""Running `python -m certlookup.launcher` as `make run` does."""

import os
import subprocess
import sys
from pathlib import Path

from tests.certlookup.machine import PROJECT, free_port


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """The variables of an empty system in a folder of its own, on a free port, without what the tests themselves use."""
    names = [name for name in os.environ if name.startswith("DATABASE_")]
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return inherited | {"VAR_DIR": str(folder / "var"), "DEMO": "0", "PORT": str(free_port())} | variables


def launch(variables: dict[str, str]) -> subprocess.Popen[str]:
    """Start it; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "certlookup.launcher"],
        cwd=PROJECT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(variables: dict[str, str]) -> str:
    """What it says when it refuses: one line on standard error, no stack trace, exit status 1."""
    process = launch(variables)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    return lines[0]


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """Read its output until it says where the site is."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http"):
            return line.strip()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())
