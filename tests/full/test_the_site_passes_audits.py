"""The public site under other people's scales: the Nu checker, Lighthouse, and the MDN HTTP Observatory."""

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.browser.chromium import find_or_install
from tests.browser.test_every_public_page import addresses
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, Pair, publish
from tests.conftest import serving
from tests.databases import Copy
from tests.make import make_row

AUDITS = Path(os.environ["TEST_SITE_AUDITS"])
HOST = "cert.example.cn"


@pytest.fixture
def pair(fresh_database: Copy) -> Pair:
    """One published certificate."""
    [published] = publish(make_row(seed=7))
    return published


def run(*command: str | Path) -> str:
    """What a program prints; the test fails with what it says where it fails."""
    done = subprocess.run(command, cwd=AUDITS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fetch(address: str, body: dict[str, str] | None = None) -> bytes:
    """A page's content, an error page's too."""
    data = urllib.parse.urlencode(body).encode() if body else None
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=data), timeout=30) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        return error.read()


def test_every_page_is_valid_html(running_site: str, pair: Pair, tmp_path: Path) -> None:
    lookups = {
        "found": {"id_number": pair.id_number, "certificate_number": pair.certificate_number},
        "absent": {"id_number": ABSENT_ID, "certificate_number": ABSENT_NUMBER},
        "invalid": {"id_number": "12", "certificate_number": "34"},
    }
    pages = 0
    for prefix in ("", "/en", "/large"):
        for address in (*addresses(), "/no/such/page"):
            pages += 1
            (tmp_path / f"{pages:03} {prefix}{address}.html".replace("/", "_")).write_bytes(
                fetch(f"{running_site}{prefix}{address}")
            )
        for name, body in lookups.items():
            (tmp_path / f"{name}{prefix.replace('/', '_')}.html").write_bytes(
                fetch(f"{running_site}{prefix}/lookup/", body)
            )
    for name in ("500", "503"):
        (tmp_path / f"{name}.html").write_bytes(fetch(f"{running_site}/static/errors/{name}.html"))
    answer = run("java", "-jar", "node_modules/vnu-jar/build/dist/vnu.jar", "--format", "json", "--stdout",
                 "--exit-zero-always", str(tmp_path))  # fmt: skip
    found = [
        f"{Path(message['url']).name}: {message['message']} {message.get('extract', '')}"
        for message in json.loads(answer)["messages"]
        if message["type"] != "info" or message.get("subType") == "warning"
    ]
    assert not found, "\n".join(found)


def test_lighthouse_gives_full_marks(running_site: str, pair: Pair) -> None:
    chromium = str(find_or_install())
    answer = json.loads(run("node", "lighthouse.mjs", running_site, chromium, pair.id_number, pair.certificate_number))
    for place in ("home", "result"):
        marks = answer[place]
        assert (marks["accessibility"], marks["best-practices"]) == (100, 100), marks
        assert marks["performance"] >= 95, marks


@pytest.mark.parametrize("path", ["/", "/en/", "/staff/login/"])
def test_the_observatory_gives_its_top_grade(fresh_database: Copy, path: str) -> None:
    variables = {
        "SITE_ADDRESS": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with serving(fresh_database, **variables) as address:
        answer = json.loads(run("node", "observatory.mjs", address, HOST, path))
    assert answer["grade"] == "A+", answer
    assert not answer["lost"], answer
