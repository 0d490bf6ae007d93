"""The commands of a document, as whoever reads it would type them: block by block, under their headings."""

from dataclasses import dataclass
from pathlib import Path

from tests.databases import PROJECT

DOCUMENTS = PROJECT / "docs"


@dataclass(frozen=True, slots=True)
class Document:
    """A document's indented blocks by the heading under which they stand."""

    path: Path
    blocks: dict[str, tuple[str, ...]]

    def under(self, heading: str) -> tuple[str, ...]:
        """The blocks under a heading, in their order; the heading has to be there."""
        assert heading in self.blocks, f"{self.path.name} has no heading '{heading}' any more"
        return self.blocks[heading]

    def block(self, heading: str, beginning: str) -> str:
        """The one block under a heading that has a line with this beginning."""
        found = [
            block for block in self.under(heading) if any(line.startswith(beginning) for line in block.splitlines())
        ]
        assert len(found) == 1, f"{self.path.name}, {heading}: {len(found)} blocks begin a line with '{beginning}'"
        return found[0]


def read_document(name: str) -> Document:
    """A file of docs/."""
    path = DOCUMENTS / name
    blocks: dict[str, list[str]] = {}
    heading, lines = "", list[str]()
    for line in [*path.read_text(encoding="utf-8").splitlines(), "#"]:
        if lines and line and not line.startswith("    "):
            blocks[heading].append("\n".join(lines).strip("\n") + "\n")
            lines = []
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
            blocks.setdefault(heading, [])
        elif line.startswith("    ") or (lines and not line):
            lines.append(line[4:])
    return Document(path, {name: tuple(found) for name, found in blocks.items()})
