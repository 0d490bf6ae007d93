"""Rows that pass quickly come to the same as those that parse_row() reads one by one: fields, findings, refusals."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import pytest

from certificates.leaves import LEAF_FIELDS, leaf_hash
from certlookup.sealing import SealedId, live_keys, unseal_id
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from certlookup.spreadsheets.filerules import SpreadsheetError
from tests.bench.files import HEADER, make_rows
from tests.intake.make import PERIOD, TODAY, make_context, make_id
from uploads.intake.blocks import BlockParser
from uploads.intake.columns import match_columns
from uploads.intake.digesting import RunningDigest
from uploads.intake.rows import RowFields, parse_row
from uploads.intake.stagedcopy import encode_fields, encode_shared

ATTEMPT = 7
NUMBER, ID_NUMBER = HEADER.index("证书编号"), HEADER.index("证件号码")
# As a reader hands them out: without a time zone.
AT_MIDNIGHT, WITH_HOUR = dt.datetime(2026, 11, 3), dt.datetime(2026, 11, 3, 8, 30)  # noqa: DTZ001
ODD: tuple[Cell, ...] = (
    None, "", " ", "　", True, False, 0.0, 1.0, 2.0, 82.5, 82.55, float("nan"), -1.0, 20261103.0, 46000.0, 1, 82,
    "1", "true", "合格", "免考", "男", "女 ", " 男", "张\u200b三", "=1+1", "<b>", "#N/A", "2026-11-03", "2026/11/3", "2026-13-01",
    "1.2.2026", "护照", "居民身份证 ", "三级", "七级", dt.date(2026, 11, 3), dt.date(1890, 1, 1), WITH_HOUR,
    AT_MIDNIGHT, dt.time(8, 30), FormulaCell("男"), FormulaCell(1.0), FormulaCell(""), ErrorCell("#N/A"),
    "2615020013400000", "2615020013900001", "2610020013400001", "0001234567890123", "1234567890123", "２６１５０２００１３４００００１",
    "2715020013400001", make_id(), make_id().lower(), make_id(birth="20271103"), make_id(birth="19990230"), make_id(address="810000"),
    make_id(address="999999"), make_id()[:6] + make_id()[8:17], make_id()[:17] + "0", "37990119900307", "1.1E+17",
)  # fmt: skip


def odd_rows(seed: int, count: int) -> list[tuple[int, tuple[Cell, ...]]]:
    """Rows of which half are good, and half have one or two cells changed, exchanged, cut or too many."""
    random = Random(seed)
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    for number, made in enumerate(make_rows(count, PERIOD, TODAY, seed=seed), 2):
        cells: list[Cell] = list(made)
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            change = random.randrange(5)
            if change < 3:
                cells[random.randrange(len(HEADER))] = random.choice(ODD)
            elif change == 3 and isinstance(text := cells[place := random.choice((NUMBER, ID_NUMBER))], str):
                where = random.randrange(len(text))
                cells[place] = text[:where] + random.choice("0123456789Xx ") + text[where + 1 :]
            elif change == 4:
                first, second = random.sample(range(len(HEADER)), 2)
                cells[first], cells[second] = cells[second], cells[first]
        if random.random() < 0.1:
            cells = cells[: random.randrange(len(cells))] if random.random() < 0.5 else [*cells, random.choice(ODD)]
        rows.append((number, tuple(cells)))
    return rows


def staged_rows(encoded: bytes) -> list[tuple[bytes, SealedId]]:
    """The rows of an encoded block: what stands before the sealed columns, and these."""
    rows = []
    at = 0
    while at < len(encoded):
        start, columns = at, []
        at += 2
        for _ in range(int.from_bytes(encoded[start : start + 2], "big")):
            length = int.from_bytes(encoded[at : at + 4], "big", signed=True)
            columns.append((at, encoded[at + 4 : at + 4 + max(length, 0)]))
            at += 4 + max(length, 0)
        (sealed_at, commitment), (_, sealed), (_, index) = columns[-3:]
        rows.append((encoded[start:sealed_at], SealedId(commitment, sealed, index, live_keys()[0].version)))
    return rows


def leaf_values(fields: RowFields, commitment: bytes) -> list[object]:
    known = {"kind": "issued", "id_commitment": commitment, "change_reason": None, "document_number": None}
    return [known[name] if name in known else getattr(fields, name) for name in LEAF_FIELDS]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["regular", "backfill"])
@pytest.mark.parametrize(
    "header", [HEADER, tuple(name for name in HEADER if name not in {"出生日期", "办理日期", "评定成绩"})]
)
def test_a_block_comes_to_what_its_rows_come_to_one_by_one(seed: int, kind: str, header: Sequence[str]) -> None:
    columns = match_columns(list(header), 1, kind=kind).columns
    assert columns is not None
    context = make_context(kind)
    rows = [
        (
            number,
            tuple(cell for name, cell in zip(HEADER, cells, strict=False) if name in header) + cells[len(HEADER) :],
        )
        for number, cells in odd_rows(seed, 400)
    ]
    parser = BlockParser(ATTEMPT, columns, context)
    quick = 0
    for block in (rows[:1], rows[1:150], rows[150:]):
        quick += sum(made is not None for made in parser._quick_rows(block))
        came = parser.parse(block)
        one_by_one = [parse_row(number, cells, columns, context) for number, cells in block]
        assert came.problems == tuple(problem for row in one_by_one for problem in row.problems)
        assert came.refused == tuple(row for row in one_by_one if row.fields is None)
        assert set(came.keys) == {row.row_number for row in one_by_one if row.problems}
        accepted = [(row.row_number, row.fields) for row in one_by_one if row.fields is not None]
        shared = encode_shared(ATTEMPT, live_keys()[0].version)
        staged = staged_rows(came.rows)
        assert [fields for fields, _ in staged] == [shared + encode_fields(*row) for row in accepted]
        assert came.leaves == b"".join(
            leaf_hash(leaf_values(fields, sealed.commitment))
            for (_, sealed), (_, fields) in zip(staged, accepted, strict=True)
        )
        assert came.span == ((accepted[0][0], accepted[-1][0]) if accepted else (0, 0))
        assert [unseal_id(sealed) for _, sealed in staged] == [fields.id_number for _, fields in accepted]
        assert (came.read, came.accepted) == (len(block), len(accepted))
    assert quick > len(rows) * 0.3


def test_rows_out_of_order_are_refused() -> None:
    columns = match_columns(list(HEADER), 1, kind="regular").columns
    assert columns is not None
    parser = BlockParser(ATTEMPT, columns, make_context("regular"))
    first, second = ((number, cells) for number, cells in enumerate(make_rows(2, PERIOD, TODAY, seed=3), 2))
    with pytest.raises(SpreadsheetError) as refused:
        parser.parse([second, first])
    assert refused.value.rule == "R-023"
    digest = RunningDigest()
    digest.add(parser.parse([first, second]))
    with pytest.raises(SpreadsheetError) as refused:
        digest.add(parser.parse([second]))
    assert refused.value.rule == "R-023"
