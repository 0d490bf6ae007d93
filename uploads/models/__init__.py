"""Everything by which data get into the register: one file per room of uploads/."""

from uploads.models.backup import BackupCopy, BackupProof
from uploads.models.intake import (
    Attempt,
    AttemptState,
    Batch,
    BatchKind,
    Extension,
    Origin,
    PaperSheet,
    PeriodDays,
    RowProblem,
    StagedRow,
    WayIn,
)
from uploads.models.oversight import AuditEntry, AuditHead, Installation, Outcome
from uploads.models.people import Capacity, CapacityGrant, Person, PersonState
from uploads.models.release import PublicationOrder, Release, ReleaseItem
from uploads.models.signoff import Act, RequiredSignature, Signature, Transition

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
    "Capacity",
    "CapacityGrant",
    "Extension",
    "Installation",
    "Origin",
    "Outcome",
    "PaperSheet",
    "PeriodDays",
    "Person",
    "PersonState",
    "PublicationOrder",
    "Release",
    "ReleaseItem",
    "RequiredSignature",
    "RowProblem",
    "Signature",
    "StagedRow",
    "Transition",
    "WayIn",
]
