import random
import time
from pathlib import Path

import pytest

from tests.cases import KILLS
from tests.certlookup.launching import environment, launch, wait_for_address
from tests.certlookup.machine import children_of, lives, wait_until

# A first start takes about this long; a kill may fall on any moment of it.
FIRST_START_SECONDS = 4.0


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_first_start_killed_at_any_moment_is_finished_by_the_next(folder: Path, seed: int) -> None:
    variables = environment(folder)
    process = launch(variables)
    time.sleep(random.Random(seed).uniform(0.1, FIRST_START_SECONDS))
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not [pid for pid in children if lives(pid)])
    again = launch(variables)
    wait_for_address(again)
    again.terminate()
    again.communicate(timeout=60)
    assert again.returncode == 0
