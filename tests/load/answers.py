"""Answers on a connection that stays open, which urllib's never does."""

import socket
from http.client import HTTPResponse


def answer_to(connection: socket.socket, method: str = "POST") -> HTTPResponse:
    """The next answer, read to its end."""
    answer = HTTPResponse(connection, method=method)
    answer.begin()
    answer.read()
    return answer
