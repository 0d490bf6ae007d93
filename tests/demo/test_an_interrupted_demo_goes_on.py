"""A set-up that is killed at any moment is finished by the next one, with nothing done twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cases import ROUNDS
from tests.commands import manage
from tests.databases import PROJECT, Copy
from tests.demo.expected import assert_complete
from tests.demo.site import environment

# Where a kill may fall on: a third of what a small demo takes on two cores, so that three reach all of its parts.
SECONDS = 2.5


@pytest.mark.parametrize("seeds", ROUNDS)
def test_a_set_up_that_is_killed_again_and_again_is_finished_by_the_next_one(
    fresh_database: Copy, tmp_path: Path, seeds: range
) -> None:
    variables = environment(fresh_database, tmp_path)
    for seed in seeds:
        begun = subprocess.Popen(
            [sys.executable, "manage.py", "set_up_demo"], cwd=PROJECT, env=variables, stdout=subprocess.DEVNULL
        )
        time.sleep(0.6 + SECONDS * random.Random(seed).random())
        begun.send_signal(signal.SIGKILL)
        begun.wait()
    answer = manage(variables, "set_up_demo")
    assert answer.returncode == 0, answer.stderr
    assert_complete(tmp_path)
