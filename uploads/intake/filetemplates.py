"""Empty files to fill in, one per kind of batch: the header that the check expects, number columns formatted as text."""

from certlookup.spreadsheets.writing import SheetColumn, SheetContent
from uploads.intake.changes import CHANGE_KINDS, CORRECTION, DOCUMENT_HEADER, GUARDS, REASON_HEADERS
from uploads.intake.columns import FIELDS, HEADERS
from uploads.models import BatchKind

_WIDE = {"certificate_number": 22.0, "id_number": 24.0, "issuing_authority": 30.0, "assessment_office": 30.0}


def template_sheet(kind: BatchKind) -> SheetContent:
    """The sheet with its header row and nothing below it."""
    if kind not in CHANGE_KINDS:
        return SheetContent(str(kind.label), [_column(field) for field in FIELDS], [])
    if kind == CORRECTION:
        fields: tuple[str, ...] = FIELDS
    else:
        fields = ("certificate_number", *GUARDS)
    columns = [_column(field) for field in fields]
    columns += [SheetColumn(REASON_HEADERS[kind], 26), SheetColumn(DOCUMENT_HEADER, 24, is_text=True)]
    return SheetContent(str(kind.label), columns, [])


def _column(field: str) -> SheetColumn:
    return SheetColumn(HEADERS[field], _WIDE.get(field, 14.0), is_text=True)
