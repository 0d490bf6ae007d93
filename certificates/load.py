"""How the public site is used: misses, patterns of scraping, sudden load, for the staff's system page.

Each web process counts in memory and adds its counts to the database once a second, beside the requests: the day's counts
go through the log, and a lookup that told them waited for the disk, behind a publication for many times its own time. Hits
and misses go to the day's counts as well (LookupCount). An address is stored only where it is conspicuous.
"""

import json
import logging
import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from django.db import Error
from django.db.models import Max, Sum

from certificates.models import LookupMinute, LookupPattern, NotedAddress
from certlookup.databases import current_connection, primary_is_away, public_site
from certlookup.statements import run_prepared

log = logging.getLogger(__name__)

_NOTE = "SELECT note_lookups(%s::jsonb, %s::jsonb)"
# Of one address in one hour and one process: fewer are people who mistype.
_MISSES_WORTH_NOTING = 20
# Certificate numbers this near to the one before, so often in a row, are tried one after the other.
_STEP, _STEPS_WORTH_NOTING = 20, 8
_WATCHED_AT_MOST = 10_000

KEEP = timedelta(days=8)
_SLICE_MINUTES = 5
_SUDDEN_TIMES, _SUDDEN_AT_LEAST = 5, 150
_MISSES_SHARE, _MISSES_FROM = 0.5, 100
_SHOWN = 20


@dataclass(slots=True)
class _Watched:
    """What this process saw of one address in this hour."""

    hour: int
    misses: int = 0
    last_number: int = 0
    steps: int = 0


class Tally:
    """Counts of this process that the database hasn't been told yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin with nothing."""
        with self._lock:
            self._minutes: dict[int, Counter[str]] = {}
            self._addresses: Counter[tuple[int, str, str]] = Counter()
            self._watched: OrderedDict[str, _Watched] = OrderedDict()

    def _count(self, what: str, times: int = 1) -> None:
        minute = int(time.time()) // 60
        counts = self._minutes.get(minute)
        if counts is None:
            counts = self._minutes[minute] = Counter()
        counts[what] += times

    def looked_up(self, times: int) -> None:
        """So many lookups are asked for."""
        with self._lock:
            self._count("lookups", times)

    def found(self, times: int = 1) -> None:
        """So many lookups found their certificate."""
        with self._lock:
            self._count("hits", times)

    def challenged(self) -> None:
        """One request was answered by a challenge."""
        with self._lock:
            self._count("challenged")

    def limited(self) -> None:
        """One request was answered by nothing but 'later'."""
        with self._lock:
            self._count("limited")

    def noted(self, address: str, pattern: LookupPattern) -> None:
        """An address is conspicuous."""
        with self._lock:
            self._note(address, pattern)

    def missed(self, address: str, certificate_number: str) -> None:
        """A lookup found nothing; noted where the address does so again and again, or number by number."""
        number = int(certificate_number) if certificate_number.isascii() and certificate_number.isdigit() else 0
        with self._lock:
            self._count("misses")
            watched = self._watch(address)
            watched.misses += 1
            near = 0 < abs(number - watched.last_number) <= _STEP
            watched.steps = watched.steps + 1 if near else 0
            watched.last_number = number
            if watched.misses >= _MISSES_WORTH_NOTING:
                first = watched.misses == _MISSES_WORTH_NOTING
                self._note(address, LookupPattern.MISSES, _MISSES_WORTH_NOTING if first else 1)
            if watched.steps >= _STEPS_WORTH_NOTING:
                first = watched.steps == _STEPS_WORTH_NOTING
                self._note(address, LookupPattern.SEQUENCE, _STEPS_WORTH_NOTING if first else 1)

    def _note(self, address: str, pattern: LookupPattern, times: int = 1) -> None:
        hour = int(time.time()) // 3600
        if len(self._addresses) < _WATCHED_AT_MOST:
            self._addresses[hour, address, pattern.value] += times

    def _watch(self, address: str) -> _Watched:
        hour = int(time.time()) // 3600
        watched = self._watched.get(address)
        if watched is None or watched.hour != hour:
            watched = self._watched[address] = _Watched(hour)
        self._watched.move_to_end(address)
        if len(self._watched) > _WATCHED_AT_MOST:
            self._watched.popitem(last=False)
        return watched

    def take(self) -> tuple[str, list[str]] | None:
        """The statement that tells the database, and its parameters; None where nothing is counted. They are told once."""
        with self._lock:
            if not (self._minutes or self._addresses):
                return None
            minutes, self._minutes = self._minutes, {}
            addresses, self._addresses = self._addresses, Counter()
        kinds = ("lookups", "hits", "misses", "challenged", "limited")
        told = [
            {"minute": _moment(minute * 60), **{kind: counts[kind] for kind in kinds}}
            for minute, counts in minutes.items()
        ]
        noted = [
            {"hour": _moment(hour * 3600), "address": address, "pattern": pattern, "count": count}
            for (hour, address, pattern), count in addresses.items()
        ]
        return _NOTE, [json.dumps(told), json.dumps(noted)]


def tell_beside() -> None:
    """Tell the database what this process has counted: beside the requests, once a second and when the process ends.

    A failure is logged. While the primary is away the counts are kept for it.
    """
    if primary_is_away() or not (taken := tally.take()):
        return
    with public_site():
        try:
            run_prepared(current_connection(), *taken)
        except Error:
            log.exception("The counts of lookups could not be written; those of the last second are lost.")


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


tally = Tally()


@dataclass(frozen=True, slots=True)
class NotedLine:
    """A conspicuous address of the last day, what is conspicuous, how often, and when last."""

    address: str
    pattern: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LookupLoad:
    """The last hour in figures, the last minutes beside what is usual, and conspicuous addresses of the last day."""

    lookups: int
    misses: int
    challenged: int
    limited: int
    lately: int
    usual: int
    addresses: tuple[NotedLine, ...]
    more_addresses: int

    @property
    def miss_percent(self) -> int:
        """Misses among the lookups of the last hour."""
        return round(100 * self.misses / self.lookups) if self.lookups else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unusual, each as a sentence."""
        warnings = []
        if self.lately >= max(_SUDDEN_AT_LEAST, _SUDDEN_TIMES * self.usual):
            warnings.append(
                f"最近 {_SLICE_MINUTES} 分钟有 {self.lately} 次查询，平时约 {self.usual} 次。请看是否有程序在成批查询。"
            )
        if self.lookups >= _MISSES_FROM and self.misses > _MISSES_SHARE * self.lookups:
            warnings.append(
                f"最近 1 小时有 {self.miss_percent}% 的查询没有查到：可能有人在试探号码，也可能有一批数据没有上网。"
            )
        if self.addresses:
            lines = len(self.addresses) + self.more_addresses
            warnings.append(f"最近 24 小时有 {lines} 项异常的查询记录，见“异常的网络地址”。")
        return tuple(warnings)


def lookup_load(now: datetime) -> LookupLoad:
    """What the staff's system page shows of the public site's use."""
    hour = LookupMinute.objects.filter(minute__gt=now - timedelta(hours=1)).aggregate(
        **{kind: Sum(kind, default=0) for kind in ("lookups", "misses", "challenged", "limited")}
    )
    lately, usual = _lately(now)
    noted = (
        NotedAddress.objects.filter(hour__gt=now - timedelta(days=1, hours=1))
        .values("address", "pattern")
        .annotate(times=Sum("count"), last=Max("last_at"))
        .order_by("-times", "address", "pattern")
    )
    lines = [
        NotedLine(line["address"], LookupPattern(line["pattern"]).label, line["times"], line["last"]) for line in noted
    ]
    return LookupLoad(
        **hour, lately=lately, usual=usual, addresses=tuple(lines[:_SHOWN]), more_addresses=len(lines[_SHOWN:])
    )


def _lately(now: datetime) -> tuple[int, int]:
    """Lookups of the last minutes, and the median of all such slices of the day before."""
    slices: Counter[int] = Counter()
    rows = LookupMinute.objects.filter(minute__gt=now - timedelta(days=1)).values_list("minute", "lookups")
    for minute, lookups in rows:
        slices[int((now - minute).total_seconds() // (60 * _SLICE_MINUTES))] += lookups
    before = [slices[place] for place in range(1, 24 * 60 // _SLICE_MINUTES)]
    return slices[0] + slices[-1], round(median(before))


def forget_old_load(now: datetime) -> None:
    """Delete what is older than a week and a day."""
    LookupMinute.objects.filter(minute__lt=now - KEEP).delete()
    NotedAddress.objects.filter(hour__lt=now - KEEP).delete()
