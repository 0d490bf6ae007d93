"""The file of figures: what was measured now takes the place of what was measured before, part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.machine import machine
from tests.bench.measuring import Figure, say


class Results:
    """var/bench.json while it is written; content is what it holds."""

    def __init__(self, path: Path, parts: Sequence[str], *, keep: bool) -> None:
        """keep: whether figures stay that an earlier run left there; never those of another machine."""
        self._path, self._parts = path, list(parts)
        self.content: dict[str, Any] = {"machine": machine(), "parts": {}, "figures": []}
        if keep and path.exists():
            self._take_over(json.loads(path.read_text(encoding="utf-8")))

    def put(self, part: str, figures: Sequence[Figure], circumstances: Mapping[str, object]) -> None:
        """The figures of a part, and when and how they were measured, in the place of its earlier ones."""
        self.content["parts"][part] = dict(circumstances)
        others = [figure for figure in self.content["figures"] if figure["part"] != part]
        added = [{"part": part} | asdict(figure) for figure in figures]
        self.content["figures"] = sorted(others + added, key=lambda figure: self._parts.index(figure["part"]))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self.content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _take_over(self, earlier: Mapping[str, Any]) -> None:
        kept = {
            part: circumstances
            for part, circumstances in earlier.get("parts", {}).items()
            if part in self._parts and circumstances["machine"] == self.content["machine"]
        }
        if dropped := set(earlier.get("parts", {"what has no parts yet": {}})) - set(kept):
            say(f"Not kept of {self._path}, as it was measured otherwise: {', '.join(sorted(dropped))}.")
        self.content["parts"] = kept
        self.content["figures"] = [figure for figure in earlier["figures"] if figure.get("part") in kept]
