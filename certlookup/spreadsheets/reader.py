"""The reading process: `python -m certlookup.spreadsheets.reader PATH name=value ...`, started by reading.read_sheet.

Sets its own limits first, then opens the file. Speaks frames on standard output, hears the chosen sheet on standard
input. Imports nothing of Django.
"""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from certlookup.spreadsheets.contents import file_kind
from certlookup.spreadsheets.filerules import SpreadsheetError, reason_of
from certlookup.spreadsheets.frames import LENGTH_BYTES, ErrorFrame, FileKind, write_frame
from certlookup.spreadsheets.source import FileLimits, Source
from certlookup.spreadsheets.textfiles import TextSource
from certlookup.spreadsheets.workbooks import WorkbookSource


def main(arguments: list[str], commands: BinaryIO, answers: BinaryIO) -> None:
    """Read the file that arguments name and answer with frames; a file that can't be read is an ErrorFrame."""
    path = Path(arguments[0])
    values = dict(argument.split("=", 1) for argument in arguments[1:])
    limits = FileLimits(**{name: int(float(values[name])) for name in FileLimits.__slots__})
    _limit_this_process(limits)
    try:
        source = _open(path, limits)
        write_frame(answers, source.heads())
        command = commands.read(LENGTH_BYTES)
        if len(command) < LENGTH_BYTES:
            return
        for frame in source.frames(int.from_bytes(command, "big")):
            write_frame(answers, frame)
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


def _open(path: Path, limits: FileLimits) -> Source:
    kind = file_kind(path)
    return TextSource(path, limits) if kind is FileKind.TEXT else WorkbookSource(path, kind, limits)


def _limit_this_process(limits: FileLimits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Millions of tuples without a cycle: the collector would only walk them.
    gc.disable()


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer)
