"""证据包: what an account did since a time, as a .zip that proves itself (R13): entries, chain, anchors, files' digests.

Of other people's entries it holds hashes only: the chain can be checked without reading what is not the incident's.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from certificates.models import Publication
from uploads.actor import Actor
from uploads.models import (
    Attempt,
    AuditEntry,
    AuditHead,
    BackupProof,
    Batch,
    Capacity,
    Incident,
    ParkedFile,
    Person,
    Precheck,
    Release,
)
from uploads.oversight.audit import one_act, record
from uploads.oversight.auditexport import as_json_line, chain_lines, lines_of
from uploads.oversight.evidencetext import README
from uploads.oversight.incidents import deeds_of
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

MAY_TAKE = (Capacity.SECURITY_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR)
CHECKER = settings.BASE_DIR / "docs" / "verify_audit_export.py"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle: an open file that is gone when it is closed, its generated name, its SHA-256."""

    file: IO[bytes]
    name: str
    digest: str


class _Writer:
    """A .zip that notes the digest of everything put into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.manifest: dict[str, dict[str, object]] = {}

    def add(self, name: str, parts: Iterable[str]) -> None:
        """One file, written part by part."""
        digest, size = hashlib.sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as target:
            for part in parts:
                content = part.encode()
                digest.update(content)
                size += len(content)
                target.write(content)
        self.manifest[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def add_json(self, name: str, content: object) -> None:
        """One file of JSON, to be read by people too."""
        self.add(name, [json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"])

    def close(self) -> None:
        """The manifest comes last."""
        self.add_json("manifest.json", dict(self.manifest))
        self.archive.close()


def hand_out_evidence(*, by: Actor, incident: Incident) -> Bundle:
    """The bundle as of now, made anew each time. Writes audit. Raises Refusal.

    The security administrator's, who handles the incident, and the audit administrator's; nobody's whose account it is
    about. Its digest is in the entry that records it, so that a copy can be held against it later.
    """
    subject = {"subject_kind": "incident", "subject_id": str(incident.pk)}
    with one_act(by=by, action="incident.evidence_handed_out", **subject):
        if by.capacity not in MAY_TAKE or not holds(by.person, by.capacity) or by.person.pk == incident.account_id:
            raise Refusal("person_not_entitled", by.capacity)
    file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115 - the answer closes it
    digest, last = _write(file, incident)
    with one_act(by=by, action="incident.evidence_handed_out", **subject):
        record(by=by, action="incident.evidence_handed_out", detail={"file": digest, "until": last}, **subject)
    return Bundle(file, f"incident-{incident.pk}-{timezone.localtime():%Y%m%d-%H%M%S}.zip", digest)


def _folder() -> str:
    settings.UNSENT_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(settings.UNSENT_DIR)


def _write(file: IO[bytes], incident: Incident) -> tuple[str, int]:
    """Write the bundle; returns its digest and the newest entry that it reaches to."""
    last = AuditHead.objects.get().number
    deeds = _deeds(incident).filter(number__lte=last)
    first = deeds.order_by("number").values_list("number", flat=True).first() or last
    writer = _Writer(file)
    writer.add("README.txt", [README])
    writer.add_json("facts.json", _facts(incident))
    writer.add("entries.jsonl", map(as_json_line, lines_of(deeds, last=last)))
    writer.add("chain.jsonl", map(as_json_line, chain_lines(first=first, last=last)))
    writer.add_json("anchors.json", _anchors(last))
    writer.add_json("files.json", list(_files(incident, deeds)))
    writer.add_json("touched.json", _touched(deeds))
    if CHECKER.is_file():
        writer.add("verify_audit_export.py", [CHECKER.read_text(encoding="utf-8")])
    writer.close()
    file.seek(0)
    digest = _digest_of(file)
    file.seek(0)
    return digest, last


def _digest_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _deeds(incident: Incident) -> "QuerySet[AuditEntry]":
    if incident.account is None:
        return AuditEntry.objects.filter(subject_kind="incident", subject_id=str(incident.pk))
    return deeds_of(incident.account, incident.since)


def _named(person: Person | None) -> dict[str, str] | None:
    return None if person is None else {"staff_number": person.staff_number, "name": person.name}


def _facts(incident: Incident) -> dict[str, object]:
    read = incident.acknowledgements.select_related("person")
    return {
        "incident": incident.pk,
        "kind": incident.get_kind_display(),
        "suspected_crime": incident.suspected_crime,
        "account": _named(incident.account),
        "since": incident.since,
        "description": incident.description,
        "opened_at": incident.opened_at,
        "opened_by": _named(incident.opened_by),
        "acknowledged": [{"at": line.acknowledged_at, **(_named(line.person) or {})} for line in read],
        "closed_at": incident.closed_at,
        "closed_by": _named(incident.closed_by),
        "report": incident.report,
    }


def _anchors(last: int) -> dict[str, object]:
    """Where states of the chain were noted: in publications, whose chain is printed and signed, and in proven backups."""
    numbers = {}
    noted = list(Publication.objects.order_by("id"))
    proofs = list(BackupProof.objects.order_by("id"))
    hashes = [bytes(it.audit_head) for it in noted] + [bytes(it.audit_hash) for it in proofs]
    for number, own in AuditEntry.objects.filter(hash__in=hashes).values_list("number", "hash"):
        numbers[bytes(own)] = number
    head = AuditEntry.objects.filter(number=last).values_list("hash", flat=True).first()
    return {
        "head": {"number": last, "hash": bytes(head or b"").hex()},
        "publications": [
            {
                "number": it.number,
                "published_at": it.published_at,
                "audit_entry": numbers.get(bytes(it.audit_head)),
                "audit_head": bytes(it.audit_head).hex(),
                "chain": bytes(it.chain or b"").hex(),
            }
            for it in noted
        ],
        "backups": [
            {
                "file": it.file_name,
                "proven_at": it.proven_at,
                "audit_entry": it.audit_number,
                "audit_hash": bytes(it.audit_hash).hex(),
                "sha256": bytes(it.encrypted_digest).hex(),
            }
            for it in proofs
        ],
    }


def _files(incident: Incident, deeds: "QuerySet[AuditEntry]") -> Iterator[dict[str, object]]:
    """What the account handed in and took away, by digest; names as they were given."""
    account, since = incident.account, incident.since
    if account is None:
        return
    for attempt in Attempt.objects.filter(uploaded_by=account, received_at__gte=since).order_by("id"):
        yield _file(
            "uploaded", attempt.original_name, attempt.file_digest, at=attempt.received_at, batch=attempt.batch_id
        )
    for precheck in Precheck.objects.filter(asked_by=account, asked_at__gte=since).order_by("id"):
        yield _file("pre-checked", precheck.original_name, precheck.file_digest, at=precheck.asked_at)
    for parked in ParkedFile.objects.filter(person=account, parked_at__gte=since).order_by("id"):
        yield _file("laid down", parked.original_name, parked.file_digest, at=parked.parked_at)
    handed = deeds.filter(action__in=HANDED_OUT, outcome="done").order_by("number")
    for entry in handed:
        yield {
            "what": "handed out",
            "entry": entry.number,
            "at": entry.recorded_at,
            "action": entry.action,
            "sha256": entry.detail.get("digest") or entry.detail.get("file") or "",
            entry.subject_kind: entry.subject_id,
        }


HANDED_OUT = (
    "file.handed_out",
    "scan.handed_out",
    "report.handed_out",
    "summary.handed_out",
    "incident.evidence_handed_out",
    "audit.exported",
)


def _file(what: str, name: str, digest: object, **more: object) -> dict[str, object]:
    return {"what": what, "name": name, "sha256": bytes(digest).hex(), **more}  # type: ignore[call-overload]


def _touched(deeds: "QuerySet[AuditEntry]") -> dict[str, object]:
    """The batches and releases that the entries are about, as they stand now."""
    named = deeds.filter(Q(subject_kind="batch") | Q(subject_kind="release")).values_list("subject_kind", "subject_id")
    pairs = {(kind, int(number)) for kind, number in named.order_by() if number.isdecimal()}
    batches = Batch.objects.filter(id__in=[number for kind, number in pairs if kind == "batch"]).order_by("id")
    releases = Release.objects.filter(id__in=[number for kind, number in pairs if kind == "release"]).order_by("id")
    return {
        "batches": [
            {"batch": it.pk, "office": it.office_id, "period": it.period_id, "kind": it.kind, "state": it.state}
            for it in batches
        ],
        "releases": [{"release": it.pk, "number": it.number, "state": it.state} for it in releases],
    }
