"""clamd itself, on a socket, with the settings that docs/deployment.md gives it and one signature: EICAR's test file.

The signature comes by itself, or in a container as the official ones do, which has a number and a time.
"""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from certlookup.clamd import version
from certlookup.postgres.keeper import die_with_parent
from tests.intake.test_files_are_scanned_for_viruses import receive
from tests.make import Cast, make_rows, make_workbook
from tests.oversight.scanner import EICAR
from uploads.models import Attempt, AuditEntry
from uploads.oversight.matters.safety import look_at_scanner
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
PATIENCE = 60
LIMITS = "StreamMaxLength 210M\nMaxFileSize 210M\nMaxScanSize 500M\n"


SIGNED = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test\n".encode()


@pytest.fixture
def clamd(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Its address, while it runs with the signature by itself."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    with running("trial.hdb", SIGNED) as address:
        settings.CLAMD_ADDRESS = address
        yield address


@contextmanager
def running(name: str, signatures: bytes, *, zone: str = "UTC") -> Iterator[str]:
    """Its address, while it runs with a file of signatures."""
    program = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "make test-full installs clamav-daemon"
    with tempfile.TemporaryDirectory(prefix="certlookup-clamd-") as made:
        folder = Path(made)
        folder.chmod(0o777)
        (folder / name).write_bytes(signatures)
        socket = folder / "clamd.ctl"
        configuration = folder / "clamd.conf"
        configuration.write_text(f"LocalSocket {socket}\nDatabaseDirectory {folder}\nForeground yes\n{LIMITS}")
        process = subprocess.Popen(
            [program, f"--config-file={configuration}"],
            env=os.environ | {"TZ": zone},
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - as it must be
        )
        try:
            patience = time.monotonic() + PATIENCE
            while not socket.exists():
                assert process.poll() is None, "clamd ended while starting; what it said stands above"
                assert time.monotonic() < patience, "clamd did not listen"
                time.sleep(0.05)
            yield f"unix:{socket}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def make_daily(at: datetime) -> bytes:
    """The signature as container 27458 of a time, as freshclam would bring it, but that nobody has signed it."""
    head = f"ClamAV-VDB:{at:%d %b %Y %H-%M +0000}:27458:1:90:{{}}:X:trial:{int(at.timestamp())}"
    digest = hashlib.sha256(SIGNED).hexdigest()
    info = f"{head.format('X')}\ndaily.hdb:{len(SIGNED)}:{digest}\n".encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("COPYING", b"-\n"), ("daily.info", info), ("daily.hdb", SIGNED)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    body = packed.getvalue()
    return head.format(hashlib.md5(body, usedforsecurity=False).hexdigest()).ljust(512).encode() + body


def with_attachment(workbook: bytes, content: bytes) -> bytes:
    """The workbook with one more file inside, as a mail program or a macro virus would leave it."""
    out = io.BytesIO(workbook)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.com", content)
    return out.getvalue()


def test_a_clean_file_passes_and_the_test_file_is_refused_by_itself_and_inside_a_workbook(clamd: str) -> None:
    by, workbook = Cast().operator, make_workbook(make_rows(2))
    receive(by, workbook)
    for infected in (EICAR, with_attachment(workbook, EICAR)):
        with pytest.raises(Refusal, match="file_is_infected"):
            receive(by, infected)
    assert Attempt.objects.count() == 1
    refused = AuditEntry.objects.filter(action="file.scan", outcome="refused")
    assert [entry.detail["signature"] for entry in refused] == ["Eicar-Test.UNOFFICIAL"] * 2


def test_the_system_page_names_the_engine_and_does_not_call_it_well_without_the_official_signatures(clamd: str) -> None:
    assert version(clamd).engine.startswith("ClamAV ")
    seen = look_at_scanner()
    assert (seen.condition, "ClamAV " in seen.chinese) == ("failure", True)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_the_signatures_age_is_told_and_old_ones_are_a_warning(settings: Settings, zone: str) -> None:
    # Late in the evening: in another zone it is the next day already.
    evening = (datetime.now(UTC) - timedelta(days=1)).replace(hour=15, minute=30, second=0, microsecond=0)
    for at, condition in ((evening, "well"), (evening - timedelta(days=9), "warning")):
        with running("daily.cud", make_daily(at), zone=zone) as settings.CLAMD_ADDRESS:
            seen = look_at_scanner()
        assert seen.condition == condition
        assert f"病毒库 27458，{at:%Y-%m-%d}" in seen.chinese
        assert f"signatures 27458 of {at:%Y-%m-%d}" in seen.english
        assert ("超过 7 天" in seen.chinese) == (condition == "warning")


def test_a_file_of_the_longest_kind_fits_through_its_limits(clamd: str) -> None:
    receive(Cast().operator, bytes(1024) * 1024 * 64)
    assert not AuditEntry.objects.filter(action="file.scan").exists()
