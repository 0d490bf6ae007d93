"""The register, the offices behind it, and the notices and counters of the public site."""

from certificates.models.bulletins import BulletinLine, Timeliness
from certificates.models.calendar import HolidayOverride, HolidayYear, StatutoryDay
from certificates.models.counters import LookupCount, LookupMinute, LookupPattern, NotedAddress, RateCounter
from certificates.models.enquiries import Closing, Enquiry, EnquiryState, ForgeryPhoto, ForgeryReport
from certificates.models.keys import KeyFingerprint
from certificates.models.lists import EmployerList
from certificates.models.notices import Notice
from certificates.models.offices import AssessmentBody, Coverage, Office
from certificates.models.register import Certificate, Publication, PublishedFields, Revision, RevisionKind
from certificates.models.sharing import VerificationCode
from certificates.models.versions import ReferenceVersion

__all__ = [
    "AssessmentBody",
    "BulletinLine",
    "Certificate",
    "Closing",
    "Coverage",
    "EmployerList",
    "Enquiry",
    "EnquiryState",
    "ForgeryPhoto",
    "ForgeryReport",
    "HolidayOverride",
    "HolidayYear",
    "KeyFingerprint",
    "LookupCount",
    "LookupMinute",
    "LookupPattern",
    "NotedAddress",
    "Notice",
    "Office",
    "Publication",
    "PublishedFields",
    "RateCounter",
    "ReferenceVersion",
    "Revision",
    "RevisionKind",
    "StatutoryDay",
    "Timeliness",
    "VerificationCode",
]
