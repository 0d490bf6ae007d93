"""docs/performance.md, written from the figures; docs/scale.md with it, where a large register was measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from certlookup.calendar.periods import SHANGHAI
from tests.bench.measuring import Figure
from tests.bench.scale import scale_document
from tests.bench.site import PROJECT

DOCUMENT = PROJECT / "docs" / "performance.md"
SCALE = PROJECT / "docs" / "scale.md"
_HEAD = """# How fast it is

Written by `make bench ARGS=--write-document` from `var/bench.json`; don't edit it. Both sides of a ratio are measured in
the same run on the same machine, in turns one right after the other, and which of them begins alternates; the ratio is the
median of the pairs. Load comes from wrk, with another pair of numbers in every request, and every answer is looked at; times
at a set rate count from the moment at which a request was due. CPU time is that of all processes of the web server and of
PostgreSQL. The database has a quarter of the machine's memory, as docs/deployment.md says.

`make bench` takes parts and sizes from ARGS (`--parts`, `--pairs`, `--certificates`, `--grown` ...; `--help` lists them), ends
with 1 where a limit isn't kept, and removes what it made. A run of some parts leaves the other parts' figures as they were:
each part says when it was measured, on which state of the code, and how much of the machine other programs took meanwhile.
Where that is more than a few per cent, what runs in several processes (the page with its database, the reader with the
worker) loses more than what it is compared with.
"""
_TITLES = {
    "lookups": "Lookups",
    "growth": "Growth",
    "intake": "Intake",
    "publication": "Publication",
    "verification": "Verification",
    "oracle": "No oracle",
    "partitions": "Hash partitions, tried",
    "workers": "Ways to run gunicorn",
    "overload": "Overload",
}


def document(content: Mapping[str, Any]) -> str:
    """The page for the figures."""
    lines = [_HEAD]
    for part, circumstances in content["parts"].items():
        lines.append(f"\n## {_TITLES[part]}\n\n{_measured(circumstances)}\n\n")
        lines.append("| what | figure | limit | kept | against |\n| --- | --- | --- | --- | --- |\n")
        lines += [_line(figure) for figure in content["figures"] if figure["part"] == part]
    return "".join(lines)


def _measured(circumstances: Mapping[str, Any]) -> str:
    began = datetime.fromisoformat(circumstances["measured_at"]).astimezone(SHANGHAI)
    code = f", code {circumstances['code']}" if circumstances["code"] else ""
    if "seconds" not in circumstances:
        # Taken over from a page of before runs noted their circumstances.
        return (
            f"Measured on {began:%Y-%m-%d} (Shanghai){code}, {circumstances['sizes']['pairs']} pairs; {circumstances['machine']}; "
            f"load {circumstances['load_before']}."
        )
    return (
        f"Measured on {began:%Y-%m-%d at %H:%M} (Shanghai) in {circumstances['seconds']} s{code}, "
        f"{circumstances['sizes']['pairs']} pairs; {circumstances['machine']}; other programs took "
        f"{circumstances['others_share_of_cpu'] * 100:.0f} % of the machine."
    )


def _line(figure: Mapping[str, Any]) -> str:
    limit = figure["limit"]
    wanted = "" if limit is None else f"{'at most' if figure['better'] == 'lower' else 'at least'} {limit:g}"
    plain = Figure(**{name: value for name, value in figure.items() if name != "part"})
    kept = "" if limit is None else "yes" if plain.holds else "**no**"
    return f"| {figure['name']} | {figure['value']:.2f} {figure['unit']} | {wanted} | {kept} | {figure['against']} |\n"


def write_documents(content: Mapping[str, Any]) -> None:
    """Write the pages."""
    ordered = {part: content["parts"][part] for part in _TITLES if part in content["parts"]}
    DOCUMENT.write_text(document({**content, "parts": ordered}), encoding="utf-8")
    if {"growth", "lookups", "verification"} <= set(ordered):
        SCALE.write_text(scale_document(content["figures"]), encoding="utf-8")
