"""docs/performance.md, written from the figures of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.measuring import Figure
from tests.bench.site import PROJECT

DOCUMENT = PROJECT / "docs" / "performance.md"
_HEAD = """# How fast it is

Written by `make bench ARGS=--write-document` from `var/bench.json`; don't edit it. Ratios count, for both sides are
measured in the same run on the same machine; a ratio is the median of the pairs. `make bench` takes the sizes from ARGS
(`--parts`, `--rows`, `--pairs`, `--certificates`, `--published` ...; `--help` lists them), ends with 1 where a limit isn't
kept, and removes what it made. A load well above 0 in the line below means that other programs were at work: the part that runs in several
processes (the reader, the worker, the database) then loses more than the one it is compared with.

"""


def document(result: Mapping[str, Any]) -> str:
    """The page for a run's figures."""
    lines = [
        _HEAD,
        f"Measured on: {result['machine']}.\n\n",
        "| what | figure | limit | kept | against |\n",
        "| --- | --- | --- | --- | --- |\n",
    ]
    figures: Sequence[Mapping[str, Any]] = result["figures"]
    for figure in figures:
        limit = figure["limit"]
        wanted = "" if limit is None else f"{'at most' if figure['better'] == 'lower' else 'at least'} {limit:g}"
        kept = "" if limit is None else "yes" if Figure(**figure).holds else "**no**"
        value = f"{figure['value']:.2f} {figure['unit']}"
        lines.append(f"| {figure['name']} | {value} | {wanted} | {kept} | {figure['against']} |\n")
    return "".join(lines)


def write_document(result: Mapping[str, Any]) -> None:
    """Write the page."""
    DOCUMENT.write_text(document(result), encoding="utf-8")
