"""Parsing and sealing beside the process that writes: so a long file keeps every core busy, and COPY waits for neither.

The parsers are forks of the worker: they have its rules and its keys, and get nothing but rows as the reading process
packed them, which they take apart as carefully as the worker would. They touch no database (their first act is to close
every file and socket that they inherit), are killed at the end, and die with the worker.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fcntl import F_SETPIPE_SZ, fcntl
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO, NoReturn

from certlookup.spreadsheets.filerules import SpreadsheetError
from uploads.intake.blocks import StagedBlock

# More than these wouldn't get more from one reading process and one connection.
MOST_PARSERS = 2
# What a parser may take for a thousand rows before it is given up.
WAIT_SECONDS = 120.0
_LENGTH_BYTES = 4
# One block on its way and one waiting fit into a pipe, so that nobody waits for the other's turn.
_PIPE_BYTES = 1024 * 1024
_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


class ParserError(RuntimeError):
    """A parser broke down: a fault of the program or of the machine, never of the file."""


def parser_count() -> int:
    """How many parsers this machine has the cores for; none where there is but one."""
    cores = len(os.sched_getaffinity(0))
    return min(cores, MOST_PARSERS) if cores > 1 else 0


def parse_beside(
    packed: Iterator[bytes], parse: Callable[[bytes], StagedBlock], *, parsers: int, stop_reading: Callable[[], None]
) -> Generator[StagedBlock]:
    """What parse() makes of each item of packed, in their order. Close it to end early.

    packed is iterated in a thread of its own, which stop_reading has to wake. Raises what packed or parse raise as
    SpreadsheetError, and ParserError.
    """
    processes = [_Parser(parse) for _ in range(parsers)]
    turns: SimpleQueue[_Parser | BaseException | None] = SimpleQueue()

    def feed() -> None:
        try:
            for turn, body in enumerate(packed):
                process = processes[turn % parsers]
                process.send(body)
                turns.put(process)
            turns.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            turns.put(error)

    feeder = Thread(target=feed, name="rows to the parsers", daemon=True)
    feeder.start()
    try:
        while (turn := turns.get()) is not None:
            if isinstance(turn, BaseException):
                raise turn
            yield turn.receive()
    finally:
        for process in processes:
            process.kill()
        stop_reading()
        feeder.join()
        for process in processes:
            process.close()


@dataclass(frozen=True, slots=True)
class _Refused:
    """A SpreadsheetError on its way to the parent."""

    rule: str
    detail: dict[str, object]


class _Parser:
    """One fork and the two pipes to it."""

    def __init__(self, parse: Callable[[bytes], StagedBlock]) -> None:
        requests, self._to = _make_pipe()
        self._from, answers = _make_pipe()
        sys.stdout.flush()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _live_as_parser(parse, requests, answers, parent)
        os.close(requests)
        os.close(answers)
        self._answers: BinaryIO = open(self._from, "rb", buffering=0, closefd=False)  # noqa: SIM115 - closed by close()

    def send(self, body: bytes) -> None:
        """Hand over one item."""
        try:
            _write(self._to, len(body).to_bytes(_LENGTH_BYTES, "big"))
            _write(self._to, body)
        except BrokenPipeError as error:
            raise ParserError("A parser ended before its time.") from error

    def receive(self) -> StagedBlock:
        """The answer to the oldest item that wasn't answered."""
        length = int.from_bytes(self._take(_LENGTH_BYTES), "big")
        answer = pickle.loads(self._take(length))  # noqa: S301 - from our own program, not from the reading process
        if isinstance(answer, StagedBlock):
            return answer
        if isinstance(answer, _Refused):
            raise SpreadsheetError(answer.rule, **answer.detail)
        raise ParserError(f"A parser failed:\n{answer}")

    def _take(self, size: int) -> bytearray:
        taken = bytearray(size)
        view, filled = memoryview(taken), 0
        deadline = time.monotonic() + WAIT_SECONDS
        while filled < size:
            ready, _, _ = select.select([self._from], [], [], max(deadline - time.monotonic(), 0))
            count = self._answers.readinto(view[filled:]) if ready else 0  # type: ignore[attr-defined]
            if not count:
                raise ParserError("A parser ended before its time." if ready else "A parser doesn't answer.")
            filled += count
        return taken

    def kill(self) -> None:
        """End the fork and wait for its end."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def close(self) -> None:
        """Let go of the pipes, once nobody writes to them any more."""
        os.close(self._to)
        os.close(self._from)


def _make_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    try:
        fcntl(writing, F_SETPIPE_SZ, _PIPE_BYTES)
    except PermissionError:
        # The machine allows no more for this user; a smaller pipe only makes them wait for each other more often.
        return reading, writing
    return reading, writing


def _write(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _live_as_parser(parse: Callable[[bytes], StagedBlock], requests: int, answers: int, parent: int) -> NoReturn:
    """The fork's whole life; nothing of the parent's that waits for its end may run here."""
    status = 1
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Ctrl-C reaches the whole group; the parent ends its parsers itself.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        gc.freeze()
        # Millions of tuples without a cycle: the collector would only walk them.
        gc.set_threshold(200_000)
        if os.getppid() == parent:
            _answer_requests(parse)
        status = 0
    finally:
        os._exit(status)


def _answer_requests(parse: Callable[[bytes], StagedBlock]) -> None:
    with open(0, "rb", closefd=False) as requests:
        while len(head := requests.read(_LENGTH_BYTES)) == _LENGTH_BYTES:
            body = requests.read(int.from_bytes(head, "big"))
            answer: object
            try:
                answer = parse(body)
            except SpreadsheetError as error:
                answer = _Refused(error.rule, error.detail)
            except BaseException as error:  # noqa: BLE001 - told to the parent, which raises it
                # Without its message, which may quote a row.
                answer = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
            packed = pickle.dumps(answer, protocol=5)
            _write(1, len(packed).to_bytes(_LENGTH_BYTES, "big"))
            _write(1, packed)
