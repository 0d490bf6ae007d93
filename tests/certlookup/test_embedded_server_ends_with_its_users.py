import os
import signal
from pathlib import Path

import psycopg

from certlookup.postgres import EmbeddedServer
from tests.certlookup.machine import lives, server_pid, use_server, wait_until


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_the_server_stops_when_its_only_user_ends(folder: Path) -> None:
    process = use_server(folder)
    pid = server_pid(process)
    process.communicate("")
    assert process.returncode == 0
    assert not lives(pid)


def test_a_killed_user_leaves_no_server(folder: Path) -> None:
    process = use_server(folder)
    pid = server_pid(process)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not lives(pid))


def test_a_killed_keeper_leaves_no_server_and_the_next_start_works(folder: Path) -> None:
    process = use_server(folder)
    pid = server_pid(process)
    os.kill(parent_of(pid), signal.SIGKILL)
    with EmbeddedServer(folder) as running:
        assert running.pid != pid
        assert not lives(pid)
        process.communicate("")


def test_a_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    process = use_server(folder)
    pid = server_pid(process)
    with EmbeddedServer(folder) as running:
        with psycopg.connect(running.superuser_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not lives(pid))
    process.communicate("")
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    process = use_server(folder)
    pid = server_pid(process)
    assert os.getpgid(pid) != os.getpgid(process.pid)
    assert os.getsid(pid) != os.getsid(process.pid)
    process.communicate("")


def test_a_second_process_joins_and_the_server_stays_until_both_have_left(folder: Path) -> None:
    first, second = use_server(folder), use_server(folder)
    pid = server_pid(first)
    assert server_pid(second) == pid
    first.communicate("")
    assert lives(pid)
    second.communicate("")
    assert not lives(pid)


def test_a_start_right_after_the_last_users_death_gets_a_server_that_stays(folder: Path) -> None:
    process = use_server(folder)
    server_pid(process)
    process.kill()
    with EmbeddedServer(folder) as running:
        process.communicate()
        with psycopg.connect(running.superuser_url) as connection:
            connection.execute("SELECT pg_sleep(0.5)")
        assert lives(running.pid)


def test_many_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    processes = [use_server(folder) for _ in range(4)]
    assert len({server_pid(process) for process in processes}) == 1
    for process in processes:
        process.communicate("")
        assert process.returncode == 0
