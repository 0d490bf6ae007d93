"""What is taken for a whole, plain request by its bytes alone, and what is left to gunicorn."""

import pytest

from certlookup.plainrequest import PlainRequest, read_plain

BODY = b"id_number=37990119700101001X"
POST = (
    b"POST /lookup/ HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 28\r\nConnection: keep-alive\r\n\r\n" + BODY
)
GET = b"GET /en/?a=%20b HTTP/1.1\r\nhost:example.org\r\n\r\n"


def test_a_whole_plain_request_is_known_by_its_method_and_path() -> None:
    assert len(BODY) == 28
    assert read_plain(POST) == PlainRequest("POST", "/lookup/")
    assert read_plain(GET) == PlainRequest("GET", "/en/?a=%20b")
    assert read_plain(GET.replace(b"GET", b"HEAD")) == PlainRequest("HEAD", "/en/?a=%20b")


def test_no_beginning_of_it_is_and_nothing_longer() -> None:
    for whole in (POST, GET):
        assert [end for end in range(len(whole)) if read_plain(whole[:end])] == []
        assert read_plain(whole + b"G") is None
        assert read_plain(whole + GET) is None, "the second would be lost"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"Content-Length: 28", b"Content-Length: 28\r\nContent-Length: 28"),
        (b"Content-Length: 28", b"Content-Length: 28\r\nTransfer-Encoding: chunked"),
        (b"Content-Length: 28", b"Transfer-Encoding: chunked"),
        (b"Content-Length: 28", b"Content-Length : 28"),
        (b"Content-Length: 28", b"Content-Length: +28"),
        (b"Content-Length: 28", b"Content-Length: 28,28"),
        (b"Content-Length: 28", b"Content-Length:\r\n 28"),
        (b"Content-Length: 28", b"Content-Length: 28\r\nExpect: 100-continue"),
        (b"Content-Length: 28", b"Content-Length: 28\r\nUpgrade: h2c"),
        (b"Content-Length: 28", b"Content-Length: 27"),
        (b"Content-Length: 28", b"X: \0\r\nContent-Length: 28"),
        (b"Content-Length: 28", b"X: \nContent-Length: 28"),
        (b"Content-Length: 28\r\n", b""),
        (b"Connection: keep-alive", b"Connection: close"),
        (b"Connection: keep-alive", b"Connection: keep-alive, Upgrade"),
        (b"Host: example.org\r\n", b""),
        (b"Host: example.org", b"Host: example.org\r\nhost: example.net"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"HTTP/1.1", b"HTTP/2.0"),
        (b"POST /lookup/", b"POST http://example.org/lookup/"),
        (b"POST /lookup/", b"POST  /lookup/"),
        (b"POST /lookup/", b"PUT /lookup/"),
        (b"POST /lookup/", b"POST /\xe6\x9f\xa5/"),
    ],
)
def test_what_could_be_read_in_two_ways_or_wants_more_is_left_to_gunicorn(written: bytes, instead: bytes) -> None:
    assert written in POST
    assert read_plain(POST.replace(written, instead)) is None
