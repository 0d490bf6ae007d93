"""The lookup page against its floors and against the way a tutorial writes it, in alternating turns."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.certificates import Register
from tests.bench.load import Load, missing, pace, percentile, press, require_wrk
from tests.bench.measuring import Figure, in_turns, say
from tests.bench.pairs import certificate_number, chosen, id_number, number_in_sql
from tests.bench.serving import Served, serving
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes

_WARM_UPS, _WARM_UP_SECONDS = 15, 2
_PAIRS_ASKED = 100_000
# A turn's 99th percentile is made by a few dozen requests, and varies far more than its rate.
_TURNS_OF_WAITING = 3
_WORKERS, _THREADS = 2, 4
_SERVERS = {"page": "certlookup.settings", "floors": "tests.bench.floors.settings", "peer": "tests.bench.peer.settings"}
_PATHS = {"page": "/lookup/", "a": "/a/", "prepared": "/prepared/", "b": "/b/", "c": "/c/", "peer": "/lookup/"}
# As the floors' SELECT.
_PGBENCH = (
    "\\set n random(0, {last})\nSELECT certificate_number FROM certificate WHERE certificate_number = {number};\n"
)


def measure_lookups(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """The page's rate as a share of floor (a) and as a multiple of the tutorial's, and its 99th percentile."""
    require_wrk()
    register = Register(site)
    say(f"a register of {sizes.certificates:,} certificates")
    register.grow(sizes.certificates)
    asked = write_pairs(site.folder / "pairs", sizes.certificates)
    rounds: list[dict[str, Load]] = []
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(site, settings, workers=_WORKERS, threads=_THREADS))
            for name, settings in _SERVERS.items()
        }
        served = {name: servers[name if name in servers else "floors"] for name in _PATHS}
        for name, path in _PATHS.items():
            warm_up(served[name], path, asked)
        for turn in range(sizes.pairs):
            order = list(_PATHS) if turn % 2 == 0 else list(reversed(_PATHS))
            loads = {name: press(served[name], _PATHS[name], asked, sizes.seconds) for name in order}
            rounds.append(loads)
            say(f"  {turn + 1}: " + ", ".join(f"{name} {loads[name].rate:,.0f}/s" for name in _PATHS))
        yield from _rates(rounds, sizes)
        yield from _waiting(served, rounds, asked, sizes)
    rate = select_rate(site, sizes.certificates, sizes.seconds)
    yield Figure("SELECTs per second, floor (d): pgbench", rate, None, "higher", "1/s", "")


def warm_up(served: Served, path: str, asked: Path) -> None:
    """Ask until it answers rightly: the first requests meet processes that are still loading what they need."""
    for _ in range(_WARM_UPS):
        if press(served, path, asked, _WARM_UP_SECONDS).rate:
            # And once more, when all of them have loaded it.
            press(served, path, asked, _WARM_UP_SECONDS)
            return
    raise SystemExit(f"{path} gave no right answer; what it said stands above.")


def write_pairs(path: Path, certificates: int) -> Path:
    """A file of pairs for wrk, all over the register."""
    places = chosen(_PAIRS_ASKED, certificates, seed=7)
    path.write_text("".join(f"{id_number(place)} {certificate_number(place)}\n" for place in places), encoding="ascii")
    return path


def _rates(rounds: Sequence[dict[str, Load]], sizes: Sizes) -> Iterator[Figure]:
    def rate(name: str) -> float:
        return median(loads[name].rate for loads in rounds)

    def cpu(name: str) -> float:
        return median(loads[name].cpu_ms for loads in rounds)

    wrong = sum(load.wrong for loads in rounds for load in loads.values())
    share = median(loads["page"].rate / loads["a"].rate for loads in rounds)
    times = median(loads["page"].rate / loads["peer"].rate for loads in rounds)
    name = f"lookups per second among {sizes.certificates:,} certificates"
    described = {
        "a": "floor (a): one SELECT, one upsert, constant bytes",
        "prepared": "floor (a) with the page's prepared statements",
        "b": "floor (b): the SELECT, constant bytes",
        "c": "floor (c): constant bytes",
        "peer": "a tutorial's view: model form, session and CSRF middleware, Certificate.objects.get, generic template",
    }

    def against(key: str) -> str:
        return f"{described[key]} ({rate(key):,.0f}/s; {cpu(key):.2f} ms of CPU each, the page {cpu('page'):.2f})"

    yield Figure(name, share, 0.80, "higher", "ratio", against("a"))
    yield Figure(name, times, 2.0, "higher", "ratio", against("peer"))
    yield Figure("wrong or missing answers under this load", wrong, 0, "lower", "wrong", "")
    yield Figure(f"{name}, the page", rate("page"), None, "higher", "1/s", f"{cpu('page'):.2f} ms of CPU each")
    yield Figure("bytes of an answer", median(loads["page"].bytes_each for loads in rounds), None, "lower", "B", "")
    for key, text in described.items():
        yield Figure(f"{name}, {text}", rate(key), None, "higher", "1/s", f"{cpu(key):.2f} ms of CPU each")


@dataclass(frozen=True, slots=True)
class _Waited:
    p99: float
    missing: int
    cpu_ms: float


def _waiting(
    served: dict[str, Served], rounds: Sequence[dict[str, Load]], asked: Path, sizes: Sizes
) -> Iterator[Figure]:
    """The 99th percentile at half of the page's best rate, both at that rate."""
    half = median(loads["page"].rate for loads in rounds) / 2
    lines = asked.read_text(encoding="ascii").split()
    pairs = list(zip(lines[::2], lines[1::2], strict=True))

    def wait(name: str) -> _Waited:
        before = served[name].cpu_seconds()
        waits = pace(served[name], _PATHS[name], pairs, rate=half, seconds=sizes.seconds)
        cpu_ms = (served[name].cpu_seconds() - before) * 1e3 / len(waits)
        return _Waited(percentile(waits, 99), missing(waits), cpu_ms)

    found: list[tuple[_Waited, _Waited]] = []
    for page, floor in in_turns(sizes.pairs * _TURNS_OF_WAITING, partial(wait, "page"), partial(wait, "a")):
        found.append((page, floor))
        say(f"  {len(found)}: 99th percentile {page.p99:.1f} ms, floor {floor.p99:.1f} ms")
    name = f"99th percentile at {half:,.0f} lookups per second"
    floor_ms, floor_cpu = median(floor.p99 for _, floor in found), median(floor.cpu_ms for _, floor in found)
    page_cpu = median(page.cpu_ms for page, _ in found)
    against = f"floor (a) at that rate ({floor_ms:.1f} ms; {floor_cpu:.2f} ms of CPU each, the page {page_cpu:.2f})"
    yield Figure(name, median(page.p99 / floor.p99 for page, floor in found), 2.0, "lower", "ratio", against)
    wrong = sum(page.missing + floor.missing for page, floor in found)
    yield Figure("wrong or missing answers at this rate", wrong, 0, "lower", "wrong", "")


def select_rate(site: BenchSite, certificates: int, seconds: int) -> float:
    """Floor (d): how often a second PostgreSQL alone answers the SELECT."""
    script = site.folder / f"select_{certificates}.sql"
    script.write_text(_PGBENCH.format(last=certificates - 1, number=number_in_sql(":n")), encoding="utf-8")
    program = site.running.binaries.program("pgbench")
    command = [
        str(program), "-n", "-M", "prepared", "-f", str(script), "-c", "8", "-j", "2", "-T", str(seconds),
        site.url_for("certlookup_public"),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 60,
        env=os.environ | {"PGOPTIONS": "-c search_path=certlookup"},
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return float(found[1])
