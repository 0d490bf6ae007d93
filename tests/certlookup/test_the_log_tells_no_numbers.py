"""The log names no person's number and has no stack trace for what a visitor sent wrong."""

import logging

import pytest
from django.test import Client

from certlookup.logs import LineFormatter, NoTraceForVisitors


def test_long_numbers_are_struck_out_wherever_they_stand() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", ("/37990119800101123X/",), None)
    record.exc_info = (ValueError, ValueError("Key (id)=(379901198001011231) is wrong"), None)
    written = LineFormatter("%(asctime)s %(message)s").format(record)
    assert "Not Found: /***/" in written
    assert "(***) is wrong" in written
    assert written.startswith("20")


def test_an_answer_below_500_has_no_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(NoTraceForVisitors())
    answer = Client().post("/lookup/", b"x", content_type="multipart/form-data; boundary=")
    assert answer.status_code == 400
    assert "Bad request" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_failure_keeps_its_stack_trace() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), (ValueError, ValueError("x"), None))
    record.status_code = 500
    NoTraceForVisitors().filter(record)
    assert "ValueError" in LineFormatter("%(message)s").format(record)
