"""Addresses that aren't, methods that don't fit, bodies too large: each says what it is and leads on."""

import io

import pytest
from django.test import Client

from tests.certificates_pages.reading import read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/lookup/", "/en/lookup/"])
def test_the_address_of_answers_leads_to_the_form(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, path.removesuffix("lookup/"))
    assert client.head(path).status_code == 302


@pytest.mark.parametrize("path", ["/no/such/page", "/lookup", "/.git/config", "/lookup/370101", "/%E8%AF%81"])
def test_an_unknown_address(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "没有这个页面" in read(answer).text
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/lookup/", "POST"),
        ("delete", "/lookup/", "POST"),
        ("post", "/", "GET, HEAD"),
        ("patch", "/", "GET, HEAD"),
    ],
)
def test_a_method_that_does_not_fit(client: Client, method: str, path: str, allowed: str) -> None:
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert "不能这样打开这个页面" in read(answer).text


def test_a_body_too_large(client: Client) -> None:
    answer = client.post("/lookup/", {"id_number": "1" * 70_000, "certificate_number": "2"})
    assert answer.status_code == 413
    assert "提交的内容过大" in read(answer).text


def test_too_many_fields(client: Client) -> None:
    fields = "&".join(f"f{place}=1" for place in range(2_000))
    answer = client.post("/lookup/", fields, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 413)


class _BreaksOff(io.RawIOBase):
    """What is left of the body of somebody who has hung up."""

    def read(self, _size: int = -1) -> bytes:
        raise ConnectionResetError


def test_a_visitor_who_hangs_up_in_the_middle_is_no_failure_of_ours(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "9", "wsgi.input": _BreaksOff()}
    answer = client.generic("POST", "/lookup/", **body)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("length", ["-1", "many", "99999999999"])
def test_a_length_that_is_none(client: Client, length: str) -> None:
    assert client.post("/lookup/", {}, CONTENT_LENGTH=length).status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe=\xff", b"id_number=%00%00&certificate_number=%FF", b"a" * 100])
def test_a_body_that_is_no_form_is_an_incomplete_one(client: Client, body: bytes) -> None:
    answer = client.post("/lookup/", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, read(answer).outcome) == (200, "invalid")


@pytest.mark.parametrize("path", ["/", "/lookup/", "/staff/login/"])
def test_a_host_name_that_is_not_ours(client: Client, path: str) -> None:
    answer = client.get(path, headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_the_servers_are_watched_by_their_own_addresses(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "192.0.2.3"}).status_code == 200
