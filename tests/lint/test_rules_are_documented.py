"""docs/rules.md says what the registry of rules says."""

from pathlib import Path

from tests.lint.rules_page import rules_page

PROJECT = Path(__file__).resolve().parents[2]


def test_the_page_of_rules_is_the_registry_s() -> None:
    page = (PROJECT / "docs/rules.md").read_text(encoding="utf-8")
    assert page == rules_page(), "python -m tests.lint.rules_page > docs/rules.md"
