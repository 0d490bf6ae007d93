"""How much is measured: what the limits are promised for, or less for a quick look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """rows of the .xlsx, how often each pair is measured, rows for django-import-export, csv rows, certificates to
    compare with, certificates to verify, rows to publish, certificates to look up in, turns of each load, seconds of a
    turn, requests of each cause of 'not found'."""

    rows: int = 200_000
    pairs: int = 3
    slice: int = 20_000
    memory_rows: int = 1_000_000
    register: int = 10_000_000
    verified: int = 1_000_000
    published: int = 1_000_000
    certificates: int = 1_000_000
    turns: int = 5
    seconds: int = 5
    oracle: int = 1_000
