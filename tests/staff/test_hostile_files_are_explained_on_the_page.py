"""The same hostile files through the upload page and the worker: a sentence on the page, and nobody else is held up."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.make import Cast, make_attempt, make_period
from tests.spreadsheets.hostile import HOSTILE, good
from tests.staff.make import sign_in, text_of
from uploads.intake.staging import check_attempt
from uploads.models import Attempt, RowProblem, StagedRow

pytestmark = pytest.mark.django_db
UPLOAD = "/staff/batches/upload/"


@pytest.fixture(autouse=True)
def uploads(settings: object, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = tmp_path / "uploads"  # type: ignore[attr-defined]
    return tmp_path / "uploads"


def send(cast: Cast, content: bytes, name: str = "上报.xlsx") -> Attempt:
    form = {"office": "3702", "period": make_period().code, "origin": "exam_system", "hand_made_reason": ""}
    answer = sign_in(cast.operator).post(UPLOAD, form | {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, text_of(answer)
    attempt = Attempt.objects.latest("id")
    check_attempt(attempt.id)
    attempt.refresh_from_db()
    return attempt


@pytest.mark.parametrize(
    "what",
    [
        "cut, xlsx", "password, xls", "page of the web", "macros", "bomb by ratio", "bomb that lies", "overlapping entries",
        "entities", "cell in the far corner", "million of repeated cells, ods", "200 columns", "two sheets that match",
        "byte that is no UTF-8", "NUL", "noise",
    ],
)  # fmt: skip
def test_a_hostile_file_is_explained_and_the_next_one_is_checked(what: str, uploads: Path) -> None:
    cast, hostile = Cast(), HOSTILE[what]
    attempt = send(cast, hostile.make(), hostile.name)
    assert (attempt.state, attempt.unreadable_rule) == ("unreadable", hostile.rule)
    page = text_of(sign_in(cast.operator).get(f"/staff/batches/{attempt.batch_id}/"))
    assert hostile.rule in page
    assert hostile.word in page
    assert not StagedRow.objects.exists()
    assert not RowProblem.objects.exists()
    assert os.listdir(uploads) == [attempt.stored_name]
    other = make_attempt(by=Cast("3701").operator, office="3701")
    assert (other.state, other.accepted_count + other.refused_count) == ("checked", 3)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.xlsx", "passwd.xlsx"),
        ("C:\\数据\\上报.xlsx", "上报.xlsx"),
        ("\u202excod.xlsx", "xcod.xlsx"),
        ("换\n行\t\x7f.xlsx", "换行.xlsx"),
        ("名" * 250 + ".xlsx", "名" * 195 + ".xlsx"),
        ("<b>x</b>&.xlsx", "b>&.xlsx"),
        ("=cmd()!A0.xlsx", "=cmd()!A0.xlsx"),
    ],
)
def test_a_file_name_is_shown_and_never_used(name: str, shown: str, uploads: Path) -> None:
    cast = Cast()
    attempt = send(cast, good(), name)
    assert attempt.state == "checked"
    assert os.listdir(uploads) == [attempt.stored_name]
    assert attempt.original_name == shown
    page = sign_in(cast.operator).get(f"/staff/batches/{attempt.batch_id}/")
    assert page.status_code == 200
    assert "<b>x" not in page.content.decode()


@pytest.mark.parametrize(
    "name", [b"..", b".", b"a\x00b.xlsx", b"a\r.xlsx", b"\xff\xfe.xlsx", b"x" * 5000 + b".xlsx", b"/"]
)
def test_a_file_name_as_no_browser_sends_it_is_no_error_of_ours(name: bytes, uploads: Path) -> None:
    fields = {"office": "3702", "period": make_period().code, "origin": "exam_system", "hand_made_reason": ""}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    body = "".join(parts).encode() + (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + good() + b"\r\n--x--\r\n"
    )
    answer = sign_in(Cast().operator).post(UPLOAD, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (200, 302, 400)
    assert len(os.listdir(uploads)) if answer.status_code == 302 else not uploads.exists()
    for attempt in Attempt.objects.all():
        assert attempt.original_name.isprintable()
        assert "/" not in attempt.original_name
