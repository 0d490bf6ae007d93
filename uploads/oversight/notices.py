"""通知: what the system administrator tells visitors; the audit keeps every wording that was ever shown."""

from dataclasses import asdict, dataclass
from datetime import date

from certificates.models import Notice
from uploads.actor import Actor
from uploads.models import Capacity
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


@dataclass(frozen=True, slots=True)
class NoticeDetails:
    """Everything that a notice says, and when; shown_until is its last day, None for no end."""

    title: str
    text: str
    english_title: str
    english_text: str
    shown_from: date
    shown_until: date | None
    on_home: bool


def add_notice(*, by: Actor, details: NoticeDetails) -> Notice:
    """Show a notice. Writes notice and audit. Raises Refusal."""
    with one_act(by=by, action="notice.add", subject_kind="notice"):
        _require_writer(by)
        notice = Notice.objects.create(**asdict(details))
        given: dict[str, object] = {name: value for name, value in _told(details).items() if value}
        record(by=by, action="notice.added", subject_kind="notice", subject_id=str(notice.id), detail=given)
    return notice


def change_notice(*, by: Actor, notice: Notice, details: NoticeDetails) -> None:
    """Change a notice, its end included. Writes notice and audit, which keeps both wordings. Raises Refusal."""
    with one_act(by=by, action="notice.change", subject_kind="notice", subject_id=str(notice.id)):
        _require_writer(by)
        present = Notice.objects.select_for_update().get(id=notice.id)
        before, after = _told(details_of(present)), _told(details)
        changed: dict[str, object] = {
            name: [before[name], after[name]] for name in after if before[name] != after[name]
        }
        if not changed:
            return
        Notice.objects.filter(id=notice.id).update(**asdict(details))
        record(by=by, action="notice.changed", subject_kind="notice", subject_id=str(notice.id), detail=changed)


def details_of(notice: Notice) -> NoticeDetails:
    """What is recorded of a notice."""
    return NoticeDetails(**{name: getattr(notice, name) for name in NoticeDetails.__slots__})


def _require_writer(by: Actor) -> None:
    if not holds(by.person, Capacity.SYSTEM_ADMINISTRATOR):
        raise Refusal("person_not_entitled", Capacity.SYSTEM_ADMINISTRATOR)


def _told(details: NoticeDetails) -> dict[str, object]:
    """As the audit keeps it: days in words of numbers."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(details).items()}
