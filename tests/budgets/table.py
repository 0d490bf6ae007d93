"""docs/budgets.md: how many queries each page and each deed may cost, and the comparison with what they do cost."""

from collections.abc import Mapping

import pytest

from tests.databases import PROJECT

PAGE = PROJECT / "docs" / "budgets.md"
AGAIN = "python -m pytest tests/budgets tests/attacks --print-budgets"


def hold(section: str, costs: Mapping[str, int], request: pytest.FixtureRequest) -> None:
    """The section of the document names exactly these, with exactly these numbers; written anew if that is asked for."""
    if request.config.getoption("--print-budgets"):
        _write(section, costs)
    written = _read(section)
    differences = [
        _difference(name, written.get(name), costs.get(name)) for name in [*costs, *(written.keys() - costs.keys())]
    ]
    found = [difference for difference in differences if difference]
    assert not found, f"docs/budgets.md, {section}, says otherwise ({AGAIN} writes it anew):\n" + "\n".join(found)


def _difference(name: str, budget: int | None, cost: int | None) -> str:
    if budget == cost:
        return ""
    if budget is None:
        return f"{name} has no budget; it costs {cost}"
    if cost is None:
        return f"{name} has a budget and isn't there"
    more = "more than" if cost > budget else "less than"
    return f"{name} costs {cost}, {more} its {budget}"


def _parts(text: str) -> tuple[str, list[str]]:
    head, *sections = text.split("\n## ")
    return head, sections


def _read(section: str) -> dict[str, int]:
    """The rows of a section's table."""
    _, sections = _parts(PAGE.read_text(encoding="utf-8"))
    [text] = [text for text in sections if text.partition("\n")[0] == section]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")][2:]
    return {name: int(cost) for name, cost in rows}


def _write(section: str, costs: Mapping[str, int]) -> None:
    head, sections = _parts(PAGE.read_text(encoding="utf-8"))
    for place, text in enumerate(sections):
        if text.partition("\n")[0] == section:
            above = text.partition("\n| ")[0]
            rows = "\n".join(f"| {name} | {cost} |" for name, cost in costs.items())
            sections[place] = f"{above}\n| what | queries |\n| --- | --- |\n{rows}\n"
    PAGE.write_text("\n## ".join([head, *(text.rstrip("\n") + "\n" for text in sections)]), encoding="utf-8")
