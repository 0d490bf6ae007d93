"""What the check found in one file, as staff read it: by rule with counts, then row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from uploads.intake.rules import RULES
from uploads.models import Attempt, Change, Precheck, PrecheckProblem, RowProblem

SEVERITIES = {"error": ("错误", "bad"), "warning": ("提醒", "warn"), "note": ("说明", "")}
_ORDER = tuple(SEVERITIES)
# The example comes by the index of rules: sorting all findings for it would take longer than counting them.
_COUNT_BY_RULE = """
    SELECT counted.rule, counted.severity, counted.field, findings, row_count, example."column", example.message
    FROM (
        SELECT rule, severity, field, count(*) AS findings, count(DISTINCT row_number) AS row_count
        FROM {table} WHERE {of} = %(of)s GROUP BY rule, severity, field) counted
    CROSS JOIN LATERAL (
        SELECT p."column", p.message FROM {table} p
        WHERE p.{of} = %(of)s AND p.rule = counted.rule AND p.field = counted.field
        ORDER BY p.row_number, p.id LIMIT 1) example"""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule's findings in one field of a file, and in how many rows; example is the first one's sentence."""

    rule: str
    severity: str
    label: str
    tone: str
    field: str
    column: str
    findings: int
    rows: int
    example: str

    @property
    def is_of_file(self) -> bool:
        return is_of_file(self.rule, self.field)


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """How many findings weigh that much."""

    severity: str
    label: str
    tone: str
    findings: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; row_number is the spreadsheet's own. change says what became of it since the file before."""

    row_number: int
    is_of_file: bool
    column: str
    rule: str
    label: str
    tone: str
    message: str
    change: str = ""


def is_of_file(rule: str, field: str) -> bool:
    """Whether a finding is about the file and no row of it; one of a missing column names that column's field."""
    return field == "file" or RULES[rule].field == "file"


def count_by_rule(attempt: Attempt | Precheck) -> list[RuleCount]:
    """The file's findings by rule and field: errors first, then the most frequent."""
    table, of = ("row_problem", "attempt_id") if isinstance(attempt, Attempt) else ("precheck_problem", "precheck_id")
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_BY_RULE.format(table=table, of=of), {"of": attempt.id})
        counted = cursor.fetchall()
    lines = [
        RuleCount(
            rule=rule,
            severity=severity,
            label=SEVERITIES[severity][0],
            tone=SEVERITIES[severity][1],
            field=field,
            column=column,
            findings=findings,
            rows=0 if is_of_file(rule, field) else rows,
            example=example,
        )
        for rule, severity, field, findings, rows, column, example in counted
    ]
    return sorted(lines, key=lambda line: (_ORDER.index(line.severity), -line.findings, line.rule, line.field))


def count_by_severity(lines: Sequence[RuleCount]) -> list[SeverityCount]:
    """The findings by weight, all three kinds, zeros included."""
    return [
        SeverityCount(severity, label, tone, sum(line.findings for line in lines if line.severity == severity))
        for severity, (label, tone) in SEVERITIES.items()
    ]


def find_problems(
    attempt: Attempt | Precheck,
    *,
    rule: str = "",
    severity: str = "",
    field: str = "",
    rows: tuple[int, int] | None = None,
    change: str = "",
) -> "QuerySet[RowProblem] | QuerySet[PrecheckProblem]":
    """The file's findings that fit all that is given, in the order of the rows; rows is the first and the last.

    With change, those that became so since the file before; the ones that are gone stand in that file.
    """
    wanted = Q()
    if rule:
        wanted &= Q(rule=rule)
    if severity:
        wanted &= Q(severity=severity)
    if field:
        wanted &= Q(field=field)
    if rows is not None:
        wanted &= Q(row_number__range=rows)
    if not change or isinstance(attempt, Precheck):
        return attempt.problems.filter(wanted).order_by("row_number", "id")
    changed = RowProblem.objects.filter(wanted, changes__attempt=attempt, changes__change=change)
    return changed.order_by("changes__row_number", "changes__problem")


def changes_of(attempt: Attempt, problems: Sequence[RowProblem]) -> dict[int, str]:
    """What became of these findings since the file before, in a word; empty where nothing was compared."""
    known = attempt.changes.filter(
        change__in=Change.values,
        row_number__in={problem.row_number for problem in problems},
        problem__in=[problem.id for problem in problems],
    )
    return {problem: str(Change(change).label) for problem, change in known.values_list("problem_id", "change")}


def shown(problem: RowProblem | PrecheckProblem, change: str = "") -> Finding:
    """A finding with its severity in words."""
    label, tone = SEVERITIES[problem.severity]
    return Finding(
        row_number=problem.row_number,
        is_of_file=is_of_file(problem.rule, problem.field),
        column=problem.column,
        rule=problem.rule,
        label=label,
        tone=tone,
        message=problem.message,
        change=change,
    )
