"""How the staff pages write numbers."""

from django import template

register = template.Library()
_STEP = 1024


@register.filter
def thousands(number: int | None) -> str:
    """A count with commas, such as 38,214; a dash for none."""
    return "–" if number is None else f"{number:,}"


@register.filter
def file_size(count: int) -> str:
    """Bytes in the largest unit that leaves a number of at least one."""
    size, unit = float(count), "字节"
    for larger in ("KB", "MB", "GB"):
        if size < _STEP:
            break
        size, unit = size / _STEP, larger
    return f"{size:,.0f} {unit}" if unit == "字节" else f"{size:,.1f} {unit}"
