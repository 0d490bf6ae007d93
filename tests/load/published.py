"""Certificates that visitors look up: published the project's own way, each holder with a name of his or her own."""

from __future__ import annotations

from tests.load.traffic import Pair
from tests.make import make_row

_CHARACTERS = "安柏成德恩芳光海佳凯兰明宁平清瑞思天文心"


def make_name(seed: int) -> str:
    """A name that no other seed has."""
    name, rest = "测", seed
    for _ in range(5):
        rest, digit = divmod(rest, len(_CHARACTERS))
        name += _CHARACTERS[digit]
    return name


def make_named_rows(count: int, *, first: int = 0) -> list[dict[str, object]]:
    """So many rows, from that seed on."""
    return [make_row(seed=seed, 姓名=make_name(seed)) for seed in range(first, first + count)]


def pair_of(row: dict[str, object], *, watched: bool = False) -> Pair:
    """What is looked up of a row, and has to be found."""
    return Pair(str(row["证件号码"]), str(row["证书编号"]), str(row["姓名"]), watched)


def absent_pairs(count: int, *, first: int) -> list[Pair]:
    """So many pairs in the right form of which no certificate was published."""
    rows = (make_row(seed=seed) for seed in range(first, first + count))
    return [Pair(str(row["证件号码"]), str(row["证书编号"])) for row in rows]
