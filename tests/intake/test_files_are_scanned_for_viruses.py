"""With a clamd, no file comes in unscanned: infected ones are refused and recorded, and while it can't say, all are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from certificates.models import Office
from certificates.pages.forms.lists import ListForm
from certificates.pages.forms.scanned import ScannedFileField
from tests.make import PNG, Cast, make_period, make_rows, make_workbook
from tests.oversight.scanner import EICAR, SIGNATURE, FakeClamd, running_clamd
from uploads.actor import Actor
from uploads.intake.parked import Offered, park_files
from uploads.intake.prechecks import request_precheck
from uploads.intake.receive import receive_file
from uploads.intake.trials import receive_sample
from uploads.models import Attempt, AuditEntry, BatchKind, Origin, ParkedFile, Precheck
from uploads.oversight.matters import Condition
from uploads.oversight.matters.safety import look_at_scanner
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def clamd(settings: Settings, tmp_path: Path) -> Iterator[FakeClamd]:
    # Folders of its own: other processes of the session put files into the common ones.
    settings.UPLOADS_DIR, settings.UNSENT_DIR = tmp_path / "uploads", tmp_path / "unsent"
    with running_clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        yield server


def receive(by: Actor, content: bytes) -> Attempt:
    return receive_file(
        by=by, office=Office.objects.get(code="3702"), period=make_period(), content=[content], name="上报.xlsx",
        origin=Origin.EXAM_SYSTEM,
    )  # fmt: skip


def files() -> set[str]:
    folders = (configured.UPLOADS_DIR, configured.UNSENT_DIR)
    return {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}


def test_a_clean_file_comes_in_whole_and_an_infected_one_is_refused_and_recorded(clamd: FakeClamd) -> None:
    by, content = Cast().operator, make_workbook(make_rows(2))
    receive(by, content)
    assert clamd.scanned == [content]
    before = files()
    with pytest.raises(Refusal, match="file_is_infected") as refused:
        receive(by, content + EICAR)
    assert "没有收下" in refused.value.sentence()
    assert files() == before
    assert Attempt.objects.count() == 1
    entry = AuditEntry.objects.get(action="file.scan")
    assert (entry.outcome, entry.person_id, entry.detail["signature"]) == ("refused", by.person.pk, SIGNATURE)


@pytest.mark.parametrize("trouble", ["away", "speechless", "says something else", "file too long for it"])
def test_while_it_cannot_say_nothing_is_taken(clamd: FakeClamd, settings: Settings, trouble: str) -> None:
    if trouble == "away":
        settings.CLAMD_ADDRESS = "127.0.0.1:1"
    elif trouble == "file too long for it":
        clamd.longest = 1000
    else:
        clamd.answer = b"" if trouble == "speechless" else b"COMMAND READ TIMED OUT\0"
    before = files()
    with pytest.raises(Refusal, match="file_cannot_be_scanned"):
        receive(Cast().operator, make_workbook(make_rows(2)))
    assert files() == before
    assert AuditEntry.objects.get(action="file.scan").detail["reason"] == "file_cannot_be_scanned"


def test_every_other_way_in_is_scanned_too(clamd: FakeClamd) -> None:
    cast = Cast()
    infected = make_workbook(make_rows(1)) + EICAR
    with pytest.raises(Refusal, match="file_is_infected"):
        request_precheck(
            by=cast.operator, office=Office.objects.get(code="3702"), period=make_period(), kind=BatchKind.REGULAR,
            content=[infected], name="预检.xlsx",
        )  # fmt: skip
    with pytest.raises(Refusal, match="file_is_infected"):
        receive_sample(by=cast.provincial_operator, content=[infected], name="样表.xlsx", base=None)
    offered = [Offered("审签表.png", [PNG]), Offered("上报.xlsx", [infected])]
    (left,) = park_files(by=cast.provincial_operator, files=offered)
    assert (left.name, "有病毒" in left.reason) == ("上报.xlsx", True)
    assert (ParkedFile.objects.count(), Precheck.objects.count()) == (1, 0)


def test_a_visitors_file_is_scanned_too(clamd: FakeClamd, settings: Settings) -> None:
    field = ScannedFileField()
    clean = field.clean(SimpleUploadedFile("名单.csv", b"a" * 5000))
    assert clean is not None
    assert (clean.read(), clamd.scanned) == (b"a" * 5000, [b"a" * 5000])
    with pytest.raises(ValidationError, match="发现病毒"):
        field.clean(SimpleUploadedFile("名单.csv", EICAR))
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    with pytest.raises(ValidationError, match="没有收下"):
        field.clean(SimpleUploadedFile("名单.csv", b"a"))
    assert isinstance(ListForm.base_fields["file"], ScannedFileField)


def test_the_system_page_tells_the_signatures_age_and_never_calls_their_absence_well(
    clamd: FakeClamd, settings: Settings
) -> None:
    assert look_at_scanner().condition == Condition.WELL
    clamd.signed_at = clamd.signed_at.replace(year=clamd.signed_at.year - 1)
    assert look_at_scanner().condition == Condition.WARNING
    clamd.answer = b"ClamAV 1.0.7\0"
    assert look_at_scanner().condition == Condition.FAILURE
    settings.CLAMD_ADDRESS = "unix:/nonexistent/clamd.ctl"
    assert look_at_scanner().condition == Condition.FAILURE
    settings.CLAMD_ADDRESS = ""
    assert look_at_scanner().condition == Condition.WARNING
