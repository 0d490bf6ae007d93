"""Bits flipped, pieces cut, doubled and overwritten, by seed: rows or a sentence, never a crash and never a wait."""

from __future__ import annotations

import io
import os
import random
import re
import time
import zipfile
from pathlib import Path

import pytest

from certlookup.spreadsheets.reading import ReadLimits, SpreadsheetError, read_sheet
from tests.spreadsheets.libreoffice import FIXTURES

CASES = int(os.environ.get("TEST_MUTATIONS", "8"))
PATIENCE = 20
LIMITS = ReadLimits(wait_seconds=PATIENCE, cpu_seconds=PATIENCE)
ODD_NUMBERS = (b"0", b"-1", b"1048577", b"4294967297", b"99999999999999", b"1e308", b"NaN", b"")
SHEETS = {"xlsx": "xl/worksheets/sheet1.xml", "ods": "content.xml"}


def mutated(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    place, other = sorted(chance.randrange(len(damaged)) for _ in range(2))
    match chance.randrange(5):
        case 0:
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        case 1:
            del damaged[place:]
        case 2:
            damaged[place:place] = damaged[place : min(other, place + 5000)]
        case 3:
            damaged[place : place + 40] = chance.randbytes(chance.randint(1, 40))
        case _:
            number = chance.choice(list(re.finditer(rb"\d+", content)) or [None])
            if number is not None:
                damaged[number.start() : number.end()] = chance.choice(ODD_NUMBERS)
    return bytes(damaged)


def mutated_inside(path: Path, part: str, chance: random.Random) -> bytes:
    """A sound archive around a damaged part."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            target.writestr(name, mutated(body, chance) if name == part else body)
    return content.getvalue()


def text(encoding: str) -> bytes:
    with read_sheet(FIXTURES / "plain.xlsx") as reading:
        lines = [",".join(f'"{cell}"' for cell in cells) for _, cells in reading.rows]
    return "\r\n".join(lines).encode(encoding)


def mutants(kind: str) -> list[bytes]:
    chances = [random.Random(f"{kind} {seed}") for seed in range(CASES)]
    if kind.startswith("inside "):
        suffix = kind.removeprefix("inside ")
        return [mutated_inside(FIXTURES / f"marked.{suffix}", SHEETS[suffix], chance) for chance in chances]
    content = (FIXTURES / f"marked.{kind}").read_bytes() if kind in ("xlsx", "xls", "ods") else text(kind)
    return [mutated(content, chance) for chance in chances]


def outcome_of(path: Path) -> str:
    """ "" where the file was read to its end, else the rule."""
    try:
        with read_sheet(path, LIMITS) as reading:
            for _ in reading.rows:
                pass
    except SpreadsheetError as error:
        return error.rule
    return ""


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "inside xlsx", "inside ods", "utf-8", "gb18030", "utf-16"])
def test_a_mutated_file_gives_rows_or_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mutated"
    for seed, content in enumerate(mutants(kind)):
        path.write_bytes(content)
        started = time.monotonic()
        # R-023 is what the reading process's crash is called, R-009 its waiting.
        assert outcome_of(path) not in ("R-023", "R-009"), f"{kind}, seed {seed}"
        assert time.monotonic() - started < PATIENCE, f"{kind}, seed {seed} took too long"
