"""How the staff pages write numbers."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from uploads.backup import places

register = template.Library()
_STEP = 1024


@register.filter
def thousands(number: int | None) -> str:
    """A count with commas, such as 38,214; a dash for none."""
    return "–" if number is None else f"{number:,}"


@register.filter
def fours(number: str) -> SafeString:
    """A certificate number in groups; the stylesheet sets them apart, so that copying gives the number."""
    return _parts(number, 4)


@register.filter
def eights(digest: str | bytes | memoryview | None) -> SafeString:
    """A digest in hexadecimal, in parts that people can compare by eye."""
    return _parts(digest if isinstance(digest, str) else bytes(digest or b"").hex(), 8)


def _parts(text: str, length: int) -> SafeString:
    parts = ((text[place : place + length],) for place in range(0, len(text), length))
    return format_html_join("", '<span class="four">{}</span>', parts)


@register.filter
def place_name(place: str) -> str:
    """A backup place by its name, not by its way through the server's folders; nothing for none."""
    return places.place_name(place) if place else ""


@register.filter
def file_size(count: int) -> str:
    """Bytes in the largest unit that leaves a number of at least one."""
    size, unit = float(count), "字节"
    for larger in ("KB", "MB", "GB"):
        if size < _STEP:
            break
        size, unit = size / _STEP, larger
    return f"{size:,.0f} {unit}" if unit == "字节" else f"{size:,.1f} {unit}"
