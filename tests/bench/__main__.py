"""`make bench`: measures, shows a table, writes var/bench.json; ends by itself and leaves nothing else.

ARGS="--rows 20000 --pairs 1" for a quick look, "--parts intake" for some parts only: their figures take the place of
earlier ones in the file, and the other parts' stay, each with the time, the code and the load that it was measured under.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from certlookup.postgres.server import default_folder
from tests.bench.document import write_documents
from tests.bench.growth import measure_growth
from tests.bench.intake import measure_intake
from tests.bench.lookups import measure_lookups
from tests.bench.machine import Watch
from tests.bench.measuring import Figure, say
from tests.bench.oracle import measure_oracle
from tests.bench.overload import measure_overload
from tests.bench.partitions import measure_partitions
from tests.bench.publication import measure_publication
from tests.bench.results import Results
from tests.bench.site import BenchSite, bench_site
from tests.bench.sizes import Sizes
from tests.bench.verification import measure_verification
from tests.bench.workers import measure_workers

# A further part is one entry here. Each has a database of its own, which goes with it.
PARTS: dict[str, Callable[[BenchSite, Sizes], Iterator[Figure]]] = {
    "lookups": measure_lookups,
    "growth": measure_growth,
    "intake": measure_intake,
    "publication": measure_publication,
    "verification": measure_verification,
    "oracle": measure_oracle,
    "partitions": measure_partitions,
    "workers": measure_workers,
    "overload": measure_overload,
}


def main(arguments: Sequence[str]) -> int:
    """Measure; 1 where a limit isn't kept."""
    asked = _parser().parse_args(arguments)
    sizes = Sizes(**{field.name: getattr(asked, field.name) for field in fields(Sizes)})
    results = Results(asked.out, list(PARTS), keep=not asked.fresh)
    measured: list[Figure] = []
    with bench_site() as site:
        for part in asked.parts:
            say(f"\n{part}")
            watch = Watch()
            with site.copied(f"bench_{part}") as own:
                figures = list(PARTS[part](own, sizes))
            # After each part: whatever happens to the next one, these were measured.
            results.put(part, figures, watch.report() | {"sizes": asdict(sizes)})
            measured += figures
    say("")
    for figure in measured:
        say(shown(figure))
    say(f"\nwritten to {asked.out}")
    if asked.write_document:
        write_documents(results.content)
    return 0 if all(figure.holds for figure in measured) else 1


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
    parser.add_argument("--fresh", action="store_true", help="keep nothing of what the file held before")
    parser.add_argument(
        "--write-document", action="store_true", help="write docs/performance.md and docs/scale.md from the figures"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
