"""更正 and 撤销 in the demo: one of each published, one correction waiting for its operator."""

from pathlib import Path

from django.conf import settings

from certificates.models import Certificate, Office, RevisionKind
from certlookup.sealing import SealedId, unseal_id
from certlookup.spreadsheets.writing import SheetContent, write_workbook
from uploads.demo.accounts import write_privately
from uploads.demo.batches import HalfMonth, check_files, compare
from uploads.demo.cast import Cast
from uploads.demo.releases import publish_now, replacement_release
from uploads.intake.filetemplates import template_sheet
from uploads.intake.receive import receive_file
from uploads.models import Batch, BatchKind, Origin, StagedRow
from uploads.models.intake import BatchState
from uploads.signoff.sign import digest_of_batch, sign_batch

CORRECTED, REVOKED, WAITING = "3706", "3707", "3702"
KINDS = {CORRECTED: BatchKind.CORRECTION, REVOKED: BatchKind.REVOCATION, WAITING: BatchKind.CORRECTION}
DOCUMENT = "演示鉴撤〔2026〕1号"
ORIGIN_REASON = "持证人携原件到鉴定机构申请"
CHANGED_FILE = "demo_changed.json"


def leave_changes(present: HalfMonth, cast: Cast) -> None:
    """Take in the three files, publish two of them in a replacement release, and note where to look them up."""
    for city, kind in KINDS.items():
        if not Batch.objects.filter(office_id=city, kind=kind).exists():
            _send(present, cast, city)
    check_files(0)
    signers = {BatchState.CHECKED: cast.operator, BatchState.SIGNED: cast.director}
    published = [Batch.objects.get(office_id=city, kind=KINDS[city]) for city in (CORRECTED, REVOKED)]
    for batch in published:
        compare(batch, cast.operator(batch.office_id))
        while signer := signers.get(BatchState(batch.state)):
            sign_batch(by=signer(batch.office_id), batch=batch, digest=digest_of_batch(batch))
            batch.refresh_from_db()
    publish_now(replacement_release(published[0].period, cast, published), cast)
    _note_pairs(settings.KEYS_DIR / CHANGED_FILE)


def _send(present: HalfMonth, cast: Cast, city: str) -> None:
    office, kind = Office.objects.get(code=city), KINDS[city]
    certificate = _last_published(city)
    path = present.folder / f"{city}_{kind}.xlsx"
    write_workbook(path, [_filled(kind, certificate)])
    receive_file(
        by=cast.operator(city),
        office=office,
        period=present.period,
        content=[path.read_bytes()],
        name=f"{office.name}{kind.label}.xlsx",
        origin=Origin.HAND_MADE,
        hand_made_reason=ORIGIN_REASON,
        kind=kind,
    )


def _last_published(city: str) -> Certificate:
    """The city's certificate that stands last in a published file: not the one that the demo names to be looked up."""
    rows = StagedRow.objects.filter(attempt__batch__office_id=city, attempt__batch__state=BatchState.PUBLISHED)
    row = rows.order_by("-attempt_id", "-row_number").first()
    assert row is not None
    return Certificate.objects.get(pk=row.certificate_number)


def _filled(kind: BatchKind, certificate: Certificate) -> SheetContent:
    """The kind's empty file with one row."""
    empty = template_sheet(kind)
    row = {"证书编号": certificate.certificate_number}
    if kind == BatchKind.REVOCATION:
        row |= {"姓名": certificate.holder_name, "撤销原因": "错误核发", "文号": DOCUMENT}
    else:
        # Another score, however this one is written: 90, 90.0.
        score = "91" if (certificate.skill_score or "").startswith("90") else "90"
        row |= {"操作技能考核成绩": score, "更正原因": "成绩登记有误"}
    return SheetContent(empty.name, empty.columns, [[row.get(column.header, "") for column in empty.columns]])


def _note_pairs(path: Path) -> None:
    """The numbers by which the corrected and the revoked certificate are looked up; only this user can read them."""
    pairs = {}
    for kind in (RevisionKind.CORRECTED, RevisionKind.REVOKED):
        row = Certificate.objects.filter(kind=kind).first()
        if row is not None:
            sealed = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
            pairs[kind.value] = {"id_number": unseal_id(sealed), "certificate_number": row.certificate_number}
    write_privately(path, pairs)
