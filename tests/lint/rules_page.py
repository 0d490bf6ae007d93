"""docs/rules.md as the registry of rules would have it: python -m tests.lint.rules_page > docs/rules.md."""

from uploads.intake.rules import LENIENT_IN_BACKFILL, RULES

HEAD = """# What is checked on a file's way in

Every finding names one of these numbers, on the page and in `check_file --json`. A number keeps its meaning for ever.
An error refuses the row (or, with the field `file`, the whole file); a warning can be signed, and every signer sees it;
a note asks for nothing. Words in {braces} are filled in.

This page is written from uploads/intake/rules.py by `.venv/bin/python -m tests.lint.rules_page > docs/rules.md`, and a
test holds the two equal.

| number | weight | field | what it says | in English |
| --- | --- | --- | --- | --- |
"""


def rules_page() -> str:
    """The whole page."""
    lines = []
    for rule in sorted(RULES.values(), key=lambda rule: rule.number):
        weight = rule.severity.value
        if rule.number in LENIENT_IN_BACKFILL:
            weight += "; a warning in backfill"
        if rule.explained:
            weight += ", explained before signing"
        cells = (rule.number, weight, rule.field, rule.zh, rule.en)
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    print(rules_page(), end="")
