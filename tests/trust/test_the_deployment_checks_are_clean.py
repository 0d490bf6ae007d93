"""manage.py check --deploy: nothing to warn of outside the demo, and plain requests are led to TLS."""

import secrets
from pathlib import Path

from tests.commands import manage
from tests.databases import Copy


def production(copy: Copy, folder: Path) -> dict[str, str]:
    return copy.environment() | {
        "DEMO": "0",
        "SITE_ADDRESS": "https://zs.example.cn",
        "ALLOWED_HOSTS": "zs.example.cn",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "VAR_DIR": str(folder),
        "CERTLOOKUP_KEYS": (Path(copy.environment()["VAR_DIR"]) / "keys" / "certlookup_keys").read_text().strip(),
        "BACKUP_RECIPIENT": (Path(copy.environment()["VAR_DIR"]) / "keys" / "backup_recipient").read_text().strip(),
    }


def test_a_deployment_outside_the_demo_has_no_warnings(fresh_database: Copy, tmp_path: Path) -> None:
    answer = manage(production(fresh_database, tmp_path), "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr


def test_without_tls_a_visitor_is_redirected_and_a_watcher_is_answered(fresh_database: Copy, tmp_path: Path) -> None:
    script = (
        "from django.test import Client; c = Client(SERVER_NAME='zs.example.cn'); "
        "print([(p, c.get(p).status_code) for p in ('/', '/staff/login/', '/healthz')], "
        "c.get('/', secure=True).headers['Strict-Transport-Security'])"
    )
    answer = manage(production(fresh_database, tmp_path), "shell", "--no-imports", "-c", script)
    assert "[('/', 301), ('/staff/login/', 301), ('/healthz', 200)]" in answer.stdout, answer.stderr
    assert "max-age=31536000; includeSubDomains; preload" in answer.stdout
