"""What takes long, servers that hang and several standbys, is part of make test-full."""

import os

collect_ignore = [] if os.environ.get("TEST_STANDBYS") else ["test_servers_that_hang_and_fail_over.py"]
