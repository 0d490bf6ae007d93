"""Checks entries of the audit trail that were exported, with Python's standard library alone and without trusting the site.

    python3 verify_audit_export.py entries.jsonl [--chain chain.jsonl] [--head HEX]

entries.jsonl is an export of the audit page (JSON lines), or the file of that name in an incident's evidence bundle;
chain.jsonl is the bundle's chain from the first of its entries to the newest of the trail, with the others' contents as
hashes only. HEX is a state of the chain as you know it from elsewhere, the audit chain printed on a signed summary for
example: it has to stand in what is checked. Every entry's content is hashed anew, then every link.

Exit status 0 if all holds, 1 if anything doesn't, 2 if the files aren't such files.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

HASHED = ("number", "recorded_at", "person_id", "staff_number", "capacity", "address", "action", "subject_kind",
          "subject_id", "outcome", "detail", "database_role")  # fmt: skip
GENESIS = hashlib.sha256(b"certlookup-audit-1").hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def lines(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def content_of(entry: dict) -> str:
    values = ["certlookup-audit-1", *(entry[name] for name in HASHED)]
    return sha256(json.dumps(values, ensure_ascii=False).encode())


def check_links(entries: Iterator[dict], seen: dict[int, tuple[str, str]], *, gaps: bool) -> Iterator[str]:
    """Each line's own hash, and that it follows the line before; fills seen with content and hash by number."""
    number, before = 0, GENESIS
    for entry in entries:
        own = int(entry["number"])
        if own <= number:
            yield f"Entry {own} is out of order."
        elif own == number + 1 and entry["previous"] != before:
            yield f"Entry {own} does not follow entry {number}."
        elif own != number + 1 and number and not gaps:
            yield f"Entry {number + 1} is missing."
        if "detail" in entry and content_of(entry) != entry["content"]:
            yield f"Entry {own} was changed."
        if sha256(bytes.fromhex(entry["previous"]) + bytes.fromhex(entry["content"])) != entry["hash"]:
            yield f"The hash of entry {own} is not the one of its content."
        number, before = own, entry["hash"]
        seen[own] = (entry["content"], entry["hash"])


def check(entries: Path, chain: Path | None, head: str) -> tuple[list[str], dict[int, tuple[str, str]], int]:
    """What doesn't hold, the links that were checked, and how many entries there are in full."""
    seen: dict[int, tuple[str, str]] = {}
    wrong = list(check_links(lines(entries), seen, gaps=True))
    count, linked = len(seen), seen
    if chain is not None:
        linked = {}
        wrong += check_links(lines(chain), linked, gaps=False)
        wrong += [f"Entry {number} is not in the chain." for number in seen if linked.get(number) != seen[number]]
    if head and head not in {own for _, own in linked.values()}:
        wrong.append("The state of the chain that you know is not there.")
    return wrong, linked, count


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks exported entries of the audit trail.")
    parser.add_argument("entries", type=Path)
    parser.add_argument("--chain", type=Path, help="chain.jsonl of an evidence bundle")
    parser.add_argument("--head", default="", help="a state of the chain as known from elsewhere, 64 hex digits")
    arguments = parser.parse_args()
    head = "".join(arguments.head.split()).lower()
    try:
        wrong, linked, count = check(arguments.entries, arguments.chain, head)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        print(f"These are not exported entries: {error!r}")
        return 2
    for sentence in wrong:
        print(sentence)
    if wrong:
        print("NOT WHOLE")
        return 1
    print(f"{count} entries in full.")
    if linked:
        first, last = min(linked), max(linked)
        missing = last - first + 1 - len(linked)
        print(f"Chain from entry {first} to {last}, {missing or 'none'} left out.")
        print(f"The state at entry {last} is {linked[last][1]}.")
        if missing:
            print("Where entries are left out, links could not be checked: export without a filter to check them all.")
    print("WHOLE" if head else "Consistent in itself; compare the state with a signed summary.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
