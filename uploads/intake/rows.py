"""One row of a file against every field rule: what it says, and each thing that is wrong with it.

Pure: no database, no Django. A row is never changed beyond the canonical spellings of its fields; with one error it is
refused as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from certificates.certnumber import CertificateNumber
from certificates.idnumber import ParsedId
from certificates.levels import level_name
from certlookup.spreadsheets.cells import Cell
from uploads.intake.columns import ColumnMap
from uploads.intake.fields import FieldReader, RowContext
from uploads.intake.findings import Problem

LEAST_AGE_YEARS = 14


@dataclass(frozen=True, slots=True)
class RowFields:
    """An acceptable row. What is optional and empty is None; id_number and certificate_number are canonical."""

    certificate_number: str
    holder_name: str
    sex: str
    id_type: str
    id_number: str
    birth_date: dt.date | None
    occupation: str
    occupation_code: str | None
    level: int
    level_text: str
    theory_score: str | None
    skill_score: str | None
    overall_score: str | None
    result: str | None
    processed_date: dt.date | None
    issue_date: dt.date | None
    issuing_authority: str
    assessment_office: str


@dataclass(frozen=True, slots=True)
class RefusedKeys:
    """What could be read of a refused row, so that it still counts in the checks across rows; None or "" is unread."""

    certificate_number: str | None
    id_number: str | None
    holder_name: str
    occupation: str
    level: int | None
    assessment_office: str


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row's outcome: fields where it is acceptable (warnings and notes may stand beside them), else None.

    keys is for a refused row what the checks across rows compare.
    """

    row_number: int
    fields: RowFields | None
    problems: tuple[Problem, ...]
    keys: RefusedKeys | None = None


def parse_row(row_number: int, cells: Sequence[Cell], columns: ColumnMap, context: RowContext) -> ParsedRow:
    """Check one data row. cells are the whole row from column A; row_number is the spreadsheet's own."""
    row = FieldReader(row_number, cells, columns, context)
    number = row.certificate_number()
    holder_name = row.holder_name()
    sex = row.sex()
    id_type = row.id_type()
    parsed_id = row.id_number(id_type)
    birth_date = row.birth_date()
    occupation = row.text("occupation")
    occupation_code = row.occupation_code()
    level, level_text = row.level()
    theory_score = row.score("theory_score")
    skill_score = row.score("skill_score")
    overall_score = row.score("overall_score")
    result = row.result()
    processed_date = row.processed_date()
    issue_date = row.issue_date()
    issuing_authority = row.text("issuing_authority")
    assessment_office = row.text("assessment_office")
    check_across_fields(row, number, sex, parsed_id, birth_date, level, processed_date, issue_date)
    row.check_width()
    if row.refused or number is None or parsed_id is None or id_type is None or level is None:
        keys = RefusedKeys(
            number.text if number else None,
            parsed_id.canonical if parsed_id else None,
            holder_name,
            occupation,
            level,
            assessment_office,
        )
        return ParsedRow(row_number, None, tuple(row.problems), keys)
    fields = RowFields(
        number.text,
        holder_name,
        sex,
        id_type.value,
        parsed_id.canonical,
        birth_date,
        occupation,
        occupation_code,
        level,
        level_text,
        theory_score,
        skill_score,
        overall_score,
        result,
        processed_date,
        issue_date,
        issuing_authority,
        assessment_office,
    )
    return ParsedRow(row_number, fields, tuple(row.problems))


def check_across_fields(  # noqa: PLR0917 - called for every row of a file
    row: FieldReader,
    number: CertificateNumber | None,
    sex: str,
    parsed_id: ParsedId | None,
    birth_date: dt.date | None,
    level: int | None,
    processed_date: dt.date | None,
    issue_date: dt.date | None,
) -> None:
    """Every check of one field against another; what is None wasn't given or is reported.

    blocks.py passes a row by without parse_row() only where both of these find nothing.
    """
    check_person(row, sex, parsed_id, birth_date)
    # The birth date inside the ID number has a check character behind it.
    born = (parsed_id and parsed_id.birth_date) or birth_date
    check_certificate(row, number, level, processed_date, issue_date, born)


def check_person(row: FieldReader, sex: str, parsed: ParsedId | None, birth_date: dt.date | None) -> None:
    """Sex and birth date against the ID number, and the birth date against today."""
    if birth_date is not None and birth_date > row.context.today:
        row.report("R-163", "birth_date")
        birth_date = None
    if parsed is None:
        return
    if sex and parsed.sex is not None and sex != parsed.sex:
        row.report("R-152", "sex", expected=parsed.sex)
    if birth_date is not None and parsed.birth_date is not None and birth_date != parsed.birth_date:
        row.report("R-162", "birth_date")


def check_certificate(  # noqa: PLR0917 - called for every row of a file
    row: FieldReader,
    number: CertificateNumber | None,
    level: int | None,
    processed_date: dt.date | None,
    issue_date: dt.date | None,
    born: dt.date | None,
) -> None:
    """What the fields of the certificate itself say of each other, and of the holder's age."""
    check_number(row, number, level, issue_date)
    check_dates(row, processed_date, issue_date, born)
    if row.context.years is not None:
        _check_years(row, number, issue_date, row.context.years)


def check_number(
    row: FieldReader, number: CertificateNumber | None, level: int | None, issue_date: dt.date | None
) -> None:
    """The certificate number's year, level and issuer digits against the other fields."""
    if number is None:
        return
    if issue_date is not None and issue_date > row.context.today:
        # A finding of its own; the number may be right.
        issue_date = None
    if number.year is not None and issue_date is not None and number.year != issue_date.year:
        row.report("R-127", "certificate_number", number_year=number.year, year=issue_date.year)
    elif number.year is not None and number.year > row.context.today.year:
        row.report("R-130", "certificate_number", number_year=number.year)
    if number.level is not None and level is not None and number.level != level:
        row.report(
            "R-128",
            "certificate_number",
            number_level=level_name(number.level),
            level=level_name(level),
            level_column=row.columns.header_of("level"),
        )
    own = row.context.own_issuer_code
    if number.issuer_code != own:
        row.report("R-129", "certificate_number", code=number.text[2:4], own=own)


def check_dates(row: FieldReader, processed: dt.date | None, issued: dt.date | None, born: dt.date | None) -> None:
    """Processing and issue dates against today, the period and the holder's birth."""
    today, period = row.context.today, row.context.period
    in_period = row.context.kind == "regular" and period is not None
    if processed is not None:
        if processed > today:
            row.report("R-193", "processed_date", date=processed)
        elif in_period and period is not None and not period.first_day <= processed <= period.last_day:
            row.report("R-192", "processed_date", date=processed, first=period.first_day, last=period.last_day)
    if issued is None:
        return
    if issued > today:
        row.report("R-202", "issue_date", date=issued)
        return
    if born is not None and latest_birth(issued) < born <= today:
        row.report("R-203", "issue_date", date=issued)
    if processed is None and in_period and period is not None:
        if issued > period.last_day:
            row.report("R-204", "issue_date", date=issued, last=period.last_day)
        elif issued < period.first_day:
            row.report("R-205", "issue_date", date=issued, first=period.first_day)


def _check_years(
    row: FieldReader, number: CertificateNumber | None, issued: dt.date | None, years: tuple[int, int]
) -> None:
    """The year of issue against the campaign's range: the issue date's, else the certificate number's."""
    if number is None:
        return
    first, last = years
    year = issued.year if issued is not None else number.year
    if year is None:
        row.report("R-222", "issue_date", campaign=row.context.campaign)
    elif not first <= year <= last:
        field = "certificate_number" if issued is None else "issue_date"
        row.report("R-221", field, year=year, campaign=row.context.campaign, first=first, last=last)


def latest_birth(issued: dt.date) -> dt.date:
    """The last day on which a holder may be born; who was born on 29 February grows older on 1 March in other years."""
    try:
        return issued.replace(year=issued.year - LEAST_AGE_YEARS)
    except ValueError:
        return dt.date(issued.year - LEAST_AGE_YEARS, 2, 28)
