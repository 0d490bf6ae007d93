"""Whatever stands in a row: it is accepted or refused with a reason, and no total loses one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from certlookup.spreadsheets.writing import SheetColumn, SheetContent, Value, write_workbook
from tests.intake.make import GOOD_ROW, TODAY, make_columns, make_context, make_id
from uploads.intake.changes import (
    CHANGE_KINDS,
    REVOCATION_REASONS,
    ChangeColumns,
    Present,
    match_change_columns,
    read_change,
)
from uploads.intake.columns import FIELDS, HEADERS
from uploads.intake.rows import parse_row
from uploads.intake.tables import open_table

PLAIN: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(max_size=80),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(["男", "女", "四级", "护照", "2615010013400001", make_id(), "2026-11-03", "合格"]),
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    PLAIN, PLAIN.map(lambda value: FormulaCell(value if not isinstance(value, FormulaCell | ErrorCell) else None)),
    st.builds(ErrorCell, st.text(max_size=8)),
)  # fmt: skip
ROWS = st.lists(CELLS, max_size=20).map(tuple)
CHANGES = st.dictionaries(st.sampled_from(FIELDS), CELLS, max_size=4)


@settings(max_examples=300)
@given(ROWS, st.sampled_from(["regular", "backfill"]))
def test_any_cells_end_in_fields_or_in_a_reason(cells: tuple[Cell, ...], kind: str) -> None:
    row = parse_row(9, cells, make_columns(kind), make_context(kind))
    errors = [problem for problem in row.problems if problem.severity.value == "error"]
    assert (row.fields is None) == bool(errors)
    for problem in row.problems:
        assert problem.row_number == 9
        assert len(problem.message) <= 500


@settings(max_examples=300)
@given(CHANGES)
def test_an_accepted_row_keeps_every_invariant(changes: dict[str, Cell]) -> None:
    cells = tuple((GOOD_ROW | changes)[field] for field in FIELDS)
    fields = parse_row(9, cells, make_columns(), make_context()).fields
    if fields is None:
        return
    assert 1 <= fields.level <= 5
    assert len(fields.certificate_number) == 16
    assert 1 <= len(fields.holder_name) <= 60
    assert fields.sex in ("男", "女")
    assert fields.issue_date is not None
    assert fields.issue_date <= TODAY
    assert "" not in (fields.occupation_code, fields.theory_score, fields.result)
    assert not any("\n" in text for text in (fields.occupation, fields.issuing_authority, fields.assessment_office))


@settings(max_examples=6, deadline=None)
@given(rows=st.lists(st.sampled_from(["good", "blank", "bad", "double bad"]), max_size=30))
def test_rows_read_are_rows_accepted_and_rows_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    changes: dict[str, dict[str, Value]] = {
        "good": {}, "bad": {"sex": "无"}, "double bad": {"sex": "无", "level": "九级"}
    }  # fmt: skip
    good: dict[str, Value] = {
        field: value for field, value in GOOD_ROW.items() if isinstance(value, str | float | dt.date)
    }
    written: list[list[Value]] = [
        [None] * len(FIELDS) if row == "blank" else [(good | changes[row]).get(field) for field in FIELDS]
        for row in rows
    ]
    path = tmp_path_factory.mktemp("totals") / "a.xlsx"
    write_workbook(path, [SheetContent("表", [SheetColumn(HEADERS[field]) for field in FIELDS], written, ["标题"])])
    with open_table(path, kind="regular", name="a.xlsx") as table:
        assert table.columns is not None
        parsed = [parse_row(number, cells, table.columns, make_context()) for number, cells in table.rows]
    assert [row.row_number for row in parsed] == [place for place, row in enumerate(rows, 3) if row != "blank"]
    assert [row.row_number for row in parsed if row.fields is None] == [
        place for place, row in enumerate(rows, 3) if "bad" in row
    ]
    assert [problem.rule for row in parsed for problem in row.problems] == [
        rule for row in rows for rule in {"bad": ["R-151"], "double bad": ["R-151", "R-171"]}.get(row, [])
    ]


PRESENT = parse_row(1, tuple(GOOD_ROW.values()), make_columns(), make_context()).fields


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from(FIELDS), CELLS, max_size=5),
    st.one_of(CELLS, st.sampled_from(["录入有误", *REVOCATION_REASONS])),
    st.one_of(CELLS, st.just("鲁人社〔2026〕1号")),
    st.sampled_from(sorted(CHANGE_KINDS)),
    st.sampled_from(["issued", "corrected", "revoked", "reinstated"]),
)
def test_any_change_ends_in_a_whole_record_or_in_a_reason(
    changes: dict[str, Cell], reason: Cell, document: Cell, kind: str, state: str
) -> None:
    assert PRESENT is not None
    header = [*(HEADERS[field] for field in FIELDS), "原因", "文号"]
    columns = match_change_columns(header, 1, kind).columns
    assert isinstance(columns, ChangeColumns)
    cells = {"certificate_number": GOOD_ROW["certificate_number"]} | changes
    row = (*(cells.get(field) for field in FIELDS), reason, document)
    change = read_change(9, row, columns, make_context(kind)).finish(Present(PRESENT, state, 1))
    errors = [problem for problem in change.problems if problem.severity.value == "error"]
    assert (change.fields is None) == bool(errors)
    assert all(len(problem.message) <= 500 for problem in change.problems)
    if change.fields is not None:
        differ = {field for field in FIELDS if getattr(change.fields, field) != getattr(PRESENT, field)}
        assert differ <= set(change.changed) <= differ | {"level"}
        assert bool(change.changed) == (kind == "correction")
        assert (state == "revoked") == (kind == "reinstatement")
        assert change.reason
