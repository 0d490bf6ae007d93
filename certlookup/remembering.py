"""What a function came to, remembered by its argument: for loops over millions of values of which few are new."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """A dictionary that asks make() for what it doesn't hold. Full, it begins anew, so that memory stays bounded.

    What is held costs one look-up; functools.lru_cache keeps an order besides, which costs as much again.
    """

    def __init__(self, make: Callable[[Key], Value], *, most: int = 20_000) -> None:
        """most is how many values are held at a time."""
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: Key) -> Value:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made
