"""`make bench`: measures, shows a table, writes var/bench.json; ends by itself and leaves nothing else.

ARGS="--rows 20000 --pairs 1" for a quick look, "--parts intake" for some parts only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from certlookup.postgres.server import default_folder
from tests.bench.document import write_document
from tests.bench.intake import measure_intake
from tests.bench.lookups import measure_lookups
from tests.bench.measuring import Figure, say
from tests.bench.oracle import measure_oracle
from tests.bench.publication import measure_publication
from tests.bench.site import BenchSite, bench_site
from tests.bench.sizes import Sizes
from tests.bench.verification import measure_verification

# A further part is one entry here.
PARTS: dict[str, Callable[[BenchSite, Sizes], Iterator[Figure]]] = {
    "verification": measure_verification,
    "intake": measure_intake,
    "publication": measure_publication,
    "oracle": measure_oracle,
    "lookups": measure_lookups,
}


def main(arguments: Sequence[str]) -> int:
    """Measure; 1 where a limit isn't kept."""
    asked = _parser().parse_args(arguments)
    sizes = Sizes(**{field.name: getattr(asked, field.name) for field in fields(Sizes)})
    with bench_site() as site:
        figures = [figure for part in asked.parts for figure in PARTS[part](site, sizes)]
    result = {"machine": machine(), "sizes": asdict(sizes), "figures": [asdict(figure) for figure in figures]}
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say("")
    for figure in figures:
        say(shown(figure))
    say(f"\nwritten to {asked.out}")
    if asked.write_document:
        write_document(result)
    return 0 if all(figure.holds for figure in figures) else 1


def machine() -> str:
    """What it was measured on."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {model}, {memory:.0f} GiB, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def shown(figure: Figure) -> str:
    """A figure as a line of the table."""
    verdict = "" if figure.limit is None else "kept" if figure.holds else "NOT KEPT"
    limit = "" if figure.limit is None else f"{'at most' if figure.better == 'lower' else 'at least'} {figure.limit:g}"
    return f"{figure.value:10.2f} {figure.unit:6} {limit:14} {verdict:9} {figure.name}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    for field in fields(Sizes):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int, default=field.default)
    parser.add_argument("--out", type=Path, default=default_folder() / "bench.json")
    parser.add_argument("--write-document", action="store_true", help="write docs/performance.md from the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
