"""An XML parser for the parts of a stranger's workbook: no document types, so no entities to unfold."""

from __future__ import annotations

from xml.parsers import expat

from certlookup.spreadsheets.filerules import SpreadsheetError


def make_parser() -> expat.XMLParserType:
    """A parser that raises SpreadsheetError R-015 at a document type declaration, wherever it stands."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_: object) -> None:
    raise SpreadsheetError("R-015")
