"""The register, the offices behind it, and the counters of the public site."""

from certificates.models.counters import RateCounter
from certificates.models.keys import KeyFingerprint
from certificates.models.offices import AssessmentBody, Coverage, HolidayOverride, Office
from certificates.models.register import Certificate, Publication, PublishedFields, Revision, RevisionKind

__all__ = [
    "AssessmentBody",
    "Certificate",
    "Coverage",
    "HolidayOverride",
    "KeyFingerprint",
    "Office",
    "Publication",
    "PublishedFields",
    "RateCounter",
    "Revision",
    "RevisionKind",
]
