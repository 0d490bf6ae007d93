"""The findings of a file as its page shows them: filtered, by page."""

from collections.abc import Sequence
from typing import cast

from uploads.intake.findings_shown import RuleCount, changes_of, count_by_severity, find_problems, shown
from uploads.models import Attempt, Change, Precheck, RowProblem
from uploads.pages.forms.findings import ProblemFilterForm
from uploads.pages.frame import StaffRequest
from uploads.pages.paging import turn_pages

PROBLEMS_PER_PAGE = 50


def findings_context(
    request: StaffRequest, checked: Attempt | Precheck, rules: Sequence[RuleCount], *, compared: bool = False
) -> dict[str, object]:
    """What _findings.html takes; compared: whether there is a file before, in which the findings that are gone stand."""
    filters = ProblemFilterForm(request.GET, rules=rules, compared=compared)
    chosen = filters.chosen
    turned = turn_pages(request, find_problems(checked, **chosen), PROBLEMS_PER_PAGE)
    problems = list(turned["page"])  # type: ignore[call-overload]
    changes: dict[int, str] = {}
    if compared and isinstance(checked, Attempt):
        changes = changes_of(checked, cast("Sequence[RowProblem]", problems))
    return {
        "filters": filters,
        "shows_gone": chosen["change"] == Change.GONE,
        "findings": [shown(problem, changes.get(problem.id, "")) for problem in problems],
        "severities": count_by_severity(rules),
        "total": sum(line.findings for line in rules),
        **turned,
    }
