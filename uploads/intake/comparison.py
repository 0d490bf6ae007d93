"""A file compared with the one before: which problems are gone, new, left. Matched row by row, whatever their numbers.

Rows are paired by certificate number, then by ID number, then by their other cells (uploads/intake/rowkeys.py); in a
pair, a finding of the same rule in the same field is the same finding. Totals add up: before = gone + left, now = new +
left.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from uploads.models import Attempt, AttemptState, Change, ProblemChange

# Which bytes of a key pair the rows, and which rows, first to last. Other cells say little where people's data are alike:
# they count only where one side has neither number.
_NO_NUMBER = f"substring(key FROM 1 FOR 32) = decode('{'00' * 32}', 'hex')"
# Found in many rows and told in one: known by what it says, not by the row, and not by how many there are.
ONE_ROW_FOR_ALL = "只在第一行列出"
_PASSES = ((1, "true", "true"), (17, "true", "true"), (33, _NO_NUMBER, "true"), (33, "true", _NO_NUMBER))
_LENGTH = 16


def _pairing(number: int, first: int, of_before: str, of_now: str) -> str:
    """One pass as common table expressions: pairs of rows, and what is left on both sides for the next pass."""
    mark = f"substring(key FROM {first} FOR {_LENGTH})"

    def numbered(side: str, which: str) -> str:
        return (
            f"SELECT row_number, {mark} AS mark, row_number() OVER (PARTITION BY {mark} ORDER BY row_number) AS place "
            f"FROM {side}{number} WHERE {mark} <> decode('{'00' * _LENGTH}', 'hex') AND {which}"
        )

    return f"""
    pair{number} AS MATERIALIZED (
        SELECT b.row_number AS before_row, n.row_number AS now_row
        FROM ({numbered("before", of_before)}) b JOIN ({numbered("now", of_now)}) n USING (mark, place)),
    before{number + 1} AS MATERIALIZED (
        SELECT * FROM before{number} WHERE NOT EXISTS (SELECT FROM pair{number} WHERE before_row = row_number)),
    now{number + 1} AS MATERIALIZED (
        SELECT * FROM now{number} WHERE NOT EXISTS (SELECT FROM pair{number} WHERE now_row = row_number)),"""


def _rows(side: str) -> str:
    return f"""
    {side}1 AS MATERIALIZED (
        SELECT DISTINCT row_number, row_key AS key FROM row_problem
        WHERE attempt_id = %({side})s AND row_key IS NOT NULL),"""


def _findings(side: str) -> str:
    """A side's findings, each with what it is known by: the pair of its row, or for the file its sentence."""
    return f"""
    {side}_findings AS MATERIALIZED (
        SELECT *, row_number() OVER (PARTITION BY rule, known_by ORDER BY id) AS place FROM (
            SELECT p.id, p.rule, p.row_number, p.field || CASE
                WHEN p.row_key IS NULL OR p.message LIKE '%%{ONE_ROW_FOR_ALL}%%'
                    THEN regexp_replace(p.message, '（共 [^）]*）', '')
                WHEN pair.now_row IS NULL THEN ' {side} ' || p.row_number
                ELSE ' in ' || pair.now_row END AS known_by
            FROM row_problem p LEFT JOIN pair ON p.row_key IS NOT NULL AND pair.{side}_row = p.row_number
            WHERE p.attempt_id = %({side})s) known)"""


COMPARE = (
    "WITH"
    + _rows("before")
    + _rows("now")
    + "".join(_pairing(number, *part) for number, part in enumerate(_PASSES, 1))
    + f"""
    pair AS MATERIALIZED (
        {" UNION ALL ".join(f"SELECT before_row, now_row FROM pair{number}" for number in range(1, len(_PASSES) + 1))}),"""
    + _findings("before")
    + ","
    + _findings("now")
    + """
    INSERT INTO problem_change (attempt_id, problem_id, change, rule, row_number)
    SELECT %(now)s, coalesce(n.id, b.id),
        CASE WHEN b.id IS NULL THEN 'new' WHEN n.id IS NULL THEN 'gone' ELSE 'left' END,
        coalesce(n.rule, b.rule), coalesce(n.row_number, b.row_number)
    FROM before_findings b FULL JOIN now_findings n
        ON b.rule = n.rule AND b.known_by = n.known_by AND b.place = n.place"""
)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What became of one rule's findings."""

    rule: str
    gone: int
    new: int
    left: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file beside the one before. readable: whether there were findings to compare; same_file: byte for byte."""

    before: Attempt
    readable: bool
    same_file: bool
    gone: int
    new: int
    left: int
    rules: tuple[RuleChange, ...]


def previous_of(attempt: Attempt) -> Attempt | None:
    """The batch's file before this one."""
    earlier = Attempt.objects.filter(batch_id=attempt.batch_id, number__lt=attempt.number)
    return earlier.order_by("-number").first()


def compare_with_previous(attempt: Attempt) -> None:
    """Note which findings are new, left and gone, if the file before was read. The attempt has to be in 'checking'."""
    before = previous_of(attempt)
    if before is None or before.state != AttemptState.CHECKED:
        return
    with connection.cursor() as cursor:
        # The planner knows nothing yet of rows that came in this transaction; a nested loop over them takes hours.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        cursor.execute(COMPARE, {"before": before.id, "now": attempt.id})
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")


def comparison_of(attempt: Attempt) -> Comparison | None:
    """What became of the findings of the file before; None for a batch's first file."""
    before = previous_of(attempt)
    if before is None:
        return None
    counted = ProblemChange.objects.filter(attempt=attempt).values_list("rule", "change").annotate(Count("id"))
    rules: dict[str, dict[str, int]] = {}
    for rule, change, findings in counted:
        rules.setdefault(rule, {})[change] = findings
    lines = tuple(
        RuleChange(rule, found.get(Change.GONE, 0), found.get(Change.NEW, 0), found.get(Change.LEFT, 0))
        for rule, found in sorted(rules.items())
    )
    return Comparison(
        before=before,
        readable=before.state == AttemptState.CHECKED,
        same_file=bytes(before.file_digest) == bytes(attempt.file_digest),
        gone=sum(line.gone for line in lines),
        new=sum(line.new for line in lines),
        left=sum(line.left for line in lines),
        rules=lines,
    )
