"""Media, hand-overs and restores for tests that only need one of each."""

from django.utils import timezone

from tests.make import as_owner, make_actor
from uploads.actor import Actor
from uploads.backup.custody import hand_over_medium, register_medium
from uploads.models import Capacity, HandOver, Medium, Restoration, RestoreRequest

LOSSES = {
    "copy": {"publication": "2026-11-A", "audit_number": 40},
    "live": {"publication": "2026-11-B", "audit_number": 61},
    "publications": ["2026-11-B"],
    "certificates": 20,
    "acts": {"release.published": 1, "batch.signed": 2, "account.frozen": 1},
    "parted_at": None,
}


def make_custody(by: Actor, *, serial_number: str = "WD-4C53-0001") -> HandOver:
    """A medium that the administrator has handed to a keeper, who hasn't confirmed yet."""
    made = register_medium(by=by, serial_number=serial_number, place="")
    keeper = make_actor(Capacity.KEEPER)
    given = hand_over_medium(
        by=by,
        medium=Medium.objects.get(id=made),
        to=keeper.person,
        taken_as=Capacity.KEEPER,
        due_back_on=None,
        remark="",
    )
    return HandOver.objects.get(id=given)


def make_restore_request(*, is_older: bool = True) -> RestoreRequest:
    """As restore_backup leaves it: waiting for the deputy director."""
    with as_owner() as alias:
        return RestoreRequest.objects.using(alias).create(
            file_name="certlookup-2026-11-A.age",
            file_digest=b"f" * 32,
            order_text="鲁人社办〔2026〕12号",
            is_older=is_older,
            losses=LOSSES,
            losses_digest=b"l" * 32,
            requested_at=timezone.now(),
        )


def make_restoration() -> Restoration:
    """One that took place and isn't confirmed yet."""
    with as_owner() as alias:
        return Restoration.objects.using(alias).create(
            order_text="鲁人社办〔2026〕12号",
            ordered_by="李领导（370004）",
            file_name="certlookup-2026-11-A.age",
            file_digest=b"f" * 32,
            restored_at=timezone.now(),
            aside="certlookup_aside_20261124120000",
            losses=LOSSES,
        )
