"""With CACHE_URL, the nodes count in one Redis: exactly the limit passes, whichever nodes are asked."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from certlookup.postgres.keeper import die_with_parent
from tests.certificates_pages.reading import Pair, publish
from tests.conftest import serving
from tests.databases import Copy
from tests.make import make_row
from tests.replication.standby import wait_until
from tests.replication.visiting import Visitor

LIMIT = 40
LIMITS = {f"RATE_{key}": f"{LIMIT}/d" for key in ("ADDRESS", "ID", "CERTIFICATE")}
LIMITS |= {f"CHALLENGE_{key}": str(LIMIT) for key in ("ADDRESS", "ID", "CERTIFICATE")}


class Redis:
    """A server of the test's own, on a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        end = die_with_parent(signal.SIGTERM)
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=end)  # noqa: PLW1509 - as it must be
        wait_until(self.socket.exists)

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(10)


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="certlookup-redis-"))
    server = Redis(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def test_two_nodes_let_exactly_the_limit_pass_and_stay_strict_without_it(
    fresh_database: Copy, redis_server: Redis
) -> None:
    [numbers, other] = publish_two()
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(serving(fresh_database, CACHE_URL=redis_server.url, WEB_WORKERS="2", **LIMITS))
            for _ in range(2)
        ]
        visitors = [Visitor(node, numbers) for node in nodes] * (2 * LIMIT)
        with ThreadPoolExecutor(8) as pool:
            statuses = Counter(pool.map(lambda visitor: visitor.look_up().status, visitors))
        # On a busy machine one or another is turned away unseen.
        assert statuses[200] == LIMIT
        assert statuses[503] < LIMIT
        assert set(statuses) <= {200, 429, 503}
        with fresh_database.connect("superuser") as connection:
            counted = connection.execute("SELECT count(*) FROM rate_counter").fetchone()
        assert counted == (0,), "nothing is counted in the database"

        redis_server.stop()
        alone = Visitor(nodes[0], other)
        began = time.monotonic()
        statuses = Counter(alone.look_up().status for _ in range(12))
        # A twentieth, in each of two processes.
        assert 0 < statuses[200] <= 2 * LIMIT // 20
        assert set(statuses) == {200, 429}
        assert time.monotonic() - began < 10
        redis_server.start()
        wait_until(lambda: alone.look_up().status == 200)


def publish_two() -> list[Pair]:
    """Two certificates of two people."""
    return publish(make_row(seed=3), make_row(seed=4))
