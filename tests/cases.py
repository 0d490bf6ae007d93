"""How many seeded cases the tests of kills and races run: three each, more by `make test-full`."""

import os

KILLS = int(os.environ.get("TEST_KILLS", "3"))
RACES = int(os.environ.get("TEST_RACES", "3"))
