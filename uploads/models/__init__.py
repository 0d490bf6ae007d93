"""Everything by which data get into the register: one file per room of uploads/."""

from uploads.models.backup import BackupCopy, BackupProof
from uploads.models.campaigns import Campaign, CampaignChange, CampaignOffice
from uploads.models.intake import (
    Attempt,
    AttemptState,
    Batch,
    BatchKind,
    Change,
    Extension,
    Origin,
    PaperSheet,
    PeriodDays,
    ProblemChange,
    ReportFile,
    ReportState,
    RowProblem,
    StagedRow,
    WarningExplanation,
    WayIn,
)
from uploads.models.oversight import AuditEntry, AuditHead, Installation, Outcome, Verification, VerificationKind
from uploads.models.people import Capacity, CapacityGrant, Person, PersonState
from uploads.models.profiles import ImportProfile, ProfileTrial
from uploads.models.release import PublicationOrder, Release, ReleaseItem
from uploads.models.signoff import Act, RequiredSignature, Signature, Transition
from uploads.models.unsent import ParkedFile, ParkedKind, Precheck, PrecheckProblem

__all__ = [
    "Act",
    "Attempt",
    "AttemptState",
    "AuditEntry",
    "AuditHead",
    "BackupCopy",
    "BackupProof",
    "Batch",
    "BatchKind",
    "Campaign",
    "CampaignChange",
    "CampaignOffice",
    "Capacity",
    "CapacityGrant",
    "Change",
    "Extension",
    "ImportProfile",
    "Installation",
    "Origin",
    "Outcome",
    "PaperSheet",
    "ParkedFile",
    "ParkedKind",
    "PeriodDays",
    "Person",
    "PersonState",
    "Precheck",
    "PrecheckProblem",
    "ProblemChange",
    "ProfileTrial",
    "PublicationOrder",
    "Release",
    "ReleaseItem",
    "ReportFile",
    "ReportState",
    "RequiredSignature",
    "RowProblem",
    "Signature",
    "StagedRow",
    "Transition",
    "Verification",
    "VerificationKind",
    "WarningExplanation",
    "WayIn",
]
