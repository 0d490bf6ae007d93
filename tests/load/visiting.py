"""Starting visitors (traffic.py) and waiting for what they saw."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from certlookup.postgres.keeper import die_with_parent
from tests.load.traffic import Pair, Plan, Record

# Not from tests.databases, which makes ready for a session of tests: the bench has visitors, too.
PROJECT = Path(__file__).resolve().parents[2]
_START_SECONDS = 1.0
_ENDS_WITHIN = 60


class Visit:
    """Visitors who are coming, from `begins_at` on."""

    def __init__(self, port: int, pairs: Sequence[Pair], *, rate: float, seconds: float, **more: object) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="certlookup-visit-")
        self._out = Path(self._folder.name) / "record"
        # Reading many pairs takes its time.
        self.begins_at = time.monotonic() + _START_SECONDS + len(pairs) / 20_000
        plan = Plan(port, pairs, rate, seconds, self.begins_at, str(self._out), **more)  # type: ignore[arg-type]
        (Path(self._folder.name) / "plan").write_text(json.dumps(asdict(plan)), encoding="utf-8")
        self._seconds = seconds
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.traffic", f"{self._folder.name}/plan"],
            cwd=PROJECT,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no lock of another thread is needed there
        )

    def wait(self) -> Record:
        """Until the last answer; what they saw."""
        patience = self.begins_at - time.monotonic() + self._seconds + _ENDS_WITHIN
        try:
            assert self._process.wait(patience) == 0, "the visitors failed; what they said stands above"
            return Record(**json.loads(self._out.read_text(encoding="utf-8")))
        finally:
            self._process.kill()
            self._folder.cleanup()


def visit(port: int, pairs: Sequence[Pair], *, rate: float, seconds: float, **more: object) -> Record:
    """Let them come, and wait."""
    return Visit(port, pairs, rate=rate, seconds=seconds, **more).wait()
