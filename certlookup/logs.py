"""What is written to the log: no number that could be somebody's, and no stack trace for what a visitor sent wrong."""

import logging
import re

# The shortest ID and certificate numbers have eight digits in a row; no date, time, port or process number has.
_NUMBER = re.compile(r"\d{8,}[Xx]?")


class LineFormatter(logging.Formatter):
    """One line per record, long numbers struck out, be they in an address that was asked for or in an error's text."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as it is written."""
        return _NUMBER.sub("***", super().format(record))


class NoTraceForVisitors(logging.Filter):
    """Drops the stack trace from the record of an answer below 500: the site did what it should."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; changes the record."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
            record.exc_text = None
        return True
