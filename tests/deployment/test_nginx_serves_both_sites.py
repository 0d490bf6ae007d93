"""docs/deploy as a server runs it: nginx with that very file, one gunicorn for each site, a certificate looked up through it."""

import http.client
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests.databases import Copy, collect_static_files
from tests.deployment.processes import running_gunicorn, variables_of
from tests.deployment.webserver import OFFICE, PUBLIC_HOST, STAFF_HOST, WebServer, running_nginx
from tests.make import Cast, make_id_number, make_published_release, make_row, make_rows
from uploads.models import AuditEntry

LOGIN = "/staff/login/"


@pytest.fixture
def server(fresh_database: Copy, tmp_path: Path) -> Iterator[WebServer]:
    collect_static_files()
    make_published_release(Cast(), rows=make_rows(2))

    def variables(site: str, host: str) -> dict[str, str]:
        return variables_of(
            fresh_database, site, SITE_ADDRESS=f"https://{host}", ALLOWED_HOSTS=host, TRUSTED_PROXIES="127.0.0.1"
        )

    with (
        running_gunicorn(variables("public", PUBLIC_HOST)) as public,
        running_gunicorn(variables("staff", STAFF_HOST)) as staff,
        running_nginx(tmp_path, public=public, staff=staff) as nginx,
    ):
        yield nginx


def test_a_certificate_is_looked_up_and_the_staff_site_is_there_for_the_offices_alone(server: WebServer) -> None:
    home = server.ask(PUBLIC_HOST, "/")
    assert home.status == 200
    assert home.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    pair = {"id_number": make_id_number(seed=0), "certificate_number": str(make_row(seed=0)["证书编号"])}
    found = server.ask(PUBLIC_HOST, "/lookup/", body=urlencode(pair))
    assert (found.status, 'data-outcome="found"' in found.text) == (200, True)
    assert found.headers["Cache-Control"] == "no-store"
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', home.text)
    assert stylesheet is not None
    style = server.ask(PUBLIC_HOST, stylesheet[1], headers={"Accept-Encoding": "gzip"})
    assert (style.status, style.headers["Content-Encoding"]) == (200, "gzip")
    assert style.headers["Cache-Control"].startswith("public, max-age=")

    for path in ("/staff", "/staff/", LOGIN, "/staff/people/"):
        for source in (OFFICE, "127.0.0.1"):
            assert server.ask(PUBLIC_HOST, path, source=source).status == 404, "the public name has no staff site"
        assert server.ask(STAFF_HOST, path).status == 404, "outside the offices there is no staff site"
    spoofed = server.ask(STAFF_HOST, LOGIN, headers={"X-Forwarded-For": OFFICE, "X-Real-IP": OFFICE})
    assert spoofed.status == 404
    assert server.ask(STAFF_HOST, "/lookup/", source=OFFICE).status == 404

    login = server.ask(STAFF_HOST, LOGIN, source=OFFICE)
    assert login.status == 200
    assert all("Secure" in cookie and "Path=/staff/" in cookie for cookie in login.cookies)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', login.text)
    assert token is not None
    tried = server.ask(
        STAFF_HOST,
        LOGIN,
        source=OFFICE,
        body=urlencode({"csrfmiddlewaretoken": token[1], "staff_number": "NOBODY", "password": "wrong"}),
        headers={
            "Cookie": "; ".join(cookie.split(";")[0] for cookie in login.cookies),
            "Referer": f"https://{STAFF_HOST}{LOGIN}",
            "Origin": f"https://{STAFF_HOST}",
            "X-Forwarded-For": "9.9.9.9",
        },
    )
    assert tried.status == 200, tried.text
    assert AuditEntry.objects.filter(action="login").latest("number").address == OFFICE

    written = server.logs()
    assert pair["id_number"] not in written
    assert pair["certificate_number"] not in written
    public_log = (server.folder / "certlookup-public.log").read_text()
    assert "/lookup" not in public_log
    assert "127.0.0.1" not in public_log
    assert f"{OFFICE} 200 GET {LOGIN}" in (server.folder / "certlookup-staff.log").read_text()


def test_plain_requests_are_led_to_tls_and_other_names_get_no_answer(server: WebServer) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", server.plain_port, timeout=30)
    plain.request("GET", "/schedule/", headers={"Host": PUBLIC_HOST})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{PUBLIC_HOST}/schedule/")
    with pytest.raises(ssl.SSLError):
        server.ask("other.example.com", "/")
    unknown = http.client.HTTPConnection("127.0.0.1", server.plain_port, timeout=30)
    unknown.request("GET", "/", headers={"Host": "other.example.com"})
    with pytest.raises(http.client.RemoteDisconnected):
        unknown.getresponse()


def test_limits_and_a_process_that_is_away(fresh_database: Copy, tmp_path: Path) -> None:
    collect_static_files()
    with running_nginx(tmp_path, public=1, staff=1) as nginx:
        away = nginx.ask(PUBLIC_HOST, "/")
        assert (away.status, away.headers["Retry-After"]) == (503, "60")
        assert "不表示未查询到证书" in away.text
        assert nginx.ask(PUBLIC_HOST, "/lookup/", body="x" * (13 * 1024 * 1024)).status == 413
        assert nginx.ask_often(PUBLIC_HOST, "/", times=200) == {429, 503}
        assert (settings.STATIC_ROOT / "css" / "site.css").is_file()
        assert nginx.ask(PUBLIC_HOST, "/static/css/site.css").status == 200
