"""docs/settings.md names every variable that the settings read, and no other."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = (
    "certlookup/settings.py",
    "certlookup/gunicorn.py",
    "certlookup/launcher.py",
    "certlookup/postgres/binaries.py",
    "uploads/management/commands/set_up_demo.py",
)


def variables_read() -> set[str]:
    found = set()
    for source in SOURCES:
        text = (PROJECT / source).read_text(encoding="utf-8")
        found |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
        found |= set(re.findall(r'environ(?:\.get)?[\[(]"([A-Z_]+)"', text))
        found |= set(re.findall(r'"(DATABASE_[A-Z]*_?URL)"', text))
    return found


def variables_documented() -> set[str]:
    text = (PROJECT / "docs/settings.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    return {name for row in rows[1:] for name in re.findall(r"[A-Z][A-Z_]+", row)}


def test_every_variable_that_is_read_is_documented() -> None:
    assert variables_read() - variables_documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert variables_documented() - variables_read() == set()
