"""A long file's rows are parsed in processes of their own: in order, to the same end, and none outlives its worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certlookup.spreadsheets.filerules import SpreadsheetError
from tests.make import make_rows, make_workbook
from uploads.intake.blocks import StagedBlock
from uploads.intake.parsing import ParserError, parse_beside
from uploads.intake.tables import Table, open_table

PROJECT = Path(__file__).resolve().parents[2]
# A parent that starts two parsers, says who they are, and waits to be killed.
_PARENT = """
import os, threading, time
from pathlib import Path
from uploads.intake.parsing import parse_beside
def wait():
    yield b"1"
    time.sleep(60)
def parse(body):
    time.sleep(60)
blocks = parse_beside(wait(), parse, parsers=2, stop_reading=lambda: None)
threading.Thread(target=lambda: next(blocks), daemon=True).start()
time.sleep(0.5)
print(*[p.read_text() for p in Path(f"/proc/{os.getpid()}/task").glob("*/children")], flush=True)
time.sleep(60)
"""


def block_of(body: bytes) -> StagedBlock:
    return StagedBlock(1, 1, body, b"", (1, 1), (), (), {})


def beside(
    bodies: Iterator[bytes], parse: Callable[[bytes], StagedBlock], stop: Callable[[], None] = lambda: None
) -> list[bytes]:
    return [block.rows for block in parse_beside(bodies, parse, parsers=2, stop_reading=stop)]


def test_answers_come_in_the_order_of_the_rows() -> None:
    bodies = [bytes([place % 251]) * (1 if place % 3 else 700_000) for place in range(60)]

    def slow_at_times(body: bytes) -> StagedBlock:
        time.sleep(0.002 * (body[0] % 3))
        return block_of(body * 2)

    assert beside(iter(bodies), slow_at_times) == [body * 2 for body in bodies]


def test_a_parser_that_ends_before_its_time_fails_the_check() -> None:
    def die(_: bytes) -> StagedBlock:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    with pytest.raises(ParserError, match="before its time"):
        beside(iter([b"1"] * 10), die)


def test_a_fault_in_a_parser_fails_the_check_without_quoting_a_row() -> None:
    def fail(body: bytes) -> StagedBlock:
        raise ValueError(body.decode())

    with pytest.raises(ParserError, match="ValueError") as failed:
        beside(iter([b"37010219900101123X"]), fail)
    assert "37010219900101123X" not in str(failed.value)


@pytest.mark.django_db
def test_what_isnt_a_frame_of_rows_is_refused_in_the_parser_too(tmp_path: Path) -> None:
    table = _table(tmp_path)
    with table, pytest.raises(SpreadsheetError) as refused:
        beside(iter([b"Rno pickle"]), lambda body: block_of(str(table.unpack(body)).encode()))
    assert refused.value.rule == "R-023"


def test_an_error_while_reading_ends_the_check() -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"1"
        raise SpreadsheetError("R-010")

    with pytest.raises(SpreadsheetError) as refused:
        beside(breaks_off(), block_of)
    assert refused.value.rule == "R-010"


@pytest.mark.django_db
def test_a_check_given_up_halfway_ends_reader_and_parsers(tmp_path: Path) -> None:
    before = _children()
    table = _table(tmp_path)
    with table:
        reading = table.reading
        blocks = parse_beside(
            reading.packed, lambda body: block_of(str(len(table.unpack(body))).encode()), parsers=2,
            stop_reading=reading.stop,
        )  # fmt: skip
        assert next(blocks).rows == b"999"
        blocks.close()
    assert not {pid for pid in _children() - before if _lives(pid)}


def test_parsers_die_with_their_worker() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], cwd=PROJECT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parsers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(parsers) == 2
        parent.kill()
    for _ in range(100):
        if not any(_lives(pid) for pid in parsers):
            return
        time.sleep(0.05)
    raise AssertionError(parsers)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def _children() -> set[int]:
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for children in listed for pid in children.read_text().split()}


def _table(folder: Path) -> Table:
    path = folder / "x.xlsx"
    path.write_bytes(make_workbook(make_rows(3000)))
    return open_table(path, kind="regular", name="x.xlsx")
