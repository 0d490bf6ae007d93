import random
import time
from pathlib import Path

import pytest

from tests.cases import ROUNDS
from tests.certlookup.launching import environment, launch, wait_for_address
from tests.certlookup.machine import children_of, lives, wait_until

# A first start takes about this long; a kill may fall on any moment of it.
FIRST_START_SECONDS = 4.0


@pytest.mark.parametrize("seeds", ROUNDS)
def test_a_first_start_killed_at_any_moment_is_finished_by_the_next(folder: Path, seeds: range) -> None:
    variables = environment(folder)
    for seed in seeds:
        process = launch(variables)
        time.sleep(random.Random(seed).uniform(0.1, FIRST_START_SECONDS))
        children = children_of(process.pid)
        process.kill()
        process.communicate()
        assert wait_until(lambda: not [pid for pid in children if lives(pid)])  # noqa: B023 - asked within the loop
    again = launch(variables)
    wait_for_address(again)
    again.terminate()
    again.communicate(timeout=60)
    assert again.returncode == 0
