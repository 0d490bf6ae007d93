"""Reference data held in memory: offices, bodies, coverage, days off and what was published when.

Every public page draws on them, and they change a few times a month. The database gives each of their tables a version
that changes with them (models/versions.py); what is held counts for that version and no other, so a page shows a change
from the moment it is committed. Certificates are never held.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from certificates.models import AssessmentBody, Coverage, Office, Publication
from certificates.models.calendar import known_holidays
from certificates.models.register import PublicationKind
from certlookup.calendar.holidays import Holidays
from certlookup.databases import reading_connection
from certlookup.statements import run_prepared

# The version as one value: bit_xor takes the tables' in any order. Other statements may read it along.
VERSION = "SELECT bit_xor(version) AS version FROM reference_version"
# Replicas that are a moment apart ask for different versions in turn.
_HELD_AT_MOST = 4
_TRIES = 3


@dataclass(frozen=True, slots=True)
class PublicationFacts:
    """Which publication a state comes from."""

    number: str
    period_code: str
    published_on: date


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What is held. offices by code and by full name, bodies by name, publications by id; newest is the last publication
    of any kind, covering the last one of a half-month's data; both None while the register is empty.
    """

    offices: Mapping[str, Office]
    offices_by_name: Mapping[str, Office]
    bodies: Mapping[str, AssessmentBody]
    coverage: tuple[Coverage, ...]
    holidays: Holidays
    publications: Mapping[int, PublicationFacts]
    newest: Publication | None
    covering: Publication | None


_held: OrderedDict[int, Reference] = OrderedDict()
_lock = threading.Lock()


def reference(version: int | None = None) -> Reference:
    """The reference data as they are now; version is what the caller has just read with VERSION, if it has.

    Read where a lookup is, inside one, and at the primary else.
    """
    if version is None:
        version = _version()
    return _held.get(version) or _load(version)


def _version() -> int:
    [(version,)] = run_prepared(reading_connection(), VERSION, [])
    return int(version)


def _load(version: int) -> Reference:
    """Read and hold. What changes while it is read is read again, and in the end used without being held."""
    for _ in range(_TRIES):
        read = _read()
        before, version = version, _version()
        if version == before:
            with _lock:
                _held[version] = read
                while len(_held) > _HELD_AT_MOST:
                    _held.popitem(last=False)
            break
    return read


def _read() -> Reference:
    offices = {office.code: office for office in Office.objects.for_visitors()}
    bodies = {body.pk: body for body in AssessmentBody.objects.all()}
    for body in bodies.values():
        body.office = offices[body.office_id]
        body.successor = bodies[body.successor_id] if body.successor_id is not None else None
    coverage = tuple(Coverage.objects.order_by("office_id"))
    for entry in coverage:
        entry.office = offices[entry.office_id]
    facts = Publication.objects.values_list("id", "number", "period_code", "published_on")
    publications = {key: PublicationFacts(number, code, day) for key, number, code, day in facts}
    newest = Publication.objects.order_by("-id").first()
    covering = newest
    if newest is not None and newest.kind == PublicationKind.REPLACEMENT:
        regular = Publication.objects.exclude(kind=PublicationKind.REPLACEMENT).order_by("-id").first()
        covering = regular or newest
    return Reference(
        offices=offices,
        offices_by_name={office.full_name: office for office in offices.values()},
        bodies={body.name: body for body in bodies.values()},
        coverage=coverage,
        holidays=known_holidays(),
        publications=publications,
        newest=newest,
        covering=covering,
    )
