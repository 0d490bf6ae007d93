"""查毒: every file that comes in goes through clamd, where one is configured, before it gets its name (R14)."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from certlookup.clamd import ScannerAway, scan
from uploads.actor import Actor
from uploads.models import Outcome
from uploads.oversight.audit import record
from uploads.refusals import Refusal

_PIECE = 256 * 1024


def require_clean(path: Path, *, by: Actor | None) -> None:
    """Refuse a file in which clamd finds something, and any file while clamd can't say. Writes audit. Raises Refusal.

    Without CLAMD_ADDRESS nothing is scanned, which the system page says. Call it outside a transaction: the refusal's
    entry has to stay.
    """
    if not settings.CLAMD_ADDRESS:
        return
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece

    try:
        found = scan(settings.CLAMD_ADDRESS, pieces())
    except ScannerAway as error:
        key, told = "file_cannot_be_scanned", {"problem": str(error)[:200]}
    else:
        if not found:
            return
        key, told = "file_is_infected", {"signature": found[:100], "digest": digest.hexdigest()}
    detail = {"reason": key, "bytes": path.stat().st_size, **told}
    record(by=by, action="file.scan", subject_kind="file", outcome=Outcome.REFUSED, detail=detail)
    if key == "file_is_infected":
        raise Refusal("file_is_infected", found)
    raise Refusal("file_cannot_be_scanned")
