"""SITE=public and SITE=staff as separate processes: neither serves the other's pages, and the public one knows no other role."""

import re

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER
from tests.commands import manage
from tests.databases import ROLES, Copy, collect_static_files
from tests.deployment.processes import ask, free_port, running_gunicorn, variables_of

PAIR = f"id_number={ABSENT_ID}&certificate_number={ABSENT_NUMBER}".encode()
WHO = (
    "from django.conf import settings; from django.db import connections; "
    "print(sorted({str(d['USER']) for d in settings.DATABASES.values()})); "
    "from django.urls import get_resolver; print(any('staff' in str(p.pattern) for p in get_resolver().url_patterns))"
)


def test_the_public_process_has_no_staff_address_counts_requests_and_tells_nothing_of_anybody(
    fresh_database: Copy,
) -> None:
    collect_static_files()
    metrics = free_port()
    with running_gunicorn(variables_of(fresh_database, "public", METRICS_PORT=str(metrics))) as port:
        site = f"http://127.0.0.1:{port}"
        assert [ask(f"{site}{path}")[0] for path in ("/", "/healthz", "/readyz")] == [200] * 3
        assert [ask(f"{site}{path}")[0] for path in ("/staff", "/staff/", "/staff/login/")] == [404] * 3
        assert ask(f"{site}/lookup/", body=PAIR)[0] == 200
        assert ask(f"{site}/{ABSENT_ID}")[0] == 404
        status, told = ask(f"http://127.0.0.1:{metrics}/metrics")
        assert ask(f"{site}/metrics")[0] == 404
    assert status == 200
    pattern = r'^certlookup_requests_total{.*status="(\d+)".*view="([^"]*)".*} ([\d.]+)$'
    counted = [(found[1], found[2], float(found[3])) for found in re.finditer(pattern, told, re.MULTILINE)]
    unknown = sum(count for status, view, count in counted if (status, view) == ("404", "none"))
    assert unknown >= 4, "what both processes counted is added up"
    assert sum(count for _, _, count in counted) >= 8
    assert 'certlookup_request_seconds_count{site="public"}' in told
    assert ABSENT_ID not in told
    assert ABSENT_NUMBER not in told
    assert "127.0.0.1" not in told


def test_the_public_process_cannot_connect_as_another_even_if_its_environment_names_them(fresh_database: Copy) -> None:
    everything = fresh_database.environment() | {"SITE": "public"}
    told = manage(everything, "shell", "--no-imports", "-c", WHO).stdout.splitlines()
    assert told == [f"['{ROLES['public']}']", "False"]
    warned = manage(everything, "check", "--tag", "certlookup")
    assert "certlookup.W002" in warned.stderr
    alone = manage(variables_of(fresh_database, "public"), "check", "--tag", "certlookup", "--fail-level", "WARNING")
    assert alone.returncode == 0, alone.stderr


def test_the_staff_process_has_no_public_address_but_its_health(fresh_database: Copy) -> None:
    collect_static_files()
    with running_gunicorn(variables_of(fresh_database, "staff")) as port:
        site = f"http://127.0.0.1:{port}"
        assert ask(f"{site}/staff/login/")[0] == 200
        assert [ask(f"{site}{path}")[0] for path in ("/", "/en/", "/lookup/")] == [404] * 3
        assert [ask(f"{site}{path}")[0] for path in ("/healthz", "/readyz")] == [200] * 2
