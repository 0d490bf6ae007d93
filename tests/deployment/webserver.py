"""nginx with docs/deploy/nginx's very files; only ports and places are put in the way of a test."""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from certlookup.postgres.keeper import die_with_parent
from tests.databases import PROJECT
from tests.deployment.processes import PATIENCE, free_port

FILES = PROJECT / "docs" / "deploy" / "nginx"
PUBLIC_HOST, STAFF_HOST = "zs.example.cn", "zsgl.example.cn"
# The offices' network, as far as the test goes.
OFFICE, ELSEWHERE = "127.0.0.2", "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    text: str


@dataclass(frozen=True, slots=True)
class WebServer:
    """A running nginx."""

    tls_port: int
    plain_port: int
    folder: Path
    # The public site without TLS, for load: a test's own addition.
    load_port: int

    def ask(
        self,
        host: str,
        path: str,
        *,
        source: str = ELSEWHERE,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with that name in TLS and in the header, from that address."""
        connection = self._connect(host, source)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        with contextlib.closing(connection):
            connection.request("GET" if body is None else "POST", path, body, {"Host": host, **form, **(headers or {})})
            return _read(connection.getresponse())

    def ask_often(self, host: str, path: str, *, times: int) -> set[int]:
        """The statuses of that many requests, one after the other as fast as they are answered."""
        statuses = set()
        with contextlib.closing(self._connect(host, ELSEWHERE)) as connection:
            for _ in range(times):
                connection.request("GET", path, None, {"Host": host})
                statuses.add(_read(connection.getresponse()).status)
        return statuses

    def connect(self, host: str, source: str) -> ssl.SSLSocket:
        """A connection from that address to that name."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(_connected(source, self.tls_port), server_hostname=host)

    def _connect(self, host: str, source: str) -> HTTPSConnection:
        connection = HTTPSConnection("127.0.0.1", self.tls_port, timeout=60)
        connection.sock = self.connect(host, source)
        return connection

    def logs(self) -> str:
        """Everything that was written down."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def _connected(source: str, port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 60, (source, 0))


def _read(response: HTTPResponse) -> Answer:
    cookies = response.headers.get_all("Set-Cookie") or []
    return Answer(response.status, dict(response.headers.items()), cookies, response.read().decode("utf-8", "replace"))


def _write_certificate(folder: Path, host: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / f"{host}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{host}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _write_configuration(folder: Path, ports: Mapping[str, int], changes: Mapping[str, str]) -> None:
    for host in (PUBLIC_HOST, STAFF_HOST):
        _write_certificate(folder, host)
    (folder / "certlookup-staff-addresses.conf").write_text(f"{OFFICE} 1;\n")
    (folder / "certlookup-proxy.conf").write_text((FILES / "certlookup-proxy.conf").read_text())
    text = (FILES / "certlookup.conf").read_text()
    for written, put in (
        ("listen 443 ", f"listen 127.0.0.1:{ports['tls']} "),
        ("listen 80", f"listen 127.0.0.1:{ports['plain']}"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports['public']}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports['staff']}"),
        ("/etc/nginx/", f"{folder}/"),
        ("/etc/certlookup/tls/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/srv/certlookup/static/", f"{settings.STATIC_ROOT}/"),
        ("/opt/certlookup/", f"{PROJECT}/"),
        (
            f"server_name {PUBLIC_HOST};",
            f"server_name {PUBLIC_HOST};\n    listen 127.0.0.1:{ports['load']} backlog=4096;",
        ),
        *changes.items(),
    ):
        assert written in text, f"docs/deploy/nginx/certlookup.conf no longer says {written}"
        text = text.replace(written, put)
    (folder / "certlookup.conf").write_text(text)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        # As deployment.md has it done.
        + "worker_rlimit_nofile 16384;\nevents { worker_connections 8192; }\nhttp {\n"
        + f"include /etc/nginx/mime.types;\nclient_body_temp_path {folder}/body;\n{temporary}"
        + f"include {folder}/certlookup.conf;\n}}\n"
    )


@contextlib.contextmanager
def running_nginx(
    folder: Path, *, public: int, staff: int, changes: Mapping[str, str] | None = None
) -> Iterator[WebServer]:
    """An nginx before the gunicorns on these ports, until the end of the block; `changes` are made in its file."""
    ports = {"public": public, "staff": staff, "tls": free_port(), "plain": free_port(), "load": free_port()}
    _write_configuration(folder, ports, changes or {})
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert nginx is not None, "make test-full installs nginx"
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    checked = subprocess.run([*command[:-2], "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, preexec_fn=die_with_parent(signal.SIGTERM))  # noqa: PLW1509 - as it must be
    try:
        patience = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < patience, "nginx did not answer"
            try:
                _connected(ELSEWHERE, ports["tls"]).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield WebServer(ports["tls"], ports["plain"], folder, ports["load"])
    finally:
        process.terminate()
        process.wait(PATIENCE)
