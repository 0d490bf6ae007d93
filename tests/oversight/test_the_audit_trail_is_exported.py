"""The trail leaves as JSON lines and csv, for audit administrators alone; an outsider checks the chain with Python alone."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.databases import PROJECT
from tests.make import Cast, make_actor, make_release
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, AuditHead, Capacity
from uploads.oversight.audit import record
from uploads.oversight.auditexport import ExportFormat, export_audit
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
SCRIPT = PROJECT / "docs" / "verify_audit_export.py"


@pytest.fixture
def auditor() -> Actor:
    make_release(Cast())
    return make_actor(Capacity.AUDIT_ADMINISTRATOR)


def downloaded(client: Client, address: str) -> str:
    answer = client.get(f"/staff/audit/{address}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def check(path: Path, content: str, *options: str) -> subprocess.CompletedProcess[str]:
    path.write_text(content, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path), *options],
        cwd="/", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_whole_chain_is_checked_from_the_json_lines(auditor: Actor, tmp_path: Path) -> None:
    record(
        by=auditor, action="login", detail={"odd": '引号" 反斜杠\\ 换行\n \u2028 😀 \x7f', "n": [1, 2.50, True, None]}
    )
    content = downloaded(sign_in(auditor), "export.jsonl")
    lines = [json.loads(line) for line in content.split("\n") if line]
    exported = AuditEntry.objects.get(action="audit.exported")
    assert len(lines) == exported.number - 1 == exported.detail["entries"]
    answer = check(tmp_path / "audit.jsonl", content, "--head", lines[-1]["hash"])
    assert (answer.returncode, answer.stdout.splitlines()[-1]) == (0, "WHOLE"), answer.stdout + answer.stderr
    assert "none left out" in answer.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [("staff_number", "X1"), ("recorded_at", "2020-01-01T00:00:00.000000Z"), ("address", "10.0.0.1"), ("detail", "{}"),
     ("action", "x"), ("previous", "00" * 32), ("hash", "00" * 32), ("content", "00" * 32)],
)  # fmt: skip
def test_one_changed_value_shows(auditor: Actor, tmp_path: Path, name: str, value: str) -> None:
    lines = [json.loads(line) for line in downloaded(sign_in(auditor), "export.jsonl").split("\n") if line]
    lines[4][name] = value
    answer = check(tmp_path / "audit.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    assert answer.returncode == 1
    assert "entry 5" in answer.stdout.lower()


def test_a_state_that_is_not_there_shows(auditor: Actor, tmp_path: Path) -> None:
    answer = check(tmp_path / "audit.jsonl", downloaded(sign_in(auditor), "export.jsonl"), "--head", "ab" * 32)
    assert answer.returncode == 1
    assert check(tmp_path / "x", "not JSON").returncode == 2


def test_a_filtered_export_says_what_it_leaves_out(auditor: Actor, tmp_path: Path) -> None:
    content = downloaded(sign_in(auditor), "export.jsonl?action=批次签字&subject_kind=batch")
    lines = [json.loads(line) for line in content.split("\n") if line]
    assert {line["action"] for line in lines} == {"batch.signed"}
    answer = check(tmp_path / "audit.jsonl", content)
    assert answer.returncode == 0
    assert "left out" in answer.stdout
    assert AuditEntry.objects.get(action="audit.exported").detail["action"] == "批次签字"


def test_the_csv_has_the_same_entries_and_no_formula(auditor: Actor) -> None:
    record(by=None, action="login", subject_kind="person", subject_id="=1+1", address="@SUM(A1)", outcome="refused")
    content = downloaded(sign_in(auditor), "export.csv")
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert len(rows) == AuditEntry.objects.get(action="audit.exported").number - 1
    odd = next(row for row in rows if row["subject_id"].endswith("=1+1"))
    assert (odd["subject_id"], odd["address"]) == ("'=1+1", "'@SUM(A1)")
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert rows[0]["hash"] == bytes(AuditEntry.objects.get(number=1).hash).hex()


def test_nobody_else_exports_and_the_try_is_recorded() -> None:
    others = sorted(set(Capacity) - {Capacity.AUDIT_ADMINISTRATOR})
    for capacity in others:
        client = sign_in(make_actor(capacity, "3702" if capacity.belongs_to_an_office else None))
        assert client.get("/staff/audit/export.jsonl").status_code == 403
        assert client.get("/staff/audit/export.csv").status_code == 403
    assert AuditEntry.objects.filter(action="page.opened", outcome="refused").count() == 2 * len(others)
    security = make_actor(Capacity.SECURITY_ADMINISTRATOR)
    with pytest.raises(Refusal, match="person_not_entitled"):
        export_audit(by=security, entries=AuditEntry.objects.all(), written_as=ExportFormat.CSV, asked={})


def test_a_wrong_filter_exports_nothing(auditor: Actor) -> None:
    client = sign_in(auditor)
    assert client.get("/staff/audit/export.csv?first_day=2026-13-01").status_code == 302
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


def test_the_page_filters_by_subject_and_address_and_shows_whether_the_chain_was_verified(auditor: Actor) -> None:
    record(by=auditor, action="login", address="x", subject_kind="person", subject_id="370001")
    client = sign_in(auditor)
    shown = text_of(client.get("/staff/audit/?subject_kind=person&subject_id=370001"))
    assert "共 1 条" in shown
    assert "还没有核对过" in shown
    assert "共 0 条" not in shown
    assert "没有符合条件的记录" in text_of(client.get("/staff/audit/?address=203.0.113.77"))


def test_long_trails_are_written_block_by_block(auditor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uploads.oversight.auditexport._AT_A_TIME", 3)
    lines = downloaded(sign_in(auditor), "export.jsonl").split("\n")
    numbers = [int(json.loads(line)["number"]) for line in lines if line]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > AuditHead.objects.get().number - 3
