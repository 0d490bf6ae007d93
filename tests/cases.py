"""How many seeded cases the tests of kills and races run: three each, more by `make test-full`."""

import os

KILLS = int(os.environ.get("TEST_KILLS", "3"))
RACES = int(os.environ.get("TEST_RACES", "3"))
# The same kills, three to a start: what one leaves is where the next one falls.
ROUNDS = [range(first, min(first + 3, KILLS)) for first in range(0, KILLS, 3)]
