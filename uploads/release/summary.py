"""汇总表: batches by office, level and occupation, what they add and change, and the counts beside the files (R10, R11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from certificates.levels import level_name
from uploads.models import BatchKind, Release

# 新增, 更正, 撤销, 恢复: what the rows of each kind of batch do to the register.
EFFECTS: tuple[tuple[str, tuple[BatchKind, ...]], ...] = (
    ("新增", (BatchKind.REGULAR, BatchKind.BACKFILL)),
    ("更正", (BatchKind.CORRECTION,)),
    ("撤销", (BatchKind.REVOCATION,)),
    ("恢复", (BatchKind.REINSTATEMENT,)),
)
Five = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office's batch: rows by level (five to one, as the regulation lists them), warnings, total.

    accepted is what the check of the signed file counted, total what lies there to be published now.
    """

    batch_id: int
    office_code: str
    office_name: str
    kind: BatchKind
    declares_no_data: bool
    by_level: Five
    warnings: int
    total: int
    accepted: int

    @property
    def by_effect(self) -> tuple[int, ...]:
        """The rows under 新增, 更正, 撤销 or 恢复."""
        return tuple(self.total if self.kind in kinds else 0 for _, kinds in EFFECTS)

    @property
    def agrees(self) -> bool:
        return self.total == self.accepted


@dataclass(frozen=True, slots=True)
class OccupationLine:
    """One occupation, in all or of one office: rows by level, five to one, and the total."""

    occupation: str
    by_level: Five
    total: int
    office_name: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole table; totals add up over offices, over occupations and over kinds of batches."""

    level_names: tuple[str, ...]
    offices: tuple[OfficeLine, ...]
    occupations: tuple[OccupationLine, ...]
    by_office_and_occupation: tuple[OccupationLine, ...]
    by_level: tuple[int, ...]
    total: int
    warnings: int

    @property
    def by_kind(self) -> tuple[tuple[str, int], ...]:
        """The rows of each kind of batch that is there, in words."""
        rows = {kind: sum(line.total for line in self.offices if line.kind == kind) for kind in BatchKind}
        return tuple((str(kind.label), count) for kind, count in rows.items() if count)

    @property
    def effect_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in EFFECTS)

    @property
    def by_effect(self) -> tuple[int, ...]:
        """新增, 更正, 撤销 and 恢复 in all."""
        return tuple(sum(line.by_effect[place] for line in self.offices) for place in range(len(EFFECTS)))

    @property
    def accepted(self) -> int:
        return sum(line.accepted for line in self.offices)

    @property
    def agrees(self) -> bool:
        """Whether every batch has as many rows as its signed file, and all tables the same total."""
        return all(line.agrees for line in self.offices) and self.total == sum(line.total for line in self.occupations)


_LEVELS = (5, 4, 3, 2, 1)
# Built from the constants above alone.
_BY_LEVEL = ", ".join(f"count(*) FILTER (WHERE s.level = {level})" for level in _LEVELS)


def summarise(release: Release) -> Summary:
    """Count the release's staged rows as they are now."""
    items = release.items.filter(left_at=None)
    return summarise_batches(list(items.values_list("batch_id", flat=True)))


def summarise_batches(batch_ids: Sequence[int]) -> Summary:
    """Count the rows of these batches as they are now, in a release or not yet."""
    chosen = [list(batch_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT b.id, o.code, o.name, b.kind, b.declares_no_data, coalesce(t.warning_count, 0),
                coalesce(t.accepted_count, 0), count(s.row_number), {_BY_LEVEL}
            FROM batch b JOIN office o ON o.code = b.office_id
            LEFT JOIN attempt t ON t.id = b.attempt_id LEFT JOIN staged_row s ON s.attempt_id = b.attempt_id
            WHERE b.id = ANY(%s)
            GROUP BY b.id, o.code, o.name, b.declares_no_data, t.warning_count, t.accepted_count
            ORDER BY o.code COLLATE "C", b.id""",  # noqa: S608
            chosen,
        )
        offices = tuple(
            OfficeLine(batch, code, name, BatchKind(kind), no_data, _five(levels), warnings, total, accepted)
            for batch, code, name, kind, no_data, warnings, accepted, total, *levels in cursor.fetchall()
        )
        cursor.execute(
            f"""SELECT o.name, s.occupation, count(*), {_BY_LEVEL}
            FROM batch b JOIN office o ON o.code = b.office_id JOIN staged_row s ON s.attempt_id = b.attempt_id
            WHERE b.id = ANY(%s)
            GROUP BY o.code, o.name, s.occupation
            ORDER BY o.code COLLATE "C", count(*) DESC, s.occupation COLLATE "C" """,  # noqa: S608
            chosen,
        )
        crossed = tuple(
            OccupationLine(occupation, _five(levels), total, office)
            for office, occupation, total, *levels in cursor.fetchall()
        )
    return Summary(
        level_names=tuple(level_name(level) for level in _LEVELS),
        offices=offices,
        occupations=_by_occupation(crossed),
        by_office_and_occupation=crossed,
        by_level=tuple(sum(line.by_level[place] for line in offices) for place in range(5)),
        total=sum(line.total for line in offices),
        warnings=sum(line.warnings for line in offices),
    )


def totals_of(releases: Iterable[Release]) -> dict[int, tuple[int, int]]:
    """Of each release that holds a batch, the rows and the warnings as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.release_id, count(s.row_number),
                (SELECT coalesce(sum(t.warning_count), 0) FROM release_item j JOIN batch c ON c.id = j.batch_id
                    JOIN attempt t ON t.id = c.attempt_id WHERE j.release_id = i.release_id AND j.left_at IS NULL)
            FROM release_item i JOIN batch b ON b.id = i.batch_id LEFT JOIN staged_row s ON s.attempt_id = b.attempt_id
            WHERE i.release_id = ANY(%s) AND i.left_at IS NULL GROUP BY i.release_id""",
            [[release.id for release in releases]],
        )
        return {number: (rows, int(warnings)) for number, rows, warnings in cursor.fetchall()}


def _by_occupation(crossed: Sequence[OccupationLine]) -> tuple[OccupationLine, ...]:
    """Over all offices, the most frequent occupation first."""
    levels: dict[str, list[int]] = {}
    for line in crossed:
        sums = levels.setdefault(line.occupation, [0] * 5)
        for place, count in enumerate(line.by_level):
            sums[place] += count
    lines = [OccupationLine(occupation, _five(counts), sum(counts)) for occupation, counts in levels.items()]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.occupation)))


def _five(counts: Sequence[int]) -> Five:
    five, four, three, two, one = counts
    return five, four, three, two, one
