"""Ctrl-C may come in the midst of looking after a child: its lock then stays held, and all the same everything ends."""

import os
import time

import pytest

from certlookup.launcher import Children

SLEEPS = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); {SLEEPS}"


@pytest.mark.parametrize("program", ["pass", SLEEPS, DEAF], ids=["has ended", "ends when told", "has to be killed"])
def test_a_child_whose_lock_is_held_is_ended_in_time(program: str) -> None:
    children = Children(dict(os.environ))
    children.stop_seconds = 2
    child = children.start("child", ["-c", program])
    time.sleep(0.5)
    assert child._waitpid_lock.acquire(timeout=5)  # type: ignore[attr-defined]
    begun = time.monotonic()
    children.stop()
    assert time.monotonic() - begun < 10
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
