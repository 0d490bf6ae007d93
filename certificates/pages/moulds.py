"""Answers in a form that repeats: a template is rendered once for each form, with marks where texts go, and then filled in.

One answer differs from the next in its texts, hardly in its build, and rendering costs many times what looking up does.
Nothing of an answer is kept: a mould is cast from marks, and every request fills it with what it has just read.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from html import escape
from secrets import token_hex
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

_MOULDS_AT_MOST = 200
# Drawn anew by each process, so that no data that a mould is cast from can have it: an office's name, say.
_SECRET = token_hex(16)
_MARK = re.compile(f"{_SECRET}-([0-9]+);")


def mark(place: int) -> str:
    """What stands in a mould where the text of that place goes; nothing in it is changed by escaping."""
    return f"{_SECRET}-{place};"


class Mould:
    """A rendered page in pieces, and between each two of them the place of the text that stands there."""

    def __init__(self, rendered: str, texts: Sequence[str]) -> None:
        """texts tell only which of them are empty: these need no mark. Raises ValueError where another one has lost its."""
        pieces = _MARK.split(rendered)
        self._places = [int(place) for place in pieces[1::2]]
        self._pieces = [piece.encode() for piece in pieces]
        lost = {place for place, text in enumerate(texts) if text}.difference(self._places)
        if lost or any(_SECRET in piece for piece in pieces[::2]):
            raise ValueError(f"The template shows the texts {sorted(lost)} altered, or not at all.")

    def fill(self, texts: Sequence[str]) -> bytes:
        """The page with these texts, each escaped, in UTF-8."""
        # All at once: PostgreSQL stores no NUL, so no text contains one, and a count that doesn't fit would say so.
        escaped = escape("\0".join(texts)).encode().split(b"\0")
        if len(escaped) != len(texts):
            raise ValueError("A text contains NUL.")
        pieces = self._pieces.copy()
        pieces[1::2] = [escaped[place] for place in self._places]
        return b"".join(pieces)


_moulds: dict[Hashable, Mould] = {}


def fill_template(
    request: HttpRequest,
    template: str,
    *,
    shape: Hashable,
    texts: Sequence[str],
    context: Callable[[Sequence[str]], Mapping[str, Any]],
) -> HttpResponse:
    """Answer with a template. context makes what it is rendered with, out of texts or the marks in their places.

    shape is everything that context and the template decide by, except what is the same for a whole language and size;
    so it tells, too, which texts are empty. A text may only be shown: no tag and no filter looks into it.
    """
    key = (template, request.path_info, getattr(request, "large_print", False), get_language(), shape)
    mould = _moulds.get(key)
    if mould is None:
        marks = [mark(place) if text else "" for place, text in enumerate(texts)]
        mould = Mould(render_to_string(template, dict(context(marks)), request), texts)
        if len(_moulds) >= _MOULDS_AT_MOST:
            _moulds.clear()
        _moulds[key] = mould
    return HttpResponse(mould.fill(texts))


def _forget(**_: object) -> None:
    _moulds.clear()


setting_changed.connect(_forget)
