"""clamd itself, on a socket, with the settings that docs/deployment.md gives it and one signature: EICAR's test file."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
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


@pytest.fixture
def clamd(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Its address, while it runs."""
    program = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "make test-full installs clamav-daemon"
    settings.UPLOADS_DIR = tmp_path / "uploads"
    with tempfile.TemporaryDirectory(prefix="certlookup-clamd-") as made:
        folder = Path(made)
        folder.chmod(0o777)
        (folder / "trial.hdb").write_text(
            f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test\n"
        )
        socket = folder / "clamd.ctl"
        configuration = folder / "clamd.conf"
        configuration.write_text(f"LocalSocket {socket}\nDatabaseDirectory {folder}\nForeground yes\n{LIMITS}")
        process = subprocess.Popen(
            [program, f"--config-file={configuration}"],
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - as it must be
        )
        try:
            patience = time.monotonic() + PATIENCE
            while not socket.exists():
                assert process.poll() is None, "clamd ended while starting; what it said stands above"
                assert time.monotonic() < patience, "clamd did not listen"
                time.sleep(0.05)
            settings.CLAMD_ADDRESS = f"unix:{socket}"
            yield settings.CLAMD_ADDRESS
        finally:
            process.terminate()
            process.wait(PATIENCE)


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


def test_a_file_of_the_longest_kind_fits_through_its_limits(clamd: str) -> None:
    receive(Cast().operator, bytes(1024) * 1024 * 64)
    assert not AuditEntry.objects.filter(action="file.scan").exists()
