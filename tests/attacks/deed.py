"""One deed on the staff site or by its commands."""

from collections.abc import Callable
from dataclasses import dataclass

from uploads.actor import Actor


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done; by whom: None where nobody is known to act (before a login, in the worker, on the command line)."""

    words: str
    by: Actor | None
    do: Callable[[], object]
    action: str
    subject: str
    refused: bool = False
