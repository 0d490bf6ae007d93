"""What the check found in one file, as staff read it: by rule with counts, then row by row."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from uploads.models import Attempt, Precheck, PrecheckProblem, RowProblem

SEVERITIES = {"error": ("错误", "bad"), "warning": ("提醒", "warn"), "note": ("说明", "")}
_ORDER = tuple(SEVERITIES)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule's findings in a file; example is the first one's sentence."""

    rule: str
    severity: str
    label: str
    tone: str
    field: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; row_number is the spreadsheet's own."""

    row_number: int
    is_of_file: bool
    column: str
    rule: str
    label: str
    tone: str
    message: str


def count_by_rule(attempt: Attempt | Precheck) -> list[RuleCount]:
    """The file's findings by rule: errors first, then the most frequent."""
    counted = attempt.problems.values("rule", "severity", "field").annotate(rows=Count("id"))
    examples = dict(
        attempt.problems.order_by("rule", "row_number", "id").distinct("rule").values_list("rule", "message")
    )
    lines = [
        RuleCount(
            rule=row["rule"],
            severity=row["severity"],
            label=SEVERITIES[row["severity"]][0],
            tone=SEVERITIES[row["severity"]][1],
            field=row["field"],
            rows=row["rows"],
            example=examples[row["rule"]],
        )
        for row in counted
    ]
    return sorted(lines, key=lambda line: (_ORDER.index(line.severity), -line.rows, line.rule))


def find_problems(
    attempt: Attempt | Precheck, *, rule: str = "", severity: str = "", row_number: int | None = None
) -> "QuerySet[RowProblem] | QuerySet[PrecheckProblem]":
    """The file's findings that fit all that is given, in the order of the rows."""
    wanted = Q()
    if rule:
        wanted &= Q(rule=rule)
    if severity:
        wanted &= Q(severity=severity)
    if row_number is not None:
        wanted &= Q(row_number=row_number)
    return attempt.problems.filter(wanted).order_by("row_number", "id")


def shown(problem: RowProblem | PrecheckProblem) -> Finding:
    """A finding with its severity in words."""
    label, tone = SEVERITIES[problem.severity]
    return Finding(
        row_number=problem.row_number,
        is_of_file=problem.field == "file",
        column=problem.column,
        rule=problem.rule,
        label=label,
        tone=tone,
        message=problem.message,
    )
