"""A set-up that is killed at any moment is finished by the next one, with nothing done twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cases import KILLS
from tests.commands import manage
from tests.databases import PROJECT, Copy
from tests.demo.expected import assert_complete
from tests.demo.site import environment

# A small demo takes about this long on two cores.
SECONDS = 7.0


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_set_up_is_finished_by_the_next_one(fresh_database: Copy, tmp_path: Path, seed: int) -> None:
    variables = environment(fresh_database, tmp_path)
    begun = subprocess.Popen(
        [sys.executable, "manage.py", "set_up_demo"], cwd=PROJECT, env=variables, stdout=subprocess.DEVNULL
    )
    # One in each part of the set-up: people and files, checks, signatures and publications.
    time.sleep(0.6 + SECONDS * (seed % 3 + random.Random(seed).random()) / 3)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    answer = manage(variables, "set_up_demo")
    assert answer.returncode == 0, answer.stderr
    assert_complete(tmp_path)
