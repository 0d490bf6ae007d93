"""A value that a context variable has inside a with statement."""

from contextvars import ContextVar, Token
from types import TracebackType
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Holding(Generic[Value]):
    """Sets it on the way in and puts back what was there on the way out.

    contextlib's decorator does the same by a generator, for four times as long, and every request enters several.
    """

    __slots__ = ("_token", "_value", "_variable")

    def __init__(self, variable: ContextVar[Value], value: Value) -> None:
        self._variable, self._value = variable, value

    def __enter__(self) -> None:
        self._token: Token[Value] = self._variable.set(self._value)

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._variable.reset(self._token)
