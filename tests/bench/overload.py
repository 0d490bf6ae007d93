"""Three times the best rate: how much of it is still answered, how quickly the rest is turned away, when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from urllib.parse import urlsplit

from tests.bench.certificates import Register
from tests.bench.measuring import Figure, say
from tests.bench.pairs import certificate_number, chosen, id_number
from tests.bench.serving import serving
from tests.bench.site import BenchSite
from tests.bench.sizes import Sizes
from tests.load.overload import OF_THE_BEST, RECOVERED_WITHIN_SECONDS, SHED_WITHIN_MS, TIMES, overload
from tests.load.traffic import Pair

_PAIRS_ASKED = 50_000


def measure_overload(site: BenchSite, sizes: Sizes) -> Iterator[Figure]:
    """Without nginx, which would turn away for less; limits are on, each request is another visitor's."""
    Register(site).grow(sizes.certificates)
    places = chosen(_PAIRS_ASKED, sizes.certificates, seed=11)
    pairs = [Pair(id_number(place), certificate_number(place), f"测试{place % 100_000}") for place in places]
    with serving(site, "certlookup.settings", workers=2, threads=4) as served:
        port = urlsplit(served.url).port
        assert port is not None
        rounds = overload(port, pairs, rounds=sizes.pairs)
    failures = sum(one.meanwhile.count("failed") + one.after.count("failed") for one in rounds)
    say(f"  {failures} answers that were neither right nor 503")
    name = f"at {TIMES:g} times the best rate, without nginx"
    best, answered = median(one.best for one in rounds), median(one.answered for one in rounds)
    share = median(one.answered / one.best for one in rounds)
    yield Figure(
        f"lookups answered {name}",
        share,
        OF_THE_BEST,
        "higher",
        "ratio",
        f"the best rate ({answered:,.0f}/s of {best:,.0f}/s)",
    )
    yield Figure(f"answers {name} that are neither right nor 503", failures, 0, "lower", "wrong", "")
    shed = median(one.shed_ms for one in rounds)
    yield Figure(f"99th percentile of being turned away {name}", shed, SHED_WITHIN_MS, "lower", "ms", "")
    seconds = max(one.recovered_seconds for one in rounds)
    yield Figure(
        "until nobody is turned away any more after it",
        max(seconds, 0.1),
        RECOVERED_WITHIN_SECONDS,
        "lower",
        "s",
        "half of the best rate",
    )
