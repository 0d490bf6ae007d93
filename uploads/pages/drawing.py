"""Charts as SVG inside the page, drawn by pygal; colours and type come from the stylesheet, which knows light and dark.

pygal brings a script, styles and tooltips of its own, which the Content-Security-Policy forbids; they are taken out here.
What a chart shows stands in a table beside it, so the picture itself is hidden from screen readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

import pygal
from defusedxml.ElementTree import fromstring
from django.utils.safestring import SafeString, mark_safe
from pygal.style import Style

_SVG: Final = "http://www.w3.org/2000/svg"
_WIDTH: Final = 360
_HEIGHT: Final = 250
_ROW: Final = 22
_LABEL: Final = 12
# pygal measures labels as if all letters were Latin; the stylesheet sets the same size.
_STYLE: Final = Style(
    label_font_size=_LABEL, major_label_font_size=_LABEL, legend_font_size=_LABEL, no_data_font_size=20
)
_DROPPED: Final = {f"{{{_SVG}}}{name}" for name in ("script", "style", "defs", "desc", "title")}
_DROPPED_CLASSES: Final = {"plot overlay", "plot text-overlay", "plot tooltip-overlay", "background"}


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart: tone is a class of the stylesheet."""

    label: str
    tone: str
    values: tuple[int, ...]


def stacked_bars(labels: Sequence[str], series: Sequence[Series], *, every: int = 1) -> SafeString:
    """Columns side by side, one colour on the other; every how manieth label is written."""
    chart = pygal.StackedBar(
        style=_STYLE,
        js=(),
        width=_WIDTH,
        height=_HEIGHT,
        margin=8,
        spacing=6,
        show_legend=False,
        x_label_rotation=0,
        show_minor_x_labels=False,
        truncate_label=-1,
        min_scale=3,
        max_scale=6,
        range=_range(series),
        no_data_text="没有数据",
    )
    chart.x_labels = list(labels)
    # The last one is the one that people look for.
    chart.x_labels_major = [label for place, label in enumerate(reversed(labels)) if place % every == 0]
    return _drawn(chart, series)


def rows_of_bars(labels: Sequence[str], series: Sequence[Series]) -> SafeString:
    """Bars one below the other, the first label on top."""
    chart = pygal.HorizontalStackedBar(
        style=_STYLE,
        js=(),
        width=_WIDTH,
        height=_ROW * len(labels) + 50,
        margin=8,
        margin_left=24,
        spacing=6,
        show_legend=False,
        truncate_label=-1,
        min_scale=3,
        max_scale=5,
        range=_range(series),
        no_data_text="没有数据",
    )
    chart.x_labels = list(reversed(labels))
    turned = [Series(each.label, each.tone, each.values[::-1]) for each in series]
    return _drawn(chart, turned)


def _range(series: Sequence[Series]) -> tuple[int, int]:
    """From nothing to the highest column; counts are whole, so a scale of fewer than four steps would repeat itself."""
    highest = max((sum(values) for values in zip(*(each.values for each in series), strict=True)), default=0)
    return 0, max(4, highest)


def _drawn(chart: "pygal.graph.graph.Graph", series: Sequence[Series]) -> SafeString:
    chart.value_formatter = lambda value: f"{value:,.0f}"
    for each in series:
        chart.add(each.label, list(each.values))
    root = fromstring(chart.render())
    _clean(root, [each.tone for each in series])
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "class": "chart-picture",
        "aria-hidden": "true",
        "focusable": "false",
    }
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    root.set("xmlns", _SVG)
    return mark_safe(ET.tostring(root, encoding="unicode"))  # noqa: S308 - serialised above, escaped by ElementTree


def _clean(element: ET.Element, tones: Sequence[str]) -> None:
    """Without scripts, styles, ids and tooltips; each series carries the tone of the stylesheet."""
    for child in list(element):
        classes = child.get("class", "")
        if not isinstance(child.tag, str) or child.tag in _DROPPED or classes in _DROPPED_CLASSES:
            element.remove(child)
            continue
        for name in ("style", "id"):
            child.attrib.pop(name, None)
        if classes.startswith("series serie-"):
            child.set("class", f"series {tones[int(classes.split('-')[1].split()[0])]}")
        _clean(child, tones)
