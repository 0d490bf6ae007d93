"""docs/scale.md: what the whole country would take, calculated from the figures of docs/performance.md.

Everything comes from the figures as that page shows them, so that a test can calculate this page again from that one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CERTIFICATES = 300_000_000
LOOKUPS_PER_SECOND = 10_000
# What a node is planned for: a processor that is busier answers late (docs/performance.md: half of the best rate).
_BUSY = 0.5
_CORES_PER_NODE = 16
_PAGE = 8192
# An inner page of the lookup's index holds 8 bytes, a header of 8 and a pointer of 4 for each page below, 70 % full.
_INNER = int(_PAGE * 0.7 / 20)
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class _Measured:
    """A figure as docs/performance.md shows it."""

    name: str
    value: float
    unit: str


def scale_document(figures: Sequence[Mapping[str, Any]]) -> str:
    """The page for the figures (name, value, unit) of lookups, growth and verification."""
    cpu = _find(figures, r"CPU time of a lookup among ([\d,]+) certificates")
    select = _find(figures, r"bare SELECTs per second among ([\d,]+) certificates")
    table = _find(figures, "bytes per certificate, the table")
    whole = _find(figures, "bytes per certificate, table and indexes")
    pair = _find(figures, "bytes per certificate, index certificate_by_pair")
    answer = _find(figures, "bytes of an answer")
    publication = _find(figures, r"publication of ([\d,]+) rows into [\d,]+ certificates, seconds")
    verified = _find(figures, r"verify_register over ([\d,]+) rows, every ID number opened, seconds")
    used = (cpu, select, whole, table, pair, answer, publication, verified)
    grown, half_month, rows_verified = (_number(figure) for figure in (cpu, publication, verified))

    times = CERTIFICATES / grown
    busy = LOOKUPS_PER_SECOND * cpu.value / 1000
    cores = busy / _BUSY
    database = LOOKUPS_PER_SECOND / select.value * 2
    nodes = math.ceil(cores / _CORES_PER_NODE)
    rows = half_month * times
    levels = [(count, _levels(count, pair.value)) for count in (grown, CERTIFICATES)]
    inputs = "".join(f"| {figure.name} | {figure.value:.2f} {figure.unit} |\n" for figure in used)
    return f"""# The whole country: {CERTIFICATES:,} certificates, {LOOKUPS_PER_SECOND:,} lookups a second

Written by `make bench ARGS=--write-document` together with docs/performance.md; don't edit it. It is calculated, not
measured: everything below follows from these figures of docs/performance.md, of two cores and {grown:,} certificates.

| figure | value |
| --- | --- |
{inputs}
## Processors

A lookup takes {cpu.value:.2f} ms of all processes together, PostgreSQL's included. {LOOKUPS_PER_SECOND:,} a second keep
{LOOKUPS_PER_SECOND:,} x {cpu.value:.2f} ms = {busy:.1f} cores busy. Planned for half of what they can do, as the 99th percentile is
measured at half of the best rate: {busy:.1f} / {_BUSY} = {cores:.0f} cores, {nodes} {"node" if nodes == 1 else "nodes"} of {_CORES_PER_NODE}, and one more that may be away.

PostgreSQL is the smaller part: its bare SELECT runs {select.value:,.0f} times a second on two cores that it shares with
pgbench, so {LOOKUPS_PER_SECOND:,} need at most 2 x {LOOKUPS_PER_SECOND:,} / {select.value:,.0f} = {database:.1f} cores. Every node is a web server with a
standby of its own beside it (DATABASE_REPLICA_URL, docs/deployment.md), so that no lookup crosses the network for its row; counters are
shared by all nodes in one place (CACHE_URL), or each node keeps its own limits.

Answers have {answer.value:,.0f} bytes: {LOOKUPS_PER_SECOND:,} x {answer.value:,.0f} = {LOOKUPS_PER_SECOND * answer.value * 8 / 1e6:,.0f} Mbit/s in all.

## Memory and disk

{CERTIFICATES:,} x {whole.value:.2f} bytes = {CERTIFICATES * whole.value / _GIB:,.0f} GiB on each node's disk, {CERTIFICATES * table.value / _GIB:,.0f} GiB of it the table.
A lookup descends one index and reads one row. The index takes {CERTIFICATES:,} x {pair.value:.2f} bytes = {CERTIFICATES * pair.value / _GIB:.1f} GiB and belongs into
memory. It has {levels[0][1]} levels at {grown:,} certificates and {levels[1][1]} at {CERTIFICATES:,}: with {_PAGE} / {pair.value:.2f} = {_PAGE / pair.value:.0f} entries in a leaf and {_INNER} in
an inner page, that is {"the same number of pages" if levels[0][1] == levels[1][1] else "one page more"} to look at.
The rows needn't be in memory: at {LOOKUPS_PER_SECOND:,} lookups spread over {nodes} {"node" if nodes == 1 else "nodes"}, each reads at most {LOOKUPS_PER_SECOND / nodes:,.0f} pages of {_PAGE} bytes a second,
{LOOKUPS_PER_SECOND / nodes * _PAGE / 1e6:.0f} MB/s, which one solid-state disk gives many times. 64 GiB of memory per node hold the index, the inner pages of the
others and the rows that are asked for most.

## A half-month

The country's half-month is as many times the province's as its register: {half_month:,} x {CERTIFICATES:,} / {grown:,} = {rows:,.0f} rows. At
{publication.value:.2f} s for {half_month:,}, publish() takes {publication.value:.2f} x {times:.0f} = {publication.value * times:.0f} s, in which lookups go on. It is one transaction on the primary; the standbys replay its log
and show it at its commit, all or nothing.

## Verification

verify_register takes {verified.value:.2f} s for {rows_verified:,} rows in one process, and per row no more for more rows:
{CERTIFICATES:,} / {rows_verified:,} x {verified.value:.2f} s = {CERTIFICATES / rows_verified * verified.value / 3600:.1f} hours. It reads a standby as well as the primary. Publications are independent of each
other but for the chain of their roots; one process per publication and core is where it could be divided, and isn't yet.

## Hash partitions

Tried and not kept; docs/decisions.md has the figures and the reasons.

## What this leaves open

Measured were {grown:,} certificates in memory on one machine. Not measured: a register larger than memory, many standbys, and
the network between them. Backups grow with the register too; from some size on, a base backup with the log's archive (docs/operations.md)
takes the place of a dump that is restored in full each half-month.
"""


def _find(figures: Sequence[Mapping[str, Any]], pattern: str) -> _Measured:
    for figure in figures:
        if re.fullmatch(pattern, figure["name"]):
            return _Measured(figure["name"], round(float(figure["value"]), 2), figure["unit"])
    raise SystemExit(f"docs/scale.md needs the figure '{pattern}', which wasn't measured.")


def _number(figure: _Measured) -> int:
    """How many certificates or rows the figure is about: the first number in its name."""
    found = re.search(r"[\d,]*\d{3}\b|\d+", figure.name)
    assert found is not None, figure
    return int(found[0].replace(",", ""))


def _levels(certificates: int, bytes_each: float) -> int:
    """The levels of an index with so many entries."""
    pages, levels = math.ceil(certificates * bytes_each / _PAGE), 1
    while pages > 1:
        pages, levels = math.ceil(pages / _INNER), levels + 1
    return levels
