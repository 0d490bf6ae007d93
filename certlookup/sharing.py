"""How much each of gunicorn's processes has to do, in memory that all of them see: so that new work goes where least is.

gunicorn's processes watch one socket, and a connection that one of them took is its own until it is closed. A proxy that keeps
connections uses the same few again and again: one process was seen with nearly a whole core's work and a queue, while another
had a third of it. Nothing but the number of requests is shared, and nobody relies on it: a number that is wrong for a moment
costs a moment.
"""

from __future__ import annotations

import mmap

_NOBODY = 255
_MOST = _NOBODY - 1


class Loads:
    """How many requests each process answers, has waiting or expects. Made before the processes are; each writes its own place only."""

    def __init__(self, places: int = 256) -> None:
        self._busy = mmap.mmap(-1, places)
        self._busy[:] = bytes([_NOBODY]) * places

    def take_place(self) -> int | None:
        """In the parent, before a process begins: a place for it, with nothing to do yet; None where no more are left."""
        place = self._busy.find(bytes([_NOBODY]), 0)
        if place < 0:
            return None
        self._busy[place] = 0
        return place

    def give_back(self, place: int | None) -> None:
        """In the parent, after a process has ended."""
        if place is not None:
            self._busy[place] = _NOBODY

    def tell(self, place: int | None, busy: int) -> None:
        """In a process: so many requests are answered, wait or are expected there."""
        if place is not None:
            self._busy[place] = min(busy, _MOST)

    def fewest(self) -> int:
        """The number of the process that has least to do, whichever it is; 254 for 254 or more, or for nobody."""
        return min(self._busy[:] + bytes([_MOST]))


loads = Loads()
