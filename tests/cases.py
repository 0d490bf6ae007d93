"""How many seeded cases the tests of kills and races run: two each, more by `make test-full`."""

import os

KILLS = int(os.environ.get("TEST_KILLS", "2"))
RACES = int(os.environ.get("TEST_RACES", "2"))
# The same kills, three to a start, and one such start at least: what one leaves is where the next one falls.
_FALLING = max(KILLS, 3)
ROUNDS = [range(first, min(first + 3, _FALLING)) for first in range(0, _FALLING, 3)]
