"""Each deed of tests/attacks/deeds.py leaves the one entry that docs/audited.md names: who, as what, when, from where, on what."""

from contextlib import suppress

import pytest
from django.db import connection

from tests.attacks.deed import Deed
from tests.attacks.deeds import PAGE, Deeds
from uploads.models import AuditEntry, Capacity
from uploads.oversight.wording import SUBJECTS, action_label
from uploads.refusals import Refusal

HEAD = """# What is recorded

What is done and refused, each with the entry that it leaves in the audit. Every entry has the person with the staff number, the capacity, the
database's clock, the address, the subject and the outcome; before a login the subject is the account that is named, and
what the worker or a command does names nobody unless it carries out somebody's order. A view is recorded once a day for each
person and subject. Pages that show somebody's record without being named here are found by
tests/attacks/test_whoever_looks_is_recorded.py, which opens all of them.

The table is printed by `python -m pytest tests/attacks --print-permissions`; a test does each of these and compares.

"""


def clock() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def entry_of(deed: Deed) -> AuditEntry:
    """Does it, and gives the entry, which is the last one, is right in every column and stands in the chain."""
    before, begun = AuditEntry.objects.count(), clock()
    with suppress(Refusal):
        deed.do()
    entry = AuditEntry.objects.order_by("-number").filter(action=deed.action).first()
    assert entry is not None, deed.words
    assert entry.number > before, deed.words
    assert begun < entry.recorded_at < clock(), deed.words
    assert (entry.subject_kind, entry.outcome) == (deed.subject, "refused" if deed.refused else "done"), deed.words
    assert not deed.refused or entry.detail["reason"], deed.words
    person = deed.by.person if deed.by else None
    assert entry.person_id == (person.pk if person else None), deed.words
    assert entry.staff_number == (person.staff_number if person else ""), deed.words
    assert entry.capacity == (str(deed.by.capacity) if deed.by else ""), deed.words
    expected = deed.by.address if deed.by else ("127.0.0.1" if deed.action.startswith("login") else "")
    assert entry.address == expected, deed.words
    assert entry.subject_id or deed.subject in {"", "audit", "installation"} or deed.action == "reviews.viewed", (
        deed.words
    )
    return entry


@pytest.mark.django_db
def test_every_deed_leaves_the_entry_that_the_table_names(request: pytest.FixtureRequest) -> None:
    lines = [["事项", "办理人", "审计", "对象", "结果"], ["---"] * 5]
    for deed in Deeds():
        entry = entry_of(deed)
        capacity = str(Capacity(entry.capacity).label) if entry.capacity else "本人" if entry.person_id else "–"
        outcome = "被拒绝" if deed.refused else "成功"
        subject = SUBJECTS.get(deed.subject, "–")
        lines.append([deed.words, capacity, f"{action_label(entry.action)} `{entry.action}`", subject, outcome])
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    if request.config.getoption("--print-permissions"):
        PAGE.write_text(HEAD + table + "\n", encoding="utf-8")
    written = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line.startswith("|")] == table.splitlines()
