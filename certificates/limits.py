"""How often a lookup may be made: per client address, per ID number and per certificate number.

Each key has two thresholds in one period: beyond the first a challenge is asked for, beyond the second only a pair that
is right is answered, and only to whoever passes the challenge. Counters stand in the cache (certlookup/ratecache.py).
Where they can't be reached though the register can, strict counters of this process stand in: the lookup is never open
without a limit.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django_ratelimit.core import get_usage

from certificates.load import tally
from certificates.models import LookupPattern
from certificates.sealedquery import GOOD_FOR_SECONDS
from certlookup.databases import can_do_without_primary, current_connection, primary_is_away, reads_elsewhere
from certlookup.env import read_rate
from certlookup.ratecache import CountersGone, RateCache, rate_cache
from certlookup.statements import Row, Select, still_answers

log = logging.getLogger(__name__)

# Without the shared counters a process allows this share of each limit, at least one.
_STRICT_SHARE = 20
# Where no threshold is set, this share of each limit is free of challenges, at least one.
_FREE_SHARE = 5
_LOCAL_COUNTERS_AT_MOST = 50_000
# Beyond a limit the work of a challenge doubles with each further full rate, up to 16 times.
_MOST_DOUBLINGS = 4


class Standing(StrEnum):
    """What may be done now: answer, answer after a challenge, answer nothing but a right pair after a challenge."""

    FREE = "free"
    CHALLENGED = "challenged"
    LIMITED = "limited"


_ORDER = tuple(Standing)


class Pair(NamedTuple):
    """What is looked up: the ID number as its keyed index, and the certificate's number (or what stands for it)."""

    id_index: bytes
    certificate_number: str


class Judgement(NamedTuple):
    """Where a request stands.

    retry_after: seconds until a limit's period ends, where one is reached. work: how many times the least work its
    challenge costs. token_counts: the challenge that came along hadn't been used. questions_left: this address may pass
    by the question in text. pairs_beyond: places of pairs of which a number itself is beyond its limit. read: what was read
    along with the counting, if anything was.
    """

    standing: Standing
    retry_after: int = 0
    work: int = 1
    token_counts: bool = False
    questions_left: bool = True
    pairs_beyond: frozenset[int] = frozenset()
    read: list[Row] | None = None


class _Limit(NamedTuple):
    group: str
    value: str
    rate: str
    free: int
    uses: int = 1


class _Count(NamedTuple):
    """A limit's count after this use."""

    limit: _Limit
    uses: int
    seconds_left: int

    @property
    def standing(self) -> Standing:
        """By this key alone."""
        allowed = read_rate(self.limit.rate)[0]
        if self.uses > allowed:
            return Standing.LIMITED
        free = self.limit.free or max(1, allowed // _FREE_SHARE)
        return Standing.CHALLENGED if self.uses > free else Standing.FREE

    @property
    def work(self) -> int:
        """How many times the least work."""
        rates_beyond = (self.uses - 1) // read_rate(self.limit.rate)[0]
        return 1 << min(rates_beyond, _MOST_DOUBLINGS)


class LocalCounters:
    """Counters of this process alone, by fixed windows; full, they refuse whoever is new until windows end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, limit: _Limit, now: float) -> int:
        """Count; the seconds to wait beyond the strict share of the limit's rate, else 0."""
        allowed, seconds = read_rate(limit.rate)
        strict = max(1, allowed // _STRICT_SHARE)
        key = (limit.group, limit.value)
        with self._lock:
            if key not in self._windows and len(self._windows) >= _LOCAL_COUNTERS_AT_MOST:
                self._windows = {k: window for k, window in self._windows.items() if window[0] > now}
                if len(self._windows) >= _LOCAL_COUNTERS_AT_MOST:
                    return seconds
            ends, used = self._windows.get(key, (now + seconds, 0))
            if ends <= now:
                ends, used = now + seconds, 0
            used += limit.uses
            self._windows[key] = (ends, used)
        return max(1, round(ends - now)) if used > strict else 0


_local = LocalCounters()


def judge(
    *,
    address: str,
    pairs: Sequence[Pair],
    token: bytes | None = None,
    by_question: bool = False,
    along: Select | None = None,
) -> Judgement:
    """Count the lookup of pairs under address, ID numbers and certificate numbers, and say where it stands.

    along is read in the same round trip, where the counters and what it reads are in one database; whoever isn't to be
    answered mustn't be shown any of it.

    token is the name of a challenge that came along, answered rightly or not: it is used up by this. Keys are hashed, no
    counter names a person. Raises OperationalError when the database itself is gone, unless a replica could answer:
    without one there is nothing to look up either.
    """
    tally.looked_up(len(pairs))
    limits = _limits(address, pairs)
    question = _Limit("question", address, settings.RATE_QUESTIONS, free=0) if by_question else None
    cache = rate_cache()
    if cache.needs_primary and primary_is_away() and can_do_without_primary():
        judgement = _judge_locally(limits)
    else:
        try:
            judgement = _judge_shared(cache, limits, pairs=pairs, token=token, question=question, along=along)
        except CountersGone:
            judgement = _judge_locally(limits)
        except DatabaseError as error:
            # What ran out of time with the register in one statement has taken all the time that an answer may take.
            gone = along is not None and isinstance(error, OperationalError)
            if not can_do_without_primary() and (gone or not still_answers(current_connection())):
                raise
            log.exception("The shared counters of lookups can't be reached; strict local limits apply.")
            judgement = _judge_locally(limits)
    if judgement.standing is Standing.LIMITED:
        tally.noted(address, LookupPattern.GUESSING if judgement.pairs_beyond else LookupPattern.LIMITED)
    return judgement


def _limits(address: str, pairs: Sequence[Pair]) -> list[_Limit]:
    ids = _times([pair.id_index.hex() for pair in pairs])
    certificates = _times([pair.certificate_number for pair in pairs])
    id_rate, id_free = settings.RATE_ID, settings.CHALLENGE_ID
    certificate_rate, certificate_free = settings.RATE_CERTIFICATE, settings.CHALLENGE_CERTIFICATE
    return [
        _Limit("address", address, settings.RATE_ADDRESS, settings.CHALLENGE_ADDRESS, len(pairs)),
        *[_Limit("id", key, id_rate, id_free, uses) for key, uses in ids.items()],
        *[_Limit("certificate", key, certificate_rate, certificate_free, uses) for key, uses in certificates.items()],
    ]


def _times(keys: Sequence[str]) -> Mapping[str, int]:
    """How often each stands there."""
    return {keys[0]: 1} if len(keys) == 1 else Counter(keys)


def _judge_shared(
    cache: RateCache,
    limits: Sequence[_Limit],
    *,
    pairs: Sequence[Pair],
    token: bytes | None,
    question: _Limit | None,
    along: Select | None,
) -> Judgement:
    with cache.noting() as noted:
        seconds_left = [_use(cache, limit) for limit in (*limits, question) if limit is not None]
        if token is not None:
            # Longer than any challenge is good for, so that none outlives the mark that it was used.
            cache.add(f"challenge:{token.hex()}", 1, 2 * GOOD_FOR_SECONDS)
    if along is None or reads_elsewhere():
        counted, read = cache.count(noted), None
    else:
        counted, read = cache.count_and_read(noted, along)
    found = [counted[one.key] for one in noted]
    counts = [_Count(*each) for each in zip(limits, found, seconds_left, strict=False)]
    used = found[-1] if token is not None else 0
    questions = None if question is None else _Count(question, found[len(limits)], seconds_left[len(limits)])
    standings = [count.standing for count in counts]
    standing = max(standings, key=_ORDER.index)
    limited = [count.seconds_left for count, each in zip(counts, standings, strict=True) if each is Standing.LIMITED]
    retry_after = max(limited, default=0)
    questions_left = questions is None or questions.standing is not Standing.LIMITED
    if questions is not None and not questions_left:
        retry_after = max(retry_after, questions.seconds_left)
    if len(pairs) > 1 and standing is Standing.LIMITED and counts[0].standing is not Standing.LIMITED:
        # One number that somebody tries out doesn't close a whole list; its own row alone.
        standing = Standing.CHALLENGED
    return Judgement(
        standing=standing,
        retry_after=max(1, retry_after),
        work=max(count.work for count in counts),
        token_counts=used == 1,
        questions_left=questions_left,
        pairs_beyond=_pairs_beyond(counts, pairs) if limited else frozenset(),
        read=read,
    )


def _pairs_beyond(counts: Sequence[_Count], pairs: Sequence[Pair]) -> frozenset[int]:
    beyond = {count.limit.value for count in counts[1:] if count.standing is Standing.LIMITED}
    return frozenset(
        place for place, pair in enumerate(pairs) if {pair.id_index.hex(), pair.certificate_number} & beyond
    )


def _use(cache: RateCache, limit: _Limit) -> int:
    """Have the use noted under django-ratelimit's key of this limit and time; the seconds until its period ends."""
    cache.uses_at_once = limit.uses
    try:
        usage: dict[str, int] = get_usage(
            None,
            group=limit.group,
            key=lambda _group, _request: limit.value,
            rate=read_rate(limit.rate),
            increment=True,
        )
    finally:
        cache.uses_at_once = 1
    return usage["time_left"]


def _judge_locally(limits: Sequence[_Limit]) -> Judgement:
    """No challenge is taken: whether it was used already can't be known."""
    now = time.monotonic()
    wait = max(_local.count(limit, now) for limit in limits)
    return Judgement(Standing.LIMITED if wait else Standing.FREE, retry_after=wait)
