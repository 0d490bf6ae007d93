"""举报疑似假证: leaving a report for the provincial centre; everything in it is sealed."""

import logging
from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings

from certificates.photos import Photo
from certlookup.clamd import ScannerAway, scan
from certlookup.databases import current_connection
from certlookup.sealing import SealedId, open_person, seal_file, seal_person

log = logging.getLogger(__name__)


class Reported(StrEnum):
    """What leaving a report came to."""

    MADE = "made"
    TAKEN = "taken"  # sent before, or the receipt number is another's
    TOO_MANY = "too_many"


class Scanned(StrEnum):
    """What a photo's scan came to."""

    CLEAN = "clean"  # or nothing scans here
    INFECTED = "infected"
    UNKNOWN = "unknown"  # clamd can't say: nothing is taken


def scan_photo(photo: Photo) -> Scanned:
    """Ask clamd, where one is configured (R14)."""
    if not settings.CLAMD_ADDRESS:
        return Scanned.CLEAN
    try:
        found = scan(settings.CLAMD_ADDRESS, [photo.content])
    except ScannerAway as error:
        log.warning("A photo could not be scanned and was not taken: %s", error)
        return Scanned.UNKNOWN
    if found:
        log.warning("A photo was refused: clamd found %s in it.", found)
    return Scanned.INFECTED if found else Scanned.CLEAN


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports: the number and the issuer as the suspected certificate shows them, and his account of it."""

    certificate_number: str = field(repr=False)
    issuer: str = field(repr=False)
    account: str = field(repr=False)
    contact: str = field(repr=False)


def make_report(*, receipt: str, report: Report, photo: Photo | None) -> Reported:
    """Leave a report under a receipt number that was drawn before. Writes forgery_report and forgery_photo."""
    key, content = seal_file(photo.content) if photo else ("", None)
    sealed = seal_person("", [report.certificate_number, report.issuer, report.account, report.contact, key])
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT make_report(%s, %s, %s, %s, %s::smallint, %s, %s, %s, %s)",
            [
                receipt,
                sealed.commitment,
                sealed.sealed,
                sealed.index,
                sealed.key_version,
                content,
                photo.kind if photo else None,
                settings.ENQUIRIES_AT_MOST,
                settings.REPORT_PHOTOS_AT_MOST,
            ],
        )
        return Reported(cursor.fetchone()[0])


def open_report(stored: SealedId) -> tuple[Report, str]:
    """For staff: the report, and its photo's key. Raises SealingError."""
    _, details = open_person(stored)
    return Report(*details[:4]), details[4]
