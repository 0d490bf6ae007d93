"""What a web process does beside its requests: once a second, and once more when it ends.

Apps name their work when they get ready, wsgi.py begins it, gunicorn.py ends it. Nearly always it has to find nothing to
do, and it doesn't raise: that would be the end of all of it.
"""

import threading
from collections.abc import Callable

_SECONDS_BETWEEN = 1.0

_works: list[Callable[[], None]] = []
_ending = threading.Event()


def do_beside(work: Callable[[], None]) -> None:
    """From now on this belongs to what is done."""
    if work not in _works:
        _works.append(work)


def begin() -> None:
    """Begin, in a thread of this process that keeps no process alive."""
    threading.Thread(target=_go_on, name="beside requests", daemon=True).start()


def end() -> None:
    """Do it for the last time. In a process that never began, such as one that failed to start, there is nothing."""
    _ending.set()
    for work in _works:
        work()


def _go_on() -> None:
    while not _ending.wait(_SECONDS_BETWEEN):
        for work in _works:
            work()
