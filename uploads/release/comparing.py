"""What stands out in a release against the last half-month's: by office, by occupation and by level (R10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from uploads.models import PeriodDays, Release
from uploads.models.release import IS_PUBLIC, ReleaseKind
from uploads.release.summary import Summary, summarise

# Below this many rows on both sides an occupation comes and goes without meaning anything.
FEW_ROWS = 10
# By so many percentage points a level's share has to move to be pointed out.
SHARE_POINTS = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """One office, occupation or level here and in the release before; None: it wasn't in it."""

    name: str
    before: int | None
    now: int | None

    @property
    def difference(self) -> int:
        return (self.now or 0) - (self.before or 0)

    @property
    def signed_difference(self) -> str:
        return f"{self.difference:+,d}" if self.difference else "0"

    @property
    def is_striking(self) -> bool:
        """Missing on one side, or more than twice or less than half as many."""
        if self.before is None or self.now is None:
            return True
        return self.now > 2 * self.before or 2 * self.now < self.before

    @property
    def remark(self) -> str:
        """Why it is pointed out, or nothing."""
        if self.before is None:
            return "上次没有"
        if self.now is None:
            return "本次没有"
        return "变化较大" if self.is_striking else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """This release beside the last regular publication before it; occupations are only those that stand out."""

    number: str
    offices: tuple[Compared, ...]
    occupations: tuple[Compared, ...]
    levels: tuple[Compared, ...]
    before: int
    now: int

    @property
    def difference(self) -> int:
        return self.now - self.before

    @property
    def signed_difference(self) -> str:
        return f"{self.difference:+,d}" if self.difference else "0"

    @property
    def striking_offices(self) -> tuple[Compared, ...]:
        return tuple(office for office in self.offices if office.is_striking)

    @property
    def striking_levels(self) -> tuple[tuple[str, int, int], ...]:
        """Levels whose share has moved: name, per cent before, per cent now."""
        shares = [
            (level.name, _per_cent(level.before, self.before), _per_cent(level.now, self.now)) for level in self.levels
        ]
        return tuple(share for share in shares if abs(share[2] - share[1]) >= SHARE_POINTS)

    @property
    def stands_out(self) -> bool:
        return bool(self.striking_offices or self.occupations or self.striking_levels)


def compare_with_last(period: PeriodDays, kind: ReleaseKind, summary: Summary) -> Comparison | None:
    """These batches beside those of the last regular release published for an earlier half-month, if any.

    A supplementary release brings the late offices only: those that were on time aren't missing in it, and are left
    out of what it is compared with.
    """
    last = (
        Release.objects.filter(kind=ReleaseKind.REGULAR, state__in=IS_PUBLIC, period_id__lt=period.code)
        .order_by("-period_id", "-id")
        .first()
    )
    if last is None:
        return None
    earlier = summarise(last)
    here = {line.office_name for line in summary.offices}
    names = here | (set() if kind != ReleaseKind.REGULAR else {line.office_name for line in earlier.offices})
    offices = _compared(_by_office(earlier, names), _by_office(summary, names))
    occupations = _compared(_by_occupation(earlier, names), _by_occupation(summary, names))
    levels = zip(summary.level_names, _by_level(earlier, names), _by_level(summary, names), strict=True)
    return Comparison(
        last.number,
        offices=offices,
        occupations=tuple(
            line for line in occupations if line.is_striking and max(line.before or 0, line.now or 0) >= FEW_ROWS
        ),
        levels=tuple(Compared(name, before, now) for name, before, now in levels),
        before=sum(line.before or 0 for line in offices),
        now=sum(line.now or 0 for line in offices),
    )


def _by_office(summary: Summary, names: Iterable[str]) -> dict[str, int]:
    """In the order of the offices' codes."""
    rows: dict[str, int] = {}
    for line in summary.offices:
        if line.office_name in names:
            rows[line.office_name] = rows.get(line.office_name, 0) + line.total
    return rows


def _by_occupation(summary: Summary, names: Iterable[str]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for line in summary.by_office_and_occupation:
        if line.office_name in names:
            rows[line.occupation] = rows.get(line.occupation, 0) + line.total
    return rows


def _by_level(summary: Summary, names: Iterable[str]) -> list[int]:
    lines = [line for line in summary.offices if line.office_name in names]
    return [sum(line.by_level[place] for line in lines) for place in range(5)]


def _compared(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[Compared, ...]:
    names = [*now, *(name for name in before if name not in now)]
    return tuple(Compared(name, before.get(name), now.get(name)) for name in names)


def _per_cent(part: int | None, whole: int) -> int:
    return round(100 * (part or 0) / whole) if whole else 0
