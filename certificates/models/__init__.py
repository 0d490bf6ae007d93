"""The register, the offices behind it, and the counters of the public site."""

from certificates.models.calendar import HolidayOverride, HolidayYear, StatutoryDay
from certificates.models.counters import LookupCount, RateCounter
from certificates.models.keys import KeyFingerprint
from certificates.models.offices import AssessmentBody, Coverage, Office
from certificates.models.register import Certificate, Publication, PublishedFields, Revision, RevisionKind

__all__ = [
    "AssessmentBody",
    "Certificate",
    "Coverage",
    "HolidayOverride",
    "HolidayYear",
    "KeyFingerprint",
    "LookupCount",
    "Office",
    "Publication",
    "PublishedFields",
    "RateCounter",
    "Revision",
    "RevisionKind",
    "StatutoryDay",
]
