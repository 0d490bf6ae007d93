"""汇总表: a release by office, level and occupation, and the counts beside the batches (R10, R11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from certificates.levels import level_name
from uploads.models import BatchKind, Release


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office's batch in a release: rows by level (five to one, as the regulation lists them), warnings, total."""

    batch_id: int
    office_code: str
    office_name: str
    kind: BatchKind
    declares_no_data: bool
    by_level: tuple[int, int, int, int, int]
    warnings: int
    total: int


@dataclass(frozen=True, slots=True)
class OccupationLine:
    """One occupation in a release: rows by level, five to one, and the total."""

    occupation: str
    by_level: tuple[int, int, int, int, int]
    total: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole table; totals add up over offices, over occupations and over kinds of batches."""

    level_names: tuple[str, ...]
    offices: tuple[OfficeLine, ...]
    occupations: tuple[OccupationLine, ...]
    by_level: tuple[int, ...]
    total: int
    warnings: int

    @property
    def by_kind(self) -> tuple[tuple[str, int], ...]:
        """The rows of each kind of batch that is there, in words."""
        rows = {kind: sum(line.total for line in self.offices if line.kind == kind) for kind in BatchKind}
        return tuple((str(kind.label), count) for kind, count in rows.items() if count)


_LEVELS = (5, 4, 3, 2, 1)
# Built from the constants above alone.
_BY_LEVEL = ", ".join(f"count(*) FILTER (WHERE s.level = {level})" for level in _LEVELS)


def summarise(release: Release) -> Summary:
    """Count the release's staged rows as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT b.id, o.code, o.name, b.kind, b.declares_no_data, coalesce(t.warning_count, 0), count(s.row_number),
                {_BY_LEVEL}
            FROM release_item i JOIN batch b ON b.id = i.batch_id JOIN office o ON o.code = b.office_id
            LEFT JOIN attempt t ON t.id = b.attempt_id LEFT JOIN staged_row s ON s.attempt_id = b.attempt_id
            WHERE i.release_id = %s AND (i.left_at IS NULL)
            GROUP BY b.id, o.code, o.name, b.declares_no_data, t.warning_count ORDER BY o.code COLLATE "C", b.id""",  # noqa: S608
            [release.id],
        )
        offices = tuple(
            OfficeLine(batch, code, name, BatchKind(kind), no_data, _five(levels), warnings, total)
            for batch, code, name, kind, no_data, warnings, total, *levels in cursor.fetchall()
        )
        cursor.execute(
            f"""SELECT s.occupation, count(*), {_BY_LEVEL}
            FROM release_item i JOIN batch b ON b.id = i.batch_id JOIN staged_row s ON s.attempt_id = b.attempt_id
            WHERE i.release_id = %s AND i.left_at IS NULL
            GROUP BY s.occupation ORDER BY count(*) DESC, s.occupation COLLATE "C" """,  # noqa: S608
            [release.id],
        )
        occupations = tuple(
            OccupationLine(occupation, _five(levels), total) for occupation, total, *levels in cursor.fetchall()
        )
    return Summary(
        level_names=tuple(level_name(level) for level in _LEVELS),
        offices=offices,
        occupations=occupations,
        by_level=tuple(sum(line.by_level[place] for line in offices) for place in range(5)),
        total=sum(line.total for line in offices),
        warnings=sum(line.warnings for line in offices),
    )


def _five(counts: Sequence[int]) -> tuple[int, int, int, int, int]:
    five, four, three, two, one = counts
    return five, four, three, two, one
