"""How much is measured: what the limits are promised for, or less for a quick look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """pairs of turns whose ratios' median counts; seconds of a turn of load; rows of the .xlsx; rows for
    django-import-export; csv rows; certificates to compare with, to verify, to publish, to look up in; requests of each
    cause of 'not found'; certificates of a grown register, and of the small one it is compared with; rows of a half-month
    that is published into both; entries of the audit trail; certificates in a table with and without partitions."""

    pairs: int = 5
    seconds: int = 5
    rows: int = 200_000
    slice: int = 20_000
    memory_rows: int = 1_000_000
    register: int = 10_000_000
    verified: int = 1_000_000
    published: int = 1_000_000
    certificates: int = 1_000_000
    oracle: int = 1_000
    grown: int = 20_000_000
    small: int = 100_000
    half_month: int = 50_000
    entries: int = 200_000
    partitioned: int = 3_000_000
