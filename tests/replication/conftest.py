"""What takes long, or a program that isn't everywhere, is part of make test-full."""

import os

collect_ignore = [
    name
    for variable, name in (
        ("TEST_STANDBYS", "test_servers_that_hang_and_fail_over.py"),
        ("TEST_REDIS", "test_counters_stand_in_redis.py"),
    )
    if not os.environ.get(variable)
]
