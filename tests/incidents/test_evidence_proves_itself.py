"""The evidence bundle: what the account did, whole, provable with docs/verify_audit_export.py, and nothing of other people's acts."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.incidents.make import Watch, make_incident
from tests.make import Cast, make_published_release, make_rows
from uploads.models import AuditEntry, Incident
from uploads.oversight.evidence import hand_out_evidence
from uploads.oversight.incidents import deeds_of
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
Bundle = dict[str, bytes]


@pytest.fixture
def story() -> tuple[Watch, Incident, Bundle]:
    """The city's operator, whose batch was published, has lost the account."""
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    watch = Watch(account=cast.operator.person)
    incident = make_incident(watch)
    return watch, incident, unpacked(watch, incident)


def unpacked(watch: Watch, incident: Incident) -> Bundle:
    with hand_out_evidence(by=watch.security, incident=incident).file as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def lines(content: bytes) -> list[dict[str, str]]:
    return [json.loads(line) for line in content.decode().splitlines()]


def check(folder: Path, bundle: Bundle, *options: str) -> subprocess.CompletedProcess[str]:
    """What an outsider does with the bundle: the script in it, Python alone, in isolated mode."""
    for name, content in bundle.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-I", "verify_audit_export.py", "entries.jsonl", "--chain", "chain.jsonl", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_it_holds_every_entry_of_the_account_and_no_content_of_others(
    story: tuple[Watch, Incident, Bundle],
) -> None:
    watch, incident, bundle = story
    held = lines(bundle["entries.jsonl"])
    wanted = deeds_of(watch.account, incident.since)
    assert [int(entry["number"]) for entry in held] == list(wanted.values_list("number", flat=True))
    assert {"file.received", "batch.signed"} <= {entry["action"] for entry in held}
    chain = lines(bundle["chain.jsonl"])
    assert chain[0]["number"] == held[0]["number"]
    assert [int(entry["number"]) for entry in chain] == list(
        range(int(held[0]["number"]), int(chain[-1]["number"]) + 1)
    )
    assert {frozenset(entry) for entry in chain} == {frozenset({"number", "content", "previous", "hash"})}
    anchors = json.loads(bundle["anchors.json"])
    assert anchors["head"] == {"number": int(chain[-1]["number"]), "hash": chain[-1]["hash"]}


def test_its_manifest_names_every_file_by_its_digest(story: tuple[Watch, Incident, Bundle]) -> None:
    _, _, bundle = story
    manifest = json.loads(bundle.pop("manifest.json"))
    assert {name: hashlib.sha256(content).hexdigest() for name, content in bundle.items()} == {
        name: line["sha256"] for name, line in manifest.items()
    }
    readme = bundle["README.txt"].decode()
    assert "怎样核验" in readme
    assert "To check" in readme
    assert all(name in readme for name in [*bundle, "manifest.json"] if name != "README.txt")


def test_files_and_what_was_touched_are_listed(story: tuple[Watch, Incident, Bundle]) -> None:
    watch, _, bundle = story
    (uploaded,) = json.loads(bundle["files.json"])
    received = AuditEntry.objects.get(action="file.received", person_id=watch.account.pk)
    assert uploaded["sha256"] in json.dumps(received.detail)
    touched = json.loads(bundle["touched.json"])
    assert [batch["state"] for batch in touched["batches"]] == ["published"]


def test_an_outsider_proves_it_up_to_a_state_that_was_published(
    story: tuple[Watch, Incident, Bundle], tmp_path: Path
) -> None:
    _, _, bundle = story
    known = json.loads(bundle["anchors.json"])["publications"][0]["audit_head"]
    answer = check(tmp_path, bundle, "--head", known)
    assert (answer.returncode, answer.stdout.splitlines()[-1]) == (0, "WHOLE"), answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("entries.jsonl", ('"outcome": "done"', '"outcome": "refused"'), "was changed"),
        ("entries.jsonl", ("127.0.0.1", "10.0.0.1"), "was changed"),
        ("chain.jsonl", ('"previous": "', '"previous": "00'), "follow"),
    ],
)
def test_a_changed_bundle_is_not_whole(
    story: tuple[Watch, Incident, Bundle], tmp_path: Path, file: str, change: tuple[str, str], said: str
) -> None:
    _, _, bundle = story
    text = bundle[file].decode()
    assert change[0] in text
    bundle[file] = text.replace(*change, 2).encode()
    answer = check(tmp_path, bundle)
    assert answer.returncode == 1
    assert said in answer.stdout


def test_an_entry_left_out_of_the_chain_shows(story: tuple[Watch, Incident, Bundle], tmp_path: Path) -> None:
    _, _, bundle = story
    kept = bundle["chain.jsonl"].splitlines(keepends=True)
    bundle["chain.jsonl"] = b"".join(kept[:2] + kept[3:])
    answer = check(tmp_path, bundle)
    assert answer.returncode == 1
    assert "is missing" in answer.stdout


def test_who_may_not_takes_none_and_the_try_is_recorded() -> None:
    watch = Watch()
    incident = make_incident(watch)
    for by in (watch.head, watch.deputy, watch.system):
        with pytest.raises(Refusal, match="person_not_entitled"):
            hand_out_evidence(by=by, incident=incident)
    own = make_incident(Watch(account=watch.security.person))
    with pytest.raises(Refusal, match="person_not_entitled"):
        hand_out_evidence(by=watch.security, incident=own)
    assert AuditEntry.objects.filter(action="incident.evidence_handed_out", outcome="refused").count() == 4


def test_each_download_is_recorded_with_its_digest() -> None:
    watch = Watch()
    incident = make_incident(watch)
    made = hand_out_evidence(by=watch.auditor, incident=incident)
    with made.file as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    entry = AuditEntry.objects.get(action="incident.evidence_handed_out")
    assert (entry.detail["file"], entry.person_id) == (digest, watch.auditor.person.pk)
    assert made.name.startswith(f"incident-{incident.pk}-")
