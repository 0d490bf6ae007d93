"""No oracle: whether an ID number, a certificate number or neither is known can't be told by how long 'not found' takes.

A real gunicorn answers requests of the three causes in turn; how well their times tell one cause from another is the area
under the ROC curve, 0.5 being mere chance.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, count
from random import Random
from statistics import median
from urllib.parse import urlencode, urlsplit

from tests.bench.certificates import Register
from tests.bench.measuring import Figure, say
from tests.bench.pairs import certificate_number, chosen, id_number
from tests.bench.serving import Served, serving
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes

_WARM_UP_TURNS = 30
_FARTHEST_AUC = 0.53
_CAUSES = ("no such ID number", "wrong certificate number", "both unknown")
# The sealed query differs each time; everything else has to be the same to the byte.
_TOKEN = re.compile(rb'value="[A-Za-z0-9_=-]{60,}"')


@dataclass(frozen=True, slots=True)
class _Asked:
    cause: str
    id_number: str
    certificate_number: str
    address: str


def measure_oracle(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """How far from chance each of the three pairs of causes is; stops where their pages differ."""
    say(f"a register of {sizes.certificates:,} certificates")
    Register(site).grow(sizes.certificates)
    rounds: list[dict[str, list[float]]] = []
    pages: set[bytes] = set()
    with serving(site, "certlookup.settings", workers=2, threads=4) as served:
        for turn, asked in enumerate(requests(sizes)):
            rounds.append(_ask_in_turn(served, asked, pages))
            told = ", ".join(f"{cause} {median(rounds[-1][cause]) * 1000:.2f} ms" for cause in _CAUSES)
            say(f"  {turn + 1}: {told}, {sizes.oracle:,} times each")
    if len(pages) != 1:
        raise SystemExit(f"'Not found' has {len(pages)} different pages.")
    for one, other in combinations(_CAUSES, 2):
        # Equal times stray by 0.013 in a round of a thousand; the median of the rounds is what stays.
        telling = median(area_under_roc(times[one], times[other]) for times in rounds)
        name = f"telling '{one}' from '{other}' by time"
        yield Figure(name, 0.5 + abs(telling - 0.5), _FARTHEST_AUC, "lower", "AUC", "0.5, mere chance")


def _ask_in_turn(served: Served, asked: list[_Asked], pages: set[bytes]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {cause: [] for cause in _CAUSES}
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    for place, one in enumerate(asked):
        seconds, page = _ask(connection, one)
        if place >= _WARM_UP_TURNS * len(_CAUSES):
            times[one.cause].append(seconds)
            pages.add(_without_what_varies(page))
    connection.close()
    return times


def requests(sizes: Sizes) -> Iterator[list[_Asked]]:
    """Each round's requests: the causes in random order within each turn, so that no drift falls to one of them.

    No ID number, certificate number or address comes twice, in no round: what was asked before has its counters already.
    """
    chance = Random(0)
    turns = sizes.oracle + _WARM_UP_TURNS
    known = iter(chosen(2 * turns * sizes.pairs, sizes.certificates, seed=0))
    # What lies beyond the register's end is as well-formed and as spread, and in no register.
    absent = (sizes.certificates + place for place in chosen(3 * turns * sizes.pairs, 4 * sizes.certificates, seed=1))
    addresses = (f"10.{place // 62500}.{place // 250 % 250}.{place % 250}" for place in count())
    for _ in range(sizes.pairs):
        asked: list[_Asked] = []
        for _ in range(turns):
            unknown = next(absent)
            causes = [
                (_CAUSES[0], id_number(next(absent)), certificate_number(next(known))),
                (_CAUSES[1], id_number(next(known)), certificate_number(next(absent))),
                (_CAUSES[2], id_number(unknown), certificate_number(unknown)),
            ]
            chance.shuffle(causes)
            asked += [_Asked(*cause, next(addresses)) for cause in causes]
        yield asked


def _ask(connection: http.client.HTTPConnection, asked: _Asked) -> tuple[float, bytes]:
    body = urlencode({"id_number": asked.id_number, "certificate_number": asked.certificate_number})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": asked.address,
    }
    started = time.perf_counter()
    connection.request("POST", "/lookup/", body, headers)
    response = connection.getresponse()
    page = response.read()
    seconds = time.perf_counter() - started
    if b'data-outcome="not-found"' not in page:
        raise SystemExit(f"A lookup was answered {response.status}, and not 'not found'.")
    return seconds, page


def _without_what_varies(page: bytes) -> bytes:
    """The page without its token and the minute, which may pass while this runs."""
    return re.sub(rb"\d\d:\d\d", b"", _TOKEN.sub(b"", page))


def area_under_roc(these: list[float], those: list[float]) -> float:
    """How often one of these takes longer than one of those; equal times count half."""
    ordered = sorted([(seconds, True) for seconds in these] + [(seconds, False) for seconds in those])
    ranks, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        # Ranks count from 1; equal times share their mean.
        ranks += (place + 1 + end) / 2 * sum(is_these for _, is_these in ordered[place:end])
        place = end
    return (ranks - len(these) * (len(these) + 1) / 2) / (len(these) * len(those))
