"""What stands in Python and in SQL says the same."""

import re

import pytest
from django.db import connection

from tests.databases import PROJECT
from uploads.models import RequiredSignature, Transition
from uploads.refusals import SENTENCES
from uploads.signoff.capacities import REQUIRED, Required
from uploads.signoff.states import MOVES, Move

pytestmark = pytest.mark.django_db


def test_the_state_machine_is_the_same_in_python_and_in_sql() -> None:
    stored = {Move(row.subject, row.from_state, row.to_state, row.by_function) for row in Transition.objects.all()}
    assert stored == set(MOVES)


def test_the_required_signatures_are_the_same_in_python_and_in_sql() -> None:
    stored = {
        Required(row.subject, row.way_in, row.ordinal, row.capacity, row.is_publisher)
        for row in RequiredSignature.objects.all()
    }
    assert stored == set(REQUIRED)


def test_every_refusal_of_the_database_has_a_chinese_sentence_and_every_sentence_a_refusal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE pronamespace = 'certlookup'::regnamespace")
        sources = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'never_changes'"
        )
        keys = {f"{row[0]}_never_changes" for row in cursor.fetchall()}
    for source in sources:
        keys |= set(re.findall(r"refuse\('([a-z_]+)'", source))
    python = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "uploads").rglob("*.py"))
    raised = set(re.findall(r'Refusal\("([a-z_]+)"', python))
    assert keys <= set(SENTENCES)
    assert set(SENTENCES) <= keys | raised


def test_a_capacity_has_one_name_in_python_and_in_the_grants() -> None:
    assert {required.capacity for required in REQUIRED} <= {
        "city_operator", "city_director", "provincial_operator", "department_head", "deputy_director",
        "network_administrator",
    }  # fmt: skip
