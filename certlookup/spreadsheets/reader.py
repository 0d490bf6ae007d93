"""The reading process: `python -m certlookup.spreadsheets.reader PATH name=value ...`, started by reading.read_sheet.

Sets its own limits first, then opens the file. Speaks frames on standard output, hears the chosen sheet on standard
input. Imports nothing of Django.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from certlookup.spreadsheets.archives import inspect_archive
from certlookup.spreadsheets.contents import file_kind
from certlookup.spreadsheets.filerules import SpreadsheetError, reason_of
from certlookup.spreadsheets.frames import LENGTH_BYTES, ErrorFrame, FileKind, write_frame
from certlookup.spreadsheets.source import FileLimits, Source
from certlookup.spreadsheets.textfiles import TextSource
from certlookup.spreadsheets.workbooks import WorkbookSource

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str], commands: BinaryIO, answers: BinaryIO) -> None:
    """Read the file that arguments name and answer with frames; a file that can't be read is an ErrorFrame."""
    path = Path(arguments[0])
    values = dict(argument.split("=", 1) for argument in arguments[1:])
    limits = FileLimits(**{name: int(float(values[name])) for name in FileLimits.__slots__})
    _limit_this_process(limits)
    with _errors_told(answers):
        kind = file_kind(path)
        if kind is FileKind.XLSX and path.stat().st_size >= limits.beside_from_bytes:
            _read_while_inspecting(path, limits, commands, answers)
        else:
            source = TextSource(path, limits) if kind is FileKind.TEXT else WorkbookSource(path, kind, limits)
            _hand_out(source, commands, answers)


def _hand_out(source: Source, commands: BinaryIO, answers: BinaryIO) -> None:
    write_frame(answers, source.heads())
    command = commands.read(LENGTH_BYTES)
    if len(command) < LENGTH_BYTES:
        return
    for frame in source.frames(int.from_bytes(command, "big")):
        write_frame(answers, frame)


def _read_while_inspecting(path: Path, limits: FileLimits, commands: BinaryIO, answers: BinaryIO) -> None:
    """Look through a large archive here, while a fork of this process, under the same limits, loads it already.

    The fork says nothing before the archive is found to be good: if it isn't, that is what is told, whatever became of
    the fork. Afterwards this process ends as the fork does.
    """
    verdict, told = os.pipe()
    fork = os.fork()
    if fork == 0:
        status = 1
        try:
            _end_with_parent()
            os.close(told)
            with _errors_told(answers):
                inspected = partial(_wait_for_verdict, verdict)
                _hand_out(WorkbookSource(path, FileKind.XLSX, limits, inspected=inspected), commands, answers)
            status = 0
        finally:
            os._exit(status)
    os.close(verdict)
    try:
        marked = inspect_archive(path, limits)
    except BaseException:
        os.kill(fork, signal.SIGKILL)
        raise
    with suppress(BrokenPipeError), open(told, "wb") as verdict_file:
        verdict_file.write(json.dumps(sorted(marked)).encode())
    _, status = os.waitpid(fork, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    sys.exit(os.waitstatus_to_exitcode(status))


def _wait_for_verdict(verdict: int) -> frozenset[str]:
    """The parts that are marked; without a verdict there is nothing left to do."""
    with open(verdict, "rb") as file:
        text = file.read()
    if not text:
        os._exit(1)
    return frozenset(json.loads(text))


def _end_with_parent() -> None:
    """The kernel kills this process when its parent ends."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextmanager
def _errors_told(answers: BinaryIO) -> Iterator[None]:
    """A file that can't be read is an ErrorFrame."""
    try:
        yield
    except SpreadsheetError as error:
        write_frame(answers, ErrorFrame(error.rule, error.detail))
    except MemoryError:
        write_frame(answers, ErrorFrame("R-010", {}))
    except OSError as error:
        write_frame(answers, ErrorFrame("R-024", {"reason": reason_of(error)}))
    except BaseException as error:
        # The parser's own panics derive from BaseException alone; a file that makes it panic is damaged.
        if type(error).__name__ != "PanicException":
            raise
        write_frame(answers, ErrorFrame("R-004", {}))


def _limit_this_process(limits: FileLimits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Millions of tuples without a cycle: the collector would only walk them.
    gc.disable()


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer)
